//! Surrogate pairs that are split over two deltas.
//!
//! Programs that hold text in UTF-16 may cut it between the two halves of a character. JSON can
//! write half a pair, and no Rust string can hold one: it waits for the delta with the other half.

use anthropic_types::{ContentBlockDelta, StreamEvent};

use crate::request::query::RawObject;

/// The halves at the ends of a delta's text, which is without them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Halves {
    /// The second half of a character that the delta before has begun.
    pub(super) first: Option<u16>,
    /// The first half of a character that the next delta completes.
    pub(super) last: Option<u16>,
}

/// Takes the halves off the ends of a delta whose text had some; the decoder has put U+FFFD in
/// their places.
pub(super) fn take(event: &mut StreamEvent, data: &str) -> Option<Halves> {
    let StreamEvent::ContentBlockDelta(event) = event else {
        return None;
    };
    let (extra, key, text) = match &mut event.delta {
        ContentBlockDelta::TextDelta(delta) => (&delta.extra, "text", &mut delta.text),
        ContentBlockDelta::ThinkingDelta(delta) => (&delta.extra, "thinking", &mut delta.thinking),
        ContentBlockDelta::InputJsonDelta(delta) => {
            (&delta.extra, "partial_json", &mut delta.partial_json)
        }
        _ => return None,
    };
    if extra.repair(key) != Some(anthropic_types::RepairKind::LoneSurrogate) {
        return None;
    }
    let fields: RawObject = serde_json::from_str(data).ok()?;
    let delta = fields.get("delta")?.get();
    let fields: RawObject = serde_json::from_str(delta).ok()?;
    let inner = fields
        .get(key)?
        .get()
        .strip_prefix('"')?
        .strip_suffix('"')?;
    let halves = ends(inner);
    if halves.first.is_some() {
        *text = text.strip_prefix(char::REPLACEMENT_CHARACTER)?.to_owned();
    }
    if halves.last.is_some() {
        text.truncate(text.strip_suffix(char::REPLACEMENT_CHARACTER)?.len());
    }
    (halves != Halves::default()).then_some(halves)
}

/// The halves at the ends of what is between the quotes of a JSON string.
fn ends(inner: &str) -> Halves {
    let first = inner.get(..6).and_then(unit);
    let last = inner.len().checked_sub(6).and_then(|at| {
        let (before, escape) = inner.split_at_checked(at)?;
        let slashes = before
            .bytes()
            .rev()
            .take_while(|byte| *byte == b'\\')
            .count();
        unit(escape).filter(|_| slashes % 2 == 0)
    });
    Halves {
        first: first.filter(|unit| (0xDC00..0xE000).contains(unit)),
        last: last.filter(|unit| (0xD800..0xDC00).contains(unit)),
    }
}

/// The UTF-16 code unit that an escape writes.
fn unit(escape: &str) -> Option<u16> {
    let digits = escape.strip_prefix("\\u")?;
    u16::from_str_radix(digits, 16).ok()
}

/// The character of two halves; U+FFFD for half of one.
pub(super) fn join(first: Option<u16>, second: Option<u16>) -> String {
    char::decode_utf16(first.into_iter().chain(second))
        .map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_a_text_are_found() {
        for (inner, first, last) in [
            (r"\ude00 x \uD83D", Some(0xDE00), Some(0xD83D)),
            (r"\ud83d\ude00", None, None),
            (r"a\\ud83d", None, None),
            (r"a\\\ud83d", None, Some(0xD83D)),
            (r"\ud83d", None, Some(0xD83D)),
            (r"\udc00", Some(0xDC00), None),
            ("a", None, None),
            ("aäüöß", None, None),
        ] {
            assert_eq!(ends(inner), Halves { first, last }, "{inner}");
        }
        assert_eq!(join(Some(0xD83D), Some(0xDE00)), "\u{1F600}");
        assert_eq!(join(Some(0xD83D), None), "\u{FFFD}");
        assert_eq!(join(None, Some(0xDE00)), "\u{FFFD}");
    }
}
