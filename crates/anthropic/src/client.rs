//! The client: a handle to settings, a transport and a platform, cheap to clone.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use http::Method;
use serde::de::DeserializeOwned;

use crate::Result;
use crate::config::{ClientBuilder, CredentialSource, StreamLimits};
use crate::operation::{Operation, OperationInfo};
use crate::pipeline::shared::Shared;
use crate::request::Request;
use crate::request::path;

/// A client of the Claude API.
///
/// Cloning it is cheap, and all clones share settings and connections, so make one and pass it
/// around. It is `Send` and `Sync`.
///
/// ```
/// let client = anthropic::Client::new("my-key")?;
/// let persistent = client.to_builder().max_retries(10).build()?;
/// # Ok::<(), anthropic::Error>(())
/// ```
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    /// What the client was made from, for [`Client::to_builder`].
    builder: ClientBuilder,
}

impl Client {
    /// A client with this API key and the default settings.
    ///
    /// No `ANTHROPIC_*` variable is read. The default transport uses the environment's proxies and,
    /// on Linux, by `SSL_CERT_FILE` and `SSL_CERT_DIR`, as other programs do; where it shouldn't
    /// use proxies, give the builder one made with `no_proxy()`.
    ///
    /// # Errors
    ///
    /// [`Config`](crate::ErrorKind::Config) when the key is empty or no header can carry it, or
    /// when TLS can't be set up.
    pub fn new(api_key: impl Into<String>) -> Result<Self> {
        Self::builder().api_key(api_key).build()
    }

    /// A client set up by the environment: see [`ClientBuilder::environment`].
    ///
    /// Without a credential there, it is built nevertheless, and
    /// [`credential_source`](Self::credential_source) is
    /// [`Missing`](crate::CredentialKind::Missing); each of its requests fails with
    /// [`Config`](crate::ErrorKind::Config) unless it brings its own in a header.
    ///
    /// # Errors
    ///
    /// [`Config`](crate::ErrorKind::Config) when a variable is not UTF-8 or has the wrong form, or
    /// when TLS can't be set up.
    pub fn from_env() -> Result<Self> {
        Self::builder().environment().build()
    }

