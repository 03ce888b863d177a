//! Bedrock's InvokeModel: every model has a path, bodies have no model, streams are event streams.
//!
//! | canonical | Bedrock |
//! |---|---|
//! | `POST /v1/messages` | `POST /model/{id}/invoke` |
//! | the same with `"stream": true` | `POST /model/{id}/invoke-with-response-stream` |
//! | `POST /v1/messages/count_tokens` | `POST /model/{id}/count-tokens` |

use anthropic::platform::{AttemptContext, BodyFields, path_segment, with_path};
use anthropic::transport::{Body, HttpRequest};
use anthropic::{Error, ErrorKind, Result};
use http::header::{CONTENT_LENGTH, HeaderName};
use http::{HeaderMap, Method};
use serde_json::json;

const ANTHROPIC_BETA: HeaderName = HeaderName::from_static("anthropic-beta");
const ANTHROPIC_VERSION: HeaderName = HeaderName::from_static("anthropic-version");
pub(crate) const USER_PROFILE_ID: HeaderName = HeaderName::from_static("anthropic-user-profile-id");

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    Message,
    CountTokens,
}

impl Call {
    /// The call of a method and a path below the base URL, if Bedrock has it.
    pub(crate) fn of(method: &Method, path: &str) -> Option<Self> {
        if method != Method::POST {
            return None;
        }
        let path = path.split('?').next().unwrap_or_default();
        match path {
            "/v1/messages" => Some(Self::Message),
            "/v1/messages/count_tokens" => Some(Self::CountTokens),
            _ => None,
        }
    }
}

/// Puts a canonical request into Bedrock's form. `base` is the path of the base URL.
///
/// A path that Bedrock calls differently nowhere is passed as it is: it may be one of Bedrock's
/// own.
pub(crate) fn adapt(
    mut request: HttpRequest,
    base: &str,
    cx: &AttemptContext,
) -> Result<HttpRequest> {
    let base = base.trim_end_matches('/');
    let path = request.uri().path().strip_prefix(base).unwrap_or_default();
    let Some(call) = Call::of(request.method(), path) else {
        return Ok(request);
    };
    cx.insert(call);
    let body = request.body().as_bytes().cloned();
    let body = body.ok_or_else(|| refused("bedrock takes no message as a stream of bytes"))?;
    let mut fields = BodyFields::read(&body)?;
    let model = path_segment("model", &fields.remove_text("model").unwrap_or_default())?;
    let streamed = fields.remove("stream").is_some_and(|it| it == "true");
    move_headers(request.headers_mut(), &mut fields)?;
    let (action, body) = match call {
        Call::Message if streamed => ("invoke-with-response-stream", fields.to_body()?),
        Call::Message => ("invoke", fields.to_body()?),
        Call::CountTokens => ("count-tokens", counted(&mut fields)?),
    };
    let path = format!("{base}/model/{model}/{action}");
    *request.uri_mut() = with_path(request.uri(), path)?;
    *request.body_mut() = body;
    request.headers_mut().remove(CONTENT_LENGTH);
    Ok(request)
}

/// What is counted is the body of an invocation, which has a limit of tokens.
fn counted(fields: &mut BodyFields<'_>) -> Result<Body> {
    fields.set_default("max_tokens", &1)?;
    let body = base64_simd::STANDARD.encode_to_string(fields.to_vec()?);
    let wrapped = json!({"input": {"invokeModel": {"body": body}}});
    Ok(wrapped.to_string().into())
}

/// Moves what Bedrock reads from the body out of the headers. What the caller put into the body
/// stays.
fn move_headers(headers: &mut HeaderMap, fields: &mut BodyFields<'_>) -> Result<()> {
    if let Some(version) = headers.remove(ANTHROPIC_VERSION) {
        fields.set_default(
            "anthropic_version",
            &String::from_utf8_lossy(version.as_bytes()),
        )?;
    }
    let betas = headers.get_all(ANTHROPIC_BETA).into_iter();
    let betas = betas.map(|value| String::from_utf8_lossy(value.as_bytes()));
    let betas = betas.collect::<Vec<_>>().join(",");
    let betas: Vec<&str> = betas
        .split(',')
        .map(str::trim)
        .filter(|it| !it.is_empty())
        .collect();
    if !betas.is_empty() {
        // The caller's own in the body come first.
        let own = fields.get("anthropic_beta").map(str::to_owned);
        match own.as_deref().map(serde_json::from_str::<Vec<String>>) {
            Some(Ok(mut all)) => {
                for beta in betas {
                    if !all.iter().any(|own| own == beta) {
                        all.push(beta.to_owned());
                    }
                }
                fields.remove("anthropic_beta");
                fields.set_default("anthropic_beta", &all)?;
            }
            // The API reports what is wrong with another value.
            Some(Err(_)) => {}
            None => fields.set_default("anthropic_beta", &betas)?,
        }
    }
    if let Some(profile) = headers.remove(USER_PROFILE_ID) {
        fields.set_default(
            "user_profile_id",
            &String::from_utf8_lossy(profile.as_bytes()),
        )?;
    }
    Ok(())
}

fn refused(message: &str) -> Error {
    Error::new(ErrorKind::Request, message)
}
