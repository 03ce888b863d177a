//! JSON lines, split from the bytes of a response body as they arrive.
//!
//! [`Decoder`] works as the one for [events](crate::sse): a plain state machine that borrows a line
//! that lies in one chunk and looks at each byte once. Lines end in LF or CRLF; a lone CR is white
//! space inside a row, as JSON has it. It splits and checks, and leaves the JSON to whoever knows
//! the type of a row. Two things are its business, because nobody else has the bytes: lines are
//! numbered as an editor numbers them, blank ones too, so that a reader can name a bad row or
//! resume after a good one; and a body that ends inside a row is an error with that number, after
//! every row before it was returned.
//!
//! ```
//! # use anthropic::jsonl::Decoder;
//! let mut decoder = Decoder::new();
//! decoder.push(b"{\"n\": 1}\r\n\r\n{\"n\": 2}");
//! let line = decoder.next_line().expect("a line").expect("a good one");
//! assert_eq!((line.number(), line.text()), (1, "{\"n\": 1}"));
//! assert!(decoder.next_line().is_none());
//! let last = decoder.finish().expect("a line").expect("a good one");
//! assert_eq!((last.number(), last.text()), (3, "{\"n\": 2}"));
//! ```

#[cfg(test)]
mod tests;

use std::fmt;

use bytes::Bytes;
use serde::de::IgnoredAny;

use crate::sse::input::Input;
use crate::sse::release;
use crate::text::read_json;

/// The default limit of a line's size: 64 MiB.
pub const DEFAULT_MAX_LINE_BYTES: usize = 64 * 1024 * 1024;

/// One line that is not blank, borrowed from the decoder until it is asked for the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    number: u64,
    text: &'a str,
}

impl<'a> Line<'a> {
    /// Its number in the body, counted from 1 and with blank lines counted.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The line without its end.
    pub fn text(&self) -> &'a str {
        self.text
    }
}

/// Why a line can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum JsonlError {
    /// The line is larger than the limit. Nothing after it is read: [`Decoder`] stays empty.
    #[non_exhaustive]
    TooLarge {
        /// The most bytes a line may have.
        limit: usize,
        /// The number of the line.
        line: u64,
    },
    /// The line is not UTF-8. The lines after it can still be read.
    #[non_exhaustive]
    InvalidUtf8 {
        /// The number of the line.
        line: u64,
        /// How many bytes of the line are good before the first bad one.
        valid_up_to: usize,
    },
    /// The body ends inside the line. Every line before it was complete.
    #[non_exhaustive]
    Truncated {
        /// The number of the line.
        line: u64,
    },
}

impl JsonlError {
    /// The number of the line that can't be read.
    pub fn line(&self) -> u64 {
        match self {
            Self::TooLarge { line, .. }
            | Self::InvalidUtf8 { line, .. }
            | Self::Truncated { line } => *line,
        }
    }
}

impl fmt::Display for JsonlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { limit, line } => {
                write!(
                    f,
                    "line {line} is larger than the limit of {limit} bytes (max_event_bytes)"
                )
            }
            Self::InvalidUtf8 { line, valid_up_to } => {
                write!(f, "line {line} is not UTF-8 after {valid_up_to} bytes")
            }
            Self::Truncated { line } => {
                write!(f, "the body ends in the middle of line {line}")
            }
        }
    }
}

impl std::error::Error for JsonlError {}

/// An incremental splitter of JSON lines. See the [module](self).
#[derive(Default)]
pub struct Decoder {
    input: Input,
    limit: Option<usize>,
    /// The start of a line that an earlier chunk cut off, if `split`.
    carry: Vec<u8>,
    split: bool,
    /// Lines that are over.
    lines: u64,
    skip: u64,
    failed: bool,
}

/// A line was found: where its bytes are.
enum Found {
    InChunk { start: usize, length: usize },
    Carried,
}

impl Decoder {
    /// A decoder that allows lines of up to [`DEFAULT_MAX_LINE_BYTES`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the most bytes a line may have, its end not counted.
    pub fn max_line_bytes(mut self, limit: usize) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Skips the lines up to number `line`, to resume after the last one that was handled. They are
    /// neither kept nor checked, not even for their size.
    pub fn after_line(mut self, line: u64) -> Self {
        self.skip = line;
        self
    }

