//! Reading JSON text: the only place where decoding meets serde_json, whose generic deserializer
//! stands behind [`Source`] here.

use serde::de::Deserializer;
use serde_json::value::RawValue;

use super::DecodeError;
use super::error::Decoding;
use super::object::{Layout, Parts, Reading, Rest};
use super::scalar::Scalar;
use super::source::{
    Attempt, Entries, Fault, Gap, Growing, Item, Lenient, Look, LookRaw, Notes, Optional, Place,
    Source,
};
use super::vacant::vacate;
use super::visit::{EntriesVisitor, Fields, IntoString, List, LookAt, Maybe};

/// Reads a whole document: first strictly, which is fast; where that fails, once more leniently.
///
/// The lenient pass needs the text of each field and of each union, so it costs several times as
/// much. Doing so only after a failure keeps the normal case at one pass.
pub(crate) fn read_document(
    json: &[u8],
    decoding: Decoding,
    read: &mut Item<'_>,
) -> Result<(), DecodeError> {
    // Checked once for the whole document, so that serde_json need not check each string.
    let json = std::str::from_utf8(json)
        .map_err(|error| DecodeError::new(format!("not UTF-8: {error}")))?;
    let strict = read_text(json, None, read);
    if strict.is_ok() || decoding == Decoding::Strict {
        return strict;
    }
    read_text(json, Some(&Notes::default()), read)
}

/// Reads a text, or a part of one that has been kept.
pub(crate) fn read_text(
    json: &str,
    lenient: Lenient<'_>,
    read: &mut Item<'_>,
) -> Result<(), DecodeError> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    read(&mut Erased::new(&mut deserializer, lenient))?;
    deserializer
        .end()
        .map_err(|error| DecodeError::new(error.to_string()))
}

/// A deserializer that can be used once, behind a trait object.
pub(super) struct Erased<'m, D> {
    inner: Option<D>,
    pub(super) lenient: Lenient<'m>,
    /// Whether the value may stand for none.
    pub(super) gap: Option<Gap>,
}

impl<'de, 'm, D: Deserializer<'de>> Erased<'m, D> {
    #[inline]
    pub(super) fn new(inner: D, lenient: Lenient<'m>) -> Self {
        Self {
            inner: Some(inner),
            lenient,
            gap: None,
        }
    }

    /// Runs one read. `failure` is where a callback leaves its own error, because serde's error
    /// type could only carry its text.
    fn run<T>(
        &mut self,
        read: impl FnOnce(D, &mut Option<DecodeError>) -> Result<T, D::Error>,
    ) -> Result<T, DecodeError> {
        let Some(inner) = self.inner.take() else {
            return Err(DecodeError::new("a value was read twice"));
        };
        let mut failure = None;
        read(inner, &mut failure)
            .map_err(|error| failure.unwrap_or_else(|| DecodeError::new(error.to_string())))
    }

    fn take_raw(&mut self) -> Result<&'de str, DecodeError> {
        let raw: &RawValue = self.run(|inner, _| serde::Deserialize::deserialize(inner))?;
        self.gap = Gap::of(raw.get());
        Ok(raw.get())
    }
}

impl<'de, D: Deserializer<'de>> Parts for Erased<'_, D> {
    fn read(
        &mut self,
        layout: &'static Layout,
        places: &mut [&mut dyn Place],
        rest: &mut dyn Rest,
    ) -> Result<(), DecodeError> {
        let lenient = self.lenient;
        let mut reading = Reading::new(layout, places, rest);
        if lenient.is_some_and(|notes| notes.placed.take()) {
            reading.is_placed();
        }
        let reading = &mut reading;
        self.run(|inner, failure| {
            inner.deserialize_map(Fields {
                reading,
                lenient,
                failure,
            })
        })
    }
}

