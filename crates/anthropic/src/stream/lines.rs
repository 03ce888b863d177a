//! Rows of JSON as they arrive, such as the results of a batch.

use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use anthropic_types::Decode;
use futures_core::Stream;

use super::feed::Feed;
use crate::config::StreamLimits;
use crate::jsonl::{Decoder, JsonlError, Line};
use crate::response::incoming::Incoming;
use crate::response::meta::ResponseMeta;
use crate::{Error, ErrorKind, Result};

/// The rows of a response, decoded one at a time: memory is bounded by the longest row.
///
/// A [`Stream`] with [`next`](Self::next) and [`try_next`](Self::try_next) that need no import.
///
/// ```
/// # async fn run(mut rows: anthropic::stream::JsonLines<anthropic::types::Message>) -> anthropic::Result<()> {
/// while let Some(row) = rows.try_next().await? {
///     println!("line {}: {}", rows.line(), row.id);
/// }
/// # Ok(())
/// # }
/// ```
///
/// Every error names its line. A row that can't be read is an error of its own, and the rows after
/// it still come; a broken connection, a cut last line
/// ([`StreamTruncated`](ErrorKind::StreamTruncated)) and a line beyond `max_event_bytes` end the
/// stream. To resume after a broken connection, send the request again and skip what you have with
/// [`after_line`](Self::after_line).
///
/// The idle timeout is [`StreamLimits::bytes_idle`]; `events_idle` does not apply, since a long row
/// or skipped rows are not idle time.
#[must_use = "a stream does nothing until it is read"]
pub struct JsonLines<T> {
    feed: Feed,
    decoder: Decoder,
    line: u64,
    ending: bool,
    over: bool,
    rows: PhantomData<fn() -> T>,
}

impl<T: Decode> JsonLines<T> {
    pub(super) fn open(incoming: Incoming) -> Self {
        // Rows are as far apart as they are long, and there are no pings between them: bytes are
        // all that counts.
        let limits = StreamLimits {
            events_idle: None,
            ..incoming.context().stream_limits()
        };
        let feed = Feed::with_limits(incoming, limits);
        Self {
            decoder: Decoder::new().max_line_bytes(feed.limits().event_bytes()),
            feed,
            line: 0,
            ending: false,
            over: false,
            rows: PhantomData,
        }
    }

    /// Skips the lines up to this one without decoding them. Call it before reading.
    pub fn after_line(mut self, line: u64) -> Self {
        self.decoder = self.decoder.after_line(line);
        self.line = line;
        self
    }

    /// The number of the line that was read last, counted from 1, blank lines too.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The next row, or `None` at the end.
    pub async fn next(&mut self) -> Option<Result<T>> {
        poll_fn(|task| self.poll_row(task)).await
    }

    /// The next row; `Ok(None)` is the end.
    pub async fn try_next(&mut self) -> Result<Option<T>> {
        self.next().await.transpose()
    }

    /// Status, headers, ids, rate limits, attempts of the response.
    pub fn meta(&self) -> &ResponseMeta {
        self.feed.meta()
    }

    fn poll_row(&mut self, task: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        while !self.over {
            let line = if self.ending {
                self.decoder.finish()
            } else {
                self.decoder.next_line()
            };
            match line {
                Some(Ok(line)) => {
                    self.line = line.number();
                    let row = read_row(line, &self.feed);
                    self.feed.output_came();
                    return Poll::Ready(Some(row.map_err(|error| self.feed.complete(error))));
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(self.unreadable(error)))),
                None if self.ending => self.end(),
                None => match ready!(self.feed.poll_chunk(task)) {
                    Ok(Some(chunk)) => self.decoder.feed(chunk),
                    Ok(None) => self.ending = true,
                    Err(error) => {
                        let error = self.broken(error);
                        return Poll::Ready(Some(Err(error)));
                    }
                },
            }
        }
        Poll::Ready(None)
    }

    fn broken(&mut self, error: Error) -> Error {
        self.end();
        let error = self.feed.fail(error);
        error.at(&format!("after line {}", self.line))
    }

    fn unreadable(&mut self, error: JsonlError) -> Error {
        self.line = error.line();
        let kind = match error {
            JsonlError::TooLarge { .. } => ErrorKind::EventTooLarge,
            JsonlError::Truncated { .. } => ErrorKind::StreamTruncated,
            JsonlError::InvalidUtf8 { .. } => ErrorKind::Decode,
        };
        if kind == ErrorKind::Decode {
            self.feed.output_came();
        } else {
            self.end();
        }
        let error = Error::new(kind, error.to_string()).caused_by(error);
        self.feed.fail(error)
    }

    fn end(&mut self) {
        self.over = true;
        self.feed.drop_body();
    }
}

/// Reads a row. What fits no row may be the error of a gateway, in the place of the rows or after
/// some.
fn read_row<T: Decode>(line: Line<'_>, feed: &Feed) -> Result<T> {
    let text = line.text().as_bytes();
    let number = line.number();
    anthropic_types::from_slice_with(text, feed.decoding()).map_err(|error| {
        if let Some(error) = feed.error_in(text) {
            return error.with_note(&format!("at line {number}"));
        }
        let colon = if error.path().is_empty() { "" } else { ": " };
        let path = format!("line {number}{colon}{}", error.path());
        Error::decode(&path, error, text)
    })
}

impl<T: Decode> Stream for JsonLines<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_row(task)
    }
}

impl<T> fmt::Debug for JsonLines<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonLines")
            .field("feed", &self.feed)
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}
