//! The writing side of the codec: JSON text, compact, in the order of the fields.

use super::EncodeError;
use super::survey::Survey;
use crate::repair::RepairKind;

/// A type that can be written as JSON.
///
/// Implemented by every API type. It is sealed, as [`Decode`](super::Decode) is.
pub trait Encode: super::sealed::Sealed {
    /// Appends this value's JSON text.
    fn encode(&self, out: &mut Writer);

    /// Whether an object leaves its key out when a field holds this value.
    #[doc(hidden)]
    fn is_absent(&self) -> bool {
        false
    }
}

/// A list whose items are written without their type being known.
pub(crate) trait List {
    /// The item of that number.
    fn at(&self, index: usize) -> Option<&dyn Encode>;
}

/// JSON text as it is being written.
#[derive(Debug, Default)]
pub struct Writer {
    text: Vec<u8>,
    /// Whether it is a part of a response that is being written: `null` then stays what came.
    is_answer: bool,
    /// Whether what is written is to be read again as the same value, with what was repaired in it.
    is_copy: bool,
    /// The first value that has no JSON form.
    fault: Option<EncodeError>,
    /// Looks for repairs instead of writing.
    survey: Option<Box<Survey>>,
}

impl Writer {
    /// Writes responses and parts of them so that reading them again gives the same, what was
    /// repaired in them too.
    pub(crate) fn of_copy() -> Self {
        Self {
            is_answer: true,
            is_copy: true,
            ..Self::default()
        }
    }

    /// With room for a small request.
    pub(crate) fn with_room() -> Self {
        Self {
            text: Vec::with_capacity(128),
            ..Self::default()
        }
    }

    pub(crate) fn surveying() -> Self {
        Self {
            survey: Some(Box::default()),
            ..Self::default()
        }
    }

    pub(crate) fn survey(&mut self) -> Option<&mut Survey> {
        self.survey.as_deref_mut()
    }

    pub(crate) fn into_survey(self) -> Survey {
        self.survey.map(|survey| *survey).unwrap_or_default()
    }

    pub(crate) fn is_answer(&self) -> bool {
        self.is_answer
    }

    pub(crate) fn set_answer(&mut self, is_answer: bool) {
        self.is_answer = is_answer;
    }

    /// Appends text that is already JSON.
    pub(crate) fn raw(&mut self, json: &str) {
        self.text.extend_from_slice(json.as_bytes());
    }

    /// Appends a string.
    pub(crate) fn string(&mut self, text: &str) {
        if !is_plain(text.as_bytes()) {
            return self.scalar(text);
        }
        self.text.reserve(text.len() + 2);
        self.raw("\"");
        self.raw(text);
        self.raw("\"");
    }

    /// Appends a scalar, or a string with escapes, as serde_json writes it.
    pub(crate) fn scalar(&mut self, value: &(impl serde::Serialize + ?Sized)) {
        // Writing scalars and strings into a vector cannot fail.
        if serde_json::to_writer(&mut self.text, value).is_err() {
            self.raw("null");
        }
    }

    /// Appends a number, which has a JSON form only if it is finite.
    pub(crate) fn float(&mut self, value: f64) {
        if !value.is_finite() && self.fault.is_none() {
            self.fault = Some(EncodeError::not_finite(value));
        }
        self.scalar(&value);
    }

    /// Appends a list.
    pub(crate) fn list(&mut self, items: &dyn List) {
        self.raw("[");
        let mut index = 0;
        while let Some(item) = items.at(index) {
            if index > 0 {
                self.raw(",");
            }
            self.inside(Step::Index(index), item);
            index += 1;
        }
        self.raw("]");
    }

    /// Writes what is below a key or an index.
    #[inline]
    fn inside(&mut self, step: Step<'_>, value: &dyn Encode) {
        if self.survey.is_some() || self.fault.is_some() {
            return self.inside_slowly(step, value);
        }
        value.encode(self);
        if self.fault.is_some() {
            self.fault = self.fault.take().map(|fault| fault.below(step));
        }
    }

    #[cold]
    fn inside_slowly(&mut self, step: Step<'_>, value: &dyn Encode) {
        let outer = self.survey.as_mut().map(|survey| survey.enter(step));
        let fault = self.fault.take();
        value.encode(self);
        self.fault = fault;
        if let (Some(survey), Some(outer)) = (&mut self.survey, outer) {
            survey.leave(outer);
        }
    }

