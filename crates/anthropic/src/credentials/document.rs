//! A JSON object with secrets in it, which are erased when it is dropped.

use anthropic_types::Secret;
use serde_json::{Map, Value};
use zeroize::{Zeroize, Zeroizing};

use crate::text::read_json;

/// The object of a file, or of a token endpoint. It has no `Debug`, so that nothing of it shows.
#[derive(Clone, Default)]
pub(super) struct Document(Map<String, Value>);

/// More than a file of credentials has, so that its text is not moved, and left behind, while it
/// grows.
const CAPACITY: usize = 8 << 10;

impl Document {
    /// Reads an object. The fault that is returned names nothing of the text.
    pub(super) fn parse(text: &[u8]) -> Result<Self, String> {
        match read_json(text) {
            Ok(Value::Object(map)) => Ok(Self(map)),
            Ok(mut other) => {
                let kind = match &other {
                    Value::Null => "null",
                    Value::Bool(_) => "a boolean",
                    Value::Number(_) => "a number",
                    Value::String(_) => "a string",
                    Value::Array(_) | Value::Object(_) => "an array",
                };
                erase(&mut other);
                Err(format!("is {kind} and not a JSON object"))
            }
            Err(error) => Err(format!(
                "is not valid JSON (line {}, column {})",
                error.line(),
                error.column()
            )),
        }
    }

    /// A field that is a text and not empty.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        let text = self.0.get(key)?.as_str()?;
        (!text.is_empty()).then_some(text)
    }

    pub(super) fn secret(&self, key: &str) -> Option<Secret> {
        self.text(key).map(Secret::new)
    }

    pub(super) fn value(&self, key: &str) -> Option<&Value> {
        self.0.get(key).filter(|value| !value.is_null())
    }

    /// A field that is an object.
    pub(super) fn object(&self, key: &str) -> Option<Self> {
        self.0.get(key)?.as_object().cloned().map(Self)
    }

    /// A field that is a whole number, also where it is written as a text or with a fraction.
    pub(super) fn integer(&self, key: &str) -> Result<Option<i64>, ()> {
        let Some(value) = self.value(key) else {
            return Ok(None);
        };
        let number = match value {
            Value::Number(number) => number.as_i64().or_else(|| number.as_f64().and_then(whole)),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        number.map(Some).ok_or(())
    }

    pub(super) fn set(&mut self, key: &str, value: impl Into<Value>) {
        if let Some(mut old) = self.0.insert(key.to_owned(), value.into()) {
            erase(&mut old);
        }
    }

    pub(super) fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.set(key, value);
        self
    }

    /// The text of it, over several lines as files have it.
    pub(super) fn to_text(&self) -> Zeroizing<Vec<u8>> {
        let mut text = Zeroizing::new(Vec::with_capacity(CAPACITY));
        // Writing an object of JSON to memory can't fail.
        let _ = serde_json::to_writer_pretty(&mut *text, &self.0);
        text
    }
}

/// A float as a whole number, where it is one that a clock may show.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the range is checked, and a fraction of a second is dropped"
)]
fn whole(number: f64) -> Option<i64> {
    (number.abs() < 1e15).then_some(number as i64)
}

fn erase(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(erase),
        Value::Object(map) => map.values_mut().for_each(erase),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

impl Drop for Document {
    fn drop(&mut self) {
        self.0.values_mut().for_each(erase);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_the_official_clients_read_them() {
        let text =
            br#"{"a":7,"b":"8","c":9.9,"d":null,"e":"x","f":[],"g":1e300,"h":1e15,"i":-1e14}"#;
        let document = Document::parse(text).unwrap();
        assert_eq!(document.integer("a"), Ok(Some(7)));
        assert_eq!(document.integer("b"), Ok(Some(8)));
        assert_eq!(document.integer("c"), Ok(Some(9)));
        assert_eq!(document.integer("d"), Ok(None));
        assert_eq!(document.integer("none"), Ok(None));
        assert_eq!(document.integer("i"), Ok(Some(-100_000_000_000_000)));
        for wrong in ["e", "f", "g", "h"] {
            assert_eq!(document.integer(wrong), Err(()), "{wrong}");
        }
    }

    #[test]
    fn a_text_that_is_no_object_is_not_quoted() {
        for text in ["\"canary\"", "{\"canary", "[\"canary\"]", "canary", ""] {
            let Err(fault) = Document::parse(text.as_bytes()) else {
                panic!("{text}");
            };
            assert!(!fault.contains("canary"), "{fault}");
        }
    }

    #[test]
    fn every_text_of_a_value_is_erased() {
        let mut value = serde_json::json!({"a": "canary", "b": [{"c": ["canary"]}, 7]});
        erase(&mut value);
        assert_eq!(value, serde_json::json!({"a": "", "b": [{"c": [""]}, 7]}));
    }
}
