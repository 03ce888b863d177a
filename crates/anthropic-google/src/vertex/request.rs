//! Canonical requests in Vertex AI's form.

use std::fmt::Write as _;

use anthropic::platform::BodyFields;
use anthropic::transport::HttpRequest;
use anthropic::{Error, ErrorKind, Result};
use http::header::{CONTENT_LENGTH, HeaderName};
use http::{Method, Uri};

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
            let model = model(&mut fields)?;
            let is_stream = fields.get("stream") == Some("true");
            let action = if is_stream {
                "streamRawPredict"
            } else {
                "rawPredict"
            };
            format!("{}:{action}", segment(&model, true))
        }
        // The model that is counted for stays in the body.
        Call::CountTokens => "count-tokens:rawPredict".to_owned(),
    };
    if let Some(version) = request.headers().get(ANTHROPIC_VERSION) {
        let version = String::from_utf8_lossy(version.as_bytes());
        fields.set_default("anthropic_version", &version)?;
    }
    *request.uri_mut() = uri(request.uri(), place, &action)?;
    *request.body_mut() = fields.to_vec()?.into();
    request.headers_mut().remove(CONTENT_LENGTH);
    Ok(request)
}

/// Takes the model out of the body.
fn model(fields: &mut BodyFields<'_>) -> Result<String> {
    let model = fields.remove("model");
    let model: Option<String> = model.and_then(|it| serde_json::from_str(&it).ok());
    let model = model.unwrap_or_default();
    if model.starts_with(';') || model.is_empty() {
        return Err(refused("vertex needs the name of a model"));
    }
    check_segment(&model)?;
    Ok(model)
}

/// Refuses what a server or a proxy would take for a step in the path, also if it decodes twice or
/// cuts a segment at its first semicolon.
fn check_segment(text: &str) -> Result<()> {
    let name = text.split(';').next().unwrap_or_default();
    let name = name.to_ascii_lowercase().replace("%2e", ".");
    if name == "." || name == ".." {
        let text = text.escape_debug();
        return Err(refused(&format!("`{text}` would change the path")));
    }
    Ok(())
}

/// The URL of a model's action. The query stays, but for the mark of a beta, which has no meaning
/// here.
fn uri(canonical: &Uri, place: &Place<'_>, action: &str) -> Result<Uri> {
    check_segment(place.project)?;
    let (project, region) = (segment(place.project, false), segment(place.region, false));
    let mut path = format!(
        "{}/projects/{project}/locations/{region}/publishers/anthropic/models/{action}",
        place.prefix
    );
    let query = canonical.query().unwrap_or_default().split('&');
    let query: Vec<&str> = query
        .filter(|it| !it.is_empty() && *it != "beta=true")
        .collect();
    if !query.is_empty() {
        path.push('?');
        path.push_str(&query.join("&"));
    }
    let mut parts = canonical.clone().into_parts();
    parts.path_and_query = Some(path.parse().map_err(|error: http::uri::InvalidUri| {
        refused("the model's path is no path of a URL").caused_by(error)
    })?);
    Uri::from_parts(parts).map_err(|error| refused("the model's path is no URL").caused_by(error))
}

/// A segment of a path, as RFC 3986 (§3.3) allows it. A server that cut a segment at a semicolon
/// would lose the action behind a model's name, so `is_model` has semicolons escaped too.
fn segment(text: &str, is_model: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        let is_plain = byte.is_ascii_alphanumeric()
            || b"-._~!$&'()*+,=:@".contains(&byte)
            || (byte == b';' && !is_model);
        if is_plain {
            out.push(char::from(byte));
        } else {
            // Writing to a string doesn't fail.
            _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn refused(message: &str) -> Error {
    Error::new(ErrorKind::Request, message)
}
