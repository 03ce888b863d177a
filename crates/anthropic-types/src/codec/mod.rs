//! The codec of every API type: JSON text in, values out, and back.
//!
//! serde's derive costs a visitor per struct and per format, which for an API of this size means
//! minutes of build time in every program that uses it. Here a type lists only which field belongs
//! to which key (`object!` in `macros/`, `union!`, `string_enum!`, `shape!`); the loops, the
//! unknown-field capture, the error paths and the fallbacks are written once, work on trait
//! objects, and are compiled once, in this crate. serde stays the way in and out for everybody
//! else: each type also implements `Serialize` and `Deserialize` for every self-describing format,
//! by way of its JSON text (see `bridge`).

mod bridge;
mod decode;
mod document;
mod error;
mod finite;
mod merge;
mod object;
mod page;
mod scalar;
pub(crate) mod sealed;
mod shape;
mod source;
mod survey;
mod text;
mod union;
mod vacant;
mod values;
mod visit;
mod words;
mod writer;

pub use decode::Decode;
pub use document::{copy, from_slice, from_slice_with, repairs, to_vec, try_to_vec};
pub use error::{DecodeError, Decoding, EncodeError};
#[doc(hidden)]
pub use finite::check_finite;
#[doc(hidden)]
pub use page::{Envelope, read_page};
pub use source::Source;
pub use writer::{Encode, ObjectWriter, Writer};

pub(crate) use bridge::{deserialize, serialize};
pub(crate) use document::to_copy;
pub(crate) use merge::merge;
pub(crate) use object::{
    Constant, Field, Layout, Parts, Presence, ReadObject, Rest, no_object, parts, read_object,
};
pub(crate) use shape::{Kind, Shape, read_shape, try_shape};
pub(crate) use source::{Gap, Lenient, Optional, Place, Word};
pub(crate) use union::{Union, Variants, read_union, text_under};
pub(crate) use words::{known, owned, position, read_word};
