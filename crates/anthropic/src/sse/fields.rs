//! The lines of one event: which field each one sets, and where in the event its value lies.
//!
//! Values are remembered as spans from the start of the event, not as slices, so that they stay
//! true when an event that a chunk cuts off is moved out of it.

use std::str::Utf8Error;
use std::time::Duration;

use memchr::memchr;

/// A piece of an event, counted from the event's start.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Span {
    start: usize,
    end: usize,
}

impl Span {
    pub(super) fn of(self, event: &[u8]) -> &[u8] {
        event.get(self.start..self.end).unwrap_or_default()
    }

    pub(super) fn start(self) -> usize {
        self.start
    }
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) enum Data {
    #[default]
    None,
    /// One `data` line, used where it lies: what the API always sends.
    Line(Span),
    /// Several, joined in [`Lasting::joined`].
    Joined,
}

/// The fields of an event so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Fields {
    pub(super) name: Option<Span>,
    pub(super) data: Data,
    /// The bytes of the lines that count, for the limit.
    pub(super) size: usize,
}

/// What outlives an event: the id and the delay that the server last set, and a buffer that is used
/// again.
#[derive(Default)]
#[repr(C)]
pub(super) struct Lasting {
    pub(super) joined: Vec<u8>,
    pub(super) id: String,
    pub(super) retry: Option<Duration>,
    /// What is wrong with the open event's `id` if it is not UTF-8: it spoils that event and sets
    /// no id.
    pub(super) bad_id: Option<Utf8Error>,
    /// Whether `joined`, or the decoder's `carry`, is to be emptied before the next event.
    pub(super) is_used: bool,
    /// Lines that are of no event stream, up to some size.
    pub(super) stray: Vec<u8>,
}

/// The most that is kept of stray lines.
const MAX_STRAY: usize = 16 << 10;

impl Lasting {
    /// Keeps a line that sets no field: what a gateway writes into a stream that it gives up. A
    /// document begins anew, since it is one alone.
    #[cold]
    fn keep_stray(&mut self, line: &[u8]) {
        if line.starts_with(b"{") {
            self.stray.clear();
        }
        if self.stray.len().saturating_add(line.len()) < MAX_STRAY {
            self.stray.extend_from_slice(line);
            self.stray.push(b'\n');
        }
    }
}

enum Field {
    Data,
    Event,
    Id,
    Retry,
    Other,
}

impl Fields {
    /// Whether a blank line now makes an event of it.
    ///
    /// A browser needs `data` for that; here a name is enough, since a ping may come without.
    pub(super) fn is_event(&self) -> bool {
        self.name.is_some() || !matches!(self.data, Data::None)
    }

    /// Takes in an `event` line that begins at `start`, has no byte but those of its field and its
    /// value, and one space between them.
    pub(super) fn usual_name(&mut self, start: usize, length: usize) {
        self.size += length;
        self.name = Some(Span {
            start: start + b"event: ".len(),
            end: start + length,
        });
    }

    /// Takes in the same of a `data` line, the first of its event.
    pub(super) fn usual_data(&mut self, start: usize, length: usize) {
        self.size += length;
        self.data = Data::Line(Span {
            start: start + b"data: ".len(),
            end: start + length,
        });
    }

    /// Takes in the line `event[start..]` and returns whether its bytes have to be kept.
    pub(super) fn line(
        &mut self,
        event: &[u8],
        start: usize,
        end: usize,
        to: &mut Lasting,
    ) -> bool {
        let line = Span { start, end }.of(event);
        if line.starts_with(b"data: ") && matches!(self.data, Data::None) {
            self.size += line.len();
            let start = start + b"data: ".len();
            self.data = Data::Line(Span { start, end });
            return true;
        }
        let (field, value) = split(line);
        let span = Span {
            start: start + value,
            end,
        };
        match field {
            Field::Data => self.add_data(event, span, to),
            Field::Event => self.name = Some(span),
            Field::Id => {
                match std::str::from_utf8(span.of(event)) {
                    Ok(id) if id.contains('\0') => {}
                    Ok(id) => id.clone_into(&mut to.id),
                    Err(error) => to.bad_id = Some(error),
                }
                return false;
            }
            Field::Retry => {
                to.retry = milliseconds(span.of(event)).or(to.retry);
                return false;
            }
            Field::Other => {
                // Comments are none.
                if !line.starts_with(b":") {
                    to.keep_stray(line);
                }
                return false;
            }
        }
        self.size += line.len();
        true
    }

    fn add_data(&mut self, event: &[u8], span: Span, to: &mut Lasting) {
        match self.data {
            Data::None => {
                self.data = Data::Line(span);
                return;
            }
            Data::Line(first) => {
                to.is_used = true;
                to.joined.clear();
                to.joined.extend_from_slice(first.of(event));
                self.data = Data::Joined;
            }
            Data::Joined => {}
        }
        to.joined.push(b'\n');
        to.joined.extend_from_slice(span.of(event));
    }
}

/// The field a line sets and where its value starts. One space after the colon is not part of the
/// value.
fn split(line: &[u8]) -> (Field, usize) {
    let colon = match line {
        [b'd', b'a', b't', b'a', b':', ..] => 4,
        [b'e', b'v', b'e', b'n', b't', b':', ..] => 5,
        _ => memchr(b':', line).unwrap_or(line.len()),
    };
    let field = match line.get(..colon).unwrap_or_default() {
        b"data" => Field::Data,
        b"event" => Field::Event,
        b"id" => Field::Id,
        b"retry" => Field::Retry,
        _ => Field::Other,
    };
    let value = match line.get(colon + 1) {
        Some(b' ') => colon + 2,
        Some(_) => colon + 1,
        None => line.len(),
    };
    (field, value)
}

fn milliseconds(value: &[u8]) -> Option<Duration> {
    if !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(value)
        .ok()?
        .parse()
        .ok()
        .map(Duration::from_millis)
}
