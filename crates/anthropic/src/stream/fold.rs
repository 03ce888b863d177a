//! The fold: events into the message they add up to, in place.
//!
//! A delta costs what it appends, however much is there already, and nothing accumulated is copied.
//! Usage is set, never added: the API reports running totals. Blocks are found by the index on the
//! wire and lie in the message in the order of their indexes once it is complete, so blocks may
//! interleave, and an index that never comes leaves no hole.
//!
//! What has no place in the message leaves no trace in it: deltas of unknown types, deltas that
//! their block has no field for, and deltas for blocks of unknown types, which stay as they
//! started. The fold returns that, and the accumulator keeps them beside the message.

use anthropic_types::{
    ContentBlock, ContentBlockDelta, Decode, DecodeError, Encode, Extra, Json, Message,
    MessageDeltaEvent, RepairKind, TextBlock, ThinkingBlock,
};
use serde_json::Value;

use super::halves::{self, Growing, Halves};
use super::protocol::ProtocolError;
use super::slots::Slots;
use crate::partial_json::{Parser, Strings};

/// The deltas that make up nearly all of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Thinking,
    Input,
}

#[derive(Debug, Default)]
#[repr(C)]
pub(super) struct Fold {
    /// The first half of a surrogate pair that comes behind the delta that is about to be folded.
    next_half: Option<u16>,
    parse: bool,
    slots: Slots,
    message: Option<Message>,
}

/// A tool input on its way.
#[derive(Debug)]
pub(super) enum Input {
    Text(String),
    Parsed(Box<Parser>),
}

impl Input {
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Parsed(parser) => parser.text(),
        }
    }

    fn push(&mut self, piece: &str) {
        match self {
            Self::Text(text) => text.push_str(piece),
            // A fault ends the view; the text goes on, and the block's end reports the fault.
            Self::Parsed(parser) => drop(parser.push(piece)),
        }
    }
}

impl Fold {
    /// From here on tool inputs can be viewed while they arrive, those under way too.
    pub(super) fn parse_inputs(&mut self) {
        self.parse = true;
        for input in self.slots.inputs() {
            if let Input::Text(text) = input {
                let text = std::mem::take(text);
                *input = Input::Parsed(Box::default());
                input.push(&text);
            }
        }
    }

    pub(super) fn reset(&mut self) {
        *self = Self {
            parse: self.parse,
            ..Self::default()
        };
    }

    pub(super) fn message(&self) -> Option<&Message> {
        self.message.as_ref()
    }

    /// Whether the message has started as the one with this id and no block has come since.
    pub(super) fn restarts(&self, id: &str) -> bool {
        let same = self
            .message
            .as_ref()
            .is_some_and(|message| message.id == id);
        same && self.slots.are_given()
    }

    pub(super) fn start(&mut self, message: &Message) -> Result<(), ProtocolError> {
        self.slots = Slots::given(message.content.len());
        let copied = message.copied();
        self.message = Some(copied.map_err(|error| malformed("message_start", &error))?);
        Ok(())
    }

    pub(super) fn open(&mut self, index: u64, block: &ContentBlock) -> Result<(), ProtocolError> {
        let half = self.next_half.take();
        let copied = block.copied();
        let block = copied.map_err(|error| malformed("content_block_start", &error))?;
        self.insert(index, block)?;
        if let (Some(half), Some(place)) = (half, self.slots.place(index)) {
            self.slots.set_half(place, half);
        }
        Ok(())
    }

    /// Puts a block behind those that are there, until the message is complete and all lie in the
    /// order of their indexes.
    ///
    /// Gateways exist that give every block the index 0, one after the other: an index is free
    /// again once its block has ended.
    fn insert(&mut self, index: u64, block: ContentBlock) -> Result<(), ProtocolError> {
        let place = self.slots.place(index);
        if let Some(slot) = place.and_then(|place| self.slots.get(place)) {
            if slot.is_open() {
                return Err(ProtocolError::BlockExists { index });
            }
            if slot.is_given() {
                self.count_from_zero();
            }
        }
        let Some(message) = &mut self.message else {
            return Ok(());
        };
        let input = match &block {
            ContentBlock::ToolUse(_)
            | ContentBlock::ServerToolUse(_)
            | ContentBlock::McpToolUse(_) => Some(if self.parse {
                Input::Parsed(Box::default())
            } else {
                Input::Text(String::new())
            }),
            ContentBlock::Fallback(fallback) => {
                // One that does not name a model leaves the one that is known.
                if !fallback.to.model.as_str().is_empty() {
                    message.model = fallback.to.model.clone();
                }
                None
            }
            _ => None,
        };
        message.content.push(block);
        self.slots.push(index, input);
        Ok(())
    }

