//! Bodies of requests: what an entry of the chain changes, and what of an earlier response is taken
//! along. Values that nothing changes stay as they were written.

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::Result;
use crate::request::query::RawObject;
use crate::text::read_json;
use crate::{Error, ErrorKind};

pub(super) type Object = Map<String, Value>;

/// The request's body as the caller sent it, which every entry of the chain changes anew.
pub(super) struct Original(RawObject);

impl Original {
    /// Reads a body, and takes out the places of earlier fallbacks, which the API takes from nobody
    /// but itself. `None` where it is no object.
    pub(super) fn read(bytes: &[u8]) -> Result<Option<Self>> {
        let Ok(mut body) = read_json::<RawObject>(bytes) else {
            return Ok(None);
        };
        if body.get("fallbacks").is_some_and(|it| it.get() != "null") {
            let fault = "the request has `fallbacks`, by which the API itself falls back; leave them out, or \
                         the middleware `RefusalFallback`";
            return Err(Error::new(ErrorKind::Middleware, fault));
        }
        if let Some(messages) = body.get("messages").and_then(without_seams) {
            body.set("messages".to_owned(), messages);
        }
        Ok(Some(Self(body)))
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        self.0.to_json()
    }

    /// The model that is asked for.
    pub(super) fn model(&self) -> String {
        let model = self.0.get("model");
        model
            .and_then(|it| serde_json::from_str(it.get()).ok())
            .unwrap_or_default()
    }

    /// Whether the request asks for fast output, and this entry neither does nor forbids it.
    pub(super) fn inherits_fast(&self, entry: &Object) -> bool {
        let fast = self.0.get("speed").is_some_and(|it| it.get() == "\"fast\"");
        fast && !entry.contains_key("speed")
    }

    /// The body for an entry whose model is too busy for fast output.
    pub(super) fn without_speed(
        &self,
        entry: &Object,
        token: Option<&str>,
        continuation: &[Value],
    ) -> Vec<u8> {
        let mut patch = entry.clone();
        patch.insert("speed".to_owned(), Value::Null);
        self.patched(&patch, token, continuation)
    }

    /// The body for an entry, with what it continues from and the credit of the refusal.
    pub(super) fn patched(
        &self,
        entry: &Object,
        token: Option<&str>,
        continuation: &[Value],
    ) -> Vec<u8> {
        let mut body = RawObject(self.0.0.clone());
        for (key, value) in entry {
            match (key.as_str(), value) {
                ("output_config", Value::Object(config)) => merge_config(&mut body, config),
                (_, value) => put(&mut body, key, value),
            }
        }
        let thinking: Option<Object> = self
            .0
            .get("thinking")
            .and_then(|it| serde_json::from_str(it.get()).ok());
        let between = thinking.is_some_and(|it| it.get("type") == Some(&json!("between_tools")));
        if between && !entry.contains_key("thinking") {
            // Not every model takes it.
            put(&mut body, "thinking", &json!({"type": "disabled"}));
        }
        put(&mut body, "fallbacks", &Value::Null);
        if let Some(token) = token {
            // One that can't be redeemed does not fail the request.
            let token = json!({"token": token, "mode": "best_effort"});
            put(&mut body, "fallback_credit_token", &token);
        }
        if !continuation.is_empty() {
            append_turn(&mut body, continuation);
        }
        body.to_json()
    }
}

/// Sets a key; `null` takes it out.
fn put(body: &mut RawObject, key: &str, value: &Value) {
    match (value, serde_json::value::to_raw_value(value)) {
        (Value::Null, _) => body.0.retain(|(name, _)| name != key),
        (_, Ok(raw)) => body.set(key.to_owned(), raw),
        (_, Err(_)) => {}
    }
}

/// Output settings are taken key by key.
fn merge_config(body: &mut RawObject, entry: &Object) {
    let own = body.get("output_config");
    let own = own.and_then(|it| serde_json::from_str(it.get()).ok());
    let mut config: RawObject = own.unwrap_or_else(|| RawObject(Vec::new()));
    for (key, value) in entry {
        put(&mut config, key, value);
    }
    let merged = String::from_utf8(config.to_json()).ok();
    match merged.and_then(|json| RawValue::from_string(json).ok()) {
        Some(raw) if !config.0.is_empty() => body.set("output_config".to_owned(), raw),
        _ => put(body, "output_config", &Value::Null),
    }
}

/// Adds a turn of the assistant's.
fn append_turn(body: &mut RawObject, content: &[Value]) {
    let turn = json!({"role": "assistant", "content": content});
    let messages = body.get("messages").map_or("[]", RawValue::get).trim_end();
    let Some(open) = messages.strip_suffix(']') else {
        return;
    };
    let comma = if open.trim_end().ends_with('[') {
        ""
    } else {
        ","
    };
    if let Ok(raw) = RawValue::from_string(format!("{open}{comma}{turn}]")) {
        body.set("messages".to_owned(), raw);
    }
}

