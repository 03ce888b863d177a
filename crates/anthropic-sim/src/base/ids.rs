//! Ids in the API's style, made without randomness.
//!
//! An object made from a request is named by a hash of what made it, so that the same request gets
//! the same id; objects that are state (requests, batches, files) are numbered, and the number is
//! hashed so that ids look alike.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;

/// The organization of all keys.
pub(crate) const ORGANIZATION: &str = "00000000-0000-4000-8000-00000000051a";
/// The workspace of all keys.
pub(crate) const WORKSPACE: &str = "wrkspc_01SimulatorDefaultWorkspac";

const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// FNV-1a in 128 bits: stable across platforms and releases, which the standard hasher does not
/// promise.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hash(u128);

impl Hash {
    pub(crate) fn new() -> Self {
        Self(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }

    pub(crate) fn bytes(mut self, bytes: &[u8]) -> Self {
        for byte in bytes {
            self.0 = (self.0 ^ u128::from(*byte))
                .wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        }
        self
    }

    /// Hashes a value by content: objects by sorted key, so that key order makes no difference.
    pub(crate) fn value(self, value: &Value) -> Self {
        match value {
            Value::Object(map) => {
                let mut keys: Vec<&String> = map.keys().collect();
                keys.sort();
                let opened = self.bytes(b"{");
                let filled = keys.into_iter().fold(opened, |hash, key| {
                    let named = hash.bytes(key.as_bytes()).bytes(b":");
                    map.get(key).map_or(named, |value| named.value(value))
                });
                filled.bytes(b"}")
            }
            Value::Array(items) => items
                .iter()
                .fold(self.bytes(b"["), |hash, item| hash.value(item).bytes(b","))
                .bytes(b"]"),
            Value::String(text) => self.bytes(b"\"").bytes(text.as_bytes()).bytes(b"\""),
            other => self.bytes(other.to_string().as_bytes()),
        }
    }

    pub(crate) fn number(self) -> u128 {
        self.0
    }

    /// 22 characters without look-alikes.
    pub(crate) fn text(self) -> String {
        // FNV hardly lets the last bytes reach the upper half; folding it over makes neighbours
        // look unlike.
        let folded =
            (self.0 ^ (self.0 >> 64)).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
        let mut rest = folded ^ (folded >> 64);
        let mut text = String::with_capacity(22);
        for _ in 0..22 {
            let digit = usize::try_from(rest % 58).unwrap_or_default();
            text.push(char::from(ALPHABET.get(digit).copied().unwrap_or(b'1')));
            rest /= 58;
        }
        text
    }

    /// 32 hexadecimal digits.
    pub(crate) fn hex(self) -> String {
        format!("{:032x}", self.0)
    }

    /// An id such as `msg_01…`.
    pub(crate) fn id(self, prefix: &str) -> String {
        format!("{prefix}_01{}", self.text())
    }
}

/// The counter behind the ids of stateful objects.
#[derive(Debug, Default)]
pub(crate) struct Ids(AtomicU64);

impl Ids {
    /// Begins with the first one again.
    pub(crate) fn restart(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    pub(crate) fn next(&self, prefix: &str) -> String {
        self.numbered(prefix).1
    }

    /// The id with its number, for lists that page by age.
    pub(crate) fn numbered(&self, prefix: &str) -> (u64, String) {
        let number = self.0.fetch_add(1, Ordering::Relaxed);
        let hash = Hash::new()
            .bytes(prefix.as_bytes())
            .bytes(&number.to_be_bytes());
        (number, hash.id(prefix))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_depend_on_content_and_not_on_order() {
        let one: Value = serde_json::from_str(r#"{"a":1,"b":[true,null]}"#).unwrap();
        let two: Value = serde_json::from_str(r#"{"b":[true,null],"a":1}"#).unwrap();
        let id = Hash::new().value(&one).id("msg");
        assert_eq!(id, Hash::new().value(&two).id("msg"));
        assert_ne!(id, Hash::new().value(&json!({"a": 2})).id("msg"));
        assert_eq!(id.len(), "msg_01".len() + 22);
    }

    #[test]
    fn numbered_ids_differ() {
        let ids = Ids::default();
        assert_ne!(ids.next("req"), ids.next("req"));
    }
}
