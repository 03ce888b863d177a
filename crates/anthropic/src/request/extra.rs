//! Keys that a caller puts into a JSON body, at its top or further down.

use std::collections::HashMap;

use serde_json::value::RawValue;

use super::query::RawObject;
use crate::text::join;
use crate::{Error, Result};

/// A pointer that leads further down is a mistake, and not worth a deep stack.
const DEEPEST: usize = 128;

const UNREADABLE: &str = "a value on the way can't be read";

/// A key and its value.
#[derive(Debug, Clone)]
pub(crate) struct ExtraKey {
    pub(crate) key: String,
    /// The keys and indexes that lead on from there.
    pub(crate) below: Vec<String>,
    pub(crate) value: Box<RawValue>,
}

impl From<(String, Box<RawValue>)> for ExtraKey {
    fn from((key, value): (String, Box<RawValue>)) -> Self {
        let below = Vec::new();
        Self { key, below, value }
    }
}

impl ExtraKey {
    /// A value at a place that is named by a JSON Pointer (RFC 6901).
    pub(crate) fn at(pointer: &str, value: Box<RawValue>) -> Result<Self> {
        let malformed = || {
            Error::request(format!(
                "`{pointer}` is no JSON Pointer to a key, such as `/metadata/user_id`"
            ))
        };
        let path = pointer.strip_prefix('/').ok_or_else(malformed)?;
        let steps: Option<Vec<String>> = path.split('/').map(unescaped).collect();
        let mut below = steps.ok_or_else(malformed)?;
        if below.len() > DEEPEST {
            return Err(Error::request(format!(
                "a JSON Pointer has more than {DEEPEST} steps"
            )));
        }
        let key = below.remove(0);
        Ok(Self { key, below, value })
    }
}

/// A JSON object whose values are changed one by one. What is on the way to one is taken apart
/// once, whatever number of them it leads to.
#[derive(Debug)]
pub(crate) struct Edited(Node);

/// A value, taken apart as far as it had to be.
#[derive(Debug)]
enum Node {
    Raw(Box<RawValue>),
    Object(Object),
    List(Vec<Self>),
}

/// An object with its keys in order.
#[derive(Debug, Default)]
struct Object {
    entries: Vec<(String, Node)>,
    /// Where each key is, for the first of that name.
    places: HashMap<String, usize>,
}

impl Edited {
    pub(crate) fn new(object: RawObject) -> Self {
        Self(Node::Object(Object::from(object)))
    }

    /// Sets a value; objects on the way that are not there are made.
    pub(crate) fn set(&mut self, extra: ExtraKey) -> Result<()> {
        let ExtraKey { key, below, value } = extra;
        let mut steps = std::iter::once(&key).chain(&below);
        let place = steps.try_fold(&mut self.0, |node, step| node.at(step));
        match place {
            Ok(place) => {
                *place = Node::Raw(value);
                Ok(())
            }
            Err(why) => {
                let pointer = format!("/{key}/{}", join(&below, "/"));
                Err(Error::request(format!(
                    "the body's `{pointer}` can't be set: {why}"
                )))
            }
        }
    }

    pub(crate) fn to_json(&self) -> Vec<u8> {
        let mut json = String::new();
        self.0.write(&mut json);
        json.into_bytes()
    }
}

impl From<RawObject> for Object {
    fn from(RawObject(raw): RawObject) -> Self {
        let mut object = Self::default();
        for (key, value) in raw {
            let place = object.entries.len();
            object.places.entry(key.clone()).or_insert(place);
            object.entries.push((key, Node::Raw(value)));
        }
        object
    }
}

