//! The loop of I/O around the decoder, the protocol and the fold.
//!
//! One loop serves every way of reading (events, text, the message alone), so that they agree on
//! what is an error and what is an end. It holds back what precedes the first content, because
//! until something has been handed out a broken response can still be replaced by another one.

use std::collections::VecDeque;
use std::task::{Context, Poll, ready};

use anthropic_types::{Decoding, Message, StreamEvent};

use self::pieces::{copied, is_too_long};
use self::queue::Queue;
use super::accumulator::MessageAccumulator;
use super::decode::{self, event_of};
use super::feed::Feed;
use super::fold::Kind;
use super::frame::Frame;
use super::opening;
use super::protocol::ProtocolError;
use super::stranger::Stranger;
use crate::error::excerpt;
use crate::response::incoming::Incoming;
use crate::response::whole::too_long;
use crate::sse::{Decoder, KEPT_CAPACITY, SseError};
use crate::{BoxFuture, Error, ErrorKind, Result};

/// How many events are held back at most before the first content.
const MAX_HELD: usize = 16;

/// A message stream at work.
///
/// The fields lie in this order, here and in what they are made of, so that what each chunk needs
/// is in few lines of the processor's cache: of a thousand streams at once none is in it any more
/// when its next chunk comes.
#[repr(C)]
pub(super) struct Reader {
    pub(super) phase: Phase,
    /// Events that are decoded and not handed out yet.
    held: VecDeque<StreamEvent>,
    /// The error that follows the held events.
    last: Option<Error>,
    scratch: String,
    /// The most bytes of events that become a message, which is as long as a response may be that
    /// comes whole; and how many of them have come.
    max: usize,
    kept: usize,
    /// Whether the decoder has no event until it gets the next chunk.
    starved: bool,
    decoding: Decoding,
    /// Whether anything has been handed out.
    pub(super) handed: bool,
    pub(super) failure: Option<ErrorKind>,
    pub(super) feed: Feed,
    decoder: Decoder,
    pub(super) accumulator: MessageAccumulator,
    /// What the end of the body cut off: the beginning of its last event.
    cut: Option<String>,
    /// The first event that nobody knows.
    stranger: Option<Stranger>,
}

pub(super) enum Phase {
    Reading,
    /// The body is over; the decoder may have events left.
    Ending,
    /// Events come before the next one on the wire.
    Queued(Box<Queue>),
    /// The request is being sent again.
    Retrying(BoxFuture<'static, Result<Incoming>>),
    /// The message is complete; the body is about to end.
    Complete,
    Over,
}

/// How the stream is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Events,
    Text,
    /// For the message alone.
    Fold,
}

impl Mode {
    /// Whether a piece of this kind is handed out.
    fn wants(self, kind: Kind) -> bool {
        match self {
            Self::Events => true,
            Self::Text => kind == Kind::Text,
            Self::Fold => false,
        }
    }
}

/// What a step of reading gives.
pub(super) enum Item {
    Event(StreamEvent),
    Text(String),
}

impl Reader {
    pub(super) fn new(feed: Feed) -> Self {
        let limits = feed.limits();
        Self {
            decoding: feed.decoding(),
            max: feed.max_bytes(),
            feed,
            decoder: Decoder::new().max_event_bytes(limits.event_bytes()),
            starved: false,
            accumulator: MessageAccumulator::new().lenient_eof(limits.lenient_eof),
            scratch: String::new(),
            phase: Phase::Reading,
            held: VecDeque::new(),
            last: None,
            handed: false,
            failure: None,
            cut: None,
            stranger: None,
            kept: 0,
        }
    }

