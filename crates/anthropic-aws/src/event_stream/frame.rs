//! The frames of an event stream.
//!
//! A frame is big-endian: its length, the length of its headers and the CRC-32 of these eight
//! bytes, four bytes each; then the headers, the payload, and the CRC-32 of everything before it.
//! The limits are those of botocore.

use std::error::Error;
use std::fmt;
use std::ops::Range;

use bytes::{Buf, Bytes, BytesMut};

/// The lengths and their checksum.
const PRELUDE: usize = 12;
/// The checksum at the end.
const TRAILER: usize = 4;
/// The longest headers.
const MAX_HEADERS: usize = 128 << 10;
/// The longest payload.
const MAX_PAYLOAD: usize = 24 << 20;

/// A frame of an event stream that can't be read.
///
/// It is the [source](std::error::Error::source) of the error that a stream ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameError {
    kind: FrameErrorKind,
    offset: u64,
}

/// What is wrong with a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FrameErrorKind {
    /// The frame's lengths contradict each other, or are beyond the limits: 128 KiB of headers, 24
    /// MiB of payload.
    Length,
    /// A checksum is not that of the bytes that arrived.
    Checksum,
    /// The headers can't be read.
    Headers,
    /// The payload is not what the frame's type has.
    Payload,
    /// The stream ended in the middle of the frame.
    Incomplete,
}

impl FrameError {
    pub(super) fn new(kind: FrameErrorKind, offset: u64) -> Self {
        Self { kind, offset }
    }

    /// What is wrong.
    pub fn kind(&self) -> FrameErrorKind {
        self.kind
    }

    /// Where the frame begins, in bytes from the start of the stream.
    pub fn offset(&self) -> u64 {
        self.offset
    }
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            FrameErrorKind::Length => "has lengths that can't be",
            FrameErrorKind::Checksum => "has the wrong checksum",
            FrameErrorKind::Headers => "has headers that can't be read",
            FrameErrorKind::Payload => "has a payload that can't be read",
            FrameErrorKind::Incomplete => "is incomplete",
        };
        write!(f, "the event stream's frame at byte {} {what}", self.offset)
    }
}

impl Error for FrameError {}

/// A frame, without the headers that nobody reads.
#[derive(Debug, PartialEq, Eq, Default)]
pub(super) struct Frame {
    pub(super) headers: Headers,
    pub(super) payload: Bytes,
    pub(super) offset: u64,
}

/// The headers that describe a frame; empty where there is none.
#[derive(Debug, PartialEq, Eq, Default)]
pub(super) struct Headers {
    /// `event`, `exception` or `error`.
    pub(super) message_type: Bytes,
    pub(super) event_type: Bytes,
    pub(super) exception_type: Bytes,
    pub(super) error_code: Bytes,
    pub(super) error_message: Bytes,
}

/// Cuts bytes into frames. A frame that lies in one chunk is a part of it; only one that is split
/// over several is copied.
#[derive(Debug, Default)]
pub(super) struct Frames {
    /// The start of a frame whose end is in a later chunk.
    start: BytesMut,
    /// What has not been read of the newest chunk.
    chunk: Bytes,
    /// Where the next frame begins in the stream.
    offset: u64,
}

/// What the first bytes of a frame describe.
struct Prelude {
    total: usize,
    headers_len: usize,
}

impl Frames {
    /// Adds a chunk. All frames of the one before should have been taken out by then.
    pub(super) fn push(&mut self, chunk: Bytes) {
        if !self.chunk.is_empty() {
            self.start.extend_from_slice(&self.chunk);
        }
        self.chunk = chunk;
    }

    /// The next frame, if it is there as a whole. After an error there is no way to find the next
    /// one.
    pub(super) fn next(&mut self) -> Result<Option<Frame>, FrameError> {
        let found = self.whole().map_err(|kind| self.fault(kind))?;
        let Some((bytes, headers_len)) = found else {
            return Ok(None);
        };
        let total = bytes.len() as u64;
        let mut frame = Frame::read(bytes, headers_len).map_err(|kind| self.fault(kind))?;
        frame.offset = self.offset;
        self.offset += total;
        Ok(Some(frame))
    }

    fn fault(&self, kind: FrameErrorKind) -> FrameError {
        FrameError::new(kind, self.offset)
    }

    /// The bytes of the next frame and the length of its headers, if all of it has arrived.
    fn whole(&mut self) -> Result<Option<(Bytes, usize)>, FrameErrorKind> {
        if self.start.is_empty()
            && let Some(prelude) = Prelude::read(&self.chunk)?
            && self.chunk.len() >= prelude.total
        {
            let frame = self.chunk.split_to(prelude.total);
            return Ok(Some((frame, prelude.headers_len)));
        }
        self.fill(PRELUDE);
        let Some(prelude) = Prelude::read(&self.start)? else {
            return Ok(None);
        };
        self.fill(prelude.total);
        if self.start.len() < prelude.total {
            return Ok(None);
        }
        let frame = self.start.split_to(prelude.total).freeze();
        Ok(Some((frame, prelude.headers_len)))
    }

