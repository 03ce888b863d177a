//! Canonical requests in Vertex AI's form.

use anthropic::platform::{BodyFields, path_segment, with_path};
use anthropic::transport::HttpRequest;
use anthropic::{Error, ErrorKind, Result};
use http::Method;
use http::header::{CONTENT_LENGTH, HeaderName};

const ANTHROPIC_VERSION: HeaderName = HeaderName::from_static("anthropic-version");

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    Message,
    CountTokens,
}

/// Where a model's paths are.
pub(super) struct Place<'a> {
    pub(super) prefix: &'a str,
    pub(super) region: &'a str,
    pub(super) project: &'a str,
}

impl Call {
    /// The call of a method and a path below the base URL, if Vertex AI has it.
    pub(super) fn of(method: &Method, path: &str) -> Option<Self> {
        if method != Method::POST {
            return None;
        }
        match path.split('?').next().unwrap_or_default() {
            "/v1/messages" => Some(Self::Message),
            "/v1/messages/count_tokens" => Some(Self::CountTokens),
            _ => None,
        }
    }
}

/// Puts a canonical request into Vertex AI's form: the model in the path, the version in the body,
/// where the caller's own counts. Betas stay in their header.
pub(super) fn adapt(
    mut request: HttpRequest,
    call: Call,
    place: &Place<'_>,
) -> Result<HttpRequest> {
    let body = request.body().as_bytes().cloned();
    let body = body.ok_or_else(|| refused("vertex takes no message as a stream of bytes"))?;
    let mut fields = BodyFields::read(&body)?;
    let action = match call {
        Call::Message => {
            // A server that cuts a segment at a semicolon would lose the action.
            let model = path_segment("model", &fields.remove_text("model").unwrap_or_default())?
                .replace(';', "%3B");
            let is_stream = fields.get("stream") == Some("true");
            let action = if is_stream {
                "streamRawPredict"
            } else {
                "rawPredict"
            };
            format!("{model}:{action}")
        }
        // The model that is counted for stays in the body.
        Call::CountTokens => "count-tokens:rawPredict".to_owned(),
    };
    if let Some(version) = request.headers().get(ANTHROPIC_VERSION) {
        let version = String::from_utf8_lossy(version.as_bytes());
        fields.set_default("anthropic_version", &version)?;
    }
    *request.uri_mut() = with_path(request.uri(), path(place, &action)?)?;
    *request.body_mut() = fields.to_vec()?.into();
    request.headers_mut().remove(CONTENT_LENGTH);
    Ok(request)
}

/// The path of a model's action.
fn path(place: &Place<'_>, action: &str) -> Result<String> {
    let project = path_segment("project", place.project)?;
    let region = path_segment("region", place.region)?;
    Ok(format!(
        "{}/projects/{project}/locations/{region}/publishers/anthropic/models/{action}",
        place.prefix
    ))
}

fn refused(message: &str) -> Error {
    Error::new(ErrorKind::Request, message)
}