    /// The loop: hand out what is there, else decode, else read.
    pub(super) fn poll_item(
        &mut self,
        task: &mut Context<'_>,
        mode: Mode,
    ) -> Poll<Option<Result<Item>>> {
        loop {
            if let Some(event) = self.next_held(mode) {
                return Poll::Ready(Some(Ok(Item::Event(event))));
            }
            if let Some(error) = self.last.take() {
                return Poll::Ready(Some(Err(error)));
            }
            let step = match &mut self.phase {
                Phase::Over => return Poll::Ready(None),
                Phase::Complete => {
                    ready!(self.feed.poll_end(task, &mut self.decoder));
                    self.read_rest(mode);
                    continue;
                }
                Phase::Retrying(again) => match ready!(again.as_mut().poll(task)) {
                    Ok(incoming) => {
                        self.feed.restart(incoming);
                        self.kept = 0;
                        self.phase = Phase::Reading;
                        continue;
                    }
                    Err(error) => {
                        self.over(error);
                        continue;
                    }
                },
                Phase::Reading if self.starved => match ready!(self.feed.poll_chunk(task)) {
                    Ok(chunk) => self.take(chunk, mode),
                    Err(error) => Step::Fail(error),
                },
                Phase::Reading | Phase::Ending => self.read(mode),
                Phase::Queued(queue) => match queue.events.pop_front() {
                    Some(event) => self.fold(event, mode),
                    None => self.queue_ended(),
                },
            };
            match step {
                Step::Give(item) => {
                    if self.accumulator.is_complete() {
                        self.complete(task, mode);
                    }
                    return Poll::Ready(Some(Ok(item)));
                }
                Step::Go if self.accumulator.is_complete() => self.complete(task, mode),
                Step::Fail(error) => self.broken(error),
                Step::Starved if matches!(self.phase, Phase::Ending) => match self.end() {
                    Ok(true) => self.complete(task, mode),
                    Ok(false) => {}
                    Err(error) => self.broken(error),
                },
                // There is no event in what has been read.
                Step::Go | Step::Starved => {}
            }
        }
    }

    /// The first event that was held, once those before it were handed out.
    fn next_held(&mut self, mode: Mode) -> Option<StreamEvent> {
        if self.held.is_empty() {
            return None;
        }
        if mode != Mode::Events {
            self.held.clear();
        }
        if self.handed {
            self.held.pop_front()
        } else {
            None
        }
    }

    /// Before the wait for more, however the stream is read: one large delta must not cost memory
    /// to its end.
    fn release_scratch(&mut self) {
        if self.scratch.capacity() > KEPT_CAPACITY {
            self.scratch = String::new();
        }
    }

    /// Takes one event from the decoder, if there is one.
    fn read(&mut self, mode: Mode) -> Step {
        self.release_scratch();
        let raw = match &self.phase {
            Phase::Ending => self.decoder.finish_raw(),
            _ => self.decoder.next_raw(),
        };
        let raw = match raw {
            None => {
                self.starved = true;
                return Step::Starved;
            }
            Some(Ok(raw)) => raw,
            Some(Err(error)) => return unread(error),
        };
        if let Some(piece) = decode::piece(&raw, &mut self.scratch) {
            if self.accumulator.waits_for_half() {
                if is_too_long(&mut self.kept, piece.text.len(), self.max) {
                    return Step::Fail(too_long(self.max));
                }
                let event = event_of(piece);
                return self.apply(event, None, mode);
            }
            let (index, kind) = (piece.index, piece.kind);
            let is_wanted = mode.wants(kind);
            // What was put together for a large event becomes its text, without a copy in memory
            // that is new once more.
            let place = decode::place(&raw, piece.text);
            let copy = copied(piece.text, is_wanted && place.is_none());
            let limit = (&mut self.kept, self.max);
            let appended = Self::append(limit, &mut self.accumulator, &mut self.feed, piece);
            // Then the wait may begin at once, as the next look would give nothing, nor give back.
            self.starved = self.scratch.capacity() <= KEPT_CAPACITY && self.decoder.is_used_up();
            let has_place = match appended {
                Ok(has_place) => has_place,
                Err(error) => return Step::Fail(error),
            };
            let text = match place {
                Some(place) if is_wanted => Some(decode::text(self.decoder.take_data(place))),
                _ => copy,
            };
            let text = text.filter(|_| has_place || mode != Mode::Text);
            return self.give_piece(index, kind, text, mode);
        }
        let event = match raw.into_text() {
            Ok(event) => event,
            Err(error) => return unread(error),
        };
        let size = event.data().len();
        match decode::decode(event, self.decoding) {
            Err(error) => Step::Fail(error),
            Ok((Frame::Event(_), _)) if is_too_long(&mut self.kept, size, self.max) => {
                Step::Fail(too_long(self.max))
            }
            Ok((Frame::Event(event), halves)) => self.apply(event, halves, mode),
            Ok((Frame::Ping, _)) => Step::Go,
            Ok((Frame::Cut, _)) => {
                if !event.data().is_empty() {
                    self.cut = Some(excerpt(event.data().as_bytes()));
                }
                Step::Go
            }
            Ok((Frame::Error, _)) => Step::Fail(self.feed.event_error(event.data())),
            Ok((Frame::Done, _)) => self.done(),
        }
    }

