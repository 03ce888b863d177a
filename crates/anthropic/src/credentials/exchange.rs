//! The token endpoint: one request, one response, nothing of either in an error.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anthropic_types::Secret;
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT};
use http::{HeaderMap, Method, StatusCode, Uri};
use zeroize::Zeroizing;

use super::document::Document;
use super::failure::{Failure, TokenError};
use crate::clock::{Clock, within};
use crate::config::{Origin, agent};
use crate::pipeline::platform::{self, AttemptContext};
use crate::request::headers::ANTHROPIC_BETA;
use crate::trace::Secrets;
use crate::transport::{Body, ConnectTimeout, HttpRequest, HttpResponse, Transport};
use crate::{BoxFuture, ErrorKind, Result};

/// The beta of requests with a token, and of its renewal.
pub(super) const OAUTH_BETA: &str = "oauth-2025-04-20";
/// The betas of an exchange of an identity token, and of nothing else.
pub(super) const FEDERATION_BETAS: &str = "oauth-2025-04-20,oidc-federation-2026-04-01";

const ENDPOINT: &str = "/v1/oauth/token";
const TIMEOUT: Duration = Duration::from_secs(30);
/// How long a function of the caller's may take.
const LONGEST: Duration = Duration::from_secs(60);
const MAX_RESPONSE: usize = 1 << 20;
/// How much of the endpoint's text is kept, in characters.
const MAX_WORDS: usize = 256;

/// What an exchange needs of the attempt that asked for it. It may outlive that attempt.
#[derive(Clone)]
pub(super) struct Exchange {
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    connect: ConnectTimeout,
    /// Where the API is, without a slash at its end.
    pub(super) base_url: Arc<str>,
}

impl Exchange {
    pub(super) fn of(cx: &AttemptContext) -> Self {
        Self {
            transport: cx.transport.clone(),
            clock: cx.clock.clone(),
            connect: cx.connect,
            base_url: cx.base_url.clone(),
        }
    }

    pub(super) fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// What a function of the caller's returns, if it does: all requests wait for it.
    pub(super) async fn answered<T>(
        &self,
        what: &str,
        mut fetching: BoxFuture<'static, T>,
    ) -> Result<T, Failure> {
        let answered = within(&*self.clock, Some(LONGEST), fetching.as_mut()).await;
        answered.map_err(|_| {
            let message = format!("{what} was not fetched within {LONGEST:?}");
            Failure::new(ErrorKind::Timeout, message).retryable()
        })
    }

    /// The calendar time.
    pub(super) fn wall(&self) -> SystemTime {
        self.clock.wall()
    }

    /// The calendar time so many seconds from now, as files have it.
    pub(super) fn wall_in(&self, seconds: i64) -> i64 {
        let now = self.wall().duration_since(SystemTime::UNIX_EPOCH);
        let now = now.map_or(0, |now| now.as_secs());
        i64::try_from(now)
            .unwrap_or(i64::MAX)
            .saturating_add(seconds)
    }

    /// Sends a grant to the token endpoint. `secrets` are those in it.
    ///
    /// # Errors
    ///
    /// A failure that begins with `what`.
    pub(super) async fn grant(
        &self,
        what: &str,
        grant: &Document,
        betas: &'static str,
        secrets: &[&Secret],
    ) -> Result<Document, Failure> {
        let request = self.request(grant, betas)?;
        let mut exchange = Box::pin(async move {
            let sending = platform::send(&*self.transport, self.connect, request);
            let response = sending.await.map_err(|error| {
                Failure::of(
                    format!("{what}: the token endpoint can't be reached"),
                    error,
                )
            })?;
            receive(what, response, secrets).await
        });
        let exchanged = within(&*self.clock, Some(TIMEOUT), exchange.as_mut()).await;
        exchanged.unwrap_or_else(|_| {
            let message = format!("{what}: the token endpoint did not respond within {TIMEOUT:?}");
            Err(Failure::new(ErrorKind::Timeout, message).retryable())
        })
    }