    /// Starts an object.
    pub(crate) fn object(&mut self) -> ObjectWriter<'_> {
        self.raw("{");
        ObjectWriter {
            writer: self,
            is_empty: true,
        }
    }

    /// The first value that has no JSON form, if there is one.
    pub(crate) fn fault(&mut self) -> Option<EncodeError> {
        self.fault.take()
    }

    /// The text written so far.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.text
    }

    /// The text written so far, as a string.
    pub(crate) fn into_text(self) -> String {
        // Everything that is appended is UTF-8: literals, `str`s and serde_json's output.
        String::from_utf8(self.text).unwrap_or_default()
    }
}

/// Whether a string has nothing in it that JSON escapes.
fn is_plain(text: &[u8]) -> bool {
    let is_escaped = |byte: &u8| *byte < b' ' || *byte == b'"' || *byte == b'\\';
    // All of a few bytes are looked at, which processors do at once.
    let any = |bytes: &[u8]| bytes.iter().fold(false, |any, byte| any | is_escaped(byte));
    let mut pieces = text.chunks_exact(32);
    !pieces.any(any) && !any(pieces.remainder())
}

/// One step of a path.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step<'k> {
    Key(&'k str),
    Index(usize),
}

impl EncodeError {
    fn below(self, step: Step<'_>) -> Self {
        match step {
            Step::Key(key) => self.under(key),
            Step::Index(index) => self.at(index),
        }
    }
}

/// An object as it is being written.
#[derive(Debug)]
pub struct ObjectWriter<'w> {
    writer: &'w mut Writer,
    is_empty: bool,
}

/// Where an object's text was when an entry of it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    length: usize,
    is_empty: bool,
}

impl ObjectWriter<'_> {
    fn key(&mut self, key: &str) {
        if !self.is_empty {
            self.writer.raw(",");
        }
        self.is_empty = false;
        self.writer.string(key);
        self.writer.raw(":");
    }

    /// Whether parts of a response are written as they came.
    pub(crate) fn is_answer(&self) -> bool {
        self.writer.is_answer
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark {
            length: self.writer.text.len(),
            is_empty: self.is_empty,
        }
    }

    /// Notes a repair of the field with that key, on a survey.
    pub(crate) fn add_repair(&mut self, key: &str, kind: RepairKind, reason: &str) {
        if let Some(survey) = self.writer.survey() {
            survey.add(key, kind, reason);
        }
    }

    /// Takes back what was written since.
    pub(crate) fn back_to(&mut self, mark: Mark) {
        self.writer.text.truncate(mark.length);
        self.is_empty = mark.is_empty;
    }

    /// Writes an entry whose value is JSON text.
    pub(crate) fn raw(&mut self, key: &str, json: &str) {
        self.key(key);
        self.writer.raw(json);
    }

    /// Writes an entry.
    #[inline]
    pub(crate) fn entry(&mut self, key: &str, value: &dyn Encode) {
        self.key(key);
        self.writer.inside(Step::Key(key), value);
    }

    /// Puts half of a surrogate pair where a text was repaired for one, behind the mark, if what is
    /// written is a copy.
    pub(crate) fn repeat_halves(&mut self, mark: Mark) {
        const REPAIRED: &str = "\u{FFFD}";
        if !self.writer.is_copy {
            return;
        }
        let written = self.writer.text.split_off(mark.length);
        let written = String::from_utf8(written).unwrap_or_default();
        self.writer.raw(&written.replace(REPAIRED, r"\ud800"));
    }

    /// Writes an entry and returns the text of its value.
    pub(crate) fn entry_text(&mut self, key: &str, value: &dyn Encode) -> &[u8] {
        self.key(key);
        let start = self.writer.text.len();
        self.writer.inside(Step::Key(key), value);
        self.writer.text.get(start..).unwrap_or_default()
    }

    /// Ends the object.
    pub(crate) fn end(mut self) {
        self.close();
    }

    /// Ends the object; returns what it was written to.
    pub(crate) fn close(&mut self) -> &mut Writer {
        self.writer.raw("}");
        self.writer
    }
}
