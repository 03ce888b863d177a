//! Writing an object: the loop that every struct shares.

use super::{Layout, Presence};
use crate::Extra;
use crate::codec::{Encode, Writer};

/// A struct of the API as it is written. Implemented by `object!`.
pub(crate) trait WriteObject {
    fn layout(&self) -> &'static Layout;

    /// The field of that number.
    fn value(&self, number: usize) -> Option<&dyn Encode>;

    fn extra(&self) -> &Extra;
}

/// Writes an object: its constants, its fields, and what belongs to no field.
pub(crate) fn write_object(object: &dyn WriteObject, out: &mut Writer) {
    let (layout, extra) = (object.layout(), object.extra());
    let mut writing = out.object();
    for constant in layout.constants {
        // Unless another value was received.
        if extra.get(constant.key).is_none() {
            writing.raw(constant.key, constant.json);
        }
    }
    for (number, field) in layout.fields.iter().enumerate() {
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
