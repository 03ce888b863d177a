//! The declarations that turn a Rust type into an API type.
//!
//! Each names fields or variants and the JSON names that belong to them, and nothing else; what
//! they have in common is in [`codec`](crate::codec). The structs and enums themselves are written
//! out as plain Rust beside the declaration, where readers and rustdoc look for them.
//!
//! - `object!` — a struct: constructor, setters, codec.
//! - `union!` — an enum of structs distinguished by a tag.
//! - `across!` — what several variants of such an enum have.
//! - `shape!` — an enum distinguished by JSON shape (a string or a list).
//! - `string_enum!` — an open set of strings.
//! - `string_set!` — an open set of strings that grows monthly: a newtype with constants.
//!
//! `[read: inline]` and `[write: inline]` after a name mean that no endpoint returns that type, or
//! takes it. The code that does so is then compiled in the programs that use it and not in every
//! build of this crate. `cargo xtask generate` works it out from the description.

#[macro_use]
mod across;
#[macro_use]
mod object;
#[macro_use]
mod shape;
#[macro_use]
mod strings;
#[macro_use]
mod union;

/// What a type that has `Encode` and `Decode` needs beside them: serde's traits, and the seal.
macro_rules! serde_by_codec {
    ($type:ty) => {
        impl $crate::codec::sealed::Sealed for $type {}

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                $crate::codec::serialize(self, to)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                $crate::codec::deserialize(from)
            }
        }
    };
}
