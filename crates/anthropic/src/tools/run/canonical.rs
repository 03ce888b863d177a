//! JSON in one form, whatever its spacing, the order of its keys and the escapes of its strings.

use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use serde_json::{Error, Value};

/// How deep the values may be nested.
const MAX_DEPTH: usize = 128;

/// The JSON with sorted keys and without spaces. Numbers keep their text, of which no type holds
/// all digits; keys that are there twice stay, in their order.
///
/// # Errors
///
/// When the text is no JSON, or is nested too deeply.
pub(super) fn canonical(text: &str) -> Result<String, Error> {
    let mut out = String::with_capacity(text.len());
    write(text, MAX_DEPTH, &mut out)?;
    Ok(out)
}

fn write(text: &str, depth: usize, out: &mut String) -> Result<(), Error> {
    let Some(below) = depth.checked_sub(1) else {
        return Err(Error::custom("the value is nested too deeply"));
    };
    let text = text.trim();
    match text.as_bytes().first() {
        Some(b'{') => {
            let mut entries = serde_json::from_str::<Entries<'_>>(text)?.0;
            entries.sort_by(|(one, _), (other, _)| one.cmp(other));
            out.push('{');
            for (key, value) in entries {
                out.push_str(&Value::from(key).to_string());
                out.push(':');
                write(value.get(), below, out)?;
                out.push(',');
            }
            out.push('}');
        }
        Some(b'[') => {
            out.push('[');
            for value in serde_json::from_str::<Vec<&RawValue>>(text)? {
                write(value.get(), below, out)?;
                out.push(',');
            }
            out.push(']');
        }
        Some(b'"') => {
            let string: String = serde_json::from_str(text)?;
            out.push_str(&Value::from(string).to_string());
        }
        _ => out.push_str(text),
    }
    Ok(())
}

/// The entries of an object, also those of one key.
struct Entries<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Entries<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct EntriesVisitor;

        impl<'de> Visitor<'de> for EntriesVisitor {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<'de>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        from.deserialize_map(EntriesVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_does_not_count_and_values_do() {
        let text = r#" {"b": [1, 2.50, {}], "a": "\u00e9\n", "b": null} "#;
        let one = "{\"a\":\"é\\n\",\"b\":[1,2.50,{},],\"b\":null,}";
        assert_eq!(canonical(text).unwrap(), one);
        let differ = [
            (
                r#"{"n": 18446744073709551617}"#,
                r#"{"n": 18446744073709551616}"#,
            ),
            (r#"{"n": 1}"#, r#"{"n": 1.0}"#),
            (r#"{"n": 1, "n": 2}"#, r#"{"n": 2}"#),
            (r#"{"n": 1, "n": 2}"#, r#"{"n": 2, "n": 1}"#),
        ];
        for (one, other) in differ {
            assert_ne!(canonical(one).unwrap(), canonical(other).unwrap(), "{one}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(canonical(&nested(100)).is_ok());
        assert!(canonical(&nested(100_000)).is_err());
    }
}