    /// The blocks that came in `message_start` stay in front, and the indexes on the wire count
    /// from behind them. An empty text among them is the place of the first block to come.
    fn count_from_zero(&mut self) {
        let Some(message) = &mut self.message else {
            return;
        };
        if let [ContentBlock::Text(text)] = message.content.as_slice() {
            if text.text.is_empty() {
                message.content.clear();
                self.slots = Slots::default();
            }
        }
        self.slots.count_from_zero();
    }

    /// The index of the only open block.
    pub(super) fn only_open(&self) -> Option<u64> {
        self.slots.only_open()
    }

    /// The index that follows the greatest so far.
    pub(super) fn next_index(&self) -> Option<u64> {
        self.slots.next_index()
    }

    pub(super) fn at(&self, index: u64) -> Option<&ContentBlock> {
        let place = self.slots.place(index)?;
        self.message.as_ref()?.content.get(place)
    }

    fn block(&mut self, place: usize) -> Option<&mut ContentBlock> {
        self.message.as_mut()?.content.get_mut(place)
    }

    /// Appends to a block; returns whether it has a place for the piece.
    pub(super) fn append(
        &mut self,
        index: u64,
        kind: Kind,
        piece: &str,
    ) -> Result<bool, ProtocolError> {
        let half = self.next_half.take();
        let Some(place) = self.push(index, kind, piece)? else {
            return Ok(false);
        };
        if let Some(half) = half {
            self.slots.set_half(place, half);
        }
        Ok(true)
    }

    /// Appends to a block; returns its place, if it has one for the piece.
    fn push(
        &mut self,
        index: u64,
        kind: Kind,
        piece: &str,
    ) -> Result<Option<usize>, ProtocolError> {
        let place = match (self.slots.find(index), kind) {
            // Some gateways send no `content_block_start`; what the block is, its deltas show.
            (Err(ProtocolError::NoBlock { .. }), Kind::Text) => {
                self.insert(index, TextBlock::new("").into())?;
                self.slots.find(index)?
            }
            (Err(ProtocolError::NoBlock { .. }), Kind::Thinking) => {
                self.insert(index, ThinkingBlock::new("", "").into())?;
                self.slots.find(index)?
            }
            (found, _) => found?,
        };
        if kind == Kind::Input {
            let slot = self.slots.get_mut(place);
            let Some(input) = slot.and_then(|slot| slot.input.as_mut()) else {
                return Ok(None);
            };
            input.push(piece);
            return Ok(Some(place));
        }
        match (self.block(place), kind) {
            (Some(ContentBlock::Text(block)), Kind::Text) => {
                if block.text.is_empty() {
                    begun(&mut block.extra, "text");
                }
                block.text.push_str(piece);
            }
            (Some(ContentBlock::Thinking(block)), Kind::Thinking) => {
                if block.thinking.is_empty() {
                    begun(&mut block.extra, "thinking");
                }
                block.thinking.push_str(piece);
            }
            _ => return Ok(None),
        }
        Ok(Some(place))
    }

    pub(super) fn waits_for_half(&self) -> bool {
        self.slots.waits_for_half()
    }

    /// Completes the text of an event by what its block waits for, and keeps what waits for the
    /// next delta.
    pub(super) fn join(&mut self, event: Growing<'_>, halves: Halves, starts: bool) {
        let Growing { index, text, .. } = event;
        if text.is_empty() && halves == Halves::default() {
            return;
        }
        self.next_half = halves.last;
        if starts {
            return;
        }
        let first = self.slots.take_half(index);
        let is_json = self.input(index).is_some();
        let joined = halves::join(first, halves.first, is_json);
        if joined.contains(char::REPLACEMENT_CHARACTER) {
            self.note_lone_surrogate(index);
        }
        text.insert_str(0, &joined);
    }

