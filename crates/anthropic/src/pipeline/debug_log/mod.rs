//! A log of requests and responses for people in trouble: a middleware.

mod body;

use std::fmt;
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::HeaderMap;
use http::header::CONTENT_TYPE;

use self::body::LoggedBody;
use super::middleware::{Attempt, Middleware, Next};
use super::transport::{Body, HttpRequest, HttpResponse};
use crate::trace::{PublicHeaders, Secrets, beginning, escaped, redacted, redacted_url};
use crate::{BoxFuture, Result};

/// How much of a request's body is logged, and of each line of a response's.
const HEAD: usize = 64 << 10;

/// How much a [`debug_log`] writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum LogLevel {
    /// A line for each request, and one for its response or error.
    Info,
    /// Headers and bodies too; streams as they arrive.
    Debug,
}

impl LogLevel {
    /// The level of this name: `info` or `debug`, of which other programs have a finer one.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "info" => Some(Self::Info),
            "debug" | "trace" => Some(Self::Debug),
            _ => None,
        }
    }
}

/// A [`Middleware`] that logs what is sent and what comes back, at its place among the client's
/// middlewares.
///
/// It writes `tracing` events, or to a [writer](DebugLog::to_writer). With
/// [`environment`](crate::ClientBuilder::environment) the variable `ANTHROPIC_LOG`, `info` or
/// `debug`, adds one that writes to standard error.
///
/// Of headers, the values that are known to be harmless are shown, of a query the keys. Credentials
/// are masked, also where a server repeats them. In bodies, and in JSON within their strings, the
/// values of keys that name a credential are hidden, whatever they are: `authorization_token`,
/// `apiKey`, `secret_value`; keys of the API's that only seem to, such as `max_tokens` and
/// `secret_name`, are known. So are the values of `headers`, and the users, passwords and query
/// values of URLs. Apart from that [`LogLevel::Debug`] shows bodies as they are: prompts,
/// responses, and whatever is personal in them, or secret without a key that states so. Of a
/// request's body, and of each line of a response's, that is the first 64 KiB.
///
/// ```
/// use anthropic::{LogLevel, debug_log};
///
/// let log = debug_log(LogLevel::Debug).to_writer(std::io::stderr());
/// # #[cfg(feature = "hyper")]
/// let client = anthropic::Client::builder().api_key("key").middleware(log).build()?;
/// # Ok::<(), anthropic::Error>(())
/// ```
pub fn debug_log(level: LogLevel) -> DebugLog {
    DebugLog {
        level,
        writer: None,
    }
}

/// What [`debug_log`] makes.
#[derive(Clone)]
pub struct DebugLog {
    level: LogLevel,
    writer: Option<Writer>,
}

type Writer = Arc<Mutex<dyn Write + Send>>;

impl DebugLog {
    /// Writes lines to `writer` in place of `tracing` events. Errors of the writer are ignored.
    pub fn to_writer(mut self, writer: impl Write + Send + 'static) -> Self {
        self.writer = Some(Arc::new(Mutex::new(writer)));
        self
    }
}

impl fmt::Debug for DebugLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DebugLog")
            .field("level", &self.level)
            .field("has_writer", &self.writer.is_some())
            .finish()
    }
}

impl Middleware for DebugLog {
    fn handle<'a>(
        &'a self,
        request: HttpRequest,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<HttpResponse>> {
        static NUMBER: AtomicU64 = AtomicU64::new(1);
        let log = Exchange {
            log: self.clone(),
            number: NUMBER.fetch_add(1, Ordering::Relaxed),
            secrets: next.secrets().clone(),
        };
        log.request(&request);
        Box::pin(async move {
            let clock = next.clock();
            let began = clock.now();
            let result = next.run(request).await;
            let took = clock.now().saturating_sub(began);
            match result {
                Ok(response) => Ok(log.response(response, took)),
                Err(error) => {
                    log.line("!", &format!("{error} (after {took:?})"));
                    Err(error)
                }
            }
        })
    }
}

