//! Event streams that are not messages: typed events, one by one, nothing folded.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use anthropic_types::{Decode, Decoding, StreamEvent};
use futures_core::Stream;

use super::alone::Alone;
use super::decode;
use super::feed::Feed;
use super::frame::{Frame, frame};
use super::opening;
use super::reader::unreadable;
use crate::error::excerpt;
use crate::response::incoming::Incoming;
use crate::response::meta::ResponseMeta;
use crate::sse::{Decoder, Event};
use crate::{BoxFuture, Error, ErrorKind, Result};

/// The events of a response, decoded one at a time.
///
/// A [`Stream`] with [`next`](Self::next) and [`try_next`](Self::try_next) that need no import.
/// Pings are skipped; an `error` event is returned as an error and ends the stream, and so does a
/// body that ends within an event or, where one event is known to be the last, before that one
/// ([`StreamTruncated`](ErrorKind::StreamTruncated)). An event that can't be read is an error of
/// its own, and those after it still come. Nothing is retried: to read on after a broken stream,
/// send the request again.
///
/// ```
/// # async fn run(mut events: anthropic::stream::EventStream<anthropic::types::StreamEvent>) -> anthropic::Result<()> {
/// while let Some(event) = events.try_next().await? {
///     println!("{}", event.type_name());
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "a stream does nothing until it is read"]
pub struct EventStream<T> {
    feed: Feed,
    decoder: Decoder,
    ending: bool,
    /// Whether the last event has come.
    complete: bool,
    over: bool,
    kind: Kind<T>,
    alone: Following,
}

/// What is remembered of the events so far, if something has to be.
type Following = Option<Box<Alone>>;

/// What the events are those of.
struct Kind<T> {
    /// Which event is the last, where one must come before the body's end.
    is_last: Option<fn(&T) -> bool>,
    read: fn(&mut Following, Event<'_>, Decoding) -> Result<Frame<T>>,
    /// What comes before the next event on the wire.
    next: fn(&mut Following) -> Option<T>,
}

impl<T: Decode> Kind<T> {
    /// Events that have nothing to do with each other.
    fn of(is_last: Option<fn(&T) -> bool>) -> Self {
        Self {
            is_last,
            read: |_, event, decoding| frame(event, decoding),
            next: |_| None,
        }
    }
}

impl Kind<StreamEvent> {
    /// Those of a message.
    fn of_message() -> Self {
        Self {
            is_last: Some(|event| matches!(event, StreamEvent::MessageStop(_))),
            read: |alone, event, decoding| {
                let alone = alone.get_or_insert_default();
                alone.read(event, decoding)
            },
            next: |alone| alone.as_mut()?.next(),
        }
    }
}

impl<T: Decode> EventStream<T> {
    fn new(mut feed: Feed, kind: Kind<T>) -> Self {
        // It is not resent, so nothing of the request is kept. There is no recorder that could
        // fail.
        let _ = feed.commit();
        Self {
            decoder: Decoder::new().max_event_bytes(feed.limits().event_bytes()),
            feed,
            ending: false,
            complete: false,
            over: false,
            kind,
            alone: None,
        }
    }

    /// The next event, or `None` at the end.
    pub async fn next(&mut self) -> Option<Result<T>> {
        poll_fn(|task| self.poll_event(task)).await
    }

    /// The next event; `Ok(None)` is the end.
    pub async fn try_next(&mut self) -> Result<Option<T>> {
        self.next().await.transpose()
    }

    /// Status, headers, ids, rate limits, attempts of the response.
    pub fn meta(&self) -> &ResponseMeta {
        self.feed.meta()
    }

    fn poll_event(&mut self, task: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        while !self.over {
            if let Some(event) = (self.kind.next)(&mut self.alone) {
                return self.give(event);
            }
            if self.complete && !self.ending {
                ready!(self.feed.poll_end(task, &mut self.decoder));
                self.ending = true;
            }
            let event = if self.ending {
                self.decoder.finish()
            } else {
                self.decoder.next_event()
            };
            let (kind, alone, feed) = (&self.kind, &mut self.alone, &self.feed);
            let complete = self.complete;
            match event.map(|event| event.map(|event| read(event, kind, alone, feed, complete))) {
                Some(Ok(Read::Nothing)) => {}
                Some(Ok(Read::Event(event))) => {
                    if self.feed.event_came() {
                        self.feed.output_came();
                    }
                    return match event {
                        Ok(event) => self.give(event),
                        Err(error) => Poll::Ready(Some(Err(error))),
                    };
                }
                Some(_) if self.complete => {}
                Some(Ok(Read::Done)) if self.kind.is_last.is_none() => {}
                Some(Ok(Read::Done)) => {
                    let stray = self.decoder.stray();
                    let error = self.feed.stray_error(stray).unwrap_or_else(|| {
                        truncated("`[DONE]` came before the last event", &self.feed, stray)
                    });
                    return self.fail(error);
                }
                Some(Ok(Read::Last(error))) => return self.fail(error),
                Some(Err(error)) => return self.fail(unreadable(error)),
                None if self.ending && self.complete => self.end(),
                None if self.ending => {
                    let is_cut = self.kind.is_last.is_some();
                    match ended(&self.feed, self.decoder.stray(), is_cut) {
                        Some(error) => return self.fail(error),
                        None => self.end(),
                    }
                }
                None => match ready!(self.feed.poll_chunk(task)) {
                    Ok(Some(chunk)) => self.decoder.feed(chunk),
                    Ok(None) => self.ending = true,
                    Err(error) => return self.fail(error),
                },
            }
        }
        Poll::Ready(None)
    }

