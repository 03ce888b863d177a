//! Keys that a caller puts into a JSON body, at its top or further down.

use serde_json::value::{RawValue, to_raw_value};

use super::query::RawObject;
use crate::text::join;
use crate::{Error, Result};

/// A pointer that leads further down is a mistake, and not worth a deep stack.
const DEEPEST: usize = 128;

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

    /// Sets the value; objects on the way that are not there are made.
    pub(crate) fn put_into(self, object: &mut RawObject) -> Result<()> {
        let Self { key, below, value } = self;
        let value = match replaced(object.get(&key), &below, value) {
            Ok(value) => value,
            Err(why) => {
                let pointer = format!("/{key}/{}", join(&below, "/"));
                return Err(Error::request(format!(
                    "the body's `{pointer}` can't be set: {why}"
                )));
            }
        };
        object.set(key, value);
        Ok(())
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

/// `old` with `value` at the end of `path`.
fn replaced(
    old: Option<&RawValue>,
    path: &[String],
    value: Box<RawValue>,
) -> Result<Box<RawValue>, &'static str> {
    const UNREADABLE: &str = "a value on the way can't be read";
    let Some((step, rest)) = path.split_first() else {
        return Ok(value);
    };
    let old = old.map_or("null", RawValue::get);
    match old.bytes().next() {
        Some(b'{' | b'n') => {
            let mut object = RawObject(Vec::new());
            if old != "null" {
                object = serde_json::from_str(old).map_err(|_| UNREADABLE)?;
            }
            let inner = replaced(object.get(step), rest, value)?;
            object.set(step.clone(), inner);
            let json = String::from_utf8(object.to_json()).map_err(|_| UNREADABLE)?;
            RawValue::from_string(json).map_err(|_| UNREADABLE)
        }
        Some(b'[') => {
            let mut items: Vec<Box<RawValue>> =
                serde_json::from_str(old).map_err(|_| UNREADABLE)?;
            let index = index(step, items.len()).ok_or("there is no such item in a list")?;
            let inner = replaced(items.get(index).map(|item| &**item), rest, value)?;
            match items.get_mut(index) {
                Some(item) => *item = inner,
                None => items.push(inner),
            }
            to_raw_value(&items).map_err(|_| UNREADABLE)
        }
        _ => Err("a value on the way is neither an object nor a list"),
    }
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
        let mut object: RawObject = serde_json::from_str(body).unwrap();
        let value = RawValue::from_string(value.to_owned()).unwrap();
        ExtraKey::at(pointer, value)?.put_into(&mut object)?;
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
