//! Looking a string up among a type's known ones.

/// The place of `value` among `known`.
pub(crate) fn position(known: &[&str], value: &str) -> Option<usize> {
    known.iter().position(|known| *known == value)
}
