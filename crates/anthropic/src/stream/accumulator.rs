//! The protocol of a streamed message: which event may come when, and when the message is complete.
//!
//! A plain state machine without I/O. It checks each event against what came before, hands what
//! belongs to the message to the [`Fold`], and is the only judge of whether an end is the end.
//! Events, deltas and blocks of unknown types pass: the protocol is expected to grow.

use anthropic_types::{ContentBlock, ContentBlockDelta, Message, StreamEvent};
use serde_json::Value;

use super::decode::event_of;
use super::fold::{Fold, Input, Kind, copy};
use super::halves::{Growing, Halves};
use super::misfit::{self, Verdict};
use super::protocol::ProtocolError;
use crate::partial_json::Strings;

/// Folds the events of a stream into their message, and checks that they are a whole stream.
///
/// [`MessageStream`](crate::MessageStream) does this for a response; use it alone to fold events
/// from elsewhere, such as a store or a queue.
///
/// ```
/// use anthropic::stream::MessageAccumulator;
/// use anthropic::types::{StreamEvent, from_slice};
///
/// let mut accumulator = MessageAccumulator::new();
/// let start = br#"{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant",
///     "model":"claude-opus-5-5","content":[],"usage":{"input_tokens":3,"output_tokens":1}}}"#;
/// accumulator.apply(&from_slice::<StreamEvent>(start)?)?;
/// assert!(accumulator.finish().is_err(), "no message_stop yet");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
#[repr(C)]
pub struct MessageAccumulator {
    state: State,
    lenient_eof: bool,
    fold: Fold,
    /// What the message has no place for.
    unfolded: Vec<StreamEvent>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Before,
    Open,
    Complete,
}

/// A piece of text for a block, on the short way from the wire into the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece<'d> {
    pub(super) index: u64,
    pub(super) kind: Kind,
    pub(super) text: &'d str,
}

impl MessageAccumulator {
    /// An accumulator that waits for `message_start`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Accepts an end after a stop reason, as some gateways send it, without `message_stop`.
    pub fn lenient_eof(mut self, lenient: bool) -> Self {
        self.lenient_eof = lenient;
        self
    }

    /// Keeps a partial view of each tool input while it arrives, of those under way too.
    pub fn with_partial_input(mut self) -> Self {
        self.fold.parse_inputs();
        self
    }

    /// Checks the next event and folds it into the message.
    ///
    /// After an error the message stays as it was, and the accumulator takes further events.
    pub fn apply(&mut self, event: &StreamEvent) -> Result<(), ProtocolError> {
        if misfit::is_misplaced(event) {
            let event = copy(event, event.type_name())?;
            return self.fold(&misfit::placed(event, &self.fold));
        }
        self.fold(event)
    }