    /// Notes that half of a surrogate pair was replaced in what grows of a block.
    pub(super) fn note_lone_surrogate(&mut self, index: u64) {
        let block = self.slots.place(index).and_then(|place| self.block(place));
        if let Some(block) = block {
            note_lone_surrogate(block);
        }
    }

    /// Takes a delta that [`append`](Self::append) doesn't; returns whether its block has a place
    /// for it.
    pub(super) fn delta(
        &mut self,
        index: u64,
        delta: &ContentBlockDelta,
    ) -> Result<bool, ProtocolError> {
        let half = self.next_half.take();
        let place = self.slots.find(index)?;
        let Some(block) = self.block(place) else {
            return Ok(false);
        };
        let (extra, keys): (_, &[&str]) = match (&mut *block, delta) {
            (ContentBlock::Thinking(block), ContentBlockDelta::SignatureDelta(delta)) => {
                block.signature.clone_from(&delta.signature);
                block.extra.settle("signature");
                (&delta.extra, &["signature"])
            }
            (ContentBlock::Compaction(block), ContentBlockDelta::SignatureDelta(delta)) => {
                block.signature = Some(delta.signature.clone());
                block.extra.settle("signature");
                (&delta.extra, &["signature"])
            }
            (ContentBlock::Text(block), ContentBlockDelta::CitationsDelta(delta)) => {
                let citations = block.citations.get_or_insert_default();
                citations.push(delta.citation.as_ref().clone());
                return Ok(true);
            }
            (ContentBlock::Compaction(block), ContentBlockDelta::CompactionDelta(delta)) => {
                if let Some(more) = &delta.content {
                    if block.content.as_ref().is_none_or(String::is_empty) {
                        begun(&mut block.extra, "content");
                    }
                    block.content.get_or_insert_default().push_str(more);
                }
                if delta.encrypted_content.is_some() {
                    block.encrypted_content.clone_from(&delta.encrypted_content);
                    block.extra.settle("encrypted_content");
                }
                (&delta.extra, &["content", "encrypted_content"])
            }
            _ => return Ok(false),
        };
        for key in keys {
            if extra.repair(key) == Some(RepairKind::LoneSurrogate) {
                block.note_lone_surrogate(key);
            }
        }
        if let Some(half) = half {
            self.slots.set_half(place, half);
        }
        Ok(true)
    }

    pub(super) fn close(&mut self, index: u64) -> Result<(), ProtocolError> {
        let place = self.slots.find(index)?;
        self.close_at(place);
        Ok(())
    }

    /// Ends every block, and puts them in the order of their indexes.
    pub(super) fn close_all(&mut self) {
        for place in 0..self.slots.len() {
            self.close_at(place);
        }
        if let Some(message) = &mut self.message {
            message.content = self.slots.arranged(std::mem::take(&mut message.content));
        }
        self.slots.arrange();
    }

    fn close_at(&mut self, place: usize) {
        let content = self.message.as_mut().map(|message| &mut message.content);
        let block = content.and_then(|content| content.get_mut(place));
        let (Some((slot, half)), Some(block)) = (self.slots.close(place), block) else {
            return;
        };
        if let Some(half) = half {
            end_half(block, half, slot.input.as_mut());
        }
        if let Some(input) = &slot.input {
            set_input(block, input.text());
        }
        // A partial view stays readable; bare text has moved into the block.
        slot.input.take_if(|input| matches!(input, Input::Text(_)));
    }

    /// Updates the message by what the end of its stream reports: the stop reason, the usage, and
    /// what else a delta of the whole message has.
    pub(super) fn update(&mut self, event: &MessageDeltaEvent) -> Result<(), ProtocolError> {
        let update = self.message.as_mut().map(|message| message.update(event));
        update
            .unwrap_or(Ok(()))
            .map_err(|error| malformed("message_delta", &error))
    }

    pub(super) fn input(&self, index: u64) -> Option<&Input> {
        let place = self.slots.place(index)?;
        self.slots.get(place)?.input.as_ref()
    }