/// One request and its response.
struct Exchange {
    log: DebugLog,
    number: u64,
    secrets: Arc<Secrets>,
}

impl Exchange {
    fn is_verbose(&self) -> bool {
        self.log.level >= LogLevel::Debug
    }

    /// Writes a line, without secrets.
    fn line(&self, mark: &str, text: &str) {
        self.write(mark, &redacted(text, &self.secrets));
    }

    /// Writes a line of a text that has no secrets.
    fn write(&self, mark: &str, text: &str) {
        let line = format!("[{}] {mark} {}", self.number, escaped(text));
        match &self.log.writer {
            Some(writer) => {
                let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
                // A log that can't be written must not fail the request.
                let _ = writeln!(writer, "anthropic {line}").and_then(|()| writer.flush());
            }
            None if self.is_verbose() => tracing::debug!(target: "anthropic::debug_log", "{line}"),
            None => tracing::info!(target: "anthropic::debug_log", "{line}"),
        }
    }

    fn headers(&self, mark: &str, headers: &HeaderMap) {
        for (name, value) in PublicHeaders(headers).iter() {
            self.line(mark, &format!("{name}: {value}"));
        }
    }

    fn request(&self, request: &HttpRequest) {
        self.secrets.note(request.headers(), request.headers());
        let attempt = request.extensions().get::<Attempt>();
        let attempt = attempt.map_or_else(String::new, |attempt| {
            format!(" ({}, attempt {})", attempt.operation, attempt.number)
        });
        let url = redacted_url(request.uri(), &self.secrets);
        self.line(">", &format!("{} {url}{attempt}", request.method()));
        if !self.is_verbose() {
            return;
        }
        self.headers(">", request.headers());
        let body = request.body();
        match (body.first(HEAD + 1), body.len()) {
            (Some(first), _) if first.is_empty() => {}
            (Some(first), Some(len)) if is_text(request.headers()) => {
                let head = beginning(&first, HEAD);
                self.line(">", &String::from_utf8_lossy(head));
                if (head.len() as u64) < len {
                    self.line(">", &format!("… ({len} bytes in all)"));
                }
            }
            (_, Some(len)) => self.line(">", &format!("({len} bytes)")),
            (_, None) => self.line(">", "(a stream)"),
        }
    }

    fn response(self, response: HttpResponse, took: Duration) -> HttpResponse {
        let id = response.headers().get("request-id");
        let id = id
            .and_then(|id| id.to_str().ok())
            .unwrap_or("no request id");
        let status = response.status();
        self.line("<", &format!("{status} in {took:?} ({id})"));
        if !self.is_verbose() {
            return response;
        }
        self.headers("<", response.headers());
        if !is_text(response.headers()) {
            self.line("<", "(a body that is no text)");
            return response;
        }
        let (parts, body) = response.into_parts();
        let len = body.len();
        let body = Body::stream(LoggedBody::new(body, self), len);
        HttpResponse::from_parts(parts, body)
    }
}

