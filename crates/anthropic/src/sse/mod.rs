//! Server-sent events, decoded from the bytes of a response body as they arrive.
//!
//! [`Decoder`] is a plain state machine: bytes go in with [`feed`](Decoder::feed), events come out
//! of [`next_event`](Decoder::next_event), and it neither waits nor allocates for an event that
//! lies in one chunk: name and data are borrowed from the bytes that came from the network. An
//! event that chunks cut apart is put together in a buffer that is used again. Either way each byte
//! is looked at once, so the cost of an event is linear in its size however it is cut.
//!
//! It follows the [living standard](https://html.spec.whatwg.org/multipage/server-sent-events.html)
//! with two differences, both so that nothing is lost unnoticed: an event that has a name and no
//! data is an event, and so is one that the end of the body leaves open, marked as such
//! ([`Event::is_terminated`]).
//!
//! ```
//! # use anthropic::sse::Decoder;
//! let mut decoder = Decoder::new();
//! decoder.push(b"event: ping\ndata: {\"ty");
//! assert!(decoder.next_event().is_none());
//! decoder.push(b"pe\": \"ping\"}\n\n");
//! let event = decoder.next_event().expect("an event").expect("a good one");
//! assert_eq!((event.name(), event.data()), ("ping", "{\"type\": \"ping\"}"));
//! ```

mod error;
mod fields;
pub(crate) mod input;
#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::Range;
use std::str::Utf8Error;
use std::time::Duration;

use bytes::Bytes;

use self::fields::{Data, Fields, Lasting};
use self::input::Input;

pub use self::error::SseError;

/// The default limit of an event's size: 64 MiB.
pub const DEFAULT_MAX_EVENT_BYTES: usize = 64 * 1024 * 1024;

/// What nearly every event of the API begins with: the end of its first line need not be searched.
///
/// Its 32 bytes are compared without a call.
const USUAL_START: &[u8; 32] = b"event: content_block_delta\ndata:";
/// The length of the first line.
const USUAL_LENGTH: usize = USUAL_START.len() - b"\ndata:".len();

/// A buffer larger than this is given back once its event is over.
pub(crate) const KEPT_CAPACITY: usize = 64 * 1024;

/// One event, borrowed from the decoder until it is asked for the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event<'a> {
    name: &'a str,
    data: &'a str,
    id: &'a str,
    terminated: bool,
}

impl<'a> Event<'a> {
    /// The `event` field, empty where the event has none.
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// The `data` lines, joined by `\n`; empty where the event has none.
    pub fn data(&self) -> &'a str {
        self.data
    }

    /// The `id` last set by this event or one before it, empty where there was none.
    pub fn id(&self) -> &'a str {
        self.id
    }

    /// Whether a blank line ended it. Without one the body ended first, and the event may be cut
    /// short.
    pub fn is_terminated(&self) -> bool {
        self.terminated
    }
}

/// An event whose bytes may be no text.
///
/// Most of an event is read by comparing it with what the API writes, which is text; only the rest
/// has to be looked at again.
#[derive(Clone, Copy)]
pub(crate) struct RawEvent<'a> {
    name: &'a [u8],
    data: &'a [u8],
    lasting: &'a Lasting,
    terminated: bool,
    number: u64,
    loose: bool,
}

impl<'a> RawEvent<'a> {
    pub(crate) fn name(&self) -> &'a [u8] {
        self.name
    }

    pub(crate) fn data(&self) -> &'a [u8] {
        self.data
    }

    /// Whether its data lies in memory of its own, too large to be kept for the next event.
    pub(crate) fn is_loose(&self) -> bool {
        self.loose
    }

    pub(crate) fn into_text(self) -> Result<Event<'a>, SseError> {
        let text = |value| {
            let text = std::str::from_utf8(value);
            text.map_err(|error| not_utf_8(error, self.number, self.terminated))
        };
        Ok(Event {
            name: text(self.name)?,
            data: text(self.data)?,
            id: &self.lasting.id,
            terminated: self.terminated,
        })
    }
}

/// An incremental decoder of server-sent events. See the [module](self).
///
/// What no usual event needs comes first: the rest then lies together.
#[derive(Default)]
#[repr(C)]
pub struct Decoder {
    /// The event that an earlier chunk began, if `split`: its bytes so far, and where its open line
    /// starts.
    carry: Vec<u8>,
    line: usize,
    open: Fields,
    lasting: Lasting,
    input: Input,
    limit: Option<usize>,
    split: bool,
    events: u64,
    failed: bool,
}

/// An event was found: where its bytes are and which are which.
#[derive(Clone, Copy)]
enum Found {
    InChunk { start: usize, fields: Fields },
    Carried { terminated: bool },
}