impl Node {
    /// The value that a step leads to, `null` where it is a new one.
    fn at(&mut self, step: &str) -> Result<&mut Self, &'static str> {
        self.open()?;
        match self {
            Self::Object(Object { entries, places }) => {
                let place = *places.entry(step.to_owned()).or_insert(entries.len());
                if place == entries.len() {
                    entries.push((step.to_owned(), Self::Raw(RawValue::NULL.to_owned())));
                }
                let entry = entries.get_mut(place).map(|(_, value)| value);
                entry.ok_or(UNREADABLE)
            }
            Self::List(items) => {
                const MISSING: &str = "there is no such item in a list";
                let index = index(step, items.len()).ok_or(MISSING)?;
                if index == items.len() {
                    items.push(Self::Raw(RawValue::NULL.to_owned()));
                }
                items.get_mut(index).ok_or(MISSING)
            }
            Self::Raw(_) => Err("a value on the way is neither an object nor a list"),
        }
    }

    /// Takes an object or a list apart; `null` becomes an object.
    fn open(&mut self) -> Result<(), &'static str> {
        let Self::Raw(raw) = self else {
            return Ok(());
        };
        let text = raw.get();
        *self = match text.bytes().next() {
            Some(b'n') => Self::Object(Object::default()),
            Some(b'{') => {
                let object: RawObject = serde_json::from_str(text).map_err(|_| UNREADABLE)?;
                Self::Object(Object::from(object))
            }
            Some(b'[') => {
                let items: Vec<Box<RawValue>> =
                    serde_json::from_str(text).map_err(|_| UNREADABLE)?;
                Self::List(items.into_iter().map(Self::Raw).collect())
            }
            _ => return Ok(()),
        };
        Ok(())
    }

    fn write(&self, json: &mut String) {
        match self {
            Self::Raw(raw) => json.push_str(raw.get()),
            Self::List(items) => {
                json.push('[');
                for (index, item) in items.iter().enumerate() {
                    json.push_str(if index > 0 { "," } else { "" });
                    item.write(json);
                }
                json.push(']');
            }
            Self::Object(Object { entries, .. }) => {
                json.push('{');
                for (index, (key, value)) in entries.iter().enumerate() {
                    json.push_str(if index > 0 { "," } else { "" });
                    json.push_str(&serde_json::Value::from(key.as_str()).to_string());
                    json.push(':');
                    value.write(json);
                }
                json.push('}');
            }
        }
    }
}

/// A step of a pointer: `~1` is `/`, `~0` is `~`, and another `~` is a mistake.
fn unescaped(step: &str) -> Option<String> {
    let mut parts = step.split('~');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (char, rest) = match part.split_at_checked(1)? {
            ("0", rest) => ('~', rest),
            ("1", rest) => ('/', rest),
            _ => return None,
        };
        text.push(char);
        text.push_str(rest);
    }
    Some(text)
}

