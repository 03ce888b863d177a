//! The platform that both of Google Cloud's services are.

use anthropic::operation::OperationInfo;
use anthropic::platform::{self, AttemptContext, Credentials, MaybeReady};
use anthropic::transport::HttpRequest;
use anthropic::{CredentialKind, CredentialSource, Error, Platform, Result};
use http::Uri;
use http::header::AUTHORIZATION;

use crate::project::{Place, Project};
use crate::vertex::Call;
use crate::{google_cloud, vertex};

/// One of Google Cloud's services, as a platform for
/// [`ClientBuilder::platform`](anthropic::ClientBuilder::platform).
///
/// Made by the [`GoogleBuilder`](crate::GoogleBuilder) of [`vertex`](crate::vertex) or
/// [`google_cloud`](crate::google_cloud). What the service does not serve fails with
/// [`ErrorKind::Unsupported`](anthropic::ErrorKind::Unsupported) before anything is sent.
#[derive(Debug)]
pub struct Google {
    pub(crate) form: Form,
    /// The base URL of canonical requests.
    pub(crate) base_url: Uri,
    /// The path that the paths of projects are below, mostly `/v1`.
    pub(crate) prefix: String,
    pub(crate) location: String,
    pub(crate) project: Project,
    pub(crate) credentials: Option<Box<dyn Credentials>>,
}

/// The form of the requests.
#[derive(Debug)]
pub(crate) enum Form {
    /// Vertex AI's own paths.
    Vertex,
    /// The API's own, below the path of a workspace or of the organization.
    GoogleCloud { workspace: Option<String> },
    /// The API's own, at a gateway that knows the rest.
    Gateway,
}

impl Google {
    fn adapted(&self, request: HttpRequest, project: &str) -> Result<HttpRequest> {
        let place = Place {
            prefix: &self.prefix,
            location: &self.location,
            project,
        };
        match &self.form {
            Form::Vertex => vertex::adapt(request, self.base_url.path(), &place),
            Form::GoogleCloud { workspace } => {
                google_cloud::adapt(request, workspace.as_deref(), &place)
            }
            Form::Gateway => Ok(request),
        }
    }

    /// Whether a request goes to a project's path.
    fn moves(&self, request: &HttpRequest) -> bool {
        match self.form {
            Form::Vertex => {
                let path = vertex::below(request.uri(), self.base_url.path());
                Call::of(request.method(), path).is_some()
            }
            Form::GoogleCloud { .. } => true,
            Form::Gateway => false,
        }
    }
}

impl Platform for Google {
    fn name(&self) -> &'static str {
        match self.form {
            Form::Vertex => "vertex",
            Form::GoogleCloud { .. } | Form::Gateway => "google cloud",
        }
    }

    fn base_url(&self) -> &Uri {
        &self.base_url
    }

    /// A token that the caller fetches or is given, with its expiry where the source has one.
    fn credential_source(&self) -> CredentialSource {
        let Some(credentials) = &self.credentials else {
            return CredentialKind::Anonymous.into();
        };
        let mut source = credentials.source();
        source.kind = CredentialKind::PlatformToken;
        source
    }

    /// Google's own tokens are sent in this header, and so is one of the caller's.
    fn takes_authorization(&self) -> bool {
        true
    }

    fn supports(&self, operation: &OperationInfo) -> Result<()> {
        match (&self.form, operation.path()) {
            // A request without a description, whose path is looked at when it is sent.
            (_, "") | (Form::GoogleCloud { .. } | Form::Gateway, _) => Ok(()),
            (Form::Vertex, path) if Call::of(operation.method(), path).is_some() => Ok(()),
            (Form::Vertex, _) => Err(Error::unsupported(self.name(), operation)),
        }
    }

    /// A path that the API does not have is passed to Vertex AI as it is: it may be one of its own.
    fn adapt<'a>(
        &'a self,
        request: HttpRequest,
        _: &'a AttemptContext,
    ) -> MaybeReady<'a, Result<HttpRequest>> {
        if !self.moves(&request) {
            return MaybeReady::ready(Ok(request));
        }
        if let Some(project) = self.project.known() {
            return MaybeReady::ready(self.adapted(request, project));
        }
        MaybeReady::pending(async move {
            let project = self.project.find().await?;
            self.adapted(request, project)
        })
    }

    /// A token of the caller's own stays.
    fn authorize<'a>(
        &'a self,
        request: HttpRequest,
        cx: &'a AttemptContext,
    ) -> MaybeReady<'a, Result<HttpRequest>> {
        match &self.credentials {
            Some(credentials) if !request.headers().contains_key(AUTHORIZATION) => {
                platform::authorize(&**credentials, request, cx)
            }
            _ => MaybeReady::ready(Ok(request)),
        }
    }

    fn refused(&self, error: &Error, cx: &AttemptContext) -> bool {
        let credentials = self.credentials.as_deref();
        credentials.is_some_and(|credentials| platform::renew(credentials, error, cx))
    }
}
