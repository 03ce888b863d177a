//! Whole documents: reading and writing a value.

use super::error::{DecodeError, Decoding, EncodeError};
use super::text::read_document;
use super::{Decode, Encode, Writer};
use crate::repair::Repair;

/// Reads a value from JSON text.
///
/// Unknown fields, values and types are kept. A field whose value is missing, `null` or of another
/// type is left vacant; [`repairs`] lists these. A union's value that cannot be read is kept whole
/// in its variant `Unrecognized`.
///
/// # Errors
///
/// [`DecodeError`] with the path of the offending value, when the text is not JSON or not of that
/// type at all: it is something else than an object, or neither its `type` nor its fields are those
/// of the type.
///
/// ```
/// use anthropic_types::{TextBlock, from_slice};
///
/// let block: TextBlock = from_slice(br#"{"type":"text","text":"hello"}"#)?;
/// assert_eq!(block.text, "hello");
/// # Ok::<(), anthropic_types::DecodeError>(())
/// ```
pub fn from_slice<T: Decode>(json: &[u8]) -> Result<T, DecodeError> {
    from_slice_with(json, Decoding::Lenient)
}

/// Reads a value from JSON text, as strictly as asked for.
///
/// # Errors
///
/// As [`from_slice`]; with [`Decoding::Strict`] also where that would leave a field vacant, change
/// a value, or keep a union's value whole because it does not fit.
///
/// ```
/// use anthropic_types::{Decoding, TextBlock, from_slice, from_slice_with, repairs};
///
/// let json = br#"{"type":"text","text":null}"#;
/// let block: TextBlock = from_slice(json)?;
/// assert_eq!(block.text, "");
/// assert_eq!(repairs(&block)[0].path(), "text");
///
/// assert!(from_slice_with::<TextBlock>(json, Decoding::Strict).is_err());
/// # Ok::<(), anthropic_types::DecodeError>(())
/// ```
pub fn from_slice_with<T: Decode>(json: &[u8], decoding: Decoding) -> Result<T, DecodeError> {
    let mut value = T::vacant();
    read_document(json, decoding, &mut |source| {
        // What the first pass has left behind is of no use to the second one.
        if source.lenient().is_some() {
            value = T::vacant();
        }
        value.decode(source)
    })?;
    Ok(value)
}

/// Writes a value as compact JSON text.
///
/// A number that is not finite has no JSON form and becomes `null`; [`try_to_vec`] fails there.
pub fn to_vec<T: Encode + ?Sized>(value: &T) -> Vec<u8> {
    let mut out = Writer::default();
    value.encode(&mut out);
    out.into_bytes()
}

/// Writes a value as compact JSON text.
///
/// # Errors
///
/// [`EncodeError`] with the path of a number that is not finite.
///
/// ```
/// use anthropic_types::{MessageCreateParams, Model, try_to_vec};
///
/// let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).temperature(f64::NAN);
/// let error = try_to_vec(&params).unwrap_err();
/// assert_eq!(error.to_string(), "temperature: NaN is not a finite number");
/// ```
pub fn try_to_vec<T: Encode + ?Sized>(value: &T) -> Result<Vec<u8>, EncodeError> {
    let mut out = Writer::with_room();
    value.encode(&mut out);
    out.fault().map_or_else(|| Ok(out.into_bytes()), Err)
}

/// Lists the fields that were filled in or changed while a value was read, because what came did
/// not fit, in the order of the fields. A value that was made here has none.
///
/// ```
/// use anthropic_types::{Message, from_slice, repairs};
///
/// let json = br#"{"type":"message","id":"msg_1","model":"m","content":null,"usage":{"input_tokens":3.5}}"#;
/// let message: Message = from_slice(json)?;
/// let found: Vec<_> = repairs(&message).iter().map(ToString::to_string).collect();
/// assert_eq!(found, ["content: null", "usage.input_tokens: not an integer", "usage.output_tokens: missing"]);
/// # Ok::<(), anthropic_types::DecodeError>(())
/// ```
pub fn repairs<T: Encode + ?Sized>(value: &T) -> Vec<Repair> {
    let mut out = Writer::surveying();
    value.encode(&mut out);
    out.into_survey().into_repairs()
}

/// A copy by way of the JSON text, which is code that every program has, as a derived clone of
/// every type is not.
#[doc(hidden)]
pub fn copy<T: Encode + Decode>(value: &T) -> Result<T, DecodeError> {
    from_slice(to_copy(value).as_bytes())
}

/// The JSON text of a response or a part of one, which is the same when it is read again.
pub(crate) fn to_copy(value: &dyn Encode) -> String {
    let mut out = Writer::of_copy();
    value.encode(&mut out);
    out.into_text()
}
