//! Amazon Bedrock, InvokeModel: every model has a path, streams are event streams.
//!
//! | canonical | Bedrock |
//! |---|---|
//! | `POST /v1/messages` | `POST /model/{id}/invoke` |
//! | the same with `"stream": true` | `POST /model/{id}/invoke-with-response-stream` |
//! | `POST /v1/messages/count_tokens` | `POST /model/{id}/count-tokens` |

#[cfg(feature = "aws-credential-types-1")]
mod aws_credential_types_1;
mod builder;
mod request;
mod response;

use anthropic::operation::OperationInfo;
use anthropic::platform::{AttemptContext, MaybeReady};
use anthropic::transport::{HttpRequest, HttpResponse};
use anthropic::{Error, Platform, Result};
use http::Uri;

use crate::credentials::Auth;

pub use builder::{BedrockBuilder, bedrock};

/// Amazon Bedrock, as a platform for
/// [`ClientBuilder::platform`](anthropic::ClientBuilder::platform).
///
/// It serves messages, streamed or not, and token counting, GA and beta; every other operation
/// fails with [`ErrorKind::Unsupported`](anthropic::ErrorKind::Unsupported) before anything is
/// sent. Make one with [`bedrock`].
#[derive(Debug)]
pub struct Bedrock {
    base_url: Uri,
    auth: Auth,
}

/// The service's name in signatures.
const SERVICE: &str = "bedrock";

impl Platform for Bedrock {
    fn name(&self) -> &'static str {
        "bedrock"
    }

    fn base_url(&self) -> &Uri {
        &self.base_url
    }

    fn supports(&self, operation: &OperationInfo) -> Result<()> {
        match operation.path() {
            // A request without a description, whose path is looked at when it is sent.
            "" => Ok(()),
            path if request::Call::of(operation.method(), path).is_some() => Ok(()),
            _ => Err(Error::unsupported(self.name(), operation)),
        }
    }

    fn adapt<'a>(
        &'a self,
        request: HttpRequest,
        cx: &'a AttemptContext,
    ) -> MaybeReady<'a, Result<HttpRequest>> {
        MaybeReady::ready(request::adapt(request, self.base_url.path(), cx))
    }

    fn authorize<'a>(
        &'a self,
        request: HttpRequest,
        cx: &'a AttemptContext,
    ) -> MaybeReady<'a, Result<HttpRequest>> {
        self.auth.authorize(request, SERVICE, cx)
    }

    fn restore<'a>(
        &'a self,
        response: HttpResponse,
        cx: &'a AttemptContext,
    ) -> MaybeReady<'a, Result<HttpResponse>> {
        response::restore(response, cx)
    }

    fn refused(&self, error: &Error, cx: &AttemptContext) -> bool {
        self.auth.refused(error, cx)
    }
}
