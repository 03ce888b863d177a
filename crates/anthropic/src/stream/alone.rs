//! What is remembered of a message of which only the events are handed out.
//!
//! Each event has to be what a [`MessageStream`](super::MessageStream) would hand out: with the
//! index that it can only mean, with the characters whole that it has parts of, and an error where
//! it can't be read. That takes which blocks are open, and which of them wait for half a character.
//! Nothing else of the message is kept, and of these no more than so many.

use std::collections::VecDeque;

use anthropic_types::{Decoding, StreamEvent, repairs};

use super::decode::decode;
use super::frame::Frame;
use super::halves::{self, Form, Growing, Halves};
use super::misfit;
use super::protocol::ProtocolError;
use super::reader::violation;
use crate::Result;
use crate::sse::Event;

/// How many blocks are followed at once. Those of a message come one after the other.
const MAX_BLOCKS: usize = 256;

#[derive(Debug, Default)]
pub(super) struct Alone {
    /// The block of the last delta.
    last: Option<u64>,
    /// The first halves of characters, by the blocks that wait for the second ones.
    halves: Vec<(u64, Form, u16)>,
    open: Vec<u64>,
    /// Whether more were open than are followed.
    has_lost_count: bool,
    /// The index behind the greatest so far.
    next: u64,
    /// What comes before the next event on the wire.
    queue: VecDeque<StreamEvent>,
}

impl Alone {
    /// Reads an event.
    pub(super) fn read(
        &mut self,
        event: Event<'_>,
        decoding: Decoding,
    ) -> Result<Frame<StreamEvent>> {
        let (frame, halves) = decode(event, decoding)?;
        let Frame::Event(event) = frame else {
            return Ok(frame);
        };
        let strict = decoding == Decoding::Strict;
        let event = self.whole(event, halves, strict).map_err(violation)?;
        Ok(Frame::Event(event))
    }

    /// What comes before the next event on the wire.
    pub(super) fn next(&mut self) -> Option<StreamEvent> {
        self.queue.pop_front()
    }

    fn whole(
        &mut self,
        event: StreamEvent,
        halves: Option<Halves>,
        strict: bool,
    ) -> Result<StreamEvent, ProtocolError> {
        let mut event = event;
        if misfit::is_misplaced(&event) {
            event = misfit::placed(event, Some(self.next), self.only_open());
        }
        misfit::check(&event)?;
        let mut alone = Vec::new();
        match &event {
            StreamEvent::MessageStart(start) => {
                let given = u64::try_from(start.message.content.len()).unwrap_or(u64::MAX);
                self.next = self.next.max(given);
            }
            StreamEvent::ContentBlockStart(start) => {
                alone.extend(self.close(start.index));
                self.open(start.index);
            }
            StreamEvent::ContentBlockDelta(delta) if self.last == Some(delta.index) => {}
            StreamEvent::ContentBlockDelta(delta) => self.open(delta.index),
            StreamEvent::ContentBlockStop(stop) => alone.extend(self.close(stop.index)),
            StreamEvent::MessageStop(_) => {
                let halves = std::mem::take(&mut self.halves).into_iter();
                let deltas =
                    halves.filter_map(|(index, form, half)| halves::alone(index, form, half));
                alone.extend(deltas);
            }
            _ => {}
        }
        let is_replaced = (halves.is_some() || !self.halves.is_empty())
            && self.join(&mut event, halves.unwrap_or_default());
        if strict && is_replaced {
            return Err(misfit::malformed(&event));
        }
        let repaired = alone.iter().find(|event| !repairs(*event).is_empty());
        if let Some(repaired) = repaired.filter(|_| strict) {
            self.queue.push_back(event);
            return Err(misfit::malformed(repaired));
        }
        let mut events = alone.into_iter();
        let Some(first) = events.next() else {
            return Ok(event);
        };
        self.queue.extend(events.chain([event]));
        Ok(first)
    }

    /// Completes the text of an event by what its block waits for, and keeps what waits for the
    /// next delta; returns whether half a character stayed alone and was replaced.
    fn join(&mut self, event: &mut StreamEvent, halves: Halves) -> bool {
        let Some(growing) = Growing::of(event) else {
            return false;
        };
        let (index, form) = (growing.index, growing.form);
        if growing.text.is_empty() && halves == Halves::default() {
            return false;
        }
        let mut halves = halves;
        let mut waited = None;
        let has_room = match self.take_half(index) {
            Some((waiting, half)) if waiting == form => {
                waited = Some(half);
                true
            }
            Some((waiting, half)) => {
                self.halves.push((index, waiting, half));
                false
            }
            None => self.halves.len() < MAX_BLOCKS,
        };
        if has_room {
            let last = halves.last.take();
            self.halves.extend(last.map(|half| (index, form, half)));
        }
        halves::complete(event, waited, halves)
    }

    /// Notes that a block is open.
    fn open(&mut self, index: u64) {
        self.next = self.next.max(index.saturating_add(1));
        let is_known = self.open.contains(&index);
        if is_known || self.open.len() < MAX_BLOCKS {
            self.open.extend((!is_known).then_some(index));
            self.last = Some(index);
        } else {
            self.has_lost_count = true;
        }
    }

    /// Notes that a block has ended; returns the half of a character that stays alone.
    fn close(&mut self, index: u64) -> Option<StreamEvent> {
        self.last = None;
        self.open.retain(|open| *open != index);
        let (form, half) = self.take_half(index)?;
        halves::alone(index, form, half)
    }

    /// The half that a block waits with.
    fn take_half(&mut self, index: u64) -> Option<(Form, u16)> {
        let at = self.halves.iter().position(|(block, ..)| *block == index)?;
        let (_, form, half) = self.halves.swap_remove(at);
        Some((form, half))
    }

    /// The index of the only open block.
    fn only_open(&self) -> Option<u64> {
        let only = self.open.first().copied();
        only.filter(|_| self.open.len() == 1 && !self.has_lost_count)
    }
}
