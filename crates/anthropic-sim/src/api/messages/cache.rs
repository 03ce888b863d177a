//! The prompt cache, as far as usage shows it: which start of a request has been seen before.
//!
//! Nothing is stored but hashes. The rule is documented in [`tokens`](crate::tokens).

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Value, json};

use crate::base::ids::Hash;
use crate::base::sync::lock;
use crate::tokens::{CACHE_CONTROL, Part, parts};

const SHORT: Duration = Duration::from_secs(5 * 60);
const LONG: Duration = Duration::from_secs(60 * 60);
/// Above this many entries the expired ones go, and then all.
const MOST: usize = 100_000;

/// The hashes of cached starts, with their lifetimes.
#[derive(Debug, Default)]
pub(crate) struct Cache(Mutex<HashMap<u128, Entry>>);

#[derive(Debug, Clone, Copy)]
struct Entry {
    lifetime: Duration,
    expires: Duration,
}

/// How a request's input tokens are split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Split {
    pub(super) input: u64,
    pub(super) read: u64,
    pub(super) written_short: u64,
    pub(super) written_long: u64,
}

/// A place up to which a request may be cached.
struct Mark {
    hash: u128,
    /// The tokens up to here.
    tokens: u64,
    lifetime: Option<Duration>,
}

impl Cache {
    /// Removes every entry.
    pub(super) fn forget(&self) {
        lock(&self.0).clear();
    }

    /// Splits the tokens of a request, which are counted for each of its parts, and caches what it
    /// asks to be cached.
    pub(super) fn split(&self, body: &Value, counts: &[u64], now: Duration) -> Split {
        if !is_asked(body) {
            return Split {
                input: counts.iter().sum(),
                ..Split::default()
            };
        }
        let marks = marks(body, counts);
        let total = marks.last().map_or(0, |mark| mark.tokens);
        let Some(last) = marks.iter().rposition(|mark| mark.lifetime.is_some()) else {
            return Split {
                input: total,
                ..Split::default()
            };
        };
        let marks = marks.get(..=last).unwrap_or_default();
        let mut entries = lock(&self.0);
        let found = marks.iter().rev().find_map(|mark| {
            let entry = entries.get_mut(&mark.hash)?;
            (entry.expires > now).then(|| {
                entry.expires = now.saturating_add(entry.lifetime);
                mark.tokens
            })
        });
        let mut split = Split {
            read: found.unwrap_or_default(),
            ..Split::default()
        };
        let mut done = split.read;
        for mark in marks.iter().filter(|mark| mark.tokens > split.read) {
            let Some(lifetime) = mark.lifetime else {
                continue;
            };
            let written = mark.tokens.saturating_sub(done);
            if lifetime == LONG {
                split.written_long += written;
            } else {
                split.written_short += written;
            }
            done = mark.tokens;
            let expires = now.saturating_add(lifetime);
            entries.insert(mark.hash, Entry { lifetime, expires });
        }
        split.input = total.saturating_sub(done);
        if entries.len() > MOST {
            entries.retain(|_, entry| entry.expires > now);
            if entries.len() > MOST {
                entries.clear();
            }
        }
        split
    }
}

impl Split {
    /// The fields of `usage` about the input.
    pub(super) fn usage(self) -> Value {
        json!({
            "input_tokens": self.input,
            "cache_read_input_tokens": self.read,
            "cache_creation_input_tokens": self.written_short + self.written_long,
            "cache_creation": {
                "ephemeral_5m_input_tokens": self.written_short,
                "ephemeral_1h_input_tokens": self.written_long,
            },
        })
    }
}

/// Most requests cache nothing, and need not be hashed.
fn is_asked(body: &Value) -> bool {
    let has = |value: &Value| value.get(CACHE_CONTROL).is_some();
    has(body) || parts(body).iter().any(|part| has(part.value))
}

