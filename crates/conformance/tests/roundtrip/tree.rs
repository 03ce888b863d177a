//! Generated values, and whether what came back is the same value.
//!
//! A tree remembers what plain JSON does not say: which keys may be left out, and which text has to
//! come back letter by letter.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A generated value.
#[derive(Debug, Clone)]
pub(crate) enum Tree {
    /// The key of an optional field that is not there.
    Absent,
    Null,
    Bool(bool),
    /// A number as it is written.
    Number(String),
    String(String),
    List(Vec<Self>),
    Object(Vec<Entry>),
    /// Free JSON as it is written.
    Free(String),
    /// Free JSON of which only the meaning counts.
    Loose(String),
}

/// One key of an object.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) value: Tree,
    pub(crate) presence: Presence,
}

/// Whether a key has to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    /// It may be left out; `null` means the same.
    Optional,
    Required,
    /// It is always there, with the same value.
    Constant,
}

/// How closely free JSON is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Closeness {
    /// Letter by letter.
    Text,
    /// By what it means.
    Value,
}

impl Entry {
    pub(crate) fn required(key: impl Into<String>, value: Tree) -> Self {
        Self {
            key: key.into(),
            value,
            presence: Presence::Required,
        }
    }

    fn is_optional(&self) -> bool {
        self.presence == Presence::Optional
    }
}

impl Tree {
    /// The value as JSON text.
    pub(crate) fn json(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Absent | Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(text) | Self::Free(text) | Self::Loose(text) => out.push_str(text),
            Self::String(text) => write_string(text, out),
            Self::List(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    out.push_str(if index == 0 { "" } else { "," });
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(entries) => {
                out.push('{');
                let present = entries
                    .iter()
                    .filter(|entry| !matches!(entry.value, Self::Absent));
                for (index, entry) in present.enumerate() {
                    out.push_str(if index == 0 { "" } else { "," });
                    write_string(&entry.key, out);
                    out.push(':');
                    entry.value.write(out);
                }
                out.push('}');
            }
        }
    }

    /// Compares with JSON text; the error says where they differ.
    pub(crate) fn compare(&self, json: &str, closeness: Closeness) -> Result<(), String> {
        let raw: &RawValue = serde_json::from_str(json).map_err(|e| format!("no JSON: {e}"))?;
        self.against(raw, closeness)
    }

    fn against(&self, raw: &RawValue, closeness: Closeness) -> Result<(), String> {
        if let Self::Free(text) | Self::Loose(text) = self {
            let is_same = match (self, closeness) {
                (Self::Free(_), Closeness::Text) => text == raw.get(),
                _ => same(parse(text)?, raw)?,
            };
            return if is_same {
                Ok(())
            } else {
                Err(format!(": {text} became {raw}"))
            };
        }
        let same = match (self, Seen::of(raw)?) {
            (Self::Absent | Self::Null, Seen::Null) => true,
            (Self::Bool(one), Seen::Bool(other)) => *one == other,
            (Self::Number(one), Seen::Number(other)) => same_number(one, other),
            (Self::String(one), Seen::String(other)) => *one == other,
            (Self::List(ones), Seen::List(others)) if ones.len() == others.len() => {
                for (index, (one, other)) in ones.iter().zip(others).enumerate() {
                    one.against(other, closeness)
                        .map_err(|e| format!("[{index}]{e}"))?;
                }
                true
            }
            (Self::Object(ones), Seen::Object(others)) => {
                return compare_objects(ones, others, closeness);
            }
            _ => false,
        };
        if same {
            Ok(())
        } else {
            Err(format!(": {} became {raw}", self.json()))
        }
    }
}

fn compare_objects(
    ones: &[Entry],
    mut others: Vec<(String, &RawValue)>,
    closeness: Closeness,
) -> Result<(), String> {
    for one in ones {
        let under = |error: String| format!(".{}{error}", one.key);
        match others.iter().position(|(key, _)| *key == one.key) {
            Some(place) => {
                let (_, other) = others.remove(place);
                one.value.against(other, closeness).map_err(under)?;
            }
            None if matches!(one.value, Tree::Absent) => {}
            None if one.is_optional() && matches!(one.value, Tree::Null) => {}
            None => return Err(format!(".{}: {} is lost", one.key, one.value.json())),
        }
    }
    match others.first() {
        None => Ok(()),
        Some((key, value)) => Err(format!(".{key}: {value} came from nowhere")),
    }
}

/// One level of a JSON text.
enum Seen<'a> {
    Null,
    Bool(bool),
    Number(&'a str),
    String(String),
    List(Vec<&'a RawValue>),
    Object(Vec<(String, &'a RawValue)>),
}

impl<'a> Seen<'a> {
    fn of(raw: &'a RawValue) -> Result<Self, String> {
        let text = raw.get();
        let read = match text.as_bytes().first() {
            Some(b'n') => Ok(Self::Null),
            Some(b't' | b'f') => Ok(Self::Bool(text == "true")),
            Some(b'"') => serde_json::from_str(text).map(Self::String),
            Some(b'[') => serde_json::from_str(text).map(Self::List),
            Some(b'{') => {
                serde_json::from_str::<Entries<'a>>(text).map(|entries| Self::Object(entries.0))
            }
            _ => Ok(Self::Number(text)),
        };
        read.map_err(|error| format!(": {error}"))
    }
}

/// The keys of an object in order; a key that comes twice is refused.
struct Entries<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Entries<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries: Self::Value = Vec::new();
                while let Some((key, value)) = map.next_entry::<String, _>()? {
                    if entries.iter().any(|(other, _)| *other == key) {
                        return Err(serde::de::Error::custom(format!("`{key}` comes twice")));
                    }
                    entries.push((key, value));
                }
                Ok(entries)
            }
        }

        from.deserialize_map(Collect).map(Entries)
    }
}

