//! A field of an update: keep what is there, send `null`, or set it.

use crate::codec::{Decode, DecodeError, Encode, Optional, Place, Source, Writer, sealed};

/// A field of an update request, where leaving it out and sending `null` mean different things.
///
/// Setters take anything that converts: a value to set it, [`Null`] to send `null`. That clears
/// most fields; what it does to one is in its doc, as far as it is documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a key is absent, null, or has a value"
)]
pub enum Patch<T> {
    /// Leaves the field as it is: the key is not sent.
    #[default]
    Keep,
    /// `null` is sent, which clears the field where the API lets it be cleared.
    Clear,
    /// Sets the field.
    Set(T),
}

/// `null` for a field of an update request: see [`Patch`]. For any other optional parameter it is
/// set as an extra field, which replaces the parameter.
///
/// ```
/// use anthropic_types::{MessageCreateParams, Null, to_vec};
///
/// let mut params = MessageCreateParams::new("m", 1).user("Hi");
/// params.extra.set("stop_sequences", &Null)?;
/// assert!(String::from_utf8(to_vec(&params))?.contains(r#""stop_sequences":null"#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[expect(clippy::exhaustive_structs, reason = "null has no parts")]
pub struct Null;

impl serde::Serialize for Null {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

impl<T> Patch<T> {
    /// The value to set, if any.
    pub fn as_set(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }
}

impl<T> From<T> for Patch<T> {
    fn from(value: T) -> Self {
        Self::Set(value)
    }
}

impl<T> From<Null> for Patch<T>
where
    T: Decode,
{
    fn from(_: Null) -> Self {
        Self::Clear
    }
}

impl From<&str> for Patch<String> {
    fn from(value: &str) -> Self {
        Self::Set(value.to_owned())
    }
}

impl<T> sealed::Sealed for Patch<T> {}

impl<T: Decode> Decode for Patch<T> {
    fn vacant() -> Self {
        Self::Keep
    }
}

impl<T: Decode> Place for Patch<T> {
    fn decode(&mut self, source: &mut dyn Source) -> Result<(), DecodeError> {
        source.optional(self)
    }
}

impl<T: Decode> Optional for Patch<T> {
    fn some(&mut self, source: &mut dyn Source) -> Result<(), DecodeError> {
        let mut value = T::vacant();
        value.decode(source)?;
        *self = Self::Set(value);
        Ok(())
    }

    fn none(&mut self) {
        *self = Self::Clear;
    }
}

impl<T: Encode> Encode for Patch<T> {
    fn encode(&self, out: &mut Writer) {
        match self {
            Self::Set(value) => value.encode(out),
            Self::Keep | Self::Clear => out.raw("null"),
        }
    }

    fn is_absent(&self) -> bool {
        matches!(self, Self::Keep)
    }
}
