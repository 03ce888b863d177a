//! The stream of a message, as its users see it; [`Reader`] does the work.

use std::fmt;
use std::future::poll_fn;
use std::io::{Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use anthropic_types::{ContentBlock, Message, StreamEvent};
use futures_core::Stream;
use futures_core::stream::FusedStream;
use serde_json::Value;

use super::feed::Feed;
use super::opening;
use super::reader::{Item, Mode, Phase, Reader};
use super::record::{Pieces, Recorder};
use super::snapshot_events::SnapshotEvents;
use super::text::TextStream;
use crate::Result;
use crate::partial_json::Strings;
use crate::response::incoming::Incoming;
use crate::response::meta::ResponseMeta;
use crate::transport::Body;

/// A message as it arrives.
///
/// It is a [`Stream`] of [`StreamEvent`]s, with [`next`](Self::next) and
/// [`try_next`](Self::try_next) that need no import, and it folds them into the message along the
/// way:
///
/// ```
/// # async fn run(mut stream: anthropic::MessageStream) -> anthropic::Result<()> {
/// while let Some(event) = stream.try_next().await? {
///     if let Some(text) = event.text() {
///         print!("{text}");
///     }
/// }
/// let message = stream.final_message().await?;
/// println!("{:?}", message.stop_reason);
/// # Ok(())
/// # }
/// ```
///
/// **Only `message_stop` ends a stream.** A body that ends before `message_stop` is an error of
/// kind [`StreamTruncated`](crate::ErrorKind::StreamTruncated), an `error` event is an error of the
/// kind that it names, and an idle timeout is [`StreamStalled`](crate::ErrorKind::StreamStalled);
/// see [`StreamLimits`](crate::StreamLimits). Of what comes behind the end at once, an update of
/// the message counts, and a block or a delta is an error. After an error the stream is over; the
/// error carries the message so far as [`partial::<Message>()`](crate::Error::partial).
///
/// **Retries.** Such a failure is retried within the request's `max_retries` until the first event
/// is returned, and nothing is retried afterwards; [`final_message`](Self::final_message) on a
/// stream that was not read before returns no event, so it retries to the end. `message_start` is
/// returned together with the first content.
///
/// **Characters** that are split between two deltas, which a gateway in UTF-16 may do, are put
/// together: the first half waits for the delta with the second one. One that waits in vain is
/// U+FFFD, among the [repairs](Message::repairs), and an event of its own before the end of its
/// block, so the pieces that are returned are the message's text. What a gateway repeats (the
/// start of a message, the end of a block) is returned once.
///
/// **Unknown events, blocks and deltas** are returned as `Unrecognized`. Unknown blocks are in the
/// message as they started; whatever the message has no place for is in
/// [`unfolded`](Self::unfolded). Pings are not returned. An event's name stands in for a type that
/// can't be read; without both, what belongs to a message is an error. A stream without any event
/// of a message, such as that of another vendor's API, is an error of kind
/// [`UnexpectedContent`](crate::ErrorKind::UnexpectedContent), and not retried.
///
/// Futures of this type can be dropped at any time without losing an event. Dropping the stream
/// closes the connection.
#[must_use = "a stream does nothing until it is read"]
pub struct MessageStream {
    reader: Box<Reader>,
}

impl MessageStream {
    fn new(feed: Feed) -> Self {
        Self {
            reader: Box::new(Reader::new(feed)),
        }
    }

    /// Reads a response's body as the stream of a message.
    pub(super) async fn open(incoming: Incoming) -> Result<Self> {
        let incoming = opening::accept_events(incoming).await?;
        Ok(Self::new(Feed::new(incoming).of_message()))
    }

    /// The message of a response's body, for a caller who did not ask for a stream.
    pub(super) async fn read(incoming: Incoming) -> Result<Message> {
        Self::open(incoming).await?.final_message().await
    }

    /// A stream out of recorded bytes, for tests: see [`record`](Self::record).
    ///
    /// `recording` is read on the task that reads the stream and blocks it meanwhile, which a slice
    /// never does.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// use anthropic::{ErrorKind, MessageStream};
    ///
    /// let recording = b"event: ping\ndata: {\"type\": \"ping\"}\n\n";
    /// let error = MessageStream::replay(&recording[..]).final_message().await.unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::StreamTruncated);
    /// # }
    /// ```
    pub fn replay(recording: impl Read + Send + Unpin + 'static) -> Self {
        Self::new(Feed::of_body(Body::stream(Pieces(recording), None)).of_message())
    }

    /// Writes the bytes of the response's body to `writer` as they arrive.
    ///
    /// Call it before reading. A body that a retry replaced is left out. When `writer` fails, so
    /// does the stream, with [`Recording`](crate::ErrorKind::Recording). It writes on the task that
    /// reads the stream and blocks it meanwhile: give it memory, a local file, or a writer that
    /// passes the bytes to a thread.
    pub fn record(mut self, writer: impl Write + Send + 'static) -> Self {
        self.reader.feed.record(Recorder::new(writer));
        self
    }

    /// Keeps a readable view of each tool input while it arrives, of those under way too: see
    /// [`partial_input`](Self::partial_input).
    pub fn with_partial_input(mut self) -> Self {
        self.reader.accumulator = self.reader.accumulator.with_partial_input();
        self
    }

    /// The next event, or `None` at the end.
    pub async fn next(&mut self) -> Option<Result<StreamEvent>> {
        poll_fn(|task| self.poll_event(task)).await
    }

    /// The next event; `Ok(None)` is the end.
    pub async fn try_next(&mut self) -> Result<Option<StreamEvent>> {
        self.next().await.transpose()
    }

    /// The text of the message alone, piece by piece as it arrives. The stream can be used
    /// afterwards; the events that were skipped meanwhile are not returned again.
    ///
    /// ```
    /// # async fn run(mut stream: anthropic::MessageStream) -> anthropic::Result<()> {
    /// let mut text = stream.text_stream();
    /// while let Some(piece) = text.try_next().await? {
    ///     print!("{piece}");
    /// }
    /// let message = stream.final_message().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn text_stream(&mut self) -> TextStream<&mut Self> {
        TextStream::new(self)
    }

    /// The text alone, as a stream that owns this one.
    pub fn into_text_stream(self) -> TextStream {
        TextStream::new(self)
    }

    /// Higher-level events: pieces together with the text so far, and blocks as they end.
    pub fn snapshot_events(self) -> SnapshotEvents {
        SnapshotEvents::new(self.with_partial_input())
    }

    /// Reads to the end and returns the message. To see what it has no place for, read the events
    /// to their end and look at [`unfolded`](Self::unfolded) first.
    pub async fn final_message(mut self) -> Result<Message> {
        while let Some(item) = poll_fn(|task| self.poll_item(task, Mode::Fold)).await {
            item?;
        }
        self.reader.into_message()
    }

    /// Reads to the end and returns the message's text: its text blocks, one after the other.
    pub async fn final_text(self) -> Result<String> {
        let message = self.final_message().await?;
        let texts = message.content.iter().filter_map(|block| block.as_text());
        Ok(texts.map(|block| block.text.as_str()).collect())
    }

    /// The message so far; `None` before anything was returned.
    ///
    /// A tool input that is still arriving is not in it yet: see [`input_text`](Self::input_text)
    /// and [`partial_input`](Self::partial_input).
    pub fn snapshot(&self) -> Option<&Message> {
        let shown = self.reader.handed || self.is_terminated();
        if shown {
            self.reader.accumulator.message()
        } else {
            None
        }
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
        let shown = self.reader.handed || self.is_terminated();
        if shown {
            self.reader.accumulator.unfolded()
        } else {
            &[]
        }
    }

    /// The text of a tool input that is still arriving, by its block's index.
    pub fn input_text(&self, index: u64) -> Option<&str> {
        self.reader.accumulator.input_text(index)
    }

    /// What can be read of a tool input that is still arriving, by its block's index.
    ///
    /// Needs [`with_partial_input`](Self::with_partial_input).
    ///
    /// ```
    /// # async fn run(stream: anthropic::MessageStream) -> anthropic::Result<()> {
    /// use anthropic::partial_json::Strings;
    ///
    /// let mut stream = stream.with_partial_input();
    /// while let Some(event) = stream.try_next().await? {
    ///     if let (Some(_), Some(index)) = (event.partial_json(), event.index()) {
    ///         println!("{:?}", stream.partial_input(index, Strings::Show));
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn partial_input(&mut self, index: u64, strings: Strings) -> Option<&Value> {
        self.reader.accumulator.partial_input(index, strings)
    }

    /// Closes the connection and returns the message so far.
    ///
    /// Its text can be shown and kept. As a turn of the conversation it may not do: the input of a
    /// call that was cut is no JSON, a thinking block without its signature is refused, and each
    /// call needs a result. Its usage is what was reported until then: all of the input, and of the
    /// output nearly nothing, since the API counts that at the end; the whole of what was generated
    /// is billed.
    pub fn abort(self) -> Option<Message> {
        self.reader.accumulator.into_message()
    }

    /// Status, headers, ids, rate limits, attempts of the response; of the last one, if the request
    /// was resent.
    pub fn meta(&self) -> &ResponseMeta {
        self.reader.feed.meta()
    }

    /// The request's id, by which Anthropic's support can find it.
    pub fn request_id(&self) -> Option<&str> {
        self.meta().request_id()
    }

    pub(crate) fn block(&self, index: u64) -> Option<&ContentBlock> {
        self.reader.accumulator.block(index)
    }

    pub(super) fn poll_item(
        &mut self,
        task: &mut Context<'_>,
        mode: Mode,
    ) -> Poll<Option<Result<Item>>> {
        self.reader.poll_item(task, mode)
    }

    fn poll_event(&mut self, task: &mut Context<'_>) -> Poll<Option<Result<StreamEvent>>> {
        loop {
            match ready!(self.poll_item(task, Mode::Events)) {
                Some(Ok(Item::Event(event))) => return Poll::Ready(Some(Ok(event))),
                // Never among the events.
                Some(Ok(Item::Text(_))) => {}
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl Stream for MessageStream {
    type Item = Result<StreamEvent>;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_event(task)
    }
}

impl FusedStream for MessageStream {
    fn is_terminated(&self) -> bool {
        self.reader.is_terminated()
    }
}

impl fmt::Debug for MessageStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let phase = match self.reader.phase {
            Phase::Reading | Phase::Ending | Phase::Queued(_) => "reading",
            Phase::Retrying(_) => "retrying",
            Phase::Complete | Phase::Over => "over",
        };
        // Not the message itself: `snapshot()` is there for that, and printing it would compile the
        // `Debug` of everything that a message may hold into every program.
        let message = self.reader.accumulator.message();
        f.debug_struct("MessageStream")
            .field("feed", &self.reader.feed)
            .field("phase", &phase)
            .field("message", &message.map(|message| &message.id))
            .field(
                "blocks",
                &message.map_or(0, |message| message.content.len()),
            )
            .finish_non_exhaustive()
    }
}
