//! Reading JSON text: the only place where decoding meets serde_json, whose generic deserializer
//! stands behind [`Source`] here.

use serde::de::Deserializer;
use serde_json::value::RawValue;

use super::DecodeError;
use super::object::Reading;
use super::scalar::Scalar;
use super::source::{Entries, Growing, Item, Look, Place, Source};
use super::visit::{Fields, IntoString, List, LookAt, Maybe, Members};

/// Reads a whole document: first the fast way; where that fails, once more with unions that may
/// fall back.
///
/// Falling back needs the text of the whole union, which costs a second pass over it. Doing so only
/// after a failure keeps the normal case at one pass.
pub(crate) fn read_document(json: &[u8], read: &mut Item<'_>) -> Result<(), DecodeError> {
    // Checked once for the whole document, so that serde_json need not check each string.
    let json = std::str::from_utf8(json)
        .map_err(|error| DecodeError::new(format!("not UTF-8: {error}")))?;
    if read_text(json, false, read).is_ok() {
        return Ok(());
    }
    read_text(json, true, read)
}

/// Reads a text, or a part of one that has been kept.
pub(crate) fn read_text(json: &str, lenient: bool, read: &mut Item<'_>) -> Result<(), DecodeError> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    read(&mut Erased::new(&mut deserializer, lenient))?;
    deserializer
        .end()
        .map_err(|error| DecodeError::new(error.to_string()))
}

/// A deserializer that can be used once, behind a trait object.
pub(super) struct Erased<D> {
    inner: Option<D>,
    lenient: bool,
}

impl<'de, D: Deserializer<'de>> Erased<D> {
    pub(super) fn new(inner: D, lenient: bool) -> Self {
        Self {
            inner: Some(inner),
            lenient,
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
}

impl<'de, D: Deserializer<'de>> Source for Erased<D> {
    fn is_lenient(&self) -> bool {
        self.lenient
    }

    fn string(&mut self, out: &mut String) -> Result<(), DecodeError> {
        self.run(|inner, _| inner.deserialize_string(IntoString(out)))
    }

    fn look(&mut self, look: &mut Look<'_>) -> Result<(), DecodeError> {
        self.run(|inner, failure| inner.deserialize_str(LookAt { look, failure }))
    }

    fn boolean(&mut self) -> Result<bool, DecodeError> {
        self.run(|inner, _| inner.deserialize_bool(Scalar::<bool>::NEW))
    }

    fn unsigned(&mut self) -> Result<u64, DecodeError> {
        self.run(|inner, _| inner.deserialize_u64(Scalar::<u64>::NEW))
    }

    fn signed(&mut self) -> Result<i64, DecodeError> {
        self.run(|inner, _| inner.deserialize_i64(Scalar::<i64>::NEW))
    }

    fn float(&mut self) -> Result<f64, DecodeError> {
        self.run(|inner, _| inner.deserialize_f64(Scalar::<f64>::NEW))
    }

    fn raw(&mut self, look: &mut Look<'_>) -> Result<(), DecodeError> {
        let raw: &RawValue = self.run(|inner, _| serde::Deserialize::deserialize(inner))?;
        look(raw.get())
    }

    fn optional(&mut self, some: &mut dyn Place) -> Result<bool, DecodeError> {
        let lenient = self.lenient;
        self.run(|inner, failure| {
            inner.deserialize_option(Maybe {
                some,
                lenient,
                failure,
            })
        })
    }

    fn list(&mut self, items: &mut dyn Growing) -> Result<(), DecodeError> {
        let lenient = self.lenient;
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
        self.run(|inner, failure| {
            inner.deserialize_map(Members {
                entries,
                lenient,
                failure,
            })
        })
    }

    fn fields(&mut self, reading: Reading<'_>) -> Result<(), DecodeError> {
        let lenient = self.lenient;
        self.run(|inner, failure| {
            inner.deserialize_map(Fields {
                reading,
                lenient,
                failure,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Map = std::collections::BTreeMap<String, i64>;

    #[test]
    fn integers_written_as_floats_are_read_and_fractions_refused() {
        let mut seen = 0;
        read_document(b"3.0", &mut |source| {
            seen = source.unsigned()?;
            Ok(())
        })
        .unwrap();
        assert_eq!(seen, 3);
        assert!(read_document(b"3.5", &mut |source| source.signed().map(drop)).is_err());
        assert!(read_document(b"-1", &mut |source| source.unsigned().map(drop)).is_err());
    }

    #[test]
    fn errors_carry_the_path() {
        let error = crate::from_slice::<std::collections::BTreeMap<String, Vec<Map>>>(
            br#"{"a":[{"b":1},{"b":"x"}]}"#,
        )
        .unwrap_err();
        assert_eq!(error.path(), "a[1].b");
    }

    #[test]
    fn trailing_text_is_refused() {
        assert!(read_document(b"1 2", &mut |source| source.signed().map(drop)).is_err());
    }
}