    /// Takes the next chunk of the body, of any size, without copying it.
    pub fn feed(&mut self, chunk: Bytes) {
        self.input.feed(chunk);
        if self.failed {
            self.input.clear();
        }
    }

    /// Takes a copy of the next piece of the body.
    pub fn push(&mut self, chunk: &[u8]) {
        self.feed(Bytes::copy_from_slice(chunk));
    }

    /// The next line that is complete and not blank, or `None` until more is fed.
    pub fn next_line(&mut self) -> Option<Result<Line<'_>, JsonlError>> {
        match self.scan() {
            Ok(found) => found.map(|found| self.line(&found)),
            Err(error) => Some(Err(error)),
        }
    }

    /// The body is over: the lines still unread, last the one without a line end, then `None`.
    ///
    /// That last line is returned if it is a whole JSON value, and is [`JsonlError::Truncated`] if
    /// not.
    pub fn finish(&mut self) -> Option<Result<Line<'_>, JsonlError>> {
        self.input.end();
        match self.scan() {
            Ok(None) => {}
            Ok(Some(found)) => return Some(self.line(&found)),
            Err(error) => return Some(Err(error)),
        }
        if !self.split {
            return None;
        }
        self.split = false;
        self.lines += 1;
        if self.lines <= self.skip || is_blank(&self.carry) {
            None
        } else if read_json::<IgnoredAny>(&self.carry).is_ok() {
            Some(self.line(&Found::Carried))
        } else {
            Some(Err(JsonlError::Truncated { line: self.lines }))
        }
    }

    /// How many bytes were fed.
    pub fn bytes(&self) -> u64 {
        self.input.received()
    }

    /// How many lines are over, blank and bad ones included.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// How many bytes of a line that is not complete are held: up to the limit, and a CR that may
    /// belong to its end.
    pub fn buffered(&self) -> usize {
        if self.split { self.carry.len() } else { 0 }
    }

    fn scan(&mut self) -> Result<Option<Found>, JsonlError> {
        if !self.split {
            release(&mut self.carry);
        }
        let limit = self.limit.unwrap_or(DEFAULT_MAX_LINE_BYTES);
        while self.input.fill() {
            let start = self.input.position();
            let end = self.input.newline();
            let length = end.unwrap_or(self.input.rest().len());
            let part = self.input.rest().get(..length).unwrap_or_default();
            let unread = self.lines < self.skip;
            if !unread && self.is_too_large(part, limit) {
                return Err(self.fail(limit));
            }
            if !unread && (self.split || end.is_none()) {
                self.carry.extend_from_slice(part);
            }
            if end.is_none() {
                self.split = true;
                self.input.skip_rest();
                continue;
            }
            self.lines += 1;
            let passed_over = unread || is_blank(if self.split { &self.carry } else { part });
            self.input.skip_line(length);
            let carried = std::mem::take(&mut self.split);
            if !passed_over {
                let in_chunk = Found::InChunk { start, length };
                return Ok(Some(if carried { Found::Carried } else { in_chunk }));
            }
            release(&mut self.carry);
        }
        Ok(None)
    }

    /// Whether the open line is beyond the limit with `part`. A CR at the end belongs to the line's
    /// end.
    fn is_too_large(&self, part: &[u8], limit: usize) -> bool {
        let size = self.carry.len().saturating_add(part.len());
        let last = part.last().or(self.carry.last());
        size.saturating_sub(usize::from(last == Some(&b'\r'))) > limit
    }

    fn fail(&mut self, limit: usize) -> JsonlError {
        self.lines += 1;
        self.failed = true;
        self.split = false;
        self.input.clear();
        self.carry = Vec::new();
        JsonlError::TooLarge {
            limit,
            line: self.lines,
        }
    }

    fn line(&self, found: &Found) -> Result<Line<'_>, JsonlError> {
        let bytes = match *found {
            Found::InChunk { start, length } => {
                self.input.since(start).get(..length).unwrap_or_default()
            }
            Found::Carried => &self.carry,
        };
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Line {
                number: self.lines,
                text,
            }),
            Err(error) => Err(JsonlError::InvalidUtf8 {
                line: self.lines,
                valid_up_to: error.valid_up_to(),
            }),
        }
    }
}

fn is_blank(line: &[u8]) -> bool {
    line.trim_ascii_start().is_empty()
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder")
            .field("bytes", &self.bytes())
            .field("lines", &self.lines)
            .field("buffered", &self.buffered())
            .finish_non_exhaustive()
    }
}
