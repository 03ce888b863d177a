//! The writing side of the codec: JSON text, compact, in the order of the fields.

use super::Encode;
use super::object::Shape;
use crate::{Extra, Json};

/// JSON text as it is being written.
#[derive(Debug, Default)]
pub struct Writer {
    text: Vec<u8>,
}

impl Writer {
    /// Appends text that is already JSON.
    pub(crate) fn raw(&mut self, json: &str) {
        self.text.extend_from_slice(json.as_bytes());
    }

    /// Appends a scalar or string through serde_json, which knows how to escape and to print floats.
    pub(crate) fn scalar(&mut self, value: &(impl serde::Serialize + ?Sized)) {
        // Writing scalars and strings into a vector cannot fail.
        if serde_json::to_writer(&mut self.text, value).is_err() {
            self.raw("null");
        }
    }

    /// Appends a list.
    pub(crate) fn list<'a>(&mut self, items: impl Iterator<Item = &'a dyn Encode>) {
        self.raw("[");
        for (index, item) in items.enumerate() {
            if index > 0 {
                self.raw(",");
            }
            item.encode(self);
        }
        self.raw("]");
    }

    /// Starts an object.
    pub(crate) fn object(&mut self) -> ObjectWriter<'_> {
        self.raw("{");
        ObjectWriter { writer: self, is_empty: true }
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

/// An object as it is being written.
#[derive(Debug)]
pub struct ObjectWriter<'w> {
    writer: &'w mut Writer,
    is_empty: bool,
}

impl ObjectWriter<'_> {
    fn key(&mut self, key: &str) {
        if !self.is_empty {
            self.writer.raw(",");
        }
        self.is_empty = false;
        self.writer.scalar(key);
        self.writer.raw(":");
    }

    /// Writes the constants of a shape, except those for which another value was received.
    pub(crate) fn constants(&mut self, shape: &Shape, extra: &Extra) {
        for constant in shape.constants {
            if extra.get(constant.key).is_none() {
                self.key(constant.key);
                self.writer.raw(constant.json);
            }
        }
    }

    /// Writes a field unless it is absent.
    pub(crate) fn field(&mut self, key: &str, value: &dyn Encode) {
        if !value.is_absent() {
            self.always(key, value);
        }
    }

    /// Writes a field even when it holds nothing (as `null`).
    pub(crate) fn always(&mut self, key: &str, value: &dyn Encode) {
        self.key(key);
        value.encode(self.writer);
    }

    /// Writes the fields that this version does not know.
    pub(crate) fn extra(&mut self, extra: &Extra) {
        for (key, value) in extra.iter() {
            self.key(key);
            self.writer.raw(Json::as_str(value));
        }
    }

    /// Ends the object.
    pub(crate) fn end(self) {
        self.writer.raw("}");
    }
}
