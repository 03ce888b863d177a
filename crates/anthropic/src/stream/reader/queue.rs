//! Events that are no pieces on their way into the message, and those that come before the next one
//! on the wire.

use std::collections::VecDeque;

use anthropic_types::{Decoding, StreamEvent, repairs};

use super::{Item, Mode, Phase, Reader, Step, violation};
use crate::stream::halves::Halves;
use crate::stream::misfit;
use crate::stream::stranger::{Stranger, malformed};

/// What comes where halves of characters have stayed alone: they, as deltas, and the event that
/// ends their blocks. Deltas that have been handed out can't be made longer.
pub(in crate::stream) struct Queue {
    pub(super) events: VecDeque<StreamEvent>,
    /// Whether the body is over.
    is_ending: bool,
    /// Whether the stream is over behind them, as its server sees it.
    is_done: bool,
}

impl Reader {
    /// Takes an event that is no plain piece.
    pub(super) fn apply(&mut self, event: StreamEvent, halves: Option<Halves>, mode: Mode) -> Step {
        let (event, is_replaced) = self.accumulator.whole(event, halves);
        if is_replaced && self.decoding == Decoding::Strict {
            return Step::Fail(violation(misfit::malformed(&event)));
        }
        if self.accumulator.waits_for_half() {
            let mut alone = self.accumulator.left_alone_at(&event);
            if !alone.is_empty() {
                alone.push(event);
                return self.queue(alone, false);
            }
        }
        self.fold(event, mode)
    }

    /// Folds an event that is whole.
    pub(super) fn fold(&mut self, event: StreamEvent, mode: Mode) -> Step {
        let is_repeated = self.accumulator.is_repeated(&event);
        let applied = self.accumulator.fold(&event);
        if let StreamEvent::Unrecognized(unknown) = &event {
            self.feed.unknown_came();
            if let Err(error) = applied {
                return Step::Fail(malformed(error, unknown));
            }
            self.stranger.get_or_insert_with(|| Stranger::new(unknown));
        } else {
            self.feed.event_came();
        }
        let has_place = match applied {
            Ok(has_place) => has_place,
            Err(error) => return Step::Fail(violation(error)),
        };
        if is_repeated {
            return Step::Go;
        }
        match (mode, event) {
            (Mode::Events, event) => self.give(Item::Event(event)),
            // What it starts with comes before its first block.
            (Mode::Text, StreamEvent::MessageStart(start)) => {
                self.give(Item::Text(start.message.text()))
            }
            (Mode::Text, event) => match event.text() {
                Some(text) if has_place => self.give(Item::Text(text.to_owned())),
                _ => Step::Go,
            },
            (Mode::Fold, _) => Step::Go,
        }
    }

    /// Goes on with these events.
    fn queue(&mut self, events: Vec<StreamEvent>, is_done: bool) -> Step {
        if self.decoding == Decoding::Strict {
            let repaired = events.iter().find(|event| !repairs(*event).is_empty());
            if let Some(event) = repaired {
                return Step::Fail(violation(misfit::malformed(event)));
            }
        }
        self.phase = Phase::Queued(Box::new(Queue {
            events: events.into(),
            is_ending: matches!(self.phase, Phase::Ending),
            is_done,
        }));
        Step::Go
    }

    /// Goes on with what stays alone at the end of the events, if there is something.
    pub(super) fn queue_last(&mut self, is_done: bool) -> Option<Step> {
        if !self.accumulator.waits_for_half() {
            return None;
        }
        let alone = self.accumulator.left_alone_at_end();
        (!alone.is_empty()).then(|| self.queue(alone, is_done))
    }

    /// Goes on with what is on the wire.
    pub(super) fn queue_ended(&mut self) -> Step {
        let before = std::mem::replace(&mut self.phase, Phase::Reading);
        let Phase::Queued(queue) = before else {
            return Step::Go;
        };
        if queue.is_ending {
            self.phase = Phase::Ending;
        }
        if queue.is_done {
            return self.done();
        }
        Step::Go
    }
}
