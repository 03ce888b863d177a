//! Strings of which some are known: looking them up, and reading them.

use std::borrow::Cow;

use super::DecodeError;
use super::source::{Source, Word};

/// The place of `value` among `known`, or the number of these.
pub(crate) fn position(known: &[&str], value: &str) -> usize {
    let place = known.iter().position(|known| *known == value);
    place.unwrap_or(known.len())
}

/// The one of `known` that is `value`, which is copied if there is none.
pub(crate) fn known(known: &[&'static str], value: &str) -> Cow<'static, str> {
    match known.get(position(known, value)) {
        Some(known) => Cow::Borrowed(known),
        None => Cow::Owned(value.to_owned()),
    }
}

/// A copy. It is made here and not in the conversion of each type.
#[inline(never)]
pub(crate) fn owned(value: &str) -> String {
    value.to_owned()
}

/// Reads a value that is made of a string.
pub(crate) fn read_word(word: &mut dyn Word, source: &mut dyn Source) -> Result<(), DecodeError> {
    source.look(&mut |text| {
        word.set(text);
        Ok(())
    })
}