/// The conversation without the places of fallbacks; `None` where there are none. A turn that has
/// nothing else is left out.
fn without_seams(messages: &RawValue) -> Option<Box<RawValue>> {
    if !messages.get().contains("fallback") {
        return None;
    }
    let list: Vec<Box<RawValue>> = serde_json::from_str(messages.get()).ok()?;
    let mut changed = false;
    let mut kept = Vec::with_capacity(list.len());
    for message in list {
        match without_seam(&message) {
            Some(Some(message)) => kept.push(message),
            Some(None) => {}
            None => {
                kept.push(message);
                continue;
            }
        }
        changed = true;
    }
    changed.then(|| serde_json::value::to_raw_value(&kept).ok())?
}

/// A message without the places of fallbacks: `None` where it has none, `Some(None)` where it has
/// nothing else.
#[expect(clippy::option_option, reason = "unchanged, changed, or gone")]
fn without_seam(message: &RawValue) -> Option<Option<Box<RawValue>>> {
    if !message.get().contains("fallback") {
        return None;
    }
    let mut message: RawObject = serde_json::from_str(message.get()).ok()?;
    let content: Vec<Box<RawValue>> = serde_json::from_str(message.get("content")?.get()).ok()?;
    let blocks = content.len();
    let kept: Vec<Box<RawValue>> = content.into_iter().filter(|it| !is_seam(it)).collect();
    if kept.len() == blocks {
        return None;
    }
    if kept.is_empty() {
        return Some(None);
    }
    message.set(
        "content".to_owned(),
        serde_json::value::to_raw_value(&kept).ok()?,
    );
    let json = String::from_utf8(message.to_json()).ok()?;
    Some(RawValue::from_string(json).ok())
}

fn is_seam(block: &RawValue) -> bool {
    let block: Option<RawObject> = serde_json::from_str(block.get()).ok();
    block.is_some_and(|block| {
        block
            .get("type")
            .is_some_and(|it| it.get() == "\"fallback\"")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn original(body: &Value) -> Original {
        Original::read(body.to_string().as_bytes())
            .unwrap()
            .unwrap()
    }

    fn object(value: Value) -> Object {
        match value {
            Value::Object(object) => object,
            other => panic!("{other}"),
        }
    }

    fn patched(body: &Value, entry: Value) -> Value {
        serde_json::from_slice(&original(body).patched(&object(entry), None, &[])).unwrap()
    }

    #[test]
    fn an_entry_changes_the_original_key_by_key() {
        let body = json!({
            "model": "a", "max_tokens": 8, "top": 1, "thinking": {"type": "between_tools"},
            "output_config": {"effort": "low", "format": {"type": "x"}},
        });
        assert_eq!(
            patched(
                &body,
                json!({"model": "b", "top": null, "output_config": {"effort": null}})
            ),
            json!({
                "model": "b", "max_tokens": 8, "thinking": {"type": "disabled"},
                "output_config": {"format": {"type": "x"}},
            })
        );
        let all = json!({"model": "b", "thinking": {"type": "adaptive"}, "output_config": {"effort": null, "format": null}});
        let patched = patched(&body, all);
        assert_eq!(patched["thinking"], json!({"type": "adaptive"}));
        assert!(patched.get("output_config").is_none());
    }

    #[test]
    fn a_continuation_and_a_token_are_added_and_the_rest_stays_as_it_is() {
        let body = br#"{"model":"a","messages":[ {"role":"user","content":[{"n":1.50e2}]} ] }"#;
        let original = Original::read(body).unwrap().unwrap();
        let entry = object(json!({"model": "b"}));
        let turn = [json!({"type": "text", "text": "So"})];
        let bytes = original.patched(&entry, Some("t"), &turn);
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains(r#"{"n":1.50e2}"#), "{text}");
        let body: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            body["messages"][1],
            json!({"role": "assistant", "content": turn})
        );
        assert_eq!(
            body["fallback_credit_token"],
            json!({"token": "t", "mode": "best_effort"})
        );
    }

    #[test]
    fn places_of_earlier_fallbacks_are_taken_out() {
        let seam = json!({"type": "fallback", "from": {"model": "a"}, "to": {"model": "b"}});
        let body = json!({"model": "a", "messages": [
            {"role": "user", "content": "What is a fallback?"},
            {"role": "assistant", "content": [seam, {"type": "text", "text": "A fallback is"}]},
            {"role": "assistant", "content": [seam]},
        ]});
        let read: Value = serde_json::from_slice(&original(&body).bytes()).unwrap();
        assert_eq!(
            read["messages"],
            json!([
                {"role": "user", "content": "What is a fallback?"},
                {"role": "assistant", "content": [{"type": "text", "text": "A fallback is"}]},
            ])
        );
        let own = json!({"model": "a", "fallbacks": [{"model": "b"}]}).to_string();
        assert!(Original::read(own.as_bytes()).is_err());
        assert!(Original::read(b"[]").unwrap().is_none());
    }
}