impl Decoder {
    /// A decoder that allows events of up to [`DEFAULT_MAX_EVENT_BYTES`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the most bytes an event may have. Comments and unknown fields don't count, but each
    /// line must fit.
    pub fn max_event_bytes(mut self, limit: usize) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Takes the next chunk of the body, of any size, without copying it.
    pub fn feed(&mut self, chunk: Bytes) {
        self.input.feed(chunk);
        if self.failed {
            self.input.clear();
        }
    }

    /// Takes a copy of the next piece of the body.
    pub fn push(&mut self, chunk: &[u8]) {
        self.feed(Bytes::copy_from_slice(chunk));
    }

    /// The next event that is complete, or `None` until more is fed.
    pub fn next_event(&mut self) -> Option<Result<Event<'_>, SseError>> {
        self.next_raw()
            .map(|event| event.and_then(RawEvent::into_text))
    }

    /// The body is over: the events still unread, last the one that was left open, then `None`.
    pub fn finish(&mut self) -> Option<Result<Event<'_>, SseError>> {
        self.finish_raw()
            .map(|event| event.and_then(RawEvent::into_text))
    }

    /// [`next_event`](Self::next_event) without a look at the bytes.
    pub(crate) fn next_raw(&mut self) -> Option<Result<RawEvent<'_>, SseError>> {
        match self.scan() {
            Ok(found) => found.map(|found| self.event(found)),
            Err(error) => Some(Err(error)),
        }
    }

    pub(crate) fn finish_raw(&mut self) -> Option<Result<RawEvent<'_>, SseError>> {
        self.input.end();
        match self.scan() {
            Ok(None) => {}
            Ok(Some(found)) => return Some(self.event(found)),
            Err(error) => return Some(Err(error)),
        }
        if !self.split {
            return None;
        }
        self.carried_line();
        self.split = false;
        self.open
            .is_event()
            .then(|| self.event(Found::Carried { terminated: false }))
    }

    /// The data of a chunk that is one usual event and nothing else, if the chunk could be the next
    /// one. Whoever finds no line end in the data may [count](Self::count) the chunk in place of
    /// feeding it.
    #[inline]
    pub(crate) fn usual_data<'c>(&self, chunk: &'c [u8]) -> Option<&'c [u8]> {
        let [b' ', data @ .., b'\n', b'\n'] = chunk.get(USUAL_START.len()..)? else {
            return None;
        };
        let is_open = self.lasting.is_used || self.lasting.bad_id.is_some();
        let fits = chunk.starts_with(USUAL_START) && chunk.len() <= self.limit();
        (fits && !is_open && self.input.is_between_lines()).then_some(data)
    }

    /// Counts a chunk whose one event was read past the decoder.
    pub(crate) fn count(&mut self, chunk: &[u8]) {
        self.input.count(chunk);
        self.events += 1;
    }

    /// How many bytes were fed.
    pub fn bytes(&self) -> u64 {
        self.input.received()
    }

    /// How many events were found, bad ones included.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// How many bytes of an event that is not complete are held.
    pub fn buffered(&self) -> usize {
        if self.split { self.carry.len() } else { 0 }
    }

    /// The delay before connecting again that the server last asked for.
    pub fn retry(&self) -> Option<Duration> {
        self.lasting.retry
    }

    /// The beginning of the lines that set no field and are no comments.
    pub(crate) fn stray(&self) -> &[u8] {
        &self.lasting.stray
    }

    fn limit(&self) -> usize {
        self.limit.unwrap_or(DEFAULT_MAX_EVENT_BYTES)
    }

    /// Whether nothing is left to read, and nothing to be given back: the next look for an event
    /// would find none.
    pub(crate) fn is_used_up(&mut self) -> bool {
        !self.lasting.is_used && !self.input.fill()
    }

    fn scan(&mut self) -> Result<Option<Found>, SseError> {
        if self.lasting.is_used && !self.split {
            self.lasting.is_used = false;
            release(&mut self.carry);
            release(&mut self.lasting.joined);
        }
        while self.input.fill() {
            let found = if self.split {
                self.scan_carried()?
            } else {
                self.scan_chunk()?
            };
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// Reads an event that starts in this chunk; what the chunk cuts off is carried over to the
    /// next.
    fn scan_chunk(&mut self) -> Result<Option<Found>, SseError> {
        let limit = self.limit();
        let mut start = self.input.position();
        let mut fields = Fields::default();
        loop {
            let here = self.input.position();
            match self.input.rest().first() {
                None => break,
                Some(b'\n' | b'\r') => {
                    self.input.skip_line(0);
                    if fields.is_event() {
                        return Ok(Some(Found::InChunk { start, fields }));
                    }
                    self.lasting.bad_id = None;
                    start = self.input.position();
                }
                Some(_) if here == start && self.input.starts_with(USUAL_START, b' ') => {
                    fields.usual_name(here - start, USUAL_LENGTH);
                    self.input.skip(USUAL_LENGTH + 1);
                    let Some(length) = self.input.line_length() else {
                        break;
                    };
                    let here = self.input.position();
                    fields.usual_data(here - start, length);
                    if fields.size > limit {
                        return Err(self.fail());
                    }
                    self.input.skip_line(length);
                }
                Some(_) => {
                    let Some(length) = self.input.line_length() else {
                        break;
                    };
                    if fields.size.saturating_add(length) > limit {
                        return Err(self.fail());
                    }
                    let event = self.input.since(start);
                    let end = here - start + length;
                    fields.line(event, here - start, end, &mut self.lasting);
                    self.input.skip_line(length);
                    if !fields.is_event() {
                        start = self.input.position();
                    }
                }
            }
        }
        let here = self.input.position();
        self.carry.extend_from_slice(self.input.since(start));
        self.input.skip_rest();
        self.line = here.saturating_sub(start).min(self.carry.len());
        self.open = fields;
        self.split = !self.carry.is_empty();
        self.lasting.is_used |= self.split;
        self.check_open_line()?;
        Ok(None)
    }

    /// Goes on with an event that an earlier chunk began.
    fn scan_carried(&mut self) -> Result<Option<Found>, SseError> {
        while let Some(first) = self.input.rest().first() {
            if self.carry.len() == self.line && matches!(first, b'\n' | b'\r') {
                self.input.skip_line(0);
                self.split = false;
                if self.open.is_event() {
                    return Ok(Some(Found::Carried { terminated: true }));
                }
                self.lasting.bad_id = None;
                return Ok(None);
            }
            let found = self.input.line_length();
            let length = found.unwrap_or(self.input.rest().len());
            self.carry
                .extend_from_slice(self.input.rest().get(..length).unwrap_or_default());
            self.check_open_line()?;
            if found.is_none() {
                self.input.skip_rest();
                break;
            }
            self.input.skip_line(length);
            self.carried_line();
            if self.carry.is_empty() {
                self.split = false;
                break;
            }
        }
        Ok(None)
    }

    /// The open line of the carried event is complete. Lines that don't count are not kept.
    fn carried_line(&mut self) {
        let end = self.carry.len();
        if end > self.line
            && !self
                .open
                .line(&self.carry, self.line, end, &mut self.lasting)
        {
            self.carry.truncate(self.line);
        }
        self.line = self.carry.len();
    }

    fn check_open_line(&mut self) -> Result<(), SseError> {
        let open = self.carry.len() - self.line;
        if self.open.size.saturating_add(open) > self.limit() {
            Err(self.fail())
        } else {
            Ok(())
        }
    }

    fn fail(&mut self) -> SseError {
        self.events += 1;
        self.failed = true;
        self.split = false;
        self.input.clear();
        self.carry = Vec::new();
        self.lasting.joined = Vec::new();
        SseError::TooLarge {
            limit: self.limit(),
            event: self.events,
        }
    }

    fn event(&mut self, found: Found) -> Result<RawEvent<'_>, SseError> {
        self.events += 1;
        let (bytes, fields, terminated) = match found {
            Found::InChunk { start, fields } => (self.input.since(start), fields, true),
            Found::Carried { terminated } => (self.carry.as_slice(), self.open, terminated),
        };
        if let Some(error) = self.lasting.bad_id.take() {
            return Err(not_utf_8(error, self.events, terminated));
        }
        Ok(RawEvent {
            name: fields.name.map_or(&[], |name| name.of(bytes)),
            data: match fields.data {
                Data::None => &[],
                Data::Line(line) => line.of(bytes),
                Data::Joined => &self.lasting.joined,
            },
            lasting: &self.lasting,
            terminated,
            number: self.events,
            loose: matches!((found, fields.data), (Found::Carried { .. }, Data::Line(_)))
                && self.carry.capacity() > KEPT_CAPACITY,
        })
    }

    /// A part of the data of the last event, which [`is_loose`](RawEvent::is_loose), in the memory
    /// in which that was put together.
    pub(crate) fn take_data(&mut self, part: Range<usize>) -> Vec<u8> {
        let mut taken = std::mem::take(&mut self.carry);
        if let Data::Line(line) = self.open.data {
            taken.truncate(line.start().saturating_add(part.end));
            taken.drain(..line.start().saturating_add(part.start).min(taken.len()));
        }
        // It grew by doubling.
        taken.shrink_to_fit();
        taken
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder")
            .field("bytes", &self.bytes())
            .field("events", &self.events)
            .field("buffered", &self.buffered())
            .finish_non_exhaustive()
    }
}

/// Empties a buffer, and gives its memory back where it had to grow large.
pub(crate) fn release(buffer: &mut Vec<u8>) {
    buffer.clear();
    if buffer.capacity() > KEPT_CAPACITY {
        *buffer = Vec::new();
    }
}

fn not_utf_8(error: Utf8Error, event: u64, terminated: bool) -> SseError {
    if !terminated && error.error_len().is_none() {
        SseError::EndInCharacter { event }
    } else {
        SseError::InvalidUtf8 {
            event,
            valid_up_to: error.valid_up_to(),
        }
    }
}
