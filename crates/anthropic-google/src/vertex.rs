//! Vertex AI: every model has a path; bodies, streams and errors of models are the API's own.
//!
//! | canonical | Vertex AI, below `/v1/projects/{project}/locations/{region}/publishers/anthropic/models` |
//! |---|---|
//! | `POST /v1/messages` | `POST /{model}:rawPredict` |
//! | the same with `"stream": true` | `POST /{model}:streamRawPredict` |
//! | `POST /v1/messages/count_tokens` | `POST /count-tokens:rawPredict` |

use anthropic::platform::{BodyFields, path_segment, with_path};
use anthropic::transport::HttpRequest;
use anthropic::{Error, ErrorKind, Result};
use http::header::{CONTENT_LENGTH, HeaderName};
use http::{Method, Uri};

use crate::project::Place;

const ANTHROPIC_VERSION: HeaderName = HeaderName::from_static("anthropic-version");

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    Message,
    CountTokens,
}

impl Call {
    /// The call of a method and a path below the base URL, if Vertex AI has it.
    pub(crate) fn of(method: &Method, path: &str) -> Option<Self> {
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
///
/// A path that Vertex AI calls differently nowhere is passed as it is.
pub(crate) fn adapt(
    mut request: HttpRequest,
    base: &str,
    place: &Place<'_>,
) -> Result<HttpRequest> {
    let Some(call) = Call::of(request.method(), below(request.uri(), base)) else {
        return Ok(request);
    };
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
    if let Some(version) = request.headers_mut().remove(ANTHROPIC_VERSION) {
        let version = String::from_utf8_lossy(version.as_bytes());
        fields.set_default("anthropic_version", &version)?;
    }
    *request.uri_mut() = with_path(request.uri(), path(place, &action)?)?;
    *request.body_mut() = fields.to_body()?;
    request.headers_mut().remove(CONTENT_LENGTH);
    Ok(request)
}

/// The path of a canonical URL below the path of the base URL.
pub(crate) fn below<'a>(url: &'a Uri, base: &str) -> &'a str {
    let base = base.trim_end_matches('/');
    url.path().strip_prefix(base).unwrap_or_default()
}

/// The path of a model's action.
fn path(place: &Place<'_>, action: &str) -> Result<String> {
    let project = path_segment("project", place.project)?;
    let region = path_segment("region", place.location)?;
    Ok(format!(
        "{}/projects/{project}/locations/{region}/publishers/anthropic/models/{action}",
        place.prefix
    ))
}

fn refused(message: &str) -> Error {
    Error::new(ErrorKind::Request, message)
}