/// Whether a body is text, by its label. Without one it is: gateways leave it out.
fn is_text(headers: &HeaderMap) -> bool {
    let label = headers
        .get(CONTENT_TYPE)
        .and_then(|label| label.to_str().ok());
    label.is_none_or(|label| {
        let label = label.to_ascii_lowercase();
        label.starts_with("text/") || label.contains("json") || label.contains("xml")
    })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[derive(Clone, Default)]
    struct Text(Arc<Mutex<Vec<u8>>>);

    impl Write for Text {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl Text {
        fn read(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }

        /// What was logged of bodies.
        fn bodies(&self) -> Vec<String> {
            let lines = self.read();
            let lines = lines.lines().map(|line| line.get(16..).unwrap_or_default());
            let is_head = |line: &str| {
                ["GET ", "200 ", "content-type: "]
                    .iter()
                    .any(|head| line.starts_with(head))
            };
            let lines = lines.filter(|line| !is_head(line));
            lines.map(str::to_owned).collect()
        }
    }

    fn exchange(text: &Text) -> Exchange {
        Exchange {
            log: debug_log(LogLevel::Debug).to_writer(text.clone()),
            number: 1,
            secrets: Arc::default(),
        }
    }

    fn logged(request: &HttpRequest) -> Text {
        let text = Text::default();
        exchange(&text).request(request);
        text
    }

    #[test]
    fn a_long_body_in_pieces_is_logged_in_part_and_not_joined() {
        let logged = |request: &HttpRequest| logged(request).read();
        let text = "some words ".repeat(10_000);
        let pieces = text.as_bytes().chunks(1_000).map(Bytes::copy_from_slice);
        let request = HttpRequest::new(Body::pieces(pieces));
        assert_eq!(logged(&request), logged(&HttpRequest::new(text.into())));
        assert!(logged(&request).contains("> … (110000 bytes in all)"));
        assert!(!request.body().is_joined());
    }

    #[test]
    fn of_a_requests_body_whole_words_are_logged_and_of_other_bytes_their_number() {
        let text = |len: usize| ",".repeat(len);
        let in_all = |len: usize| format!("… ({len} bytes in all)");
        let word = format!("{} secret-in-two", text(HEAD - 4));
        for (kind, body, expected) in [
            ("application/json", String::new(), vec![]),
            ("application/json", "{}".to_owned(), vec!["{}".to_owned()]),
            ("image/png", "{}".to_owned(), vec!["(2 bytes)".to_owned()]),
            ("image/png", String::new(), vec![]),
            ("text/plain", text(HEAD), vec![text(HEAD)]),
            (
                "text/plain",
                text(HEAD + 1),
                vec![text(HEAD), in_all(HEAD + 1)],
            ),
            (
                "text/plain",
                word,
                vec![text(HEAD - 4) + " ", in_all(HEAD + 10)],
            ),
        ] {
            let name = format!("{kind}, {} bytes", body.len());
            let mut request = HttpRequest::new(body.into());
            let kind = http::HeaderValue::from_static(kind);
            request.headers_mut().insert(CONTENT_TYPE, kind);
            assert!(logged(&request).bodies() == expected, "{name}");
        }
    }

    /// What has been logged of a response's body after each of its pieces, and after its end.
    async fn after_pieces(pieces: Vec<String>) -> Vec<Vec<String>> {
        let pieces = pieces.into_iter().map(Ok::<_, std::io::Error>);
        let pieces = pieces.map(|piece| piece.map(Bytes::from));
        let body = Body::stream(futures_util::stream::iter(pieces), None);
        let text = Text::default();
        let response = exchange(&text).response(HttpResponse::new(body), Duration::ZERO);
        let mut body = response.into_body();
        let mut logged = Vec::new();
        loop {
            let next = body.try_next().await.unwrap();
            logged.push(text.bodies());
            if next.is_none() {
                return logged;
            }
        }
    }

    #[tokio::test]
    async fn a_line_of_a_response_is_logged_when_it_ends_or_is_long() {
        let read = after_pieces(vec!["{".to_owned(), "}\n[".to_owned()]).await;
        assert_eq!(
            read,
            [
                vec![],
                vec!["{}".to_owned()],
                vec![
                    "{}".to_owned(),
                    "[".to_owned(),
                    "(the end after 4 bytes)".to_owned()
                ],
            ]
        );
        // A word at the place of the cut may be a secret.
        let text = ",".repeat(HEAD - 6);
        let goes_on = "… (the line goes on)".to_owned();
        let pieces = vec![text.clone() + "secret", "-in-two".to_owned()];
        let read = after_pieces(pieces).await;
        assert!(read[0].is_empty(), "it may go on");
        assert!(read[1] == [text, goes_on.clone()], "whole words alone");
        // The rest is not waited for.
        let text = ",".repeat(HEAD);
        let pieces = vec![format!("{text},,"), ",\n{}\n".to_owned()];
        let read = after_pieces(pieces).await;
        assert!(read[0] == [text, goes_on], "before the line ends");
        assert_eq!(read[1][2..], ["{}"]);
    }
}
