//! Values that are distinguished by their JSON shape: a string or a list, a number or a word.

use super::source::{Lenient, Source};
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

/// Tries the variants of one kind; the error is why the first of them does not fit, if there is
/// one.
type Choose<'a> = dyn FnMut(&str, Kind, Lenient<'_>) -> Result<(), Option<DecodeError>> + 'a;
/// Keeps a text that no variant fits.
type Otherwise<'a> = dyn FnMut(&str, Option<&DecodeError>) + 'a;

/// Takes the value's text and lets `choose` try its variants.
///
/// The strict pass fails where a variant of that kind does not fit. The lenient pass tries all of
/// them strictly before any of them is repaired, and keeps the text where that does not help.
pub(crate) fn read_shape(
    source: &mut dyn Source,
    choose: &mut Choose<'_>,
    otherwise: &mut Otherwise<'_>,
) -> Result<(), DecodeError> {
    source.raw(&mut |text, lenient| {
        let kind = Kind::of(text);
        let reason = match (choose(text, kind, None), lenient) {
            (Ok(()), _) => return Ok(()),
            (Err(Some(reason)), None) => return Err(reason),
            (Err(None), _) => None,
            (Err(Some(_)), Some(notes)) => {
                notes.placed.set(false);
                match choose(text, kind, lenient) {
                    Ok(()) => return Ok(()),
                    Err(reason) => reason,
                }
            }
        };
        otherwise(text, reason.as_ref());
        Ok(())
    })
}

/// Reads the text as a `T`.
pub(crate) fn try_shape<T: Decode>(text: &str, lenient: Lenient<'_>) -> Result<T, DecodeError> {
    let mut value = T::vacant();
    read_text(text, lenient, &mut |source| value.decode(source))?;
    Ok(value)
}
