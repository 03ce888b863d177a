//! Credentials and the region as all of AWS's programs find them, by the crate `aws-config`.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use anthropic::Result;
use anthropic::transport::{Body, ConnectTimeout, Transport};
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;

use super::AwsBuilder;
use super::shared_files::Looked;
use crate::Aws;
use crate::quiet::quiet;

impl AwsBuilder {
    /// The region and the credentials of a loaded configuration, where none was set here.
    ///
    /// Credentials are used as by [`credentials`](Self::credentials).
    #[cfg_attr(docsrs, doc(cfg(feature = "aws-config-1")))]
    pub fn config(mut self, config: &SdkConfig) -> Self {
        if self.region.is_none() {
            self.region = config.region().map(|region| region.as_ref().to_owned());
        }
        if !self.has_credential() {
            self.provider = config.credentials_provider();
        }
        self
    }

    /// The profile in AWS's shared files that [`load`](Self::load) takes credentials from; they win
    /// over all that the environment has.
    #[cfg_attr(docsrs, doc(cfg(feature = "aws-config-1")))]
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self
    }

    /// The platform with what was set, then the [environment](Self::from_env), then the
    /// credentials and the region that AWS's default chain finds: shared files (profiles, assumed
    /// roles, SSO, a process), a web identity, the container's endpoint, the instance's metadata.
    ///
    /// The servers of the chain (STS, SSO, metadata) are reached over `transport`. What it has to
    /// fetch is fetched when the first request is sent. Call it on a tokio runtime.
    ///
    /// Of what AWS's crates log meanwhile, subscribers of `tracing` get the steps, without the
    /// traces, in which requests with their secrets are. A program with no subscriber whose
    /// `tracing` has the feature `log` has to keep the targets `aws_*` from `TRACE` by itself.
    ///
    /// # Errors
    ///
    /// Those of [`from_env`](Self::from_env) and [`platform`](Self::platform), and
    /// [`Config`](anthropic::ErrorKind::Config) with both a [profile](Self::profile) and a
    /// credential.
    #[cfg_attr(docsrs, doc(cfg(feature = "aws-config-1")))]
    pub async fn load_platform(self, transport: impl Transport) -> Result<Aws> {
        if let (Some(profile), true) = (&self.profile, self.has_credential()) {
            let profile = profile.escape_debug();
            return Err(self.wrong(&format!(
                "has both the profile `{profile}` and a credential: set one of them"
            )));
        }
        let mut builder = self.from_env()?;
        if builder.is_complete() {
            return builder.platform();
        }
        let client = OverTransport {
            transport: Arc::new(transport),
            connect: None,
            exchange: None,
        };
        let mut loader = aws_config::defaults(BehaviorVersion::latest());
        loader = loader.http_client(client.clone());
        if let Some(region) = &builder.region {
            loader = loader.region(Region::new(region.clone()));
        }
        let profile = builder.profile.take();
        builder.looked = Some(Looked::up(profile.as_deref())?);
        if let Some(profile) = &profile {
            loader = loader.profile_name(profile);
        }
        let config = quiet(loader.load()).await;
        // The default chain would take keys of the environment first.
        if let (Some(profile), false) = (profile, builder.has_credential()) {
            builder = builder.provider(of_profile(profile, client, &config));
        }
        builder.config(&config).platform()
    }

    /// A client of the [loaded platform](Self::load_platform), with the default transport and the
    /// client's other settings at their defaults.
    ///
    /// ```no_run
    /// # async fn example() -> anthropic::Result<()> {
    /// let client = anthropic_aws::bedrock().region("eu-central-1").load().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`load_platform`](Self::load_platform).
    #[cfg(feature = "hyper")]
    #[cfg_attr(docsrs, doc(cfg(all(feature = "aws-config-1", feature = "hyper"))))]
    pub async fn load(self) -> Result<anthropic::Client> {
        let transport = anthropic::hyper_1::HyperTransport::builder().build()?;
        let platform = self.load_platform(transport.clone()).await?;
        let client = anthropic::Client::builder().environment();
        client.transport(transport).platform(platform).build()
    }
}