/// The index that a step names in a list; `-` and the list's length are the place behind its end.
fn index(step: &str, len: usize) -> Option<usize> {
    if step == "-" {
        return Some(len);
    }
    let is_number = step.bytes().all(|byte| byte.is_ascii_digit());
    let is_plain = is_number && (step == "0" || !step.starts_with('0'));
    let index: u64 = step.parse().ok().filter(|_| is_plain)?;
    usize::try_from(index).ok().filter(|index| *index <= len)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(body: &str, pointer: &str, value: &str) -> Result<String> {
        let mut object = Edited::new(serde_json::from_str(body).unwrap());
        let value = RawValue::from_string(value.to_owned()).unwrap();
        object.set(ExtraKey::at(pointer, value)?)?;
        Ok(String::from_utf8(object.to_json()).unwrap())
    }

    #[test]
    fn a_pointer_sets_a_key_at_any_depth() {
        for (body, pointer, expected) in [
            ("{}", "/a", r#"{"a":1}"#),
            (r#"{"a":0,"b":2}"#, "/a", r#"{"a":1,"b":2}"#),
            ("{}", "/a/b/c", r#"{"a":{"b":{"c":1}}}"#),
            (r#"{"a":null}"#, "/a/b", r#"{"a":{"b":1}}"#),
            (
                r#"{"a":{"z":1.50,"b":[]}}"#,
                "/a/b",
                r#"{"a":{"z":1.50,"b":1}}"#,
            ),
            (r#"{"a":[{"b":0},5]}"#, "/a/0/b", r#"{"a":[{"b":1},5]}"#),
            (r#"{"a":[0]}"#, "/a/1", r#"{"a":[0,1]}"#),
            (r#"{"a":[0]}"#, "/a/-", r#"{"a":[0,1]}"#),
            (r#"{"a":[]}"#, "/a/-/b", r#"{"a":[{"b":1}]}"#),
            ("{}", "/a~1b/~0~01", r#"{"a/b":{"~~1":1}}"#),
            ("{}", "/a/0", r#"{"a":{"0":1}}"#),
            ("{}", "/", r#"{"":1}"#),
            ("{}", "/é/\"", r#"{"é":{"\"":1}}"#),
        ] {
            assert_eq!(
                put(body, pointer, "1").unwrap(),
                expected,
                "{body} {pointer}"
            );
        }
    }

    #[test]
    fn what_is_set_twice_is_the_last_and_where_the_first_was() {
        let mut object = Edited::new(serde_json::from_str(r#"{"a":{"b":1,"b":2},"a":3}"#).unwrap());
        for (pointer, value) in [
            ("/c/d", "4"),
            ("/a/b", "5"),
            ("/c", r#"[{"e":6}]"#),
            ("/c/0/f", "7"),
            ("/c/-", "8"),
            ("/c/1", "9"),
        ] {
            let value = RawValue::from_string(value.to_owned()).unwrap();
            object.set(ExtraKey::at(pointer, value).unwrap()).unwrap();
        }
        let expected = r#"{"a":{"b":5,"b":2},"a":3,"c":[{"e":6,"f":7},9]}"#;
        assert_eq!(object.to_json(), expected.as_bytes());
    }

    #[test]
    fn many_values_take_as_long_as_they_are() {
        const MANY: usize = 30_000;
        let mut object = Edited::new(RawObject(Vec::new()));
        for number in 0..MANY {
            for pointer in [
                "/a/-".to_owned(),
                format!("/b/c/{number}"),
                format!("/{number}"),
            ] {
                let value = RawValue::from_string("1".to_owned()).unwrap();
                object.set(ExtraKey::at(&pointer, value).unwrap()).unwrap();
            }
        }
        let json = object.to_json();
        assert!(json.ends_with(b":1}") && json.len() > 3 * MANY);
    }

    #[test]
    fn a_pointer_has_as_many_steps_as_it_may() {
        assert!(put("{}", &"/a".repeat(DEEPEST), "1").is_ok());
        assert!(put("{}", &"/a".repeat(DEEPEST + 1), "1").is_err());
    }

    #[test]
    fn what_leads_nowhere_is_refused() {
        let deep = "/a".repeat(1_000_000);
        for (body, pointer, problem) in [
            ("{}", "", "no JSON Pointer"),
            ("{}", "a/b", "no JSON Pointer"),
            ("{}", "/a~", "no JSON Pointer"),
            ("{}", "/a~2", "no JSON Pointer"),
            ("{}", "/a~é", "no JSON Pointer"),
            ("{}", &deep, "more than 128"),
            (r#"{"a":5}"#, "/a/b", "`/a/b` can't be set"),
            (r#"{"a":"x"}"#, "/a/b", "neither an object nor a list"),
            (r#"{"a":[0]}"#, "/a/2", "no such item"),
            (r#"{"a":[0]}"#, "/a/00", "no such item"),
            (r#"{"a":[0]}"#, "/a/+0", "no such item"),
            (r#"{"a":[0]}"#, "/a/", "no such item"),
            (r#"{"a":[0]}"#, "/a/99999999999999999999", "no such item"),
        ] {
            let line = put(body, pointer, "1").unwrap_err().to_string();
            assert!(line.contains(problem), "{pointer:.20}: {line:.200}");
        }
    }
}