fn marks(body: &Value, counts: &[u64]) -> Vec<Mark> {
    let parts = parts(body);
    let count = parts.len();
    let whole = body.get(CACHE_CONTROL).and_then(lifetime);
    let model = body.get("model").cloned().unwrap_or_default();
    let mut hash = Hash::new().value(&model);
    let mut tokens = 0;
    let marked = parts.into_iter().enumerate().map(|(index, part)| {
        hash = hashed(hash, &part);
        tokens += counts.get(index).copied().unwrap_or_default();
        let own = part.value.get(CACHE_CONTROL).and_then(lifetime);
        Mark {
            hash: hash.number(),
            tokens,
            lifetime: own.or(whole.filter(|_| index + 1 == count)),
        }
    });
    marked.collect()
}

/// A string and a single text block of the same text are the same to a cache, and `cache_control`
/// is no content.
fn hashed(hash: Hash, part: &Part<'_>) -> Hash {
    let hash = hash.bytes(part.place.as_bytes());
    match part.value {
        Value::String(text) => hash.value(&json!({"type": "text", "text": text})),
        Value::Object(fields) if fields.contains_key(CACHE_CONTROL) => {
            let mut fields = fields.clone();
            fields.remove(CACHE_CONTROL);
            hash.value(&Value::Object(fields))
        }
        value => hash.value(value),
    }
}

/// How long a `cache_control` wants its block to be kept.
fn lifetime(control: &Value) -> Option<Duration> {
    control.get("type").filter(|kind| *kind == "ephemeral")?;
    let long = control.get("ttl").is_some_and(|ttl| ttl == "1h");
    Some(if long { LONG } else { SHORT })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokens::counts;

    fn split(cache: &Cache, body: &Value, seconds: u64) -> Split {
        cache.split(body, &counts(body), Duration::from_secs(seconds))
    }

    fn body(last: &str, cached: usize) -> Value {
        let mut blocks: Vec<Value> = ["12345678", "abcdefgh", last]
            .iter()
            .map(|text| json!({"type": "text", "text": text}))
            .collect();
        for block in blocks.iter_mut().take(cached) {
            block["cache_control"] = json!({"type": "ephemeral"});
        }
        json!({"model": "claude-opus-5-5", "system": blocks, "messages": [{"role": "user", "content": "1234"}]})
    }

    #[test]
    fn without_cache_control_nothing_is_cached() {
        let cache = Cache::default();
        for _ in 0..2 {
            let split = split(&cache, &body("x", 0), 0);
            assert_eq!(
                split,
                Split {
                    input: 2 + 2 + 1 + 4,
                    ..Split::default()
                }
            );
        }
    }

    #[test]
    fn the_longest_known_start_is_read_and_the_rest_written() {
        let cache = Cache::default();
        let first = split(&cache, &body("x", 2), 0);
        assert_eq!(
            first,
            Split {
                input: 5,
                written_short: 4,
                ..Split::default()
            }
        );
        let again = split(&cache, &body("x", 2), 299);
        assert_eq!(
            again,
            Split {
                input: 5,
                read: 4,
                ..Split::default()
            }
        );
        let longer = split(&cache, &body("other", 3), 598);
        assert_eq!(
            longer,
            Split {
                input: 4,
                read: 4,
                written_short: 2,
                ..Split::default()
            }
        );
        let late = split(&cache, &body("x", 2), 598 + 300);
        assert_eq!(
            late,
            Split {
                input: 5,
                written_short: 4,
                ..Split::default()
            }
        );
    }

    #[test]
    fn a_whole_request_is_cached_by_its_own_cache_control_and_goes_on_growing() {
        let cache = Cache::default();
        let mut body = body("x", 0);
        body["cache_control"] = json!({"type": "ephemeral", "ttl": "1h"});
        let first = split(&cache, &body, 0);
        assert_eq!(
            first,
            Split {
                written_long: 9,
                ..Split::default()
            }
        );
        let more = [
            json!({"role": "assistant", "content": "1"}),
            json!({"role": "user", "content": "2"}),
        ];
        body["messages"]
            .as_array_mut()
            .into_iter()
            .for_each(|messages| messages.extend(more.clone()));
        let second = split(&cache, &body, 3_599);
        assert_eq!(
            second,
            Split {
                read: 9,
                written_long: 8,
                ..Split::default()
            }
        );
    }
}