    /// The body is over; returns whether the message is complete, or there is more to hand out.
    fn end(&mut self) -> Result<bool> {
        match self.queue_last(false) {
            Some(Step::Fail(error)) => return Err(error),
            Some(_) => return Ok(false),
            None => {}
        }
        let finished = self.accumulator.finish();
        finished.map_err(|error| self.ended(error, false))?;
        Ok(true)
    }

    /// The stream is over, as its server sees it.
    fn done(&mut self) -> Step {
        if let Some(step) = self.queue_last(true) {
            return step;
        }
        match self.accumulator.finish() {
            Ok(()) => Step::Go,
            Err(error) => Step::Fail(self.ended(error, true)),
        }
    }

    /// The error of a body that ended too early, with what there was in place of events. `done`: by
    /// itself, not cut off.
    fn ended(&mut self, error: ProtocolError, done: bool) -> Error {
        let stray = self.decoder.stray();
        if let Some(error) = self.feed.stray_error(stray) {
            return error;
        }
        let stranger = self.stranger.take();
        let begun = self.accumulator.message().is_some();
        match &stranger {
            Some(stranger) if !begun && stranger.is_foreign(done) => return stranger.error(error),
            _ => {}
        }
        let first = self.feed.first();
        match opening::other_text(first) {
            Some(text) if !begun => return text.caused_by(error),
            _ => {}
        }
        let seen = match (self.cut.take(), stranger) {
            (Some(cut), _) => format!("; its last event was cut off: {cut}"),
            (None, _) if !first.is_empty() => format!("; the body begins {}", excerpt(first)),
            (None, _) if !stray.is_empty() => opening::strays(stray),
            (None, Some(stranger)) => {
                format!("; an event came that is not known: {}", stranger.text)
            }
            (None, None) => String::new(),
        };
        let message = format!("{error}{seen}");
        Error::new(violation_kind(&error), message).caused_by(error)
    }

    /// Hands out an item, or holds it back with those before it.
    fn give(&mut self, item: Item) -> Step {
        if self.handed {
            return Step::Give(item);
        }
        match item {
            Item::Text(text) if text.is_empty() => return Step::Go,
            Item::Text(text) => return self.hand(Step::Give(Item::Text(text))),
            Item::Event(event) => {
                let waits = matches!(
                    event,
                    StreamEvent::MessageStart(_) | StreamEvent::Unrecognized(_)
                );
                self.held.push_back(event);
                if waits && self.held.len() < MAX_HELD {
                    return Step::Go;
                }
            }
        }
        self.hand(Step::Go)
    }

    /// From here on there is output.
    fn hand(&mut self, step: Step) -> Step {
        self.handed = true;
        self.feed.output_came();
        match self.feed.commit() {
            Ok(()) => step,
            Err(error) => Step::Fail(error),
        }
    }

    /// The message is complete.
    fn complete(&mut self, task: &mut Context<'_>, mode: Mode) {
        self.handed = true;
        self.feed.output_came();
        if let Err(error) = self.feed.commit() {
            return self.broken(error);
        }
        match self.feed.poll_end(task, &mut self.decoder) {
            Poll::Ready(()) => self.read_rest(mode),
            Poll::Pending => self.phase = Phase::Complete,
        }
    }

