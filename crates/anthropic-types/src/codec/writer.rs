//! The writing side of the codec: JSON text, compact, in the order of the fields.

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
}

impl Writer {
    /// Appends text that is already JSON.
    pub(crate) fn raw(&mut self, json: &str) {
        self.text.extend_from_slice(json.as_bytes());
    }

    /// Appends a scalar or string through serde_json, which knows how to escape and to print
    /// floats.
    pub(crate) fn scalar(&mut self, value: &(impl serde::Serialize + ?Sized)) {
        // Writing scalars and strings into a vector cannot fail.
        if serde_json::to_writer(&mut self.text, value).is_err() {
            self.raw("null");
        }
    }

    /// Appends a list.
    pub(crate) fn list(&mut self, items: &dyn List) {
        self.raw("[");
        let mut index = 0;
        while let Some(item) = items.at(index) {
            if index > 0 {
                self.raw(",");
            }
            item.encode(self);
            index += 1;
        }
        self.raw("]");
    }

    /// Starts an object.
    pub(crate) fn object(&mut self) -> ObjectWriter<'_> {
        self.raw("{");
        ObjectWriter {
            writer: self,
            is_empty: true,
        }
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

    /// Writes an entry whose value is JSON text.
    pub(crate) fn raw(&mut self, key: &str, json: &str) {
        self.key(key);
        self.writer.raw(json);
    }

    /// Writes an entry.
    pub(crate) fn entry(&mut self, key: &str, value: &dyn Encode) {
        self.key(key);
        value.encode(self.writer);
    }

    /// Ends the object.
    pub(crate) fn end(self) {
        self.writer.raw("}");
    }
}
