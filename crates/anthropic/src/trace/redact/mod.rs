//! Texts of requests and responses as they may be shown: without the client's secrets, without the
//! values of JSON keys that name credentials, and without what may be secret in URLs.

mod event;
mod keys;
#[cfg(test)]
mod matrix;
#[cfg(test)]
mod random;
#[cfg(test)]
mod streams;
mod symbols;
#[cfg(test)]
mod tests;
mod urls;
mod values;

use self::event::Event;
#[cfg(test)]
use self::symbols::HIDDEN;
use self::urls::Urls;
use self::values::Values;
use super::Secrets;

/// Whether a line of an event stream ends with a byte.
pub(crate) const IS_LINE_END: fn(&u8) -> bool = |byte| matches!(byte, b'\n' | b'\r');

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
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.~+/=%:\\&#;".contains(byte);
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
    redactor.feed(text.as_bytes(), &mut out);
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
    event: Event,
    line: Line,
    /// The lines of an event stream that are none of an event's data.
    aside: Option<Box<Self>>,
}

/// Where in a line a text goes on.
#[derive(Debug, Clone, Copy, Default)]
enum Line {
    #[default]
    Start,
    /// Behind `\r`, which `\n` may belong to.
    Return,
    Inside,
    Aside,
}

impl Redactor {
    /// The next line, or the beginning of one of which the rest is [skipped](Self::skip).
    pub(crate) fn line(&mut self, line: &str) -> String {
        let mut out = Vec::with_capacity(line.len());
        self.feed(line.as_bytes(), &mut out);
        self.pause(&mut out);
        string(out)
    }

    /// Reads what is not shown.
    pub(crate) fn skip(&mut self, text: &[u8]) {
        self.feed(text, &mut Vec::new());
    }

    fn feed(&mut self, text: &[u8], out: &mut Vec<u8>) {
        for part in text.split_inclusive(IS_LINE_END) {
            if matches!(self.line, Line::Return) && part == b"\n" {
                self.line = Line::Start;
                // Blank for all that may be open.
                self.read(part, out);
            } else {
                self.part(part, out);
            }
        }
    }

    /// Reads what there is of a line, or of the rest of one.
    fn part(&mut self, part: &[u8], out: &mut Vec<u8>) {
        let text = match self.line {
            Line::Start | Line::Return => self.begin_line(part, out),
            Line::Inside | Line::Aside => part,
        };
        match (self.line, &mut self.aside) {
            (Line::Aside, Some(aside)) => aside.event_part(text, out),
            _ => self.event_part(text, out),
        }
        match part.last() {
            Some(b'\n') => self.line = Line::Start,
            Some(b'\r') => self.line = Line::Return,
            _ => {}
        }
    }

    /// A line that is none of an event's data.
    fn begin_aside(&mut self, line: &[u8]) {
        if line.first().is_some_and(IS_LINE_END) {
            self.values.end_event();
            self.event.end();
            self.aside = None;
        } else {
            self.line = Line::Aside;
            self.aside.get_or_insert_default().event.next_line();
        }
    }

    /// Reads what may be of an event.
    fn event_part(&mut self, text: &[u8], out: &mut Vec<u8>) {
        self.values.texts = self.event.read(text, self.values.is_stream);
        self.values.blocks.begin(&self.event);
        self.read(text, out);
    }

    /// Finds out what a line is, and returns what it has behind the name of its field.
    fn begin_line<'t>(&mut self, line: &'t [u8], out: &mut Vec<u8>) -> &'t [u8] {
        self.line = Line::Inside;
        let bare = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
        self.values.is_stream |= bare.starts_with(b"data:") || bare.starts_with(b"event:");
        if !self.values.is_stream {
            self.event.next_line();
            return line;
        }
        let rest = bare.strip_prefix(&b"data"[..]);
        let text = match (rest, rest.and_then(<[u8]>::split_first)) {
            (Some(_), Some((b':', text))) => text,
            (Some(rest), None | Some((b'\n' | b'\r', _))) => rest,
            _ => {
                self.begin_aside(bare);
                return line;
            }
        };
        self.event.next_line();
        // The name is shown where the line is.
        if !self.values.is_hiding() {
            let field = line.len() - text.len();
            out.extend_from_slice(line.get(..field).unwrap_or_default());
        }
        text
    }

    fn read(&mut self, text: &[u8], out: &mut Vec<u8>) {
        self.between.clear();
        self.values.read(text, &mut self.between);
        self.urls.read(&self.between, out);
    }

    /// A piece of the text that it reads has ended, and another one follows.
    fn end_piece(&mut self, out: &mut Vec<u8>) {
        self.between.clear();
        self.values.pause(&mut self.between);
        self.urls.read(&self.between, out);
        self.urls.end_piece(out);
    }

    fn pause(&mut self, out: &mut Vec<u8>) {
        if let Some(aside) = &mut self.aside {
            aside.pause(out);
        }
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
