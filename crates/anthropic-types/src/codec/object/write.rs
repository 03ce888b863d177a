//! Writing an object: the loop that every struct shares.

use super::{Field, Layout, Presence};
use crate::codec::writer::{Encode, ObjectWriter, Writer};
use crate::extra::Full;
use crate::repair::RepairKind;
use crate::{Extra, Json};

/// A struct of the API as it is written. Implemented by `object!`.
pub(crate) trait WriteObject {
    fn layout(&self) -> &'static Layout;

    /// The field of that number.
    fn value(&self, number: usize) -> Option<&dyn Encode>;

    fn extra(&self) -> &Extra;
}

/// Writes an object: its constants, its fields, and what belongs to no field.
pub(crate) fn write_object(object: &dyn WriteObject, out: &mut Writer) {
    if out.survey().is_some() {
        return survey(object, out);
    }
    let (layout, outer) = (object.layout(), out.is_answer());
    out.set_answer(outer || layout.is_answer);
    let mut writing = out.object();
    match object.extra().full() {
        None => plain(object, &mut writing),
        Some(full) => with_extra(object, full, &mut writing),
    }
    writing.end();
    out.set_answer(outer);
}

/// Writes an object of which nothing is noted but which fields were `null`.
fn plain(object: &dyn WriteObject, writing: &mut ObjectWriter<'_>) {
    let (layout, nulls) = (object.layout(), object.extra().nulls());
    for constant in layout.constants {
        writing.raw(constant.key, constant.json);
    }
    for (number, field) in layout.fields.iter().enumerate() {
        let Some(value) = object.value(number) else {
            continue;
        };
        if field.presence == Presence::Required || !value.is_absent() {
            writing.entry(field.key, value);
        } else if is_null(layout, number, nulls, writing.is_answer()) {
            writing.raw(field.key, "null");
        }
    }
}

/// Whether a field without a value is written as `null`: an answer's where it came, a request's
/// where it may be sent.
fn is_null(layout: &Layout, number: usize, nulls: u64, is_answer: bool) -> bool {
    let was_null = nulls & (1 << number) != 0;
    match layout.fields.get(number).map(|field| field.presence) {
        Some(Presence::OrNull) => !is_answer || nulls & layout.absent(number) == 0,
        Some(Presence::Nullable) => was_null,
        _ => was_null && is_answer,
    }
}

/// Writes an object with unknown fields or repairs.
fn with_extra(object: &dyn WriteObject, full: &Full, writing: &mut ObjectWriter<'_>) {
    let (layout, extra) = (object.layout(), object.extra());
    let nulls = extra.nulls();
    let start = writing.mark();
    for constant in layout.constants {
        let json = full.get(constant.key).map_or(constant.json, Json::as_str);
        writing.raw(constant.key, json);
    }
    let constants = writing.mark();
    for (number, field) in layout.fields.iter().enumerate() {
        let Some(value) = object.value(number) else {
            continue;
        };
        match (full.get(field.key), full.repair(number)) {
            (Some(json), None) => writing.raw(field.key, json.as_str()),
            (came, Some(repaired)) => mended(field, value, came, repaired.kind, writing),
            (None, None) if field.presence == Presence::Required && full.is_vacant() => {
                mended(field, value, None, RepairKind::Missing, writing);
            }
            (None, None) if field.presence == Presence::Required || !value.is_absent() => {
                writing.entry(field.key, value);
            }
            (None, None) if is_null(layout, number, nulls, writing.is_answer()) => {
                writing.raw(field.key, "null");
            }
            (None, None) => {}
        }
    }
    for (key, value) in extra {
        if layout.position(key).is_none() && layout.constant(key).is_none() {
            writing.raw(key, value.as_str());
        }
    }
    // An object that did not come is not written either, unless something was put into it.
    if full.is_vacant() && writing.mark() == constants {
        writing.back_to(start);
    }
}

/// Writes a field that was repaired: as it came, unless it was set since.
fn mended(
    field: &Field,
    value: &dyn Encode,
    came: Option<&Json>,
    kind: RepairKind,
    writing: &mut ObjectWriter<'_>,
) {
    let before = writing.mark();
    let text = writing.entry_text(field.key, value);
    let is_untouched = match (kind, came) {
        (RepairKind::Rounded, Some(came)) => is_rounded(came.as_str(), text),
        (RepairKind::LoneSurrogate, _) => false,
        _ => is_vacant(text),
    };
    if !is_untouched {
        return;
    }
    match came {
        // Requests allow nothing but an object there.
        Some(_) if field.is_object && !writing.is_answer() => {}
        Some(came) => {
            writing.back_to(before);
            writing.raw(field.key, came.as_str());
        }
        None if writing.is_answer() => {
            writing.back_to(before);
            if kind == RepairKind::Null {
                writing.raw(field.key, "null");
            }
        }
        // Requests allow no `null` there, and a call without an input can't be sent back.
        None if kind == RepairKind::Null || field.is_object => {}
        None => writing.back_to(before),
    }
}

/// Whether a text is that of a vacant value.
fn is_vacant(text: &[u8]) -> bool {
    matches!(
        text,
        b"null" | b"\"\"" | b"0" | b"0.0" | b"false" | b"[]" | b"{}"
    )
}

/// Whether a text is that of the integer to which a number was rounded. Of a list of numbers this
/// is not known.
fn is_rounded(came: &str, text: &[u8]) -> bool {
    match came.parse::<f64>() {
        Ok(number) => format!("{:.0}", number.round() + 0.0).as_bytes() == text,
        Err(_) => true,
    }
}

/// Lists the repairs of an object and of what is in it.
fn survey(object: &dyn WriteObject, out: &mut Writer) {
    let (layout, full) = (object.layout(), object.extra().full());
    if full.is_some_and(Full::is_vacant) {
        return;
    }
    let mut writing = out.object();
    for (number, field) in layout.fields.iter().enumerate() {
        if let Some(repaired) = full.and_then(|full| full.repair(number)) {
            writing.add_repair(field.key, repaired.kind, repaired.reason());
        }
        if let Some(value) = object.value(number) {
            writing.entry(field.key, value);
        }
    }
}
