//! Objects: the loops that every struct shares.
//!
//! A struct says which key is which field ([`Shape`]) and gives its fields by number; everything else is
//! the same for all of them.

use super::source::Entries;
use super::{DecodeError, Encode, Place, Source, Writer};
use crate::{Extra, Json};

/// A field whose value the API fixes, such as a block's `type`.
#[derive(Debug)]
pub(crate) struct Constant {
    pub(crate) key: &'static str,
    /// The value as JSON text.
    pub(crate) json: &'static str,
}

/// When a field is read and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    /// Must be there.
    Required,
    /// Is always written, `null` where it has no value.
    OrNull,
    /// May be absent.
    Optional,
}

/// A field, without its type.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) key: &'static str,
    pub(crate) presence: Presence,
}

/// What the shared loops have to know about a struct. It has at most 64 fields.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) constants: &'static [Constant],
    pub(crate) fields: &'static [Field],
    /// A bit for each field that must be there.
    required: u64,
}

impl Shape {
    pub(crate) const fn new(constants: &'static [Constant], fields: &'static [Field]) -> Self {
        let (mut required, mut number, mut rest) = (0, 0, fields);
        while let [field, others @ ..] = rest {
            if matches!(field.presence, Presence::Required) {
                required |= 1 << number;
            }
            (number, rest) = (number + 1, others);
        }
        Self {
            constants,
            fields,
            required,
        }
    }
}

/// The number of a field.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slot(usize);

/// A struct of the API as it is read. Implemented by `object!`.
///
/// Reading and writing are two traits, so that a program that only reads a type doesn't contain the code
/// that writes it.
pub(crate) trait ReadObject {
    fn shape(&self) -> &'static Shape;

    /// The field of that number.
    fn place(&mut self, number: usize) -> Option<&mut dyn Place>;

    fn extra_mut(&mut self) -> &mut Extra;
}

/// A struct of the API as it is written. Implemented by `object!`.
pub(crate) trait WriteObject {
    fn shape(&self) -> &'static Shape;

    /// The field of that number.
    fn value(&self, number: usize) -> Option<&dyn Encode>;

    fn extra(&self) -> &Extra;
}

/// Reads an object's entries as they come; what belongs to no field is kept.
pub(crate) struct Reading<'a> {
    object: &'a mut dyn ReadObject,
    shape: &'static Shape,
    seen: u64,
}

impl<'a> Reading<'a> {
    pub(crate) fn new(object: &'a mut dyn ReadObject) -> Self {
        Self::resume(object, 0)
    }

    /// Goes on with an object of which some fields have been `seen`.
    pub(crate) fn resume(object: &'a mut dyn ReadObject, seen: u64) -> Self {
        Self {
            shape: object.shape(),
            object,
            seen,
        }
    }

    pub(crate) fn seen(&self) -> u64 {
        self.seen
    }

    /// The field with that key. Keys mostly come in the order of the fields, so the one after the last that
    /// was seen is looked at first.
    #[inline]
    pub(crate) fn slot(&self, key: &str) -> Option<Slot> {
        let is_it = |field: &Field| field.key == key;
        let next = (u64::BITS - self.seen.leading_zeros()) as usize;
        if self.shape.fields.get(next).is_some_and(is_it) {
            return Some(Slot(next));
        }
        self.shape.fields.iter().position(is_it).map(Slot)
    }

    /// Reads the value of a field.
    #[inline]
    pub(crate) fn field(
        &mut self,
        Slot(number): Slot,
        source: &mut dyn Source,
    ) -> Result<(), DecodeError> {
        self.seen |= 1 << number;
        let Some(place) = self.object.place(number) else {
            return Ok(());
        };
        place.read(source).map_err(|error| {
            let field = self.shape.fields.get(number);
            error.under(field.map_or("", |field| field.key))
        })
    }

    /// Reads an entry that may be no field.
    pub(crate) fn any(&mut self, key: &str, source: &mut dyn Source) -> Result<(), DecodeError> {
        match self.slot(key) {
            Some(slot) => self.field(slot, source),
            None => self.entry(key, source).map_err(|error| error.under(key)),
        }
    }

    pub(crate) fn finish(self) -> Result<(), DecodeError> {
        let missing = self.shape.required & !self.seen;
        if missing == 0 {
            return Ok(());
        }
        let field = self.shape.fields.get(missing.trailing_zeros() as usize);
        let key = field.map_or("", |field| field.key);
        Err(DecodeError::new(format!("missing field `{key}`")))
    }
}

/// What is no field: a constant, or something that is new.
impl Entries for Reading<'_> {
    fn entry(&mut self, key: &str, source: &mut dyn Source) -> Result<(), DecodeError> {
        let constants = self.shape.constants;
        let constant = constants.iter().find(|constant| constant.key == key);
        source.raw(&mut |text| {
            // A constant that arrives with another value is kept, to be written back as it came.
            if constant.is_none_or(|constant| constant.json != text) {
                self.object.extra_mut().insert(key, Json::from_valid(text));
            }
            Ok(())
        })
    }
}

/// Reads an object.
pub(crate) fn read_object(
    object: &mut dyn ReadObject,
    source: &mut dyn Source,
) -> Result<(), DecodeError> {
    source.fields(Reading::new(object))
}

/// Writes an object: its constants, its fields, and what belongs to no field.
pub(crate) fn write_object(object: &dyn WriteObject, out: &mut Writer) {
    let (shape, extra) = (object.shape(), object.extra());
    let mut writing = out.object();
    for constant in shape.constants {
        // Unless another value was received.
        if extra.get(constant.key).is_none() {
            writing.raw(constant.key, constant.json);
        }
    }
    for (number, field) in shape.fields.iter().enumerate() {
        let Some(value) = object.value(number) else {
            continue;
        };
        if field.presence != Presence::Optional || !value.is_absent() {
            writing.entry(field.key, value);
        }
    }
    for (key, value) in extra {
        writing.raw(key, value.as_str());
    }
    writing.end();
}
