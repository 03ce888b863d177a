//! How an [`Aws`] is set up.

#[cfg(feature = "aws-config-1")]
mod aws_config_1;
#[cfg(feature = "aws-credential-types-1")]
mod aws_credential_types_1;
mod environment;
#[cfg(feature = "aws-config-1")]
mod shared_files;
#[cfg(test)]
mod tests;

use std::fmt;

#[cfg(feature = "hyper")]
use anthropic::Client;
use anthropic::types::Secret;
use anthropic::{Error, ErrorKind, Result, platform};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use http::HeaderValue;

#[cfg(feature = "aws-config-1")]
use self::shared_files::Looked;
use crate::Aws;
use crate::auth::{Auth, Signer};
use crate::service::{BEDROCK, BEDROCK_MANTLE, BEDROCK_MESSAGES, CLAUDE_PLATFORM, Service};

/// Begins to set up Amazon Bedrock's InvokeModel: messages, streamed or not, and token counting, GA
/// and beta.
///
/// ```
/// # #[cfg(feature = "hyper")] {
/// let client = anthropic_aws::bedrock().region("eu-central-1").api_key("my-key").build()?;
/// # }
/// # Ok::<(), anthropic::Error>(())
/// ```
pub fn bedrock() -> AwsBuilder {
    AwsBuilder::new(&BEDROCK)
}

/// Begins to set up the Messages API that Bedrock serves beside InvokeModel, below
/// `https://bedrock-runtime.{region}.amazonaws.com/anthropic`: operations below `/v1/messages`, in
/// the API's own form.
///
/// ```
/// # #[cfg(feature = "hyper")] {
/// let client = anthropic_aws::bedrock_messages().region("us-east-1").api_key("my-key").build()?;
/// # }
/// # Ok::<(), anthropic::Error>(())
/// ```
pub fn bedrock_messages() -> AwsBuilder {
    AwsBuilder::new(&BEDROCK_MESSAGES)
}

/// Begins to set up Bedrock's Messages endpoint, "Mantle", below
/// `https://bedrock-mantle.{region}.api.aws/anthropic`: operations below `/v1/messages`, in the
/// API's own form.
///
/// Its models are called `anthropic.claude-…`, without a region before and a version behind.
///
/// ```
/// # #[cfg(feature = "hyper")] {
/// let client = anthropic_aws::bedrock_mantle().region("us-east-1").api_key("my-key").build()?;
/// # }
/// # Ok::<(), anthropic::Error>(())
/// ```
pub fn bedrock_mantle() -> AwsBuilder {
    AwsBuilder::new(&BEDROCK_MANTLE)
}

/// Begins to set up Claude Platform on AWS: the API's operations but for user profiles' action
/// URLs, in the API's own form and with its models' names, in a
/// [workspace](AwsBuilder::workspace_id).
///
/// ```
/// # #[cfg(feature = "hyper")] {
/// let client = anthropic_aws::claude_platform()
///     .region("us-east-1")
///     .workspace_id("wrkspc_01")
///     .api_key("my-key")
///     .build()?;
/// # }
/// # Ok::<(), anthropic::Error>(())
/// ```
pub fn claude_platform() -> AwsBuilder {
    AwsBuilder::new(&CLAUDE_PLATFORM)
}

/// Sets up an [`Aws`]: a region, and an API key or credentials that sign.
#[must_use = "a builder does nothing until it builds"]
pub struct AwsBuilder {
    service: &'static Service,
    region: Option<String>,
    base_url: Option<String>,
    workspace_id: Option<String>,
    key: Option<Secret>,
    provider: Option<SharedCredentialsProvider>,
    /// Whether the provider is an access key.
    is_fixed: bool,
    anonymous: bool,
    #[cfg(feature = "aws-config-1")]
    profile: Option<String>,
    /// Where a region and credentials were looked for that may be missing.
    #[cfg(feature = "aws-config-1")]
    looked: Option<Looked>,
    /// Whether the client takes headers and its log from the environment.
    environment: bool,
}

