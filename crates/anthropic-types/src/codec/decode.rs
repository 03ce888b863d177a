//! [`Decode`]: what can be read.

use super::source::Place;

/// A type that can be read from JSON.
///
/// Implemented by every API type. It is sealed: other crates can use it as a bound, not implement
/// it.
///
/// ```compile_fail,E0277
/// use anthropic_types::Decode;
///
/// struct Mine;
///
/// impl Decode for Mine {
///     fn vacant() -> Self {
///         Mine
///     }
/// }
/// ```
pub trait Decode: Sized + Place + super::sealed::Sealed {
    /// The value a place holds before anything was read into it.
    #[doc(hidden)]
    fn vacant() -> Self;
}
