//! The exchange behind an error as text, for a bug report.

use std::fmt::{self, Write};

use bytes::Bytes;
use http::{HeaderMap, Method, Uri};

use super::{Error, ErrorKind};
use crate::trace::{PublicHeaders, Secrets, beginning, hidden, redacted, redacted_url};
use crate::transport::Body;

/// How much of a body a dump has.
const HEAD: usize = 16 << 10;

/// A request for a dump, which is what takes its secrets out: most errors are never dumped.
pub(crate) struct Sent {
    method: Method,
    url: Uri,
    headers: HeaderMap,
    body: SentBody,
    /// Those that there were by then.
    secrets: Secrets,
}

/// What is kept of a request's body.
enum SentBody {
    Bytes(BodyHead),
    Stream(Option<u64>),
}

/// The beginning of a body that is in memory, and its length.
#[derive(Clone)]
pub(crate) struct BodyHead(Bytes, usize);

impl BodyHead {
    /// At most so many bytes of a body, or all of it if it has no more.
    pub(crate) fn of(body: &Body, most: usize) -> Option<Self> {
        let first = body.first(most + 1)?;
        Some(if first.len() > most {
            // A long one would stay in memory as long as its error.
            let head = Bytes::copy_from_slice(beginning(&first, most));
            Self(head, body.len().map_or(first.len(), saturated))
        } else {
            let bytes = body.as_bytes().cloned().unwrap_or_default();
            Self(bytes, first.len())
        })
    }
}

impl fmt::Debug for BodyHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BodyHead({} bytes)", self.1)
    }
}

impl Sent {
    pub(crate) fn new(
        method: &Method,
        url: &Uri,
        headers: &HeaderMap,
        body: &Body,
        secrets: &Secrets,
    ) -> Self {
        let body = match BodyHead::of(body, HEAD) {
            Some(head) => SentBody::Bytes(head),
            None => SentBody::Stream(body.len()),
        };
        Self {
            method: method.clone(),
            url: url.clone(),
            headers: headers.clone(),
            body,
            secrets: secrets.snapshot(),
        }
    }

    /// The same with what has been kept of the body.
    pub(crate) fn with_head(mut self, head: BodyHead) -> Self {
        self.body = SentBody::Bytes(head);
        self
    }

    fn write(&self, out: &mut String) {
        let url = redacted_url(&self.url, &self.secrets);
        let _ = writeln!(out, "{} {url}", self.method);
        for (name, value) in PublicHeaders(&self.headers).iter() {
            let _ = writeln!(out, "{name}: {value}");
        }
        let body = match &self.body {
            SentBody::Bytes(BodyHead(bytes, len)) => shown(bytes, *len, &self.secrets),
            SentBody::Stream(Some(len)) => format!("(a stream of {len} bytes)\n"),
            SentBody::Stream(None) => "(a stream)\n".to_owned(),
        };
        let _ = writeln!(out, "\n{body}");
    }
}

fn saturated(len: u64) -> usize {
    usize::try_from(len).unwrap_or(usize::MAX)
}

/// The beginning of a body, without secrets.
pub(super) fn head(body: &[u8], secrets: &Secrets) -> String {
    shown(beginning(body, HEAD), body.len(), secrets)
}

/// The beginning of a body of that many bytes, as text.
fn shown(cut: &[u8], len: usize, secrets: &Secrets) -> String {
    let text = String::from_utf8_lossy(cut);
    // A few bytes at the cut may be half a letter; more is no text.
    let chunks = cut.utf8_chunks();
    let broken = chunks.filter(|chunk| !chunk.invalid().is_empty());
    if broken.count() > 1 {
        return format!("({len} bytes that are no text)\n");
    }
    let mut shown = redacted(&text, secrets);
    if cut.len() < len {
        let _ = write!(shown, "… ({len} bytes in all)");
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
    /// The request is the client's, before a middleware changed it and a credential was added. Of a
    /// stream that failed after its first output, the request has 4 KiB, and the response has the
    /// event that reported the error, if there was one.
    ///
    /// Headers are shown if they are known to be harmless, and of the query the keys; credentials
    /// never are, not even where the server has repeated one. The bodies are those of your request,
    /// without what [`debug_log`](crate::debug_log) hides, too: look through them before you pass
    /// the text on.
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
            sent.write(&mut out);
        }
        if let Some(meta) = self.meta() {
            let _ = writeln!(out, "{}", meta.status());
            for (name, value) in PublicHeaders(meta.headers()).iter() {
                let _ = writeln!(out, "{name}: {value}");
            }
            let body = self.0.body_shown.clone();
            let body = body.unwrap_or_else(|| head(&self.0.body, &Secrets::default()));
            let is_stream = self.is_in_stream() && self.kind() != ErrorKind::UnexpectedContent;
            let of_stream = match (is_stream, body.is_empty()) {
                (true, true) => "(a stream)\n",
                (true, false) => "(a stream, with this event)\n",
                (false, _) => "",
            };
            let _ = writeln!(out, "\n{of_stream}{body}");
        }
        let _ = writeln!(out, "{}", hidden(&self.to_string()));
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

    /// The URL of the request, once it has been added.
    pub(crate) fn sent_url(&self) -> Option<&Uri> {
        self.0.sent.as_ref().map(|sent| &sent.url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_body_in_pieces_is_shown_in_part_and_not_joined() {
        let key = Secrets::default();
        let (method, url) = (Method::POST, Uri::from_static("http://api.example/v1/x"));
        let dump = |body: &Body| {
            let mut out = String::new();
            Sent::new(&method, &url, &HeaderMap::new(), body, &key).write(&mut out);
            out
        };
        let text = "some words ".repeat(3_000);
        let pieces = text.as_bytes().chunks(1_000).map(Bytes::copy_from_slice);
        let body = Body::pieces(pieces);
        assert_eq!(dump(&body), dump(&Body::from(text)));
        assert!(dump(&body).contains("… (33000 bytes in all)"));
        assert!(!body.is_joined());
        let short = Body::pieces([Bytes::from_static(b"a "), Bytes::from_static(b"text")]);
        assert!(dump(&short).contains("\na text\n"));
    }
}