    fn fold(&mut self, event: &StreamEvent) -> Result<(), ProtocolError> {
        let verdict = misfit::check(event)?;
        match event {
            StreamEvent::MessageStart(start) => {
                match self.state {
                    State::Before => {}
                    // Some gateways repeat it while they wait for the model.
                    State::Open if self.fold.restarts(&start.message.id) => {}
                    State::Open => return Err(ProtocolError::StartedTwice),
                    State::Complete => self.open("message_start")?,
                }
                self.fold.start(&start.message)?;
                self.state = State::Open;
                Ok(())
            }
            StreamEvent::ContentBlockStart(start) => {
                self.open("content_block_start")?;
                self.fold.open(start.index, &start.content_block)
            }
            StreamEvent::ContentBlockDelta(delta) => {
                let is_folded =
                    verdict == Verdict::Fits && self.delta(delta.index, &delta.delta)?;
                if !is_folded || misfit::has_more(&delta.delta) {
                    self.unfolded.push(copy(event, "content_block_delta")?);
                }
                Ok(())
            }
            StreamEvent::ContentBlockStop(stop) => {
                self.open("content_block_stop")?;
                self.fold.close(stop.index)
            }
            StreamEvent::MessageDelta(delta) => {
                self.open("message_delta")?;
                self.fold.update(delta)
            }
            StreamEvent::MessageStop(_) => {
                self.open("message_stop")?;
                self.fold.close_all();
                self.state = State::Complete;
                Ok(())
            }
            StreamEvent::Unrecognized(unknown) => {
                if misfit::is_content(unknown)? {
                    let unknown = unknown.clone();
                    self.unfolded.push(StreamEvent::Unrecognized(unknown));
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Takes an event that came behind the end; returns whether it is one of the message all the
    /// same. Some gateways send the update after what should be the last event.
    pub(super) fn apply_late(&mut self, event: &StreamEvent) -> Result<bool, ProtocolError> {
        match event {
            StreamEvent::MessageDelta(delta) => {
                misfit::check(event)?;
                self.fold.update(delta)?;
                return Ok(true);
            }
            StreamEvent::ContentBlockStop(_) | StreamEvent::MessageStop(_) => {}
            StreamEvent::Unrecognized(unknown) => {
                if misfit::is_content(unknown).unwrap_or(true) {
                    let unknown = unknown.clone();
                    self.unfolded.push(StreamEvent::Unrecognized(unknown));
                }
            }
            _ => self.apply(event)?,
        }
        Ok(false)
    }

    /// Folds a delta; returns whether the message has a place for it.
    fn delta(&mut self, index: u64, delta: &ContentBlockDelta) -> Result<bool, ProtocolError> {
        self.open("content_block_delta")?;
        let fold = &mut self.fold;
        match delta {
            ContentBlockDelta::TextDelta(delta) => {
                let has_place = fold.append(index, Kind::Text, &delta.text)?;
                if delta.extra.is_repaired() && delta.text.contains(char::REPLACEMENT_CHARACTER) {
                    fold.note_lone_surrogate(index);
                }
                Ok(has_place)
            }
            ContentBlockDelta::ThinkingDelta(delta) => {
                let has_place = fold.append(index, Kind::Thinking, &delta.thinking)?;
                if delta.extra.is_repaired() && delta.thinking.contains(char::REPLACEMENT_CHARACTER)
                {
                    fold.note_lone_surrogate(index);
                }
                Ok(has_place)
            }
            ContentBlockDelta::InputJsonDelta(delta) => {
                let text = &delta.partial_json;
                let has_place = fold.append(index, Kind::Input, text)?;
                if delta.extra.is_repaired() && text.contains(char::REPLACEMENT_CHARACTER) {
                    fold.note_lone_surrogate(index);
                }
                Ok(has_place)
            }
            other => fold.delta(index, other),
        }
    }

    /// An event with the index that it can only mean, and with the characters whole that it has
    /// parts of.
    pub(super) fn whole(&mut self, event: StreamEvent, halves: Option<Halves>) -> StreamEvent {
        let mut event = if misfit::is_misplaced(&event) {
            misfit::placed(event, &self.fold)
        } else {
            event
        };
        if halves.is_some() || self.waits_for_half() {
            self.join(&mut event, halves.unwrap_or_default());
        }
        event
    }

    /// Whether the first half of a surrogate pair waits for the second one.
    pub(super) fn waits_for_half(&self) -> bool {
        self.fold.waits_for_half()
    }

    /// Puts the halves of surrogate pairs together that were split between a delta and what came
    /// before it.
    fn join(&mut self, event: &mut StreamEvent, halves: Halves) {
        let starts = matches!(event, StreamEvent::ContentBlockStart(_));
        if let Some(growing) = Growing::of(event) {
            self.fold.join(growing, halves, starts);
        }
    }

    /// Whether `message_start` has come.
    pub(super) fn is_open(&self) -> bool {
        self.state == State::Open
    }

    /// Appends a piece of text to its block.
    #[inline]
    pub(super) fn append(&mut self, piece: Piece<'_>) -> Result<(), ProtocolError> {
        self.open("content_block_delta")?;
        if !self.fold.append(piece.index, piece.kind, piece.text)? {
            self.unfolded.push(event_of(piece));
        }
        Ok(())
    }

    /// Makes sure that the message is under way.
    fn open(&self, event: &'static str) -> Result<(), ProtocolError> {
        match self.state {
            State::Open => Ok(()),
            State::Before => Err(ProtocolError::NotStarted { event }),
            State::Complete => Err(ProtocolError::AfterEnd { event }),
        }
    }

    /// The events are over: whether the message is complete.
    pub fn finish(&mut self) -> Result<(), ProtocolError> {
        let stopped = self
            .fold
            .message()
            .is_some_and(|message| message.stop_reason.is_some());
        match self.state {
            State::Complete => Ok(()),
            State::Open if stopped && self.lenient_eof => {
                self.fold.close_all();
                self.state = State::Complete;
                Ok(())
            }
            _ => Err(ProtocolError::Truncated { stopped }),
        }
    }

    /// Whether the message is complete.
    pub fn is_complete(&self) -> bool {
        self.state == State::Complete
    }

    /// The message so far. A tool input that is still arriving is not in it yet.
    ///
    /// Blocks that come in another order than that of their indexes stay in it until the message is
    /// complete.
    pub fn message(&self) -> Option<&Message> {
        self.fold.message()
    }

    /// A block of the message, by its index on the wire.
    pub fn block(&self, index: u64) -> Option<&ContentBlock> {
        self.fold.at(index)
    }

    /// The deltas that the message has no place for, as they came: those of unknown types, those
    /// for blocks of unknown types (which stay in the message as they started), and those that
    /// their block has no field for, or that have new fields and no text; and events of unknown
    /// types that have a delta, a block, a message or a usage.
    pub fn unfolded(&self) -> &[StreamEvent] {
        &self.unfolded
    }

    /// The text of a tool input that is still arriving, by its block's index.
    pub fn input_text(&self, index: u64) -> Option<&str> {
        self.fold.input(index).map(Input::text)
    }

    /// What can be read of a tool input, by its block's index, with
    /// [`with_partial_input`](Self::with_partial_input).
    pub fn partial_input(&mut self, index: u64, strings: Strings) -> Option<&Value> {
        self.fold.partial_input(index, strings)
    }

    /// A copy of the message so far, in which a tool input that is still arriving is what arrived
    /// of it, kept as text that is not JSON yet.
    pub fn partial(&self) -> Option<Message> {
        self.fold.partial()
    }

    /// Consumes the accumulator and returns its message; see [`partial`](Self::partial) if it is
    /// not complete.
    pub fn into_message(mut self) -> Option<Message> {
        self.fold.close_all();
        self.fold.into_message()
    }

    /// The same accumulator at its start.
    pub(super) fn reset(&mut self) {
        self.fold.reset();
        self.unfolded.clear();
        self.state = State::Before;
    }
}
