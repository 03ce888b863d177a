//! One JSON value, waiting to be read, and what can be read into.
//!
//! [`Source`] has a method for each of the eight things that a JSON value can be, so that no type
//! of the API is compiled once per format. It is the same trick as `erased-serde`. What stands
//! behind it is in `text`.

use std::cell::Cell;

use super::DecodeError;
use super::object::{Parts, Reading};

/// A place that can be read into without its type being known.
#[allow(
    unnameable_types,
    reason = "a name would let other crates implement it"
)]
pub trait Place {
    /// Reads the next value of `source` into this place.
    #[doc(hidden)]
    fn decode(&mut self, source: &mut dyn Source) -> Result<(), DecodeError>;
}

/// A place that may have no value.
pub(crate) trait Optional {
    /// Reads a value, which is not `null`.
    fn some(&mut self, source: &mut dyn Source) -> Result<(), DecodeError>;

    /// Becomes what `null` means.
    fn none(&mut self);
}

/// A value that is made of a string.
pub(crate) trait Word {
    /// Becomes the value of that string.
    fn set(&mut self, text: &str);
}

/// Reads the entries of an object.
pub(crate) trait Entries {
    /// Hands over the struct whose fields the remaining entries are, as soon as it is known. It
    /// takes them all.
    fn fields(&mut self, _take: &mut Take<'_>) -> Result<(), DecodeError> {
        Ok(())
    }

    /// Reads one entry: its key and, waiting, its value.
    fn entry(&mut self, key: &str, value: &mut dyn Source) -> Result<(), DecodeError>;
}

impl<F: FnMut(&str, &mut dyn Source) -> Result<(), DecodeError>> Entries for F {
    fn entry(&mut self, key: &str, value: &mut dyn Source) -> Result<(), DecodeError> {
        self(key, value)
    }
}

/// Takes the remaining entries of an object.
pub(crate) type Take<'a> = dyn FnMut(&mut Reading<'_, '_>) + 'a;
/// Reads one waiting value.
pub(crate) type Item<'a> = dyn FnMut(&mut dyn Source) -> Result<(), DecodeError> + 'a;
/// A list that grows by what is read.
pub(crate) trait Growing {
    /// Reads one more item.
    fn item(&mut self, source: &mut dyn Source) -> Result<(), DecodeError>;
}

/// Looks at a text.
pub(crate) type Look<'a> = dyn FnMut(&str) -> Result<(), DecodeError> + 'a;
/// Looks at a value's JSON text; parts of it can be read the way that the source is read.
pub(crate) type LookRaw<'a> = dyn FnMut(&str, Lenient<'_>) -> Result<(), DecodeError> + 'a;

/// Whether a document is read leniently, and what is noted on the way.
///
/// The first pass over a document is strict, the second one lenient: a field whose value does not
/// fit is left vacant and listed, so that one bad value does not cost the whole response.
pub(crate) type Lenient<'a> = Option<&'a Notes>;

/// What the lenient pass notes about the value that is being read.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    /// Half a surrogate pair became U+FFFD.
    pub(crate) surrogate: Cell<bool>,
    /// A number lost its fraction.
    pub(crate) rounded: Cell<bool>,
    /// The value is a field's: an object there is what it should be by its place, whatever it
    /// lacks.
    pub(crate) placed: Cell<bool>,
}

/// How a value did not fit that was left vacant, or was changed to fit.
#[derive(Debug)]
pub(crate) enum Fault {
    /// It was `null`.
    Null,
    /// It did not have the field's type; its JSON text and why.
    Misfit(String, DecodeError),
    /// It had a fraction where an integer was due; its JSON text.
    Rounded(String),
    /// It had half of a surrogate pair.
    Surrogate,
}

/// What came of reading a field leniently.
#[derive(Debug)]
pub(crate) struct Attempt {
    pub(crate) gap: Option<Gap>,
    pub(crate) fault: Option<Fault>,
}

/// A value that may stand for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gap {
    Null,
    /// An empty string in place of free JSON.
    Blank,
}

impl Gap {
    pub(crate) fn of(text: &str) -> Option<Self> {
        match text {
            "null" => Some(Self::Null),
            r#""""# => Some(Self::Blank),
            _ => None,
        }
    }
}

/// One JSON value that has not been read yet. Each method reads it, so only one may be called.
///
/// This is the decoding side of [`Decode`](super::Decode); it is not meant to be implemented
/// outside this crate.
#[doc(hidden)]
pub trait Source {
    /// Whether what does not fit is repaired (see [`read_document`](super::text::read_document)).
    #[allow(private_interfaces, reason = "the trait is hidden, and sealed by it")]
    fn lenient(&self) -> Lenient<'_>;
    /// Whether the value that was read may stand for none.
    #[allow(private_interfaces, reason = "the trait is hidden, and sealed by it")]
    fn gap(&self) -> Option<Gap>;
    /// Reads a string into `out`.
    fn string(&mut self, out: &mut String) -> Result<(), DecodeError>;
    /// Looks at a string without owning it.
    fn look(&mut self, look: &mut Look<'_>) -> Result<(), DecodeError>;
    /// Reads `true` or `false`.
    fn boolean(&mut self) -> Result<bool, DecodeError>;
    /// Reads an integer that is not negative.
    fn unsigned(&mut self) -> Result<u64, DecodeError>;
    /// Reads an integer.
    fn signed(&mut self) -> Result<i64, DecodeError>;
    /// Reads a number.
    fn float(&mut self) -> Result<f64, DecodeError>;
    /// Takes the value's JSON text as it came.
    #[allow(private_interfaces, reason = "the trait is hidden, and sealed by it")]
    fn raw(&mut self, look: &mut LookRaw<'_>) -> Result<(), DecodeError>;
    /// Reads a value into `place`, or `null`.
    #[allow(private_interfaces, reason = "the trait is hidden, and sealed by it")]
    fn optional(&mut self, place: &mut dyn Optional) -> Result<(), DecodeError>;
    /// Reads a list, item by item.
    #[allow(private_interfaces, reason = "the trait is hidden, and sealed by it")]
    fn list(&mut self, items: &mut dyn Growing) -> Result<(), DecodeError>;
    /// Reads an object, entry by entry.
    #[allow(private_interfaces, reason = "the trait is hidden, and sealed by it")]
    fn object(&mut self, entries: &mut dyn Entries) -> Result<(), DecodeError>;
    /// What reads an object that is a struct.
    #[allow(private_interfaces, reason = "the trait is hidden, and sealed by it")]
    fn parts(&mut self) -> &mut dyn Parts;
    /// Reads the value of a field; one that does not fit leaves it vacant, with `vacant` as its
    /// JSON text.
    #[allow(private_interfaces, reason = "the trait is hidden, and sealed by it")]
    fn mend(&mut self, field: &mut dyn Place, vacant: &'static str)
    -> Result<Attempt, DecodeError>;
}
