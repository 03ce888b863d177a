//! The fold: events into the message they add up to, in place.
//!
//! A delta costs what it appends, however much is there already, and nothing accumulated is copied.
//! Usage is set, never added: the API reports running totals. Blocks are found by the index on the
//! wire and lie in the message in the order of their indexes once it is complete, so blocks may
//! interleave, and an index that never comes leaves no hole.
//!
//! What has no place in the message leaves no trace in it: deltas of unknown types, deltas that
//! their block has no field for, and deltas for blocks of unknown types, which stay as they
//! started; and values that others have replaced. The fold returns that, and the accumulator keeps
//! it beside the message.

use anthropic_types::{
    ContentBlock, ContentBlockDelta, ContentBlockStartEvent, Decode, DecodeError, Encode, Extra,
    Message, MessageDeltaEvent, MessageStopEvent, RepairKind, StreamEvent, TextBlock,
    ThinkingBlock,
};
use serde_json::Value;

use super::halves::{self, Form, Growing, Halves};
use super::inputs::{Input, end_input, keep_input, set_input};
use super::opaque;
use super::protocol::ProtocolError;
use super::slots::Slots;
use crate::partial_json::Strings;

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
    /// Whether an update has brought a usage.
    has_usage: bool,
    slots: Slots,
    message: Option<Message>,
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

    /// Starts the message; once more, if it [`restarts`](Self::restarts).
    pub(super) fn start(&mut self, message: &Message) -> Result<(), ProtocolError> {
        let malformed = |error| malformed("message_start", &error);
        let begun = match &mut self.message {
            Some(begun) => {
                if !begun.start_again(message).map_err(malformed)? {
                    return Err(ProtocolError::StartedTwice);
                }
                begun
            }
            none => none.insert(message.copied().map_err(malformed)?),
        };
        self.slots = Slots::given(begun.content.len());
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
    /// next delta; returns whether half a character stayed alone and was replaced.
    pub(super) fn join(&mut self, event: &mut StreamEvent, halves: Halves) -> bool {
        let starts = matches!(event, StreamEvent::ContentBlockStart(_));
        let Some(growing) = Growing::of(event) else {
            return false;
        };
        let (index, form) = (growing.index, growing.form);
        if growing.text.is_empty() && halves == Halves::default() {
            return false;
        }
        if starts {
            self.next_half = halves.last;
            return false;
        }
        let grows = match self.at(index) {
            Some(block) => Form::of(block) == Some(form),
            // It makes one.
            None => matches!(form, Form::Text | Form::Thinking),
        };
        if !grows {
            return halves::complete(event, None, halves);
        }
        self.next_half = halves.last;
        let waited = self.slots.take_half(index);
        let last = None;
        halves::complete(event, waited, Halves { last, ..halves })
    }

    /// The halves of characters that stay alone now, as deltas: that of one block, or of all.
    pub(super) fn left_alone(&mut self, index: Option<u64>) -> Vec<StreamEvent> {
        let halves = match index {
            Some(index) => {
                let half = self.slots.take_half(index);
                half.map(|half| (index, half)).into_iter().collect()
            }
            None => self.slots.take_halves(),
        };
        let halves = halves.into_iter();
        halves
            .filter_map(|(index, half)| halves::alone(index, Form::of(self.at(index)?)?, half))
            .collect()
    }

    /// Notes that half of a surrogate pair was replaced in what grows of a block.
    pub(super) fn note_lone_surrogate(&mut self, index: u64) {
        let block = self.slots.place(index).and_then(|place| self.block(place));
        if let Some(block) = block {
            note_lone_surrogate(block);
        }
    }

    /// Takes a delta that [`append`](Self::append) doesn't; returns whether its block has a place
    /// for it, and what was in this place, if that is lost now.
    pub(super) fn delta(
        &mut self,
        index: u64,
        delta: &ContentBlockDelta,
    ) -> Result<(bool, Option<ContentBlockDelta>), ProtocolError> {
        let half = self.next_half.take();
        let place = self.slots.find(index)?;
        let Some(block) = self.block(place) else {
            return Ok((false, None));
        };
        let mut lost = None;
        match (&mut *block, delta) {
            (ContentBlock::Thinking(block), ContentBlockDelta::SignatureDelta(delta)) => {
                lost = opaque::set_signature(&mut block.signature, &mut block.extra, delta);
            }
            (ContentBlock::Compaction(block), ContentBlockDelta::SignatureDelta(delta)) => {
                let signature = block.signature.get_or_insert_default();
                lost = opaque::set_signature(signature, &mut block.extra, delta);
            }
            (ContentBlock::Text(block), ContentBlockDelta::CitationsDelta(delta)) => {
                let citations = block.citations.get_or_insert_default();
                citations.push(delta.citation.as_ref().clone());
            }
            (ContentBlock::Compaction(block), ContentBlockDelta::CompactionDelta(delta)) => {
                if let Some(more) = &delta.content {
                    if block.content.as_ref().is_none_or(String::is_empty) {
                        begun(&mut block.extra, "content");
                    }
                    block.content.get_or_insert_default().push_str(more);
                }
                lost = opaque::set_encrypted(block, delta);
            }
            _ => return Ok((false, None)),
        }
        for key in opaque::halved(delta) {
            block.note_lone_surrogate(key);
        }
        if let Some(half) = half {
            self.slots.set_half(place, half);
        }
        Ok((true, lost))
    }

    /// Whether a block has ended.
    pub(super) fn has_ended(&self, index: u64) -> bool {
        let place = self.slots.place(index);
        let slot = place.and_then(|place| self.slots.get(place));
        slot.is_some_and(|slot| !slot.is_open())
    }

    /// Ends a block, if it has not ended yet: some gateways repeat it. Returns how it started,
    /// if that is lost.
    pub(super) fn close(&mut self, index: u64) -> Result<Option<StreamEvent>, ProtocolError> {
        if self.has_ended(index) {
            return Ok(None);
        }
        let place = self.slots.find(index)?;
        Ok(self.close_at(place))
    }

    /// Ends every block, and puts them in the order of their indexes. Returns how some started, as
    /// far as that is lost.
    pub(super) fn close_all(&mut self) -> Vec<StreamEvent> {
        let places = 0..self.slots.len();
        let lost = places.filter_map(|place| self.close_at(place)).collect();
        if let Some(message) = &mut self.message {
            message.content = self.slots.arranged(std::mem::take(&mut message.content));
        }
        self.slots.arrange();
        lost
    }

    fn close_at(&mut self, place: usize) -> Option<StreamEvent> {
        let content = self.message.as_mut().map(|message| &mut message.content);
        let block = content?.get_mut(place)?;
        let (slot, half) = self.slots.close(place)?;
        if let Some(half) = half {
            end_half(block, half, slot.input.as_mut());
        }
        let input = slot.input.as_ref();
        let started = input.and_then(|input| end_input(block, input.text()));
        // A partial view stays readable; bare text has moved into the block.
        slot.input.take_if(|input| matches!(input, Input::Text(_)));
        let index = self.slots.index(place)?;
        Some(ContentBlockStartEvent::new(started?, index).into())
    }

    /// Updates the message by what the end of its stream reports: the stop reason, the usage, and
    /// what else a delta of the whole message has. Returns whether it has a place for all of it.
    pub(super) fn update(&mut self, event: &MessageDeltaEvent) -> Result<bool, ProtocolError> {
        self.has_usage |=
            event.extra.repair("usage").is_none() || event.delta.extra.get("usage").is_some();
        let update = self.message.as_mut().map(|message| message.update(event));
        update
            .unwrap_or(Ok(true))
            .map_err(|error| malformed("message_delta", &error))
    }

    /// Takes what the last event has, and should not have; returns whether the message has a place
    /// for all of it.
    pub(super) fn end(&mut self, event: &MessageStopEvent) -> Result<bool, ProtocolError> {
        let has_usage = self.has_usage;
        let message = self.message.as_mut();
        message
            .map_or(Ok(true), |message| message.end(event, has_usage))
            .map_err(|error| malformed("message_stop", &error))
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
    let Some(form) = Form::of(block) else {
        return;
    };
    let alone = halves::join(Some(half), None, form);
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
