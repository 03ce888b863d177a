//! Surrogate pairs that are split over two events.
//!
//! Programs that hold text in UTF-16 may cut it between the two halves of a character. JSON can
//! write half a pair, and no Rust string can hold one: it waits for the delta with the other half.

use anthropic_types::{
    ContentBlock, ContentBlockDelta, Extra, RepairKind, StreamEvent, from_slice,
};

use crate::request::query::RawObject;

/// The halves at the ends of an event's text, which is without them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Halves {
    /// The second half of a character that the delta before has begun.
    pub(super) first: Option<u16>,
    /// The first half of a character that the next delta completes.
    pub(super) last: Option<u16>,
}

/// What deltas make longer, of which each block has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Thinking,
    Input,
    Compaction,
}

impl Form {
    pub(super) fn of(block: &ContentBlock) -> Option<Self> {
        match block {
            ContentBlock::Text(_) => Some(Self::Text),
            ContentBlock::Thinking(_) => Some(Self::Thinking),
            ContentBlock::Compaction(_) => Some(Self::Compaction),
            ContentBlock::ToolUse(_)
            | ContentBlock::ServerToolUse(_)
            | ContentBlock::McpToolUse(_) => Some(Self::Input),
            _ => None,
        }
    }

    /// Its key in a delta.
    fn key(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Thinking => "thinking",
            Self::Input => "partial_json",
            Self::Compaction => "content",
        }
    }

    fn type_of_delta(self) -> &'static str {
        match self {
            Self::Text => "text_delta",
            Self::Thinking => "thinking_delta",
            Self::Input => "input_json_delta",
            Self::Compaction => "compaction_delta",
        }
    }
}

/// The text of an event that deltas make longer.
pub(super) struct Growing<'e> {
    pub(super) index: u64,
    pub(super) form: Form,
    pub(super) text: &'e mut String,
    extra: &'e mut Extra,
    /// The key under which the object is that it is in.
    outer: &'static str,
}

impl<'e> Growing<'e> {
    pub(super) fn of(event: &'e mut StreamEvent) -> Option<Self> {
        let (index, outer, (form, extra, text)) = match event {
            StreamEvent::ContentBlockStart(event) => {
                let found = match &mut *event.content_block {
                    ContentBlock::Text(block) => (Form::Text, &mut block.extra, &mut block.text),
                    ContentBlock::Thinking(block) => {
                        (Form::Thinking, &mut block.extra, &mut block.thinking)
                    }
                    ContentBlock::Compaction(block) => {
                        (Form::Compaction, &mut block.extra, block.content.as_mut()?)
                    }
                    _ => return None,
                };
                (event.index, "content_block", found)
            }
            StreamEvent::ContentBlockDelta(event) => {
                let found = match &mut event.delta {
                    ContentBlockDelta::TextDelta(delta) => {
                        (Form::Text, &mut delta.extra, &mut delta.text)
                    }
                    ContentBlockDelta::ThinkingDelta(delta) => {
                        (Form::Thinking, &mut delta.extra, &mut delta.thinking)
                    }
                    ContentBlockDelta::InputJsonDelta(delta) => {
                        (Form::Input, &mut delta.extra, &mut delta.partial_json)
                    }
                    ContentBlockDelta::CompactionDelta(delta) => {
                        (Form::Compaction, &mut delta.extra, delta.content.as_mut()?)
                    }
                    _ => return None,
                };
                (event.index, "delta", found)
            }
            _ => return None,
        };
        Some(Self {
            index,
            form,
            text,
            extra,
            outer,
        })
    }

    /// Puts what waited for the text, and the halves that it had, back to its ends; returns whether
    /// one of them is alone and was replaced.
    fn complete(self, waited: Option<u16>, halves: Halves) -> bool {
        let front = join(waited, halves.first, self.form);
        let back = join(halves.last, None, self.form);
        self.text.insert_str(0, &front);
        self.text.push_str(&back);
        [front, back]
            .iter()
            .any(|text| text.contains(char::REPLACEMENT_CHARACTER))
    }
}

/// Does so for an event, which notes what was replaced.
pub(super) fn complete(event: &mut StreamEvent, waited: Option<u16>, halves: Halves) -> bool {
    let is_replaced = Growing::of(event).is_some_and(|growing| growing.complete(waited, halves));
    if let StreamEvent::ContentBlockDelta(event) = event {
        if is_replaced {
            event.delta.note_lone_surrogate();
        }
    }
    is_replaced
}