    fn give(&mut self, event: T) -> Poll<Option<Result<T>>> {
        if let Some(is_last) = self.kind.is_last {
            self.complete |= is_last(&event);
        }
        Poll::Ready(Some(Ok(event)))
    }

    fn fail(&mut self, error: Error) -> Poll<Option<Result<T>>> {
        self.end();
        Poll::Ready(Some(Err(self.feed.fail(error))))
    }

    fn end(&mut self) {
        self.over = true;
        self.feed.drop_body();
    }
}

/// What an event on the wire is for the reader.
enum Read<T> {
    Nothing,
    Event(Result<T>),
    Done,
    Last(Error),
}

fn read<T: Decode>(
    event: Event<'_>,
    kind: &Kind<T>,
    alone: &mut Following,
    feed: &Feed,
    complete: bool,
) -> Read<T> {
    match (kind.read)(alone, event, feed.decoding()) {
        Ok(Frame::Event(event)) => Read::Event(Ok(event)),
        Ok(Frame::Ping) => Read::Nothing,
        Ok(Frame::Done) => Read::Done,
        Ok(Frame::Error) => Read::Last(feed.event_error(event.data())),
        Ok(Frame::Cut) => {
            let cut = match event.data() {
                "" => String::new(),
                data => format!(": {}", excerpt(data.as_bytes())),
            };
            let message = format!("the body ended within an event{cut}");
            Read::Last(truncated(&message, feed, &[]))
        }
        // What is no event behind the last one spoils nothing, but for a message's update.
        Err(_) if complete && !(alone.is_some() && decode::is_update(event)) => Read::Nothing,
        Err(error) => Read::Event(Err(feed.complete(error))),
    }
}

/// What is wrong with a body that is over. Without an event it may be something else.
fn ended(feed: &Feed, stray: &[u8], is_cut: bool) -> Option<Error> {
    let cut = || truncated("the body ended before the last event", feed, stray);
    feed.stray_error(stray)
        .or_else(|| opening::other_text(feed.first()))
        .or_else(|| is_cut.then(cut))
}

fn truncated(message: &str, feed: &Feed, stray: &[u8]) -> Error {
    let seen = match (feed.first(), stray) {
        ([], []) => String::new(),
        ([], stray) => opening::strays(stray),
        (first, _) => format!("; the body begins {}", excerpt(first)),
    };
    Error::new(ErrorKind::StreamTruncated, format!("{message}{seen}"))
}

/// Opens an event stream whose response is being made while it is read; `is_last` knows its last
/// event.
#[cfg(any(feature = "completions", feature = "operations"))]
pub(crate) fn open_event_stream<T: Decode + Send + 'static>(
    incoming: Incoming,
    is_last: fn(&T) -> bool,
) -> BoxFuture<'static, Result<EventStream<T>>> {
    Box::pin(async move {
        let feed = Feed::new(opening::accept_events(incoming).await?).of_events();
        Ok(EventStream::new(feed, Kind::of(Some(is_last))))
    })
}

/// Opens a message as its events alone.
pub(crate) fn open_message_events(
    incoming: Incoming,
) -> BoxFuture<'static, Result<EventStream<StreamEvent>>> {
    Box::pin(async move {
        let feed = Feed::new(opening::accept_events(incoming).await?).of_message();
        Ok(EventStream::new(feed, Kind::of_message()))
    })
}

/// Opens an event stream that reports what happens elsewhere, where nothing may happen for long.
pub(crate) fn open_quiet_stream<T: Decode + Send + 'static>(
    incoming: Incoming,
) -> BoxFuture<'static, Result<EventStream<T>>> {
    Box::pin(async move {
        let incoming = opening::accept(incoming).await?;
        let limits = incoming.context().quiet_limits();
        let feed = Feed::with_limits(incoming, limits).of_events();
        Ok(EventStream::new(feed, Kind::of(None)))
    })
}

impl<T: Decode> Stream for EventStream<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_event(task)
    }
}

impl<T> fmt::Debug for EventStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream")
            .field("feed", &self.feed)
            .finish_non_exhaustive()
    }
}