    pub(super) fn partial_input(&mut self, index: u64, strings: Strings) -> Option<&Value> {
        let place = self.slots.place(index)?;
        match self.slots.get_mut(place)?.input.as_mut()? {
            Input::Parsed(parser) => parser.view(strings),
            Input::Text(_) => None,
        }
    }

    pub(super) fn partial(&self) -> Option<Message> {
        let message = self.message.as_ref()?;
        let mut partial = copy(message, "message").ok()?;
        let blocks = message.content.iter().zip(&mut partial.content);
        for (slot, (block, copied)) in self.slots.iter().zip(blocks) {
            match &slot.input {
                Some(input) if slot.is_open() => set_input(copied, input.text()),
                // Input that is not JSON is marked as such; its text alone is not.
                _ => keep_input(block, copied),
            }
        }
        partial.content = self.slots.arranged(partial.content);
        Some(partial)
    }

    pub(super) fn into_message(self) -> Option<Message> {
        self.message
    }
}

/// A text that was missing when its block started is there now.
fn begun(extra: &mut Extra, key: &str) {
    if matches!(
        extra.repair(key),
        Some(RepairKind::Missing | RepairKind::Null)
    ) {
        extra.settle(key);
    }
}

/// Half a character at the end of a block stays alone.
fn end_half(block: &mut ContentBlock, half: u16, input: Option<&mut Input>) {
    let alone = halves::join(Some(half), None, input.is_some());
    match (&mut *block, input) {
        (ContentBlock::Text(block), _) => block.text.push_str(&alone),
        (ContentBlock::Thinking(block), _) => block.thinking.push_str(&alone),
        (ContentBlock::Compaction(block), _) => {
            block.content.get_or_insert_default().push_str(&alone);
        }
        (_, Some(input)) => return input.push(&alone),
        _ => return,
    }
    note_lone_surrogate(block);
}

fn note_lone_surrogate(block: &mut ContentBlock) {
    let key = match block {
        ContentBlock::Text(_) => "text",
        ContentBlock::Thinking(_) => "thinking",
        ContentBlock::Compaction(_) => "content",
        _ => "input",
    };
    block.note_lone_surrogate(key);
}

/// Gives a tool's block its input, as it was sent. No text at all leaves what the block started
/// with, and so does what is no input in a document.
fn set_input(block: &mut ContentBlock, text: &str) {
    let given = text.trim_ascii();
    if given.is_empty() || block.note_no_input(given) {
        return;
    }
    let (input, extra) = match block {
        ContentBlock::ToolUse(block) => (&mut block.input, &mut block.extra),
        ContentBlock::ServerToolUse(block) => (&mut block.input, &mut block.extra),
        ContentBlock::McpToolUse(block) => (&mut block.input, &mut block.extra),
        _ => return,
    };
    *input = Json::recover(text);
    // Half a character that was replaced in what came stays noted.
    if extra.repair("input") != Some(RepairKind::LoneSurrogate) {
        extra.settle("input");
    }
}

/// Copies through the codec, whose code every program has. The derived clone of everything that a
/// block may hold would add 70 KB to a program that makes one call; this runs once a block, not
/// once a delta.
pub(super) fn copy<T: Encode + Decode>(value: &T, event: &str) -> Result<T, ProtocolError> {
    anthropic_types::codec::copy(value).map_err(|error| malformed(event, &error))
}

fn malformed(event: &str, error: &DecodeError) -> ProtocolError {
    ProtocolError::Malformed {
        event: event.to_owned(),
        reason: error.to_string(),
    }
}

fn keep_input(from: &ContentBlock, to: &mut ContentBlock) {
    match (from, to) {
        (ContentBlock::ToolUse(from), ContentBlock::ToolUse(to)) => {
            to.input.clone_from(&from.input);
        }
        (ContentBlock::ServerToolUse(from), ContentBlock::ServerToolUse(to)) => {
            to.input.clone_from(&from.input);
        }
        (ContentBlock::McpToolUse(from), ContentBlock::McpToolUse(to)) => {
            to.input.clone_from(&from.input);
        }
        _ => {}
    }
}
