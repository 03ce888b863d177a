//! [`Decode`]: what can be read.

use super::DecodeError;
use super::source::{Place, Source};

/// A type that can be read from JSON.
///
/// Implemented by every API type. It is sealed: other crates can use it as a bound, not implement
/// it.
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
pub trait Decode: Sized + super::sealed::Sealed {
    /// The value a place holds before anything was read into it.
    #[doc(hidden)]
    fn vacant() -> Self;

    /// Reads the next value of `source` into this place.
    #[doc(hidden)]
    fn decode(&mut self, source: &mut dyn Source) -> Result<(), DecodeError>;
}

impl<T: Decode> Place for T {
    fn read(&mut self, source: &mut dyn Source) -> Result<(), DecodeError> {
        self.decode(source)
    }
}
