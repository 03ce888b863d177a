//! The exchange behind an error as text, for a bug report.

use std::fmt::Write;

use http::{HeaderMap, Method, Uri};

use super::Error;
use crate::trace::{PublicHeaders, Secrets, beginning, redacted, redacted_url};
use crate::transport::Body;

/// How much of a body a dump has.
const HEAD: usize = 16 << 10;

/// A request as it may be shown.
pub(crate) struct Sent {
    line: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Sent {
    pub(crate) fn new(
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        body: &Body,
        secrets: &Secrets,
    ) -> Self {
        let shown = PublicHeaders(headers).iter();
        let shown = shown.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let body = match (body.as_bytes(), body.len()) {
            (Some(bytes), _) => head(bytes, secrets),
            (None, Some(len)) => format!("(a stream of {len} bytes)\n"),
            (None, None) => "(a stream, or no longer at hand)\n".to_owned(),
        };
        Self {
            line: format!("{method} {}", redacted_url(uri, secrets)),
            headers: shown.collect(),
            body,
        }
    }
}

/// The beginning of a body, without secrets.
pub(super) fn head(body: &[u8], secrets: &Secrets) -> String {
    let cut = beginning(body, HEAD);
    let text = String::from_utf8_lossy(cut);
    // A few bytes at the cut may be half a letter; more is no text.
    let broken = text.matches('\u{fffd}').count();
    if broken > 1 {
        return format!("({} bytes that are no text)\n", body.len());
    }
    let mut shown = redacted(&text, secrets);
    if cut.len() < body.len() {
        let _ = write!(shown, "… ({} bytes in all)", body.len());
    }
    if !shown.is_empty() {
        shown.push('\n');
    }
    shown
}

impl Error {
    /// The request and the response as text, for a bug report: request line, headers, the beginning
    /// of both bodies, and the error itself.
    ///
    /// Headers are shown if they are known to be harmless, and of the query the keys; credentials
    /// never are, not even where the server has repeated one. The bodies are those of your request:
    /// look through them before you pass the text on.
    ///
    /// ```
    /// # async fn run(client: anthropic::Client) {
    /// if let Err(error) = client.get::<serde_json::Value>("/v1/models").await {
    ///     eprintln!("{}", error.dump());
    /// }
    /// # }
    /// ```
    pub fn dump(&self) -> String {
        let mut out = String::new();
        if let Some(sent) = &self.0.sent {
            let _ = writeln!(out, "{}", sent.line);
            for (name, value) in &sent.headers {
                let _ = writeln!(out, "{name}: {value}");
            }
            let _ = writeln!(out, "\n{}", sent.body);
        }
        if let Some(meta) = self.meta() {
            let _ = writeln!(out, "{}", meta.status());
            for (name, value) in PublicHeaders(meta.headers()).iter() {
                let _ = writeln!(out, "{name}: {value}");
            }
            let body = self.0.body_shown.clone();
            let body = body.unwrap_or_else(|| head(&self.0.body, &Secrets::default()));
            let _ = writeln!(out, "\n{body}");
        }
        let _ = writeln!(out, "{self}");
        let (attempts, elapsed) = (self.attempts(), self.elapsed());
        let _ = writeln!(
            out,
            "{:?}, attempts: {attempts}, after {elapsed:?}",
            self.kind()
        );
        out
    }

    /// Adds the request that the error is about.
    pub(crate) fn with_sent(mut self, sent: impl FnOnce() -> Option<Sent>) -> Self {
        if self.0.sent.is_none() {
            self.0.sent = sent().map(Box::new);
        }
        self
    }
}