// Not derived, so that no key is shown.
impl fmt::Debug for AwsBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsBuilder")
            .field("service", &self.service.name)
            .field("region", &self.region)
            .field("workspace_id", &self.workspace_id)
            .finish_non_exhaustive()
    }
}

impl AwsBuilder {
    fn new(service: &'static Service) -> Self {
        Self {
            service,
            region: None,
            base_url: None,
            workspace_id: None,
            key: None,
            provider: None,
            is_fixed: false,
            anonymous: false,
            #[cfg(feature = "aws-config-1")]
            profile: None,
            #[cfg(feature = "aws-config-1")]
            looked: None,
            environment: false,
        }
    }

    /// The region, such as `eu-central-1`: it is part of the default base URL, and requests are
    /// signed for it. It may be left out with a base URL and an API key.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// The base URL, in place of the region's.
    ///
    /// | service | default |
    /// |---|---|
    /// | [`bedrock`] | `https://bedrock-runtime.{region}.amazonaws.com` |
    /// | [`bedrock_messages`] | `https://bedrock-runtime.{region}.amazonaws.com/anthropic` |
    /// | [`bedrock_mantle`] | `https://bedrock-mantle.{region}.api.aws/anthropic` |
    /// | [`claude_platform`] | `https://aws-external-anthropic.{region}.api.aws` |
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(base_url.into());
        self
    }

    /// The workspace that requests of [`claude_platform`] name, unless they name another one. The
    /// other services have none.
    pub fn workspace_id(mut self, id: impl Into<String>) -> Self {
        self.workspace_id = Some(id.into());
        self
    }

    /// An API key of the service, which is sent as a bearer token; nothing is signed.
    pub fn api_key(mut self, key: impl Into<Secret>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// An access key that signs requests.
    pub fn access_key(
        self,
        id: impl Into<String>,
        secret: impl Into<String>,
        session_token: Option<String>,
    ) -> Self {
        let credentials = Credentials::new(id, secret, session_token, None, "anthropic");
        let mut builder = self.provider(credentials);
        builder.is_fixed = true;
        builder
    }

    fn provider(mut self, provider: impl ProvideCredentials + 'static) -> Self {
        self.provider = Some(SharedCredentialsProvider::new(provider));
        self.is_fixed = false;
        self
    }

    /// Adds no credential to requests: a gateway at the [base URL](Self::base_url) does.
    pub fn anonymous(mut self) -> Self {
        self.anonymous = true;
        self
    }

    /// The platform, for a client with other settings.
    ///
    /// ```
    /// # #[cfg(feature = "hyper")] {
    /// let bedrock = anthropic_aws::bedrock().region("eu-central-1").api_key("my-key").platform()?;
    /// let client = anthropic::Client::builder().platform(bedrock).max_retries(5).build()?;
    /// # }
    /// # Ok::<(), anthropic::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Config`](ErrorKind::Config) without a region, without a workspace where the service needs
    /// one, without a credential or with more than one, or with a base URL or a key that can't be
    /// used.
    pub fn platform(self) -> Result<Aws> {
        let service = self.service;
        let region = self.region.as_deref().filter(|region| !region.is_empty());
        let is_region =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if let Some(region) = region.filter(|it| !it.bytes().all(is_region)) {
            let region = region.escape_debug();
            return Err(config(format!(
                "`{region}` is no region: it is a name such as `eu-central-1`"
            )));
        }
        let lacks = self.lacks(region.is_some());
        if !lacks.is_empty() {
            return Err(self.wrong(&format!("has {}", lacks.join("; "))));
        }
        let url = match (&self.base_url, region) {
            (Some(url), _) => url.clone(),
            (None, region) => service.default_url(region.unwrap_or_default()),
        };
        let base_url = platform::parse_base_url(&url)?;
        let workspace = self.workspace()?;
        let auth = match (&self.key, &self.provider, self.anonymous) {
            (None, None, true) => Auth::Anonymous,
            (Some(key), None, false) => self.keyed(key)?,
            (None, Some(provider), false) => {
                let region = region.unwrap_or_default().to_owned();
                let signer = Signer::new(region, provider.clone(), self.is_fixed);
                #[cfg(feature = "aws-config-1")]
                let signer = signer.advising(self.looked.as_ref().and_then(Looked::missing));
                Auth::Signed(Box::new(signer))
            }
            // That there is one was seen above.
            (Some(_), Some(_), false) | (None, None, false) => {
                return Err(
                    self.wrong("has both an API key and credentials that sign: set one of them")
                );
            }
            (.., true) => {
                return Err(self.wrong("is anonymous and has a credential: set one of them"));
            }
        };
        Ok(Aws {
            service,
            base_url,
            auth,
            workspace,
        })
    }

    /// A client of the platform, with the client's other settings at their defaults.
    ///
    /// # Errors
    ///
    /// Those of [`platform`](Self::platform).
    #[cfg(feature = "hyper")]
    #[cfg_attr(docsrs, doc(cfg(feature = "hyper")))]
    pub fn build(self) -> Result<Client> {
        let mut client = Client::builder();
        if self.environment {
            client = client.environment();
        }
        client.platform(self.platform()?).build()
    }

    fn has_credential(&self) -> bool {
        self.anonymous || self.key.is_some() || self.provider.is_some()
    }

    /// Whether nothing of AWS's own configuration is needed.
    #[cfg(feature = "aws-config-1")]
    fn is_complete(&self) -> bool {
        let is_signed = self.provider.is_some();
        let has_region = self.region.is_some() || (self.base_url.is_some() && !is_signed);
        self.has_credential() && has_region
    }

    fn workspace(&self) -> Result<Option<HeaderValue>> {
        let id = self.workspace_id.as_deref().filter(|id| !id.is_empty());
        match (self.service.workspace, id) {
            (None, Some(_)) => Err(self.wrong("has no workspaces: leave out workspace_id()")),
            (_, None) => Ok(None),
            (Some(_), Some(id)) => match HeaderValue::from_str(id) {
                Ok(value) => Ok(Some(value)),
                Err(_) => Err(self.wrong("has a workspace that can't be part of a header")),
            },
        }
    }

    fn keyed(&self, key: &Secret) -> Result<Auth> {
        let what = format!("the API key of {}", self.service.name);
        platform::bearer_value(&key.expose().trim().into(), &what).map(Auth::Key)
    }

    /// The settings that are missing, each with where it comes from.
    fn lacks(&self, has_region: bool) -> Vec<String> {
        let mut lacks = Vec::new();
        let is_signed = self.provider.is_some();
        if !has_region && (self.base_url.is_none() || is_signed) {
            lacks.push(self.no_region());
        }
        if let (Some(variable), None, false) = (
            self.service.workspace,
            self.workspace_id.as_deref().filter(|id| !id.is_empty()),
            self.anonymous,
        ) {
            lacks.push(format!(
                "no workspace: call workspace_id(), or set {variable} and call from_env()"
            ));
        }
        if !self.has_credential() {
            let keys = self.service.keys.join(", ");
            lacks.push(format!(
                "no credential: call api_key(), access_key() or credentials(), set {keys} or AWS_ACCESS_KEY_ID and \
                 AWS_SECRET_ACCESS_KEY and call from_env(), or call load() for all that AWS's programs read"
            ));
        }
        lacks
    }

    #[cfg_attr(
        not(feature = "aws-config-1"),
        expect(clippy::unused_self, reason = "only what was looked up is its own")
    )]
    fn no_region(&self) -> String {
        let advice = "no region: call region(), as with `eu-central-1`, or set AWS_REGION";
        #[cfg(feature = "aws-config-1")]
        if let Some(looked) = &self.looked {
            return format!("{advice}; {}", looked.without("region"));
        }
        format!("{advice} and call from_env()")
    }

    fn wrong(&self, what: &str) -> Error {
        config(format!("{} {what}", self.service.name))
    }
}

fn config(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Config, message)
}
