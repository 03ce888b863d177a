//! The codec of every API type: JSON text in, values out, and back.
//!
//! serde's derive costs a visitor per struct and per format, which for an API of this size means
//! minutes of build time in every program that uses it. Here a type says only which field belongs to
//! which key (`object!` in `macros/`, `union!`, `string_enum!`, `shape!`); the loops, the
//! unknown-field capture, the error paths and the fallbacks are written once, work on trait objects,
//! and are compiled once, in this crate. serde stays the way in and out for everybody else: each type
//! also implements `Serialize` and `Deserialize` for every self-describing format, by way of its JSON
//! text (see `bridge`).

mod bridge;
mod error;
mod object;
mod page;
mod scalar;
mod shape;
mod source;
mod union;
mod values;
mod visit;
mod words;
mod writer;

pub use error::DecodeError;
#[doc(hidden)]
pub use page::{Envelope, read_page};
pub use source::Source;
pub(crate) use writer::List;
pub use writer::{ObjectWriter, Writer};

pub(crate) use bridge::{deserialize, serialize};
pub(crate) use object::{
    Constant, Field, Presence, ReadObject, Shape, WriteObject, read_object, write_object,
};
pub(crate) use shape::{Kind, read_shape, try_shape};
pub(crate) use source::{Growing, read_text};
pub(crate) use union::{Union, read_union};
pub(crate) use words::position;

/// Keeps [`Decode`] and [`Encode`] from being implemented elsewhere, so that they can change.
pub(crate) mod sealed {
    /// Implemented by every type that has the codec's traits.
    #[allow(
        unnameable_types,
        reason = "a name would let other crates implement it"
    )]
    pub trait Sealed {}
}

/// A type that can be read from JSON.
///
/// Implemented by every API type. It is sealed: other crates can use it as a bound, not implement it.
///
/// ```compile_fail,E0277
/// use anthropic_types::{Decode, DecodeError, codec::Source};
///
/// struct Mine;
///
/// impl Decode for Mine {
///     fn vacant() -> Self {
///         Mine
///     }
///
///     fn decode(&mut self, _: &mut dyn Source) -> Result<(), DecodeError> {
///         Ok(())
///     }
/// }
/// ```
pub trait Decode: Sized + sealed::Sealed {
    /// The value a place holds before anything was read into it.
    #[doc(hidden)]
    fn vacant() -> Self;

    /// Reads the next value of `source` into this place.
    #[doc(hidden)]
    fn decode(&mut self, source: &mut dyn Source) -> Result<(), DecodeError>;
}

/// A place that can be read into without its type being known.
pub(crate) trait Place {
    /// [`Decode::decode`], behind a trait object.
    fn read(&mut self, source: &mut dyn Source) -> Result<(), DecodeError>;
}

impl<T: Decode> Place for T {
    fn read(&mut self, source: &mut dyn Source) -> Result<(), DecodeError> {
        self.decode(source)
    }
}

/// A type that can be written as JSON.
///
/// Implemented by every API type. It is sealed, as [`Decode`] is.
pub trait Encode: sealed::Sealed {
    /// Appends this value's JSON text.
    fn encode(&self, out: &mut Writer);

    /// Whether an object leaves its key out when a field holds this value.
    #[doc(hidden)]
    fn is_absent(&self) -> bool {
        false
    }
}

/// Reads a value from JSON text.
///
/// A part that this version of the crate cannot read (a block of an unknown type, or of a known type
/// whose body does not fit) is kept whole in the nearest union's `Unrecognized` variant.
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
    source::read_document(json, &mut |source| value.decode(source))?;
    Ok(value)
}

/// Writes a value as compact JSON text.
pub fn to_vec<T: Encode + ?Sized>(value: &T) -> Vec<u8> {
    let mut out = Writer::default();
    value.encode(&mut out);
    out.into_bytes()
}
