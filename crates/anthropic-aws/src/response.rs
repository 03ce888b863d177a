//! The responses of AWS's services in the canonical form.

use anthropic::platform::{AttemptContext, MaybeReady};
use anthropic::transport::{Body, HttpResponse};
use anthropic::{Error, ErrorKind, Result};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::event_stream::{MEDIA_TYPE, ServerSentEvents};
use crate::exception::{AWS_TYPE, AwsException};
use crate::invoke_model::Call;

const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
const AWS_REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");

/// Bedrock's response to `count-tokens`.
#[derive(Deserialize)]
struct Counted {
    /// A gateway may have translated it.
    #[serde(rename = "inputTokens", alias = "input_tokens")]
    input_tokens: u64,
}

pub(crate) fn restore(
    mut response: HttpResponse,
    cx: &AttemptContext,
) -> MaybeReady<'_, Result<HttpResponse>> {
    let is_success = response.status().is_success();
    let headers = response.headers_mut();
    if let Some(id) = headers.get(AWS_REQUEST_ID).cloned() {
        headers.entry(REQUEST_ID).or_insert(id);
    }
    if is(headers, MEDIA_TYPE) && is_success {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        headers.remove(CONTENT_LENGTH);
        let response = response.map(|body| Body::stream(ServerSentEvents::new(body), None));
        return MaybeReady::ready(Ok(response));
    }
    if !is_success {
        return whole(response, |headers, body| Ok(error(headers, body)));
    }
    if cx.get() == Some(Call::CountTokens) {
        return whole(response, |_, body| counted(body).map(Some));
    }
    MaybeReady::ready(Ok(response))
}

/// Puts another body in the place of one, if there is another.
fn whole(
    response: HttpResponse,
    apply: impl FnOnce(&HeaderMap, &[u8]) -> Result<Option<Vec<u8>>> + Send + 'static,
) -> MaybeReady<'static, Result<HttpResponse>> {
    let (mut parts, mut body) = response.into_parts();
    MaybeReady::pending(async move {
        let mut bytes = Vec::new();
        while bytes.len() < LONGEST {
            match body.try_next().await {
                Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
                Ok(None) => break,
                // The status of an error counts, whatever arrived of its body.
                Err(_) if !parts.status.is_success() => break,
                Err(error) => return Err(error),
            }
        }
        let body = apply(&parts.headers, &bytes)?.map_or_else(
            || bytes.into(),
            |body| {
                parts.headers.remove(CONTENT_LENGTH);
                parts
                    .headers
                    .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                Body::from(body)
            },
        );
        Ok(HttpResponse::from_parts(parts, body))
    })
}

/// What is read of an error or a count.
const LONGEST: usize = 1 << 20;

/// An error in the API's shape, with AWS's name for it; `None` where AWS has no name for it.
fn error(headers: &HeaderMap, body: &[u8]) -> Option<Vec<u8>> {
    let name = headers.get(ERROR_TYPE).and_then(|name| name.to_str().ok());
    let name = name.filter(|name| !name.is_empty());
    if let Ok(Value::Object(mut fields)) = serde_json::from_slice(body)
        && let Some(Value::Object(error)) = fields.get_mut("error")
    {
        let exception = AwsException::new(name?, String::new());
        error.insert(AWS_TYPE.to_owned(), exception.name().into());
        return serde_json::to_vec(&fields).ok();
    }
    let exception = AwsException::of_body(name, body)?;
    serde_json::to_vec(&json!({"type": "error", "error": exception.to_json()})).ok()
}

fn counted(body: &[u8]) -> Result<Vec<u8>> {
    let counted: Counted = serde_json::from_slice(body).map_err(|error| {
        Error::new(ErrorKind::Decode, "bedrock's count has no `inputTokens`").caused_by(error)
    })?;
    Ok(json!({"input_tokens": counted.input_tokens})
        .to_string()
        .into_bytes())
}

fn is(headers: &HeaderMap, media_type: &str) -> bool {
    let given = headers
        .get(CONTENT_TYPE)
        .and_then(|given| given.to_str().ok());
    let given = given.and_then(|given| given.split(';').next());
    given.is_some_and(|given| given.trim().eq_ignore_ascii_case(media_type))
}
