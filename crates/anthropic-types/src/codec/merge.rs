//! Reading an update into an object that has its values already.

use super::DecodeError;
use super::object::{ReadObject, Reading, parts};
use super::source::{Notes, Source};
use super::text::read_text;

/// Reads the entries of an object into one that has its values already, leniently. The others are
/// skipped. A `null` takes nothing away but what must not be `null`.
pub(crate) fn merge(
    object: &mut dyn ReadObject,
    json: &str,
    is_other: &dyn Fn(&str) -> bool,
) -> Result<(), DecodeError> {
    object.open(&mut parts(|layout, places, rest| {
        let mut reading = Reading::new(layout, places, rest);
        reading.again();
        read_text(json, Some(&Notes::default()), &mut |source| {
            source.object(&mut |key: &str, value: &mut dyn Source| {
                value.raw(&mut |text, lenient| {
                    if is_other(key) || (text == "null" && !reading.takes_null(key)) {
                        return Ok(());
                    }
                    read_text(text, lenient, &mut |source| reading.any(key, source))
                })
            })
        })
    }))
}
