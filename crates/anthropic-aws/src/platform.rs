//! The platform that all services of AWS are, each by its data.

use anthropic::operation::OperationInfo;
use anthropic::platform::{AttemptContext, BodyFields, MaybeReady};
use anthropic::transport::{HttpRequest, HttpResponse};
use anthropic::{CredentialSource, Error, Platform, Result};
use http::header::{CONTENT_LENGTH, HeaderName};
use http::{HeaderValue, Uri};

use crate::auth::Auth;
use crate::invoke_model::USER_PROFILE_ID;
use crate::service::{Form, Service};
use crate::{invoke_model, response};

/// One of AWS's services, as a platform for
/// [`ClientBuilder::platform`](anthropic::ClientBuilder::platform).
///
/// Made by the [`AwsBuilder`](crate::AwsBuilder) of [`bedrock`](crate::bedrock),
/// [`bedrock_messages`](crate::bedrock_messages), [`bedrock_mantle`](crate::bedrock_mantle) or
/// [`claude_platform`](crate::claude_platform). What the service does not serve fails with
/// [`ErrorKind::Unsupported`](anthropic::ErrorKind::Unsupported) before anything is sent.
#[derive(Debug)]
pub struct Aws {
    pub(crate) service: &'static Service,
    pub(crate) base_url: Uri,
    pub(crate) auth: Auth,
    pub(crate) workspace: Option<HeaderValue>,
}

const WORKSPACE_ID: HeaderName = HeaderName::from_static("anthropic-workspace-id");

impl Aws {
    /// A request of the API's own form: the workspace, and the user profile where it belongs.
    fn completed(&self, mut request: HttpRequest) -> Result<HttpRequest> {
        if let Some(workspace) = &self.workspace {
            let header = request.headers_mut().entry(WORKSPACE_ID);
            header.or_insert_with(|| workspace.clone());
        }
        let base = self.base_url.path().trim_end_matches('/');
        let path = request.uri().path().strip_prefix(base).unwrap_or_default();
        if !self.service.moves_profile(request.method(), path) {
            return Ok(request);
        }
        let body = request.body().as_bytes().cloned();
        let profile = request.headers().get(USER_PROFILE_ID).cloned();
        let (Some(body), Some(profile)) = (body, profile) else {
            return Ok(request);
        };
        let mut fields = BodyFields::read(&body)?;
        let text = String::from_utf8_lossy(profile.as_bytes());
        fields.set_default("user_profile_id", &text)?;
        *request.body_mut() = fields.to_body()?;
        request.headers_mut().remove(USER_PROFILE_ID);
        request.headers_mut().remove(CONTENT_LENGTH);
        Ok(request)
    }
}

impl Platform for Aws {
    fn name(&self) -> &'static str {
        self.service.name
    }

    fn base_url(&self) -> &Uri {
        &self.base_url
    }

    fn credential_source(&self) -> CredentialSource {
        self.auth.source()
    }

    fn supports(&self, operation: &OperationInfo) -> Result<()> {
        if self.service.serves(operation.method(), operation.path()) {
            return Ok(());
        }
        Err(Error::unsupported(self.name(), operation))
    }

    fn adapt<'a>(
        &'a self,
        request: HttpRequest,
        cx: &'a AttemptContext,
    ) -> MaybeReady<'a, Result<HttpRequest>> {
        MaybeReady::ready(match self.service.form {
            Form::InvokeModel => invoke_model::adapt(request, self.base_url.path(), cx),
            Form::Messages | Form::Everything => self.completed(request),
        })
    }

    fn authorize<'a>(
        &'a self,
        request: HttpRequest,
        cx: &'a AttemptContext,
    ) -> MaybeReady<'a, Result<HttpRequest>> {
        self.auth.authorize(request, self.service.signed_as, cx)
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