    /// A builder, for everything that can be set. It reads `ANTHROPIC_*` variables only with
    /// [`ClientBuilder::environment`].
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }

    /// A builder with this client's settings; what it builds shares this client's connections.
    pub fn to_builder(&self) -> ClientBuilder {
        self.inner.builder.derived(&self.shared().transport)
    }

    /// Where the client's credential comes from.
    ///
    /// Fetched credentials and platforms are asked with every call, so an expiry is that of the
    /// credential that they have now.
    pub fn credential_source(&self) -> CredentialSource {
        self.shared().credential_source()
    }

    /// Whether the client's platform serves an operation. Anthropic's own API serves all of them.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](crate::ErrorKind::Unsupported), as a request to the operation fails.
    pub fn supports(&self, operation: &OperationInfo) -> Result<()> {
        self.shared().platform.supports(operation)
    }

    /// The base URL, without a slash at its end.
    pub fn base_url(&self) -> &str {
        self.shared().config.base_url.as_str()
    }

    /// The limits of streams, where a request doesn't set its own: what to start from in
    /// [`Request::stream_limits`].
    pub fn stream_limits(&self) -> StreamLimits {
        self.shared().config.stream
    }

    /// A `GET` request to an undocumented endpoint.
    ///
    /// `path` goes below the base URL; an absolute URL of the same origin works, too.
    ///
    /// ```
    /// # async fn run(client: anthropic::Client) -> anthropic::Result<()> {
    /// let value: serde_json::Value = client.get("/v1/new-thing").query("limit", 5).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn get<T: DeserializeOwned + Send + 'static>(&self, path: impl Into<String>) -> Request<T> {
        self.undocumented(Undocumented::<T>::GET, path.into())
    }

    /// A `POST` request to an undocumented endpoint.
    ///
    /// ```
    /// # async fn run(client: anthropic::Client) -> anthropic::Result<()> {
    /// let body = serde_json::json!({"name": "x"});
    /// let value: serde_json::Value = client.post("/v1/new-thing").json(&body).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn post<T: DeserializeOwned + Send + 'static>(
        &self,
        path: impl Into<String>,
    ) -> Request<T> {
        self.undocumented(Undocumented::<T>::POST, path.into())
    }

    /// A `PUT` request to an undocumented endpoint.
    ///
    /// ```
    /// # async fn run(client: anthropic::Client) -> anthropic::Result<()> {
    /// let body = serde_json::json!({"name": "x"});
    /// let value: serde_json::Value = client.put("/v1/new-thing/1").json(&body).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn put<T: DeserializeOwned + Send + 'static>(&self, path: impl Into<String>) -> Request<T> {
        self.undocumented(Undocumented::<T>::PUT, path.into())
    }

    /// A `PATCH` request to an undocumented endpoint.
    ///
    /// ```
    /// # async fn run(client: anthropic::Client) -> anthropic::Result<()> {
    /// let body = serde_json::json!({"name": "y"});
    /// let value: serde_json::Value = client.patch("/v1/new-thing/1").json(&body).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn patch<T: DeserializeOwned + Send + 'static>(
        &self,
        path: impl Into<String>,
    ) -> Request<T> {
        self.undocumented(Undocumented::<T>::PATCH, path.into())
    }

    /// A `DELETE` request to an undocumented endpoint.
    ///
    /// ```
    /// # async fn run(client: anthropic::Client) -> anthropic::Result<()> {
    /// let value: serde_json::Value = client.delete("/v1/new-thing/1").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete<T: DeserializeOwned + Send + 'static>(
        &self,
        path: impl Into<String>,
    ) -> Request<T> {
        self.undocumented(Undocumented::<T>::DELETE, path.into())
    }

    /// A request to an operation, its path parameters filled with `path` in order.
    ///
    /// ```
    /// use anthropic::operation::Operation;
    /// use anthropic::{Client, Request};
    /// use http::Method;
    ///
    /// static RETRIEVE: Operation<serde_json::Value> =
    ///     Operation::serde("things.retrieve", Method::GET, "/v1/things/{thing_id}");
    ///
    /// fn thing(client: &Client, id: &str) -> Request<serde_json::Value> {
    ///     client.request(&RETRIEVE, &[id])
    /// }
    /// ```
    pub fn request<T>(&self, operation: &'static Operation<T>, path: &[&str]) -> Request<T> {
        let target = path::expand(operation.info().path(), path);
        self.start(operation, target)
    }

    fn undocumented<T>(&self, operation: &'static Operation<T>, target: String) -> Request<T> {
        let target = path::check_literal(&target).map(|()| target.into());
        self.start(operation, target)
    }

    /// A request made of a call by names.
    #[cfg(feature = "operations")]
    pub(crate) fn untyped<T>(
        &self,
        open: crate::operation::Open<T>,
        call: crate::request::call::Call,
        fault: Option<crate::Error>,
    ) -> Request<T> {
        Request::untyped(self.inner.shared.clone(), open, call, fault)
    }

    fn start<T>(
        &self,
        operation: &'static Operation<T>,
        target: Result<Cow<'static, str>>,
    ) -> Request<T> {
        let (info, open) = (operation.info(), operation.open());
        Request::new(self.inner.shared.clone(), info, open, target)
    }

    pub(crate) fn from_parts(shared: Shared, builder: ClientBuilder) -> Self {
        Self {
            inner: Arc::new(Inner {
                shared: Arc::new(shared),
                builder,
            }),
        }
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.inner.shared
    }
}

/// The operations behind `client.get()` and its like.
struct Undocumented<T>(std::marker::PhantomData<T>);

impl<T: DeserializeOwned + Send + 'static> Undocumented<T> {
    const GET: &'static Operation<T> = &Operation::serde("client.get", Method::GET, "");
    const POST: &'static Operation<T> = &Operation::serde("client.post", Method::POST, "");
    const PUT: &'static Operation<T> = &Operation::serde("client.put", Method::PUT, "");
    const PATCH: &'static Operation<T> = &Operation::serde("client.patch", Method::PATCH, "");
    const DELETE: &'static Operation<T> = &Operation::serde("client.delete", Method::DELETE, "");
}

/// Of a platform only the name, and nothing of the transport: what their authors derived may show
/// secrets.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.base_url())
            .field("credential_source", &self.credential_source())
            .field("platform", &self.shared().platform.name())
            .finish_non_exhaustive()
    }
}
