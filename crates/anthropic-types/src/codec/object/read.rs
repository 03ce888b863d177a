//! Reading an object: the loop that every struct shares.

use super::{Field, Layout};
use crate::codec::DecodeError;
use crate::codec::source::{Entries, Place, Source};

/// The number of a field.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slot(usize);

/// A struct of the API as it is read. Implemented by `object!`.
///
/// Reading and writing are two traits, so that a program that only reads a type doesn't contain the
/// code that writes it.
pub(crate) trait ReadObject {
    fn layout(&self) -> &'static Layout;

    /// The field of that number.
    fn place(&mut self, number: usize) -> Option<&mut dyn Place>;

    /// Where the entries go that belong to no field.
    fn rest(&mut self) -> &mut dyn Rest;
}

/// Keeps the entries of an object that belong to no field. Implemented by `Extra`.
pub(crate) trait Rest {
    /// Keeps an entry: its key, and its value as JSON text.
    fn keep(&mut self, key: &str, json: &str);
}

/// Reads an object's entries as they come; what belongs to no field is kept.
pub(crate) struct Reading<'a> {
    object: &'a mut dyn ReadObject,
    layout: &'static Layout,
    seen: u64,
}

impl<'a> Reading<'a> {
    pub(crate) fn new(object: &'a mut dyn ReadObject) -> Self {
        Self::resume(object, 0)
    }

    /// Goes on with an object of which some fields have been `seen`.
    pub(crate) fn resume(object: &'a mut dyn ReadObject, seen: u64) -> Self {
        Self {
            layout: object.layout(),
            object,
            seen,
        }
    }

    pub(crate) fn seen(&self) -> u64 {
        self.seen
    }

    /// The field with that key. Keys mostly come in the order of the fields, so the one after the
    /// last that was seen is looked at first.
    #[inline]
    pub(crate) fn slot(&self, key: &str) -> Option<Slot> {
        let is_it = |field: &Field| field.key == key;
        let next = (u64::BITS - self.seen.leading_zeros()) as usize;
        if self.layout.fields.get(next).is_some_and(is_it) {
            return Some(Slot(next));
        }
        self.layout.fields.iter().position(is_it).map(Slot)
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
            let field = self.layout.fields.get(number);
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
        let missing = self.layout.required & !self.seen;
        if missing == 0 {
            return Ok(());
        }
        let field = self.layout.fields.get(missing.trailing_zeros() as usize);
        let key = field.map_or("", |field| field.key);
        Err(DecodeError::new(format!("missing field `{key}`")))
    }
}

/// What is no field: a constant, or something that is new.
impl Entries for Reading<'_> {
    fn entry(&mut self, key: &str, source: &mut dyn Source) -> Result<(), DecodeError> {
        let constants = self.layout.constants;
        let constant = constants.iter().find(|constant| constant.key == key);
        source.raw(&mut |text| {
            // A constant that arrives with another value is kept, to be written back as it came.
            if constant.is_none_or(|constant| constant.json != text) {
                self.object.rest().keep(key, text);
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