    /// Reads what came behind the end of the message, of which nothing must be lost. Whatever is
    /// no event there spoils nothing.
    fn read_rest(&mut self, mode: Mode) {
        self.phase = Phase::Over;
        while let Some(Ok(raw)) = self.decoder.finish_raw() {
            let Ok(raw) = raw.into_text() else {
                continue;
            };
            let event = match decode::decode(raw, self.decoding) {
                Ok((Frame::Event(event), _)) => event,
                Err(error) if decode::is_update(raw) => return self.broken(error),
                _ => continue,
            };
            match self.accumulator.apply_late(&event) {
                Ok(true) if mode == Mode::Events => self.held.push_back(event),
                Ok(_) => {}
                Err(error) => return self.broken(violation(error)),
            }
        }
    }

    /// Starts over if that is allowed; otherwise this is the end.
    fn broken(&mut self, error: Error) {
        let again = if self.handed {
            Err(error)
        } else {
            self.feed.resend(error)
        };
        let error = match again {
            Ok(again) => return self.start_over(again),
            Err(error) => error,
        };
        let error = with_partial(self.feed.fail_at_last(error), self.accumulator.partial());
        self.over(error);
    }

    /// Reads the response of another attempt in place of this one.
    fn start_over(&mut self, again: BoxFuture<'static, Result<Incoming>>) {
        self.accumulator.reset();
        self.held.clear();
        self.cut = None;
        self.stranger = None;
        self.decoder = Decoder::new().max_event_bytes(self.feed.limits().event_bytes());
        self.phase = Phase::Retrying(Box::pin(async move { opening::accept(again.await?).await }));
    }

    /// The message, once the stream is over.
    pub(super) fn into_message(self) -> Result<Message> {
        let Self {
            feed,
            accumulator,
            failure,
            ..
        } = self;
        match (failure, accumulator.into_message()) {
            (None, Some(message)) => Ok(message),
            (failure, partial) => {
                let kind = failure.unwrap_or(ErrorKind::StreamTruncated);
                let error = Error::new(kind, "the stream has failed before");
                Err(feed.complete(with_partial(error.retryable(false), partial)))
            }
        }
    }

    /// Whether everything has been handed out.
    pub(super) fn is_terminated(&self) -> bool {
        matches!(self.phase, Phase::Over) && self.held.is_empty() && self.last.is_none()
    }

    fn over(&mut self, error: Error) {
        self.phase = Phase::Over;
        self.feed.drop_body();
        self.handed = true;
        self.failure = Some(error.kind());
        self.last = Some(error);
    }
}

/// What reading one event comes to.
enum Step {
    Give(Item),
    /// On to the next.
    Go,
    /// There is no event in what has been read.
    Starved,
    Fail(Error),
}

fn with_partial(error: Error, partial: Option<Message>) -> Error {
    match partial {
        Some(partial) => error.with_partial(partial),
        None => error,
    }
}

pub(super) fn violation(error: ProtocolError) -> Error {
    Error::new(violation_kind(&error), error.to_string()).caused_by(error)
}

fn violation_kind(error: &ProtocolError) -> ErrorKind {
    match error {
        ProtocolError::Truncated { .. } => ErrorKind::StreamTruncated,
        _ => ErrorKind::Decode,
    }
}

/// What an event that can't be read comes to.
fn unread(error: SseError) -> Step {
    match error {
        // The end of the body decides the rest.
        SseError::EndInCharacter { .. } => Step::Go,
        error => Step::Fail(unreadable(error)),
    }
}

pub(super) fn unreadable(error: SseError) -> Error {
    let kind = match error {
        SseError::TooLarge { .. } => ErrorKind::EventTooLarge,
        SseError::EndInCharacter { .. } => ErrorKind::StreamTruncated,
        SseError::InvalidUtf8 { .. } => ErrorKind::Decode,
    };
    Error::new(kind, error.to_string()).caused_by(error)
}

mod pieces;
mod queue;
#[cfg(test)]
mod tests;
