//! The protocol of a streamed message: which event may come when, and when the message is complete.
//!
//! A plain state machine without I/O. It checks each event against what came before, hands what
//! belongs to the message to the [`Fold`], and is the only judge of whether an end is the end.
//! Events, deltas and blocks of unknown types pass: the protocol is expected to grow.

use anthropic_types::{
    ContentBlock, ContentBlockDelta, ContentBlockDeltaEvent, Message, StreamEvent,
};
use serde_json::Value;

use super::decode::event_of;
use super::fold::{Fold, Kind, copy};
use super::halves::Halves;
use super::inputs::Input;
use super::misfit::{self, Verdict};
use super::protocol::ProtocolError;
use super::surplus::has_more;
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
        if self.state == State::Complete {
            return self.apply_late(event).map(drop);
        }
        if misfit::is_misplaced(event) {
            let event = copy(event, event.type_name())?;
            return self.fold(&self.placed(event)).map(drop);
        }
        self.fold(event).map(drop)
    }

    /// Does the same for an event that has its place; returns whether the message has one for it.
    pub(super) fn fold(&mut self, event: &StreamEvent) -> Result<bool, ProtocolError> {
        let verdict = misfit::check(event)?;
        let has_place = match event {
            StreamEvent::ContentBlockDelta(delta) => {
                verdict == Verdict::Fits && self.delta(delta.index, &delta.delta)?
            }
            event => self.other(event)?,
        };
        self.keep_what_is_more(event, has_place)?;
        Ok(has_place)
    }

    /// Keeps an event that the message does not have all of.
    fn keep_what_is_more(
        &mut self,
        event: &StreamEvent,
        has_place: bool,
    ) -> Result<(), ProtocolError> {
        if !has_place || has_more(event, self.fold.message()) {
            self.unfolded.push(match event {
                StreamEvent::Unrecognized(unknown) => StreamEvent::Unrecognized(unknown.clone()),
                event => copy(event, event.type_name())?,
            });
        }
        Ok(())
    }

    /// Folds an event that is no delta of a block; returns whether the message has a place for what
    /// it may have.
    fn other(&mut self, event: &StreamEvent) -> Result<bool, ProtocolError> {
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
            }
            StreamEvent::ContentBlockStart(start) => {
                self.open("content_block_start")?;
                self.fold.open(start.index, &start.content_block)?;
            }
            StreamEvent::ContentBlockStop(stop) => {
                self.open("content_block_stop")?;
                let lost = self.fold.close(stop.index)?;
                self.unfolded.extend(lost);
            }
            StreamEvent::MessageDelta(delta) => {
                self.open("message_delta")?;
                return self.fold.update(delta);
            }
            StreamEvent::MessageStop(stop) => {
                self.open("message_stop")?;
                let has_place = self.fold.end(stop)?;
                self.close();
                return Ok(has_place);
            }
            StreamEvent::Unrecognized(unknown) => return Ok(!misfit::is_content(unknown)?),
            _ => {}
        }
        Ok(true)
    }

    /// Takes an event that came behind the end; returns whether it is one of the message all the
    /// same. Some gateways send the update after what should be the last event.
    pub(super) fn apply_late(&mut self, event: &StreamEvent) -> Result<bool, ProtocolError> {
        let is_update = matches!(event, StreamEvent::MessageDelta(_));
        let has_place = match event {
            StreamEvent::MessageDelta(delta) => {
                misfit::check(event)?;
                self.fold.update(delta)?
            }
            StreamEvent::MessageStop(stop) => self.fold.end(stop)?,
            StreamEvent::ContentBlockStop(_) => true,
            StreamEvent::Unrecognized(unknown) => !misfit::is_content(unknown).unwrap_or(true),
            _ => return self.fold(event).map(|_| false),
        };
        self.keep_what_is_more(event, has_place)?;
        Ok(is_update)
    }

    /// Folds a delta; returns whether the message has a place for it.
    fn delta(&mut self, index: u64, delta: &ContentBlockDelta) -> Result<bool, ProtocolError> {
        self.open("content_block_delta")?;
        let (kind, text, extra) = match delta {
            ContentBlockDelta::TextDelta(delta) => (Kind::Text, &delta.text, &delta.extra),
            ContentBlockDelta::ThinkingDelta(delta) => {
                (Kind::Thinking, &delta.thinking, &delta.extra)
            }
            ContentBlockDelta::InputJsonDelta(delta) => {
                (Kind::Input, &delta.partial_json, &delta.extra)
            }
            other => {
                let (has_place, lost) = self.fold.delta(index, other)?;
                let lost = lost.map(|lost| ContentBlockDeltaEvent::new(lost, index).into());
                self.unfolded.extend(lost);
                return Ok(has_place);
            }
        };
        let has_place = self.fold.append(index, kind, text)?;
        if has_place && extra.is_repaired() && text.contains(char::REPLACEMENT_CHARACTER) {
            self.fold.note_lone_surrogate(index);
        }
        Ok(has_place)
    }

    /// An event with the index that it can only mean, and with the characters whole that it has
    /// parts of; whether half of one was replaced.
    pub(super) fn whole(
        &mut self,
        event: StreamEvent,
        halves: Option<Halves>,
    ) -> (StreamEvent, bool) {
        let mut event = if misfit::is_misplaced(&event) {
            self.placed(event)
        } else {
            event
        };
        let is_replaced = (halves.is_some() || self.waits_for_half())
            && self.fold.join(&mut event, halves.unwrap_or_default());
        (event, is_replaced)
    }

    /// An event with the index that it can only mean.
    fn placed(&self, event: StreamEvent) -> StreamEvent {
        misfit::placed(event, self.fold.next_index(), self.fold.only_open())
    }

    /// The halves of characters that stay alone where this event ends their blocks, as deltas.
    pub(super) fn left_alone_at(&mut self, event: &StreamEvent) -> Vec<StreamEvent> {
        match event {
            StreamEvent::ContentBlockStop(stop) => self.fold.left_alone(Some(stop.index)),
            StreamEvent::MessageStop(_) => self.fold.left_alone(None),
            _ => Vec::new(),
        }
    }

    /// Those that stay alone where the events are over, if that is the message's end.
    pub(super) fn left_alone_at_end(&mut self) -> Vec<StreamEvent> {
        if self.state == State::Open && self.lenient_eof && self.has_stopped() {
            return self.fold.left_alone(None);
        }
        Vec::new()
    }

    /// Whether the first half of a surrogate pair waits for the second one.
    pub(super) fn waits_for_half(&self) -> bool {
        self.fold.waits_for_half()
    }

    /// Whether an event only repeats an earlier one, as some gateways do.
    pub(super) fn is_repeated(&self, event: &StreamEvent) -> bool {
        match event {
            StreamEvent::MessageStart(start) => {
                let brings_more = self.fold.message().is_some_and(|message| {
                    message.content.is_empty() && !start.message.content.is_empty()
                });
                self.state == State::Open && !brings_more
            }
            StreamEvent::ContentBlockStop(stop) => self.fold.has_ended(stop.index),
            _ => false,
        }
    }

    /// Appends a piece of text to its block; returns whether that has a place for it.
    #[inline]
    pub(super) fn append(&mut self, piece: Piece<'_>) -> Result<bool, ProtocolError> {
        self.open("content_block_delta")?;
        let has_place = self.fold.append(piece.index, piece.kind, piece.text)?;
        if !has_place {
            self.unfolded.push(event_of(piece));
        }
        Ok(has_place)
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
        let stopped = self.has_stopped();
        match self.state {
            State::Complete => Ok(()),
            State::Open if stopped && self.lenient_eof => {
                self.close();
                Ok(())
            }
            _ => Err(ProtocolError::Truncated { stopped }),
        }
    }

    fn close(&mut self) {
        let lost = self.fold.close_all();
        self.unfolded.extend(lost);
        self.state = State::Complete;
    }

    /// Whether it is known why the message ended.
    fn has_stopped(&self) -> bool {
        let message = self.fold.message();
        message.is_some_and(|message| message.stop_reason.is_some())
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

    /// What the message has no place for:
    ///
    /// - deltas of unknown types, those for blocks of unknown types (which stay in the message as
    ///   they started), and those that their block has no field for;
    /// - events with a field that is none of theirs, as they came and as a whole, so what else they
    ///   have is in the message, too. New fields of `message_delta` and `message_stop` are the
    ///   message's own and in its `extra`; what it has already, such as its id, does not count;
    /// - signatures, encrypted content and tool inputs that a later one has replaced, each as the
    ///   delta or the start of a block that it came with;
    /// - events of unknown types that have a delta, a block, a message or a usage.
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