    /// Moves bytes of the chunk behind the frame's start, until that is so long or the chunk is
    /// empty.
    fn fill(&mut self, len: usize) {
        let missing = len.saturating_sub(self.start.len());
        self.start.reserve(missing);
        let more = self.chunk.split_to(missing.min(self.chunk.len()));
        self.start.extend_from_slice(&more);
    }

    /// What is wrong if the stream ends here.
    pub(super) fn end(&self) -> Result<(), FrameError> {
        if self.start.is_empty() && self.chunk.is_empty() {
            return Ok(());
        }
        Err(self.fault(FrameErrorKind::Incomplete))
    }
}

impl Prelude {
    /// Reads and checks the lengths; `None` where not all of them have arrived.
    fn read(bytes: &[u8]) -> Result<Option<Self>, FrameErrorKind> {
        let Some(prelude) = bytes.first_chunk::<PRELUDE>() else {
            return Ok(None);
        };
        let mut fields = &prelude[..];
        let (total, headers_len, checksum) = (fields.get_u32(), fields.get_u32(), fields.get_u32());
        if crc32fast::hash(&prelude[..8]) != checksum {
            return Err(FrameErrorKind::Checksum);
        }
        let (total, headers_len) = (total as usize, headers_len as usize);
        let payload_len = total.checked_sub(headers_len.saturating_add(PRELUDE + TRAILER));
        let payload_len = payload_len.ok_or(FrameErrorKind::Length)?;
        if headers_len > MAX_HEADERS || payload_len > MAX_PAYLOAD {
            return Err(FrameErrorKind::Length);
        }
        Ok(Some(Self { total, headers_len }))
    }
}

impl Frame {
    /// Reads the frame that these bytes are. Their lengths have been checked.
    fn read(mut bytes: Bytes, headers_len: usize) -> Result<Self, FrameErrorKind> {
        let (checked, mut trailer) = bytes.split_at(bytes.len() - TRAILER);
        if crc32fast::hash(checked) != trailer.get_u32() {
            return Err(FrameErrorKind::Checksum);
        }
        let headers = Headers::read(&bytes, PRELUDE..PRELUDE + headers_len);
        let headers = headers.ok_or(FrameErrorKind::Headers)?;
        bytes.truncate(bytes.len() - TRAILER);
        bytes.advance(PRELUDE + headers_len);
        Ok(Self {
            headers,
            payload: bytes,
            offset: 0,
        })
    }
}

/// The headers of nearly every frame, which are known without being read.
const USUAL: &[u8] = b"\x0b:event-type\x07\x00\x05chunk\
    \x0d:content-type\x07\x00\x10application/json\
    \x0d:message-type\x07\x00\x05event";

impl Headers {
    /// Reads all headers, which are a part of these bytes, and keeps those with a name that means
    /// something here. `None` is a malformed one.
    fn read(bytes: &Bytes, part: Range<usize>) -> Option<Self> {
        let mut headers = Self::default();
        let mut rest = bytes.get(part)?;
        if rest == USUAL {
            headers.message_type = Bytes::from_static(b"event");
            headers.event_type = Bytes::from_static(b"chunk");
            return Some(headers);
        }
        while !rest.is_empty() {
            let name_len = usize::from(rest.try_get_u8().ok()?);
            let name = take(&mut rest, name_len)?;
            let value = read_value(&mut rest)?;
            let place = match name {
                b":message-type" => &mut headers.message_type,
                b":event-type" => &mut headers.event_type,
                b":exception-type" => &mut headers.exception_type,
                b":error-code" => &mut headers.error_code,
                b":error-message" => &mut headers.error_message,
                _ => continue,
            };
            // Each of these is a string.
            *place = bytes.slice_ref(value?);
        }
        Some(headers)
    }
}

/// Reads a header's value: the bytes of a string, or nothing of a value of another type. `None` is
/// a malformed one.
#[expect(
    clippy::option_option,
    reason = "the outer one is read by `?`, the inner one a line below it"
)]
fn read_value<'a>(bytes: &mut &'a [u8]) -> Option<Option<&'a [u8]>> {
    let len = match bytes.try_get_u8().ok()? {
        // True and false.
        0 | 1 => 0,
        2 => 1,
        3 => 2,
        4 => 4,
        // An integer and a time.
        5 | 8 => 8,
        // Bytes.
        6 => usize::from(bytes.try_get_u16().ok()?),
        7 => {
            let len = usize::from(bytes.try_get_u16().ok()?);
            return Some(Some(take(bytes, len)?));
        }
        // A UUID.
        9 => 16,
        _ => return None,
    };
    take(bytes, len)?;
    Some(None)
}

fn take<'a>(bytes: &mut &'a [u8], len: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(len)?;
    *bytes = rest;
    Some(taken)
}

#[cfg(test)]
mod tests;