/// The delta that adds to a block the half of a character that has stayed alone.
pub(super) fn alone(index: u64, form: Form, half: u16) -> Option<StreamEvent> {
    let (kind, key) = (form.type_of_delta(), form.key());
    let escape = if form == Form::Input { "\\\\u" } else { "\\u" };
    let delta = format!(r#"{{"type":"{kind}","{key}":"{escape}{half:04x}"}}"#);
    let event = format!(r#"{{"type":"content_block_delta","index":{index},"delta":{delta}}}"#);
    from_slice(event.as_bytes()).ok()
}

/// Whether the text of an event that deltas make longer had half of a character.
pub(super) fn is_split(event: &mut StreamEvent) -> bool {
    Growing::of(event).is_some_and(|growing| {
        let repair = growing.extra.repair(growing.form.key());
        repair == Some(RepairKind::LoneSurrogate)
    })
}

/// Takes the halves off the ends of a text that had some; the decoder has put U+FFFD in their
/// places. In a tool's input, which is JSON itself, those within become escapes again.
pub(super) fn take(event: &mut StreamEvent, data: &str) -> Option<Halves> {
    let growing = Growing::of(event)?;
    let (outer, key) = (growing.outer, growing.form.key());
    if growing.extra.repair(key) != Some(RepairKind::LoneSurrogate) {
        return None;
    }
    let fields: RawObject = serde_json::from_str(data).ok()?;
    let fields: RawObject = serde_json::from_str(fields.get(outer)?.get()).ok()?;
    let value = fields.get(key)?.get();
    let inner = value.strip_prefix('"')?.strip_suffix('"')?;
    let (mut halves, mut within) = (ends(inner), inner);
    if outer == "content_block" {
        // Nothing is before it.
        halves.first = None;
    }
    if halves.first.is_some() {
        within = within.get(ESCAPE..)?;
    }
    if halves.last.is_some() {
        within = within.get(..within.len().checked_sub(ESCAPE)?)?;
    }
    let lone = lone(within);
    if key == "partial_json" {
        let escaped = escaped(within, &lone);
        *growing.text = serde_json::from_str(&format!("\"{escaped}\"")).ok()?;
    } else {
        if halves.first.is_some() {
            growing.text.strip_prefix(char::REPLACEMENT_CHARACTER)?;
            growing.text.remove(0);
        }
        if halves.last.is_some() {
            let rest = growing.text.strip_suffix(char::REPLACEMENT_CHARACTER)?;
            growing.text.truncate(rest.len());
        }
    }
    if lone.is_empty() || key == "partial_json" {
        growing.extra.settle(key);
    }
    (halves != Halves::default()).then_some(halves)
}

/// How long an escape is that writes a UTF-16 code unit.
const ESCAPE: usize = 6;

/// The halves at the ends of what is between the quotes of a JSON string.
fn ends(inner: &str) -> Halves {
    let units = units(inner);
    let lone = lone_of(&units);
    let first = lone.first().filter(|(at, _)| *at == 0);
    let last = lone.last().filter(|(at, _)| at + ESCAPE == inner.len());
    let first = first.map(|(_, unit)| *unit);
    let last = last.map(|(_, unit)| *unit);
    Halves {
        first: first.filter(|unit| (0xDC00..0xE000).contains(unit)),
        last: last.filter(|unit| (0xD800..0xDC00).contains(unit)),
    }
}

/// The halves of pairs in what is between the quotes of a JSON string, and where they are.
fn units(inner: &str) -> Vec<(usize, u16)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = inner.get(at..).and_then(|rest| rest.find('\\')) {
        at += next;
        let unit = inner.get(at..at + ESCAPE).and_then(unit);
        if let Some(unit) = unit.filter(|unit| (0xD800..0xE000).contains(unit)) {
            found.push((at, unit));
        }
        // No other escape has a backslash behind its first character.
        at += 2;
    }
    found
}

/// The halves that are not beside their other one.
fn lone_of(units: &[(usize, u16)]) -> Vec<(usize, u16)> {
    let mut lone = Vec::new();
    let mut units = units.iter().copied().peekable();
    while let Some((at, unit)) = units.next() {
        let is_first = unit < 0xDC00;
        let other =
            units.next_if(|(next, unit)| is_first && *next == at + ESCAPE && *unit >= 0xDC00);
        if other.is_none() {
            lone.push((at, unit));
        }
    }
    lone
}

fn lone(inner: &str) -> Vec<(usize, u16)> {
    lone_of(&units(inner))
}

/// The same text in which the halves at these places are no escapes of its own.
fn escaped(inner: &str, lone: &[(usize, u16)]) -> String {
    let mut out = String::with_capacity(inner.len() + lone.len());
    let mut from = 0;
    for (at, _) in lone {
        out.push_str(inner.get(from..*at).unwrap_or_default());
        out.push('\\');
        from = *at;
    }
    out.push_str(inner.get(from..).unwrap_or_default());
    out
}

/// The UTF-16 code unit that an escape writes.
fn unit(escape: &str) -> Option<u16> {
    let digits = escape.strip_prefix("\\u")?;
    u16::from_str_radix(digits, 16).ok()
}

/// The two halves of a character, or U+FFFD for half of one; in JSON half of one is an escape.
pub(super) fn join(first: Option<u16>, second: Option<u16>, form: Form) -> String {
    char::decode_utf16(first.into_iter().chain(second))
        .map(|character| match character {
            Ok(character) => character.to_string(),
            Err(half) if form == Form::Input => format!("\\u{:04x}", half.unpaired_surrogate()),
            Err(_) => char::REPLACEMENT_CHARACTER.to_string(),
        })
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
            (r"\ud83d\ud83d\ude00", None, None),
            (r"\ud83d\ude00\ude00", None, None),
            (r"\ude00\ude00", Some(0xDE00), None),
            (r"\u005cud83d", None, None),
        ] {
            assert_eq!(ends(inner), Halves { first, last }, "{inner}");
        }
        assert_eq!(join(Some(0xD83D), Some(0xDE00), Form::Input), "\u{1F600}");
        assert_eq!(join(Some(0xD83D), None, Form::Text), "\u{FFFD}");
        assert_eq!(join(None, Some(0xDE00), Form::Text), "\u{FFFD}");
        assert_eq!(join(Some(0xD83D), None, Form::Input), r"\ud83d");
    }

    #[test]
    fn halves_within_are_found() {
        let inner = r"\ud83d\ude00 \\ud83d \ud83dx\\\ude00";
        let lone = lone(inner);
        assert_eq!(lone, [(21, 0xD83D), (30, 0xDE00)]);
        let escaped = escaped(inner, &lone);
        assert_eq!(escaped, r"\ud83d\ude00 \\ud83d \\ud83dx\\\\ude00");
    }
}
