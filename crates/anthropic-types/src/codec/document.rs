//! Whole documents: reading and writing a value.

use super::text::read_document;
use super::{Decode, DecodeError, Encode, Writer};

/// Reads a value from JSON text.
///
/// A part that this version of the crate cannot read (a block of an unknown type, or of a known
/// type whose body does not fit) is kept whole in the nearest union's `Unrecognized` variant.
///
/// # Errors
///
/// [`DecodeError`] with the path of the offending value, when the text is not JSON or when a value
/// outside any union does not fit.
///
/// ```
/// use anthropic_types::{TextBlock, from_slice};
///
/// let block: TextBlock = from_slice(br#"{"type":"text","text":"hello"}"#)?;
/// assert_eq!(block.text, "hello");
/// # Ok::<(), anthropic_types::DecodeError>(())
/// ```
pub fn from_slice<T: Decode>(json: &[u8]) -> Result<T, DecodeError> {
    let mut value = T::vacant();
    read_document(json, &mut |source| value.decode(source))?;
    Ok(value)
}

/// Writes a value as compact JSON text.
pub fn to_vec<T: Encode + ?Sized>(value: &T) -> Vec<u8> {
    let mut out = Writer::default();
    value.encode(&mut out);
    out.into_bytes()
}
