//! Values that are distinguished by their JSON shape: a string or a list, a number or a word.

use super::source::Source;
use super::text::read_text;
use super::{Decode, DecodeError};

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

/// Tries the variants of one kind; returns the reason when none fits.
type Choose<'a> = dyn FnMut(&str, Kind) -> Result<(), Option<DecodeError>> + 'a;
/// Keeps a text that no variant fits.
type Otherwise<'a> = dyn FnMut(&str, Option<&DecodeError>) + 'a;

/// Takes the value's text and lets `choose` try its variants; returns the reason when none fits.
pub(crate) fn read_shape(
    source: &mut dyn Source,
    choose: &mut Choose<'_>,
    otherwise: &mut Otherwise<'_>,
) -> Result<(), DecodeError> {
    source.raw(&mut |text| {
        if let Err(reason) = choose(text, Kind::of(text)) {
            otherwise(text, reason.as_ref());
        }
        Ok(())
    })
}

/// Reads the text as a `T`. Nested unions may fall back, since a shape is tried, not promised.
pub(crate) fn try_shape<T: Decode>(text: &str) -> Result<T, DecodeError> {
    let mut value = T::vacant();
    let strict = read_text(text, false, &mut |source| value.decode(source));
    if strict.is_err() {
        value = T::vacant();
        read_text(text, true, &mut |source| value.decode(source))?;
    }
    Ok(value)
}