    fn request(&self, grant: &Document, betas: &'static str) -> Result<HttpRequest, Failure> {
        let bad = || Failure::config("the token endpoint's URL can't be made of the base URL");
        let uri: Uri = format!("{}{ENDPOINT}", self.base_url)
            .parse()
            .map_err(|_| bad())?;
        let origin = Origin::of(&uri).map_err(|_| bad())?;
        if !origin.is_secure() && !origin.is_loopback() {
            return Err(Failure::config(
                "the token endpoint is not asked over plain http: a refresh token or an identity token would be \
                 readable on the way; use https",
            ));
        }
        // What was sent is erased with the last copy of the bytes.
        let body = Bytes::from_owner(grant.to_text());
        let mut request = HttpRequest::new(Body::from(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = uri;
        let json = || HeaderValue::from_static("application/json");
        *request.headers_mut() = HeaderMap::from_iter([
            (CONTENT_TYPE, json()),
            (ACCEPT, json()),
            (USER_AGENT, agent::default()),
            (ANTHROPIC_BETA, HeaderValue::from_static(betas)),
        ]);
        Ok(request)
    }
}

/// Reads the response: its object, or why there is none.
async fn receive(
    what: &str,
    response: HttpResponse,
    secrets: &[&Secret],
) -> Result<Document, Failure> {
    let (parts, mut body) = response.into_parts();
    let mut text = Zeroizing::new(Vec::new());
    while let Some(chunk) = body.try_next().await.map_err(|error| {
        Failure::of(
            format!("{what}: the token endpoint's response broke off"),
            error,
        )
    })? {
        if text.len() + chunk.len() > MAX_RESPONSE {
            let message = format!(
                "{what}: the token endpoint's response is longer than {MAX_RESPONSE} bytes"
            );
            return Err(Failure::new(ErrorKind::UnexpectedContent, message));
        }
        append(&mut text, &chunk);
    }
    let document = Document::parse(&text);
    if parts.status != StatusCode::OK {
        let document = document.unwrap_or_default();
        let error = refusal(parts.status, &parts.headers, &document, secrets);
        let message = format!("{what}: the token endpoint refused");
        return Err(Failure::refused(message, error));
    }
    document.map_err(|fault| {
        let message = format!("{what}: the token endpoint's response {fault}");
        Failure::new(ErrorKind::UnexpectedContent, message)
    })
}

/// Appends to a text that is erased, also where it moves: a vector that grows by itself leaves a
/// copy behind.
fn append(text: &mut Zeroizing<Vec<u8>>, chunk: &[u8]) {
    let needed = text.len() + chunk.len();
    if needed > text.capacity() {
        let mut larger = Zeroizing::new(Vec::with_capacity(needed.max(2 * text.capacity())));
        larger.extend_from_slice(text);
        // What is dropped is erased.
        *text = larger;
    }
    text.extend_from_slice(chunk);
}

/// What an error of OAuth (RFC 6749, 5.2), or of the API, has for its reader.
fn refusal(
    status: StatusCode,
    headers: &HeaderMap,
    document: &Document,
    secrets: &[&Secret],
) -> TokenError {
    let words = |text: Option<&str>| text.and_then(|text| readable(text, secrets));
    let of_api = document.object("error").unwrap_or_default();
    let id = HeaderName::from_static("request-id");
    let id = headers.get(id).and_then(|id| id.to_str().ok());
    TokenError {
        status,
        error: words(document.text("error").or(of_api.text("type"))),
        description: words(
            document
                .text("error_description")
                .or(of_api.text("message")),
        ),
        uri: words(document.text("error_uri")),
        request_id: words(id),
    }
}

/// The beginning of a text, on one line, without the secrets. What can't be searched for a secret
/// is left out.
fn readable(text: &str, secrets: &[&Secret]) -> Option<String> {
    let sent = Secrets::default();
    for secret in secrets {
        sent.note_value(&HeaderValue::from_str(secret.expose()).ok()?);
    }
    let masked = sent.mask(text);
    let masked = masked.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut short: String = masked.chars().take(MAX_WORDS).collect();
    if short.len() < masked.len() {
        short.push('…');
    }
    Some(short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_is_not_repeated_and_what_is_long_is_cut() {
        let secret = Secret::new("canary-refresh-token");
        let long = "x".repeat(300);
        for (text, expected) in [
            (
                "the token canary-refresh-token is old",
                "the token [masked] is old".to_owned(),
            ),
            ("two\nlines", "two lines".to_owned()),
            (&long, format!("{}…", "x".repeat(256))),
        ] {
            assert_eq!(readable(text, &[&secret]), Some(expected));
        }
        assert_eq!(readable("a\nb", &[&Secret::new("not\na header")]), None);
    }

    #[test]
    fn errors_of_oauth_and_of_the_api_are_read() {
        let headers = HeaderMap::from_iter([(
            HeaderName::from_static("request-id"),
            HeaderValue::from_static("req_1"),
        )]);
        for (text, line) in [
            (
                r#"{"error":"invalid_grant","error_description":"expired","error_uri":"https://e.example","access_token":"canary"}"#,
                "400 invalid_grant: expired (https://e.example) [request req_1]",
            ),
            (
                r#"{"type":"error","error":{"type":"authentication_error","message":"no"}}"#,
                "400 authentication_error: no [request req_1]",
            ),
            (r#"{"access_token":"canary"}"#, "400 [request req_1]"),
            (
                r#"{"error":"a\u001b[2J","error_description":"b\nc\u202e"}"#,
                r"400 a\u{1b}[2J: b c\u{202e} [request req_1]",
            ),
        ] {
            let document = Document::parse(text.as_bytes()).unwrap();
            let error = refusal(StatusCode::BAD_REQUEST, &headers, &document, &[]);
            assert_eq!(error.to_string(), line);
        }
    }
}
