//! Objects: the loop that every struct shares.

use super::{Decode, DecodeError, Source};
use crate::{Extra, Json};

/// A field whose value the API fixes, such as a block's `type`.
#[derive(Debug)]
pub(crate) struct Constant {
    pub(crate) key: &'static str,
    /// The value as JSON text.
    pub(crate) json: &'static str,
}

/// What the shared loop has to know about a struct.
#[derive(Debug)]
pub(crate) struct Shape {
    /// The keys of the required fields, by number.
    pub(crate) required: &'static [&'static str],
    pub(crate) constants: &'static [Constant],
}

/// The number that `Object::read` answers for a key that is not a field.
pub(crate) const NO_FIELD: u32 = u32::MAX;
/// The number that `Object::read` answers for an optional field.
const OPTIONAL: u32 = NO_FIELD - 1;

/// A struct of the API. Implemented by `object!`.
pub(crate) trait Object {
    fn shape(&self) -> &'static Shape;

    /// Reads the field that belongs to `key` and answers its number among the required fields.
    fn read(&mut self, key: &str, source: &mut dyn Source) -> Result<u32, DecodeError>;

    fn extra(&mut self) -> &mut Extra;
}

impl<T: Object> Object for Box<T> {
    fn shape(&self) -> &'static Shape {
        self.as_ref().shape()
    }

    fn read(&mut self, key: &str, source: &mut dyn Source) -> Result<u32, DecodeError> {
        self.as_mut().read(key, source)
    }

    fn extra(&mut self) -> &mut Extra {
        self.as_mut().extra()
    }
}

/// Reads one field; `number` is its place among the required ones, or nothing if it is optional.
pub(crate) fn read_field<T: Decode>(
    field: &mut T,
    source: &mut dyn Source,
    number: Option<u32>,
) -> Result<u32, DecodeError> {
    field.decode(source)?;
    Ok(number.unwrap_or(OPTIONAL))
}

/// Reads an object's entries as they come; what belongs to no field is kept.
pub(crate) struct Reading<'a> {
    object: &'a mut dyn Object,
    seen: u64,
}

impl<'a> Reading<'a> {
    pub(crate) fn new(object: &'a mut dyn Object) -> Self {
        Self { object, seen: 0 }
    }

    /// Goes on with an object of which some required fields have been `seen`.
    pub(crate) fn resume(object: &'a mut dyn Object, seen: u64) -> Self {
        Self { object, seen }
    }

    pub(crate) fn seen(&self) -> u64 {
        self.seen
    }

    pub(crate) fn entry(&mut self, key: &str, source: &mut dyn Source) -> Result<(), DecodeError> {
        let constants = self.object.shape().constants;
        if let Some(constant) = constants.iter().find(|constant| constant.key == key) {
            return self.constant(constant, source);
        }
        match self.object.read(key, source)? {
            NO_FIELD => source.raw(&mut |text| {
                self.object.extra().insert(key, Json::from_valid(text));
                Ok(())
            }),
            OPTIONAL => Ok(()),
            number => {
                self.seen |= 1 << number;
                Ok(())
            }
        }
    }

    /// A constant that arrives with another value is kept, so that it is written back as it came.
    fn constant(&mut self, constant: &Constant, source: &mut dyn Source) -> Result<(), DecodeError> {
        source.raw(&mut |text| {
            if text != constant.json {
                self.object.extra().insert(constant.key, Json::from_valid(text));
            }
            Ok(())
        })
    }

    pub(crate) fn finish(self) -> Result<(), DecodeError> {
        let required = self.object.shape().required;
        let missing = (0..).zip(required).find(|(number, _)| self.seen & (1 << number) == 0);
        match missing {
            None => Ok(()),
            Some((_, key)) => Err(DecodeError::new(format!("missing field `{key}`"))),
        }
    }
}

/// Reads an object.
pub(crate) fn read_object(
    object: &mut dyn Object,
    source: &mut dyn Source,
) -> Result<(), DecodeError> {
    let mut reading = Reading::new(object);
    source.object(&mut |key, value| reading.entry(key, value))?;
    reading.finish()
}
