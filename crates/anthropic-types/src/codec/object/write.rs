//! Writing an object: the loop that every struct shares.

use super::{Field, Layout, Presence};
use crate::codec::writer::{Encode, Mark, ObjectWriter, Writer};
use crate::extra::Full;
use crate::repair::RepairKind;
use crate::{Extra, Json};

/// A struct of the API as it is being written: `object!` hands over its fields in the order of the
/// layout.
pub(crate) struct StructWriter<'a> {
    writing: ObjectWriter<'a>,
    layout: &'static Layout,
    extra: &'a Extra,
    /// A bit for each field that came as `null`, and for some that did not come.
    nulls: u64,
    /// The number of the next field.
    number: usize,
    /// Whether the object around it is a response's.
    outer: bool,
    /// Whether nothing is known of fields without a value.
    is_bare: bool,
    way: Way<'a>,
}

/// How a struct is written.
#[derive(Clone, Copy)]
enum Way<'a> {
    /// Nothing is noted of it but which fields were `null`.
    Plain,
    /// It has unknown fields or repairs. It began at the first mark, its fields at the second.
    Full(&'a Full, Mark, Mark),
    /// It is looked through for repairs, and not written.
    Survey(Option<&'a Full>),
}

impl Writer {
    /// Starts a struct of the API: writes its constants.
    pub(crate) fn structure<'a>(
        &'a mut self,
        layout: &'static Layout,
        extra: &'a Extra,
    ) -> StructWriter<'a> {
        let (outer, is_survey, full) = (self.is_answer(), self.survey().is_some(), extra.full());
        if !is_survey {
            self.set_answer(outer || layout.is_answer);
        }
        let mut writing = self.object();
        let way = match full {
            full if is_survey => Way::Survey(full),
            None => {
                for constant in layout.constants {
                    writing.raw(constant.key, constant.json);
                }
                Way::Plain
            }
            Some(full) => {
                let start = writing.mark();
                for constant in layout.constants {
                    let json = full.get(constant.key).map_or(constant.json, Json::as_str);
                    writing.raw(constant.key, json);
                }
                Way::Full(full, start, writing.mark())
            }
        };
        let nulls = extra.nulls(layout);
        StructWriter {
            writing,
            layout,
            extra,
            nulls,
            number: 0,
            outer,
            is_bare: nulls == 0 && matches!(way, Way::Plain),
            way,
        }
    }
}

impl StructWriter<'_> {
    /// Writes the next field.
    pub(crate) fn field(&mut self, value: &dyn Encode) {
        let number = self.number;
        self.number += 1;
        let Some(field) = self.layout.fields.get(number) else {
            return;
        };
        // Most fields of most requests.
        let is_left_out = self.is_bare
            && !matches!(field.presence, Presence::Required | Presence::OrNull)
            && value.is_absent();
        if !is_left_out {
            self.write(number, field, value);
        }
    }

    #[inline(never)]
    fn write(&mut self, number: usize, field: &Field, value: &dyn Encode) {
        match self.way {
            Way::Plain => {}
            Way::Full(full, ..) => {
                let came = full.get(field.key);
                if let Some(repaired) = full.repair(self.layout, number) {
                    return mended(field, value, came, repaired.kind, &mut self.writing);
                }
                if let Some(json) = came {
                    return self.writing.raw(field.key, json.as_str());
                }
                if field.presence == Presence::Required && full.is_vacant() {
                    return mended(field, value, None, RepairKind::Missing, &mut self.writing);
                }
            }
            Way::Survey(full) => {
                if let Some(repaired) = full.and_then(|full| full.repair(self.layout, number)) {
                    let reason = repaired.reason();
                    self.writing.add_repair(field.key, repaired.kind, reason);
                }
                return self.writing.entry(field.key, value);
            }
        }
        if field.presence == Presence::Required || !value.is_absent() {
            self.writing.entry(field.key, value);
        } else if (self.nulls != 0 || field.presence == Presence::OrNull)
            && is_null(self.layout, number, self.nulls, self.writing.is_answer())
        {
            self.writing.raw(field.key, "null");
        }
    }

    /// Writes what belongs to no field, and ends the object.
    pub(crate) fn end(&mut self) {
        if let Way::Full(full, start, constants) = self.way {
            for (key, value) in self.extra {
                if !self.layout.has(key) && !full.keeps(key) {
                    self.writing.raw(key, value.as_str());
                }
            }
            // An object that did not come is not written either, unless something was put into it.
            if full.is_vacant() && self.writing.mark() == constants {
                self.writing.back_to(start);
            }
        }
        self.writing.close().set_answer(self.outer);
    }
}

/// Whether a field without a value is written as `null`: a response's where it came, a request's
/// where it may be sent.
fn is_null(layout: &Layout, number: usize, nulls: u64, is_answer: bool) -> bool {
    let was_null = nulls & (1 << number) != 0;
    match layout.fields.get(number).map(|field| field.presence) {
        Some(Presence::OrNull) => !is_answer || nulls & layout.absent(number) == 0,
        Some(Presence::Nullable) => was_null,
        _ => was_null && is_answer,
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
        (RepairKind::LoneSurrogate, _) => return writing.repeat_halves(before),
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

/// Whether a text is what rounding made of a number, or of the numbers of a list. It has no strings
/// and no objects in it, so its parts are between these characters.
fn is_rounded(came: &str, text: &[u8]) -> bool {
    let parts = |text: &str| -> Vec<String> {
        let parts = text.split(['[', ',', ']']).map(str::trim);
        parts.map(rounded).collect()
    };
    std::str::from_utf8(text).is_ok_and(|text| parts(came) == parts(text))
}

fn rounded(number: &str) -> String {
    match number.parse::<f64>() {
        Ok(value) if number.contains(['.', 'e', 'E']) => format!("{:.0}", value.round() + 0.0),
        _ => number.to_owned(),
    }
}
