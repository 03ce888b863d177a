//! What gateways do to documents: a value is missing, `null`, of another type, or cut within a
//! character.

use serde_json::{Map, Value, json};

/// Stands in a document for half of a surrogate pair, which JSON can write and no string can hold.
pub const HALF: char = '\u{F8FF}';

/// A document as text, with halves of surrogate pairs.
pub fn written(document: &Value) -> String {
    document.to_string().replace(HALF, r"\ud83d")
}

/// A text as a document, in which U+FFFD stands for each half of a surrogate pair.
pub fn read(json: &[u8]) -> Value {
    let json = String::from_utf8_lossy(json).replace(r"\ud83d", r"\ufffd");
    serde_json::from_str(&json).unwrap_or_default()
}

/// Every way to bend a value.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Bend {
    /// The key, or the item of a list, is not there.
    Missing,
    /// The value is another one.
    Instead(Value),
}

/// The places in a document, as JSON pointers, without the document itself.
pub fn pointers(document: &Value) -> Vec<String> {
    fn collect(value: &Value, at: &str, out: &mut Vec<String>) {
        let mut below = |step: &str, value: &Value| {
            let at = format!("{at}/{}", step.replace('~', "~0").replace('/', "~1"));
            collect(value, &at, out);
            out.push(at);
        };
        match value {
            Value::Object(fields) => fields.iter().for_each(|(key, value)| below(key, value)),
            Value::Array(items) => {
                let numbered = items.iter().enumerate();
                numbered.for_each(|(index, value)| below(&index.to_string(), value));
            }
            _ => {}
        }
    }
    let mut out = Vec::new();
    collect(document, "", &mut out);
    out
}

/// The ways to bend what is in a place.
pub fn bends(value: &Value) -> Vec<Bend> {
    let others = match value {
        Value::Null => json!([5, "x", {"q": 1}, []]),
        Value::Bool(_) => json!([null, "true", 0, {}]),
        Value::Number(_) => json!([null, "x", -3, 1.5, 1e300, true, {"q": 1}]),
        Value::String(_) => {
            let [first, last] = [format!("{HALF}x"), format!("x{HALF}")];
            json!([null, 5, {"q": 1}, ["x"], first, last])
        }
        Value::Array(_) => json!([null, 5, "x", {"q": 1}]),
        Value::Object(_) => json!([null, 5, "x", "", [], {}]),
    };
    let others = others.as_array().cloned().unwrap_or_default();
    let instead = others.into_iter().map(Bend::Instead);
    std::iter::once(Bend::Missing).chain(instead).collect()
}

/// A document that is bent in one place.
pub fn bent(document: &Value, pointer: &str, bend: &Bend) -> Option<Value> {
    let mut document = document.clone();
    match bend {
        Bend::Instead(value) => *document.pointer_mut(pointer)? = value.clone(),
        Bend::Missing => {
            let (parent, step) = pointer.rsplit_once('/')?;
            let step = step.replace("~1", "/").replace("~0", "~");
            match document.pointer_mut(parent)? {
                Value::Object(fields) => drop(fields.remove(&step)?),
                Value::Array(items) => {
                    let index = step.parse().ok()?;
                    let _ = (index < items.len()).then(|| items.remove(index))?;
                }
                _ => return None,
            }
        }
    }
    Some(document)
}

/// Where something of a document is not in another one, which may have more.
pub fn lost(document: &Value, other: &Value) -> Option<String> {
    lost_unless(document, other, &|_, _| false)
}

/// As [`lost`]; some entries may be missing, or be others.
pub fn lost_unless(
    document: &Value,
    other: &Value,
    may_go: &dyn Fn(&str, &Value) -> bool,
) -> Option<String> {
    let under = |step: &str, problem: String| format!("/{step}{problem}");
    match (document, other) {
        (Value::Object(fields), Value::Object(others)) => fields
            .iter()
            .filter(|(key, value)| !may_go(key, value))
            .find_map(|(key, value)| match others.get(key) {
                Some(other) => Some(under(key, lost_unless(value, other, may_go)?)),
                None => Some(under(key, format!(": {value} is lost"))),
            }),
        (Value::Array(items), Value::Array(others)) if items.len() == others.len() => {
            let mut pairs = items.iter().zip(others).enumerate();
            pairs.find_map(|(index, (value, other))| {
                let problem = lost_unless(value, other, may_go)?;
                Some(under(&index.to_string(), problem))
            })
        }
        (Value::Number(one), Value::Number(other)) if one.as_f64() == other.as_f64() => None,
        _ if document == other => None,
        _ => Some(format!(": {document} became {other}")),
    }
}

/// The fields of an object.
pub fn fields(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}