/// The credentials of a profile, whatever else there is.
fn of_profile(
    name: String,
    client: OverTransport,
    config: &SdkConfig,
) -> ProfileFileCredentialsProvider {
    let mut provider = ProviderConfig::default()
        .with_http_client(client)
        .with_behavior_version(config.behavior_version())
        .with_region(config.region().cloned())
        .with_use_fips(config.use_fips())
        .with_use_dual_stack(config.use_dual_stack());
    if let Some(retries) = config.retry_config() {
        provider = provider.with_retry_config(retries.clone());
    }
    if let Some(timeouts) = config.timeout_config() {
        provider = provider.with_timeout_config(timeouts.clone());
    }
    let builder = ProfileFileCredentialsProvider::builder();
    builder.configure(&provider).profile_name(name).build()
}

/// AWS's clients over a transport, so that its proxies, trust roots and certificates hold for them,
/// too.
#[derive(Debug, Clone)]
struct OverTransport {
    transport: Arc<dyn Transport>,
    /// How long making a connection may take, and the whole exchange. They are short for metadata,
    /// which most machines don't have.
    connect: Option<Duration>,
    exchange: Option<Duration>,
}

impl HttpClient for OverTransport {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Self {
            transport: Arc::clone(&self.transport),
            connect: settings.connect_timeout(),
            exchange: settings.read_timeout(),
        })
    }
}

impl HttpConnector for OverTransport {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let exchange = exchange(Arc::clone(&self.transport), self.connect, request);
        let Some(limit) = self.exchange else {
            return HttpConnectorFuture::new(exchange);
        };
        HttpConnectorFuture::new(async move {
            let exchanged = tokio::time::timeout(limit, exchange).await;
            exchanged.unwrap_or_else(|late| Err(ConnectorError::timeout(late.into())))
        })
    }
}

async fn exchange(
    transport: Arc<dyn Transport>,
    connect: Option<Duration>,
    request: HttpRequest,
) -> Result<HttpResponse, ConnectorError> {
    let request = request
        .try_into_http1x()
        .map_err(|error| ConnectorError::user(error.into()))?;
    let (parts, body) = request.into_parts();
    let bytes = body.bytes().map(bytes::Bytes::copy_from_slice);
    let bytes = bytes
        .ok_or_else(|| ConnectorError::user("the request's body is no text in memory".into()))?;
    let mut request = http::Request::from_parts(parts, Body::from(bytes));
    if connect.is_some() {
        request.extensions_mut().insert(ConnectTimeout(connect));
    }
    let sent = transport.send(request).await;
    let response = sent.map_err(|error| ConnectorError::io(error.into()))?;
    let (parts, mut body) = response.into_parts();
    let mut whole = Vec::new();
    while let Some(chunk) = body
        .try_next()
        .await
        .map_err(|error| ConnectorError::io(error.into()))?
    {
        if whole.len() + chunk.len() > LONGEST {
            return Err(ConnectorError::user("the response is too long".into()));
        }
        whole.extend_from_slice(&chunk);
    }
    let body = SdkBody::from_body_1_x(Unshown(Some(whole.into())));
    let response = http::Response::from_parts(parts, body);
    HttpResponse::try_from(response).map_err(|error| ConnectorError::user(error.into()))
}

/// A body in memory that its `Debug` does not show: AWS's runtime logs a response before it looks
/// whether there is a secret in it.
struct Unshown(Option<bytes::Bytes>);

impl http_body::Body for Unshown {
    type Data = bytes::Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Self::Data>, Self::Error>>> {
        Poll::Ready(self.0.take().map(|data| Ok(http_body::Frame::data(data))))
    }
}

/// What is read of a response, which is a credential or an error.
const LONGEST: usize = 1 << 20;
