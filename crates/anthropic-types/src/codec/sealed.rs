//! Keeps [`Decode`](super::Decode) and [`Encode`](super::Encode) from being implemented elsewhere,
//! so that they can change.

/// Implemented by every type that has the codec's traits.
#[allow(
    unnameable_types,
    reason = "a name would let other crates implement it"
)]
pub trait Sealed {}