fn parse(text: &str) -> Result<&RawValue, String> {
    serde_json::from_str(text).map_err(|error| format!(": {error}"))
}

/// Whether two texts mean the same: spacing and the order of keys don't count.
fn same(one: &RawValue, other: &RawValue) -> Result<bool, String> {
    Ok(match (Seen::of(one)?, Seen::of(other)?) {
        (Seen::Null, Seen::Null) => true,
        (Seen::Bool(one), Seen::Bool(other)) => one == other,
        (Seen::Number(one), Seen::Number(other)) => same_number(one, other),
        (Seen::String(one), Seen::String(other)) => one == other,
        (Seen::List(ones), Seen::List(others)) if ones.len() == others.len() => {
            let pairs = ones.iter().zip(others);
            pairs.map(|(one, other)| same(one, other)).all_true()?
        }
        (Seen::Object(ones), Seen::Object(others)) if ones.len() == others.len() => {
            let find = |key: &str| others.iter().find(|(other, _)| other == key);
            let pair = |(key, one): &(String, &RawValue)| match find(key) {
                Some((_, other)) => same(one, other),
                None => Ok(false),
            };
            ones.iter().map(pair).all_true()?
        }
        _ => false,
    })
}

/// `all` for answers that may be errors.
trait AllTrue {
    fn all_true(self) -> Result<bool, String>;
}

impl<I: Iterator<Item = Result<bool, String>>> AllTrue for I {
    fn all_true(mut self) -> Result<bool, String> {
        self.try_fold(true, |so_far, next| Ok(so_far && next?))
    }
}

/// `1` is `1.0`; integers are compared to the last digit.
fn same_number(one: &str, other: &str) -> bool {
    match (one.parse::<i128>(), other.parse::<i128>()) {
        (Ok(one), Ok(other)) => one == other,
        _ => {
            one.parse::<f64>().ok().map(f64::to_bits) == other.parse::<f64>().ok().map(f64::to_bits)
                || one.parse::<f64>() == Ok(0.0) && other.parse::<f64>() == Ok(0.0)
        }
    }
}

fn write_string(text: &str, out: &mut String) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn optional(key: &str, value: Tree) -> Tree {
        Tree::Object(vec![Entry {
            key: key.into(),
            value,
            presence: Presence::Optional,
        }])
    }

    fn required(key: &str, value: Tree) -> Tree {
        Tree::Object(vec![Entry::required(key, value)])
    }

    fn differs(tree: &Tree, json: &str) -> String {
        tree.compare(json, Closeness::Text).unwrap_err()
    }

    #[test]
    fn null_and_absent_are_one_only_where_a_field_is_optional() {
        assert_eq!(
            optional("a", Tree::Null).compare("{}", Closeness::Text),
            Ok(())
        );
        assert_eq!(
            differs(&required("a", Tree::Null), "{}"),
            ".a: null is lost"
        );
        assert_eq!(
            optional("a", Tree::Absent).compare(r#"{"a":null}"#, Closeness::Text),
            Ok(())
        );
        assert_eq!(
            differs(&Tree::Object(vec![]), r#"{"a":null}"#),
            ".a: null came from nowhere"
        );
    }

    #[test]
    fn numbers_are_compared_by_value() {
        let number = |text: &str| Tree::List(vec![Tree::Number(text.into())]);
        assert_eq!(number("1").compare("[1.0]", Closeness::Text), Ok(()));
        assert_eq!(number("0.1").compare("[1e-1]", Closeness::Text), Ok(()));
        assert!(differs(&number("9007199254740993"), "[9007199254740992]").starts_with("[0]"));
        assert!(differs(&number("1"), "[1.5]").starts_with("[0]"));
    }

    #[test]
    fn free_json_is_compared_as_closely_as_asked() {
        let free = Tree::Free(r#"{"b": 1, "a": 2}"#.into());
        assert!(free.compare(r#"{"a":2,"b":1}"#, Closeness::Text).is_err());
        assert_eq!(free.compare(r#"{"a":2,"b":1.0}"#, Closeness::Value), Ok(()));
        assert!(
            free.compare(r#"{"a":2,"b":1,"c":0}"#, Closeness::Value)
                .is_err()
        );
    }

    #[test]
    fn a_key_that_comes_twice_is_seen() {
        let tree = required("a", Tree::Bool(true));
        assert!(differs(&tree, r#"{"a":true,"a":true}"#).contains("twice"));
    }
}
