//! Values that are distinguished by their JSON shape: a string or a list, a number or a word.

use super::DecodeError;
use super::source::{Lenient, Place, Source};
use super::text::read_text;
use crate::{Json, Unrecognized};

/// What a JSON text is, by its first character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Null,
    Boolean,
    Number,
    String,
    List,
    Object,
}

impl Kind {
    fn of(json: &str) -> Self {
        match json.trim_ascii_start().bytes().next() {
            Some(b'"') => Self::String,
            Some(b'[') => Self::List,
            Some(b'{') => Self::Object,
            Some(b't' | b'f') => Self::Boolean,
            Some(b'n') => Self::Null,
            _ => Self::Number,
        }
    }
}

/// An enum distinguished by the shape of the JSON. Implemented by `shape!`.
pub(crate) trait Shape {
    /// Becomes the first variant of that kind that fits; the error is why the first of them does
    /// not, if there is one.
    fn choose(
        &mut self,
        text: &str,
        kind: Kind,
        lenient: Lenient<'_>,
    ) -> Result<(), Option<DecodeError>>;

    /// Keeps a text that no variant fits.
    fn set_unrecognized(&mut self, value: Unrecognized);
}

/// Takes the value's text and lets `shape` try its variants.
///
/// The strict pass fails where a variant of that kind does not fit. The lenient pass tries all of
/// them strictly before any of them is repaired, and keeps the text where that does not help.
pub(crate) fn read_shape(
    shape: &mut dyn Shape,
    source: &mut dyn Source,
) -> Result<(), DecodeError> {
    source.raw(&mut |text, lenient| {
        let kind = Kind::of(text);
        let reason = match (shape.choose(text, kind, None), lenient) {
            (Ok(()), _) => return Ok(()),
            (Err(Some(reason)), None) => return Err(reason),
            (Err(None), _) => None,
            (Err(Some(_)), Some(notes)) => {
                notes.placed.set(false);
                match shape.choose(text, kind, lenient) {
                    Ok(()) => return Ok(()),
                    Err(reason) => reason,
                }
            }
        };
        let json = Json::from_valid(text);
        shape.set_unrecognized(Unrecognized::new(json, None, reason.as_ref()));
        Ok(())
    })
}

/// Reads the text into the value of a variant.
pub(crate) fn try_shape(
    value: &mut dyn Place,
    text: &str,
    lenient: Lenient<'_>,
) -> Result<(), DecodeError> {
    read_text(text, lenient, &mut |source| value.decode(source))
}
