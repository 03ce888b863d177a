//! Texts of requests and responses as they may be shown: without the client's secrets, without the
//! values of JSON keys that name credentials, and without what may be secret in URLs.

mod keys;
#[cfg(test)]
mod matrix;
mod symbols;
#[cfg(test)]
mod tests;
mod urls;
mod values;

use self::urls::Urls;
use self::values::Values;
use super::Secrets;

const HIDDEN: &str = "[hidden]";

/// A URL with the values of its query hidden that aren't known to be harmless, and its user.
pub(crate) fn redacted_url(uri: &http::Uri, secrets: &Secrets) -> String {
    let text = uri.to_string();
    let mut urls = Urls::whole(&text);
    let mut out = Vec::with_capacity(text.len());
    urls.read(text.as_bytes(), &mut out);
    urls.pause(&mut out);
    secrets.mask(&string(out)).into_owned()
}

/// The beginning of a body, of at most that many bytes. A word that goes on behind it is left out
/// whole: it may be a secret, of which a part would not be recognised.
pub(crate) fn beginning(body: &[u8], limit: usize) -> &[u8] {
    let (Some(cut), Some(next)) = (body.get(..limit), body.get(limit)) else {
        return body;
    };
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.~+/=%:".contains(byte);
    if !is_word(next) {
        return cut;
    }
    let end = cut.iter().rposition(|byte| !is_word(byte));
    end.and_then(|end| cut.get(..=end)).unwrap_or_default()
}

/// A text without secrets.
pub(crate) fn redacted(text: &str, secrets: &Secrets) -> String {
    hidden(&secrets.mask(text))
}

/// A text without the values of credentials' keys and without what may be secret in URLs.
pub(crate) fn hidden(text: &str) -> String {
    let mut redactor = Redactor::default();
    let mut out = Vec::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        redactor.begin_line(line);
        redactor.read(line.as_bytes(), &mut out);
    }
    redactor.pause(&mut out);
    string(out)
}

/// Hides in a text what its keys and URLs state to be secret. It reads JSON, pieces of it, and
/// events, in whatever parts they come, in a time that is proportional to their length.
#[derive(Debug, Default)]
pub(crate) struct Redactor {
    values: Values,
    urls: Urls,
    /// What goes from the one to the other.
    between: Vec<u8>,
}

impl Redactor {
    /// The next line, or the beginning of one of which the rest is [skipped](Self::skip).
    pub(crate) fn line(&mut self, line: &str) -> String {
        let mut out = Vec::with_capacity(line.len());
        self.begin_line(line);
        self.read(line.as_bytes(), &mut out);
        self.pause(&mut out);
        string(out)
    }

    /// Reads what is not shown.
    pub(crate) fn skip(&mut self, text: &[u8]) {
        self.read(text, &mut Vec::new());
    }

    /// Of an event stream, what ends with an event, and with a block of content.
    fn begin_line(&mut self, line: &str) {
        self.values.is_stream |= line.starts_with("data:") || line.starts_with("event:");
        if !self.values.is_stream {
            return;
        }
        if line.trim_end_matches(['\r', '\n']).is_empty() {
            self.values.end_event();
        }
        let is_edge = |mark| line.contains(mark);
        if [r#""content_block_start""#, r#""content_block_stop""#]
            .into_iter()
            .any(is_edge)
        {
            self.values.end_pieces();
        }
    }

    fn read(&mut self, text: &[u8], out: &mut Vec<u8>) {
        self.between.clear();
        self.values.read(text, &mut self.between);
        self.urls.read(&self.between, out);
    }

    /// A piece of the text that it reads has ended, and another one follows.
    fn end_piece(&mut self, out: &mut Vec<u8>) {
        self.urls.end_piece(out);
    }

    fn pause(&mut self, out: &mut Vec<u8>) {
        self.between.clear();
        self.values.pause(&mut self.between);
        self.urls.read(&self.between, out);
        self.urls.pause(out);
    }
}

/// Nothing is cut but between characters.
fn string(text: Vec<u8>) -> String {
    String::from_utf8(text)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}