impl<'de, D: Deserializer<'de>> Source for Erased<'_, D> {
    fn lenient(&self) -> Lenient<'_> {
        self.lenient
    }

    fn gap(&self) -> Option<Gap> {
        self.gap
    }

    fn string(&mut self, out: &mut String) -> Result<(), DecodeError> {
        let lenient = self.lenient;
        match lenient {
            None => self.run(|inner, _| inner.deserialize_string(IntoString { out, lenient })),
            Some(_) => self.run(|inner, _| inner.deserialize_bytes(IntoString { out, lenient })),
        }
    }

    fn look(&mut self, look: &mut Look<'_>) -> Result<(), DecodeError> {
        let lenient = self.lenient;
        self.run(|inner, failure| {
            let visitor = LookAt {
                look,
                lenient,
                failure,
            };
            match lenient {
                None => inner.deserialize_str(visitor),
                Some(_) => inner.deserialize_bytes(visitor),
            }
        })
    }

    fn boolean(&mut self) -> Result<bool, DecodeError> {
        self.run(|inner, _| inner.deserialize_bool(Scalar::<bool>::new(None)))
    }

    fn unsigned(&mut self) -> Result<u64, DecodeError> {
        let lenient = self.lenient;
        self.run(|inner, _| inner.deserialize_u64(Scalar::<u64>::new(lenient)))
    }

    fn signed(&mut self) -> Result<i64, DecodeError> {
        let lenient = self.lenient;
        self.run(|inner, _| inner.deserialize_i64(Scalar::<i64>::new(lenient)))
    }

    fn float(&mut self) -> Result<f64, DecodeError> {
        self.run(|inner, _| inner.deserialize_f64(Scalar::<f64>::new(None)))
    }

    fn raw(&mut self, look: &mut LookRaw<'_>) -> Result<(), DecodeError> {
        let raw = self.take_raw()?;
        look(raw, self.lenient)
    }

    fn optional(&mut self, place: &mut dyn Optional) -> Result<(), DecodeError> {
        let lenient = self.lenient;
        let is_some = self.run(|inner, failure| {
            inner.deserialize_option(Maybe {
                place: &mut *place,
                lenient,
                failure,
            })
        })?;
        if !is_some {
            place.none();
            self.gap = Some(Gap::Null);
        }
        Ok(())
    }

    fn list(&mut self, items: &mut dyn Growing) -> Result<(), DecodeError> {
        let lenient = self.lenient;
        if let Some(notes) = lenient {
            notes.placed.set(false);
        }
        self.run(|inner, failure| {
            inner.deserialize_seq(List {
                items,
                lenient,
                failure,
            })
        })
    }

    fn object(&mut self, entries: &mut dyn Entries) -> Result<(), DecodeError> {
        let lenient = self.lenient;
        if let Some(notes) = lenient {
            notes.placed.set(false);
        }
        self.run(|inner, failure| {
            inner.deserialize_map(EntriesVisitor {
                entries,
                lenient,
                failure,
            })
        })
    }

    fn parts(&mut self) -> &mut dyn Parts {
        self
    }

    fn mend(
        &mut self,
        field: &mut dyn Place,
        vacant: &'static str,
    ) -> Result<Attempt, DecodeError> {
        let text = self.take_raw()?;
        let own = Notes::default();
        let notes = self.lenient.unwrap_or(&own);
        notes.surrogate.set(false);
        notes.rounded.set(false);
        notes.placed.set(true);
        let mut gap = None;
        let read = read_text(text, Some(notes), &mut |source| {
            field.decode(source)?;
            gap = source.gap();
            Ok(())
        });
        let (surrogate, rounded) = (notes.surrogate.take(), notes.rounded.take());
        let fault = match read {
            Ok(()) if rounded => Some(Fault::Rounded(text.to_owned())),
            Ok(()) if surrogate => Some(Fault::Surrogate),
            Ok(()) => None,
            Err(reason) => {
                vacate(field, vacant);
                Some(if text == "null" {
                    Fault::Null
                } else {
                    Fault::Misfit(text.to_owned(), reason)
                })
            }
        };
        Ok(Attempt { gap, fault })
    }
}
