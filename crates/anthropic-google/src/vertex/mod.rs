//! Vertex AI: every model has a path; bodies, streams and errors of models are the API's own.
//!
//! | canonical | Vertex AI, below `/v1/projects/{project}/locations/{region}/publishers/anthropic/models` |
//! |---|---|
//! | `POST /v1/messages` | `POST /{model}:rawPredict` |
//! | the same with `"stream": true` | `POST /{model}:streamRawPredict` |
//! | `POST /v1/messages/count_tokens` | `POST /count-tokens:rawPredict` |

mod builder;
mod request;

use std::fmt;
use std::sync::OnceLock;

use anthropic::operation::OperationInfo;
use anthropic::platform::{self, AttemptContext, Credentials, MaybeReady};
use anthropic::transport::HttpRequest;
use anthropic::{BoxFuture, Error, ErrorKind, Platform, Result};
use http::Uri;

use request::{Call, Place};

pub use builder::{VertexBuilder, vertex};

/// Google Cloud's Vertex AI, as a platform for
/// [`ClientBuilder::platform`](anthropic::ClientBuilder::platform).
///
/// It serves messages, streamed or not, and token counting, GA and beta; every other operation
/// fails with [`ErrorKind::Unsupported`](anthropic::ErrorKind::Unsupported) before anything is
/// sent. Make one with [`vertex`].
#[derive(Debug)]
pub struct Vertex {
    /// The base URL of canonical requests, without `/v1`.
    base_url: Uri,
    /// The path that Vertex AI's own are below, mostly `/v1`.
    prefix: String,
    region: String,
    /// Given, or what the credential belongs to once that was asked for.
    project: OnceLock<String>,
    project_of_credential: Option<Box<dyn Project>>,
    credentials: Box<dyn Credentials>,
}

/// A source of the project that a credential belongs to.
pub(crate) trait Project: fmt::Debug + Send + Sync {
    fn id(&self) -> BoxFuture<'_, Result<String>>;
}

pub(crate) fn config(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Config, message)
}

impl Vertex {
    fn adapted(&self, request: HttpRequest, call: Call, project: &str) -> Result<HttpRequest> {
        let place = Place {
            prefix: &self.prefix,
            region: &self.region,
            project,
        };
        request::adapt(request, call, &place)
    }
}

impl Platform for Vertex {
    fn name(&self) -> &'static str {
        "vertex"
    }

    fn base_url(&self) -> &Uri {
        &self.base_url
    }

    fn supports(&self, operation: &OperationInfo) -> Result<()> {
        match operation.path() {
            // A request without a description, whose path is looked at when it is sent.
            "" => Ok(()),
            path if Call::of(operation.method(), path).is_some() => Ok(()),
            _ => Err(Error::unsupported(self.name(), operation)),
        }
    }

    /// A path that the API does not have is passed as it is: it may be one of Vertex AI's own.
    fn adapt<'a>(
        &'a self,
        request: HttpRequest,
        _: &'a AttemptContext,
    ) -> MaybeReady<'a, Result<HttpRequest>> {
        let base = self.base_url.path().trim_end_matches('/');
        let path = request.uri().path().strip_prefix(base).unwrap_or_default();
        let Some(call) = Call::of(request.method(), path) else {
            return MaybeReady::ready(Ok(request));
        };
        if let Some(project) = self.project.get() {
            return MaybeReady::ready(self.adapted(request, call, project));
        }
        let Some(project) = &self.project_of_credential else {
            return MaybeReady::ready(Err(config("vertex has no project")));
        };
        MaybeReady::pending(async move {
            let project = project.id().await?;
            self.adapted(request, call, self.project.get_or_init(|| project))
        })
    }

    fn authorize<'a>(
        &'a self,
        request: HttpRequest,
        cx: &'a AttemptContext,
    ) -> MaybeReady<'a, Result<HttpRequest>> {
        platform::authorize(&*self.credentials, request, cx)
    }

    fn refused(&self, error: &Error, cx: &AttemptContext) -> bool {
        platform::renew(&*self.credentials, error, cx)
    }
}
