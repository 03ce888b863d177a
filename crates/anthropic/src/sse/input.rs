//! The bytes of a body as they arrive, read line by line without being moved.
//!
//! Both line decoders of this crate (events and JSON lines) need the same three things that are
//! easy to get wrong at the edge of a chunk: a byte order mark at the very start, a `\r\n` cut in
//! two, and never looking at a byte twice. They are settled here, once.

use std::collections::VecDeque;

use bytes::Bytes;
use memchr::{memchr, memchr2};

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Chunks that were fed and not yet read.
#[derive(Default)]
pub(crate) struct Input {
    chunk: Bytes,
    at: usize,
    queue: VecDeque<Bytes>,
    /// How many bytes of a byte order mark were seen; its whole length once that is settled.
    bom: usize,
    /// The last chunk ended in `\r`: a `\n` at the start of the next one belongs to it.
    after_cr: bool,
    received: u64,
    /// Bytes that a search for a line end has looked at, to prove that none is looked at twice.
    #[cfg(test)]
    pub(crate) scanned: std::cell::Cell<u64>,
}

impl Input {
    pub(crate) fn feed(&mut self, chunk: Bytes) {
        self.received = self.received.saturating_add(chunk.len() as u64);
        if self.is_used_up() && self.queue.is_empty() {
            self.turn_to(chunk);
        } else if !chunk.is_empty() {
            self.queue.push_back(chunk);
        }
    }

    fn is_used_up(&self) -> bool {
        self.at >= self.chunk.len()
    }

    /// Whether all that was fed is read, and nothing of it decides how the next byte is read.
    pub(crate) fn is_between_lines(&self) -> bool {
        self.is_used_up() && self.queue.is_empty() && self.bom == BOM.len() && !self.after_cr
    }

    /// Counts a chunk that is read past this.
    pub(crate) fn count(&mut self, chunk: &[u8]) {
        self.received = self.received.saturating_add(chunk.len() as u64);
    }

    /// All bytes ever fed.
    pub(crate) fn received(&self) -> u64 {
        self.received
    }

    /// Whether there are bytes to read, after turning to the next chunk where this one is used up.
    ///
    /// The old chunk is dropped, so a waiting stream holds no memory but its open event.
    pub(crate) fn fill(&mut self) -> bool {
        while self.is_used_up() {
            let Some(chunk) = self.queue.pop_front() else {
                if !self.chunk.is_empty() {
                    self.turn_to(Bytes::new());
                }
                return false;
            };
            self.turn_to(chunk);
        }
        true
    }

    fn turn_to(&mut self, chunk: Bytes) {
        self.at = 0;
        self.chunk = chunk;
        if self.chunk.is_empty() {
            return;
        }
        if self.bom < BOM.len() {
            self.match_bom();
        }
        if self.after_cr {
            self.after_cr = false;
            self.at += usize::from(self.rest().first() == Some(&b'\n'));
        }
    }

    fn match_bom(&mut self) {
        let wanted = BOM.get(self.bom..).unwrap_or_default();
        let same = wanted
            .iter()
            .zip(self.chunk.iter())
            .take_while(|(a, b)| a == b)
            .count();
        let seen = self.bom + same;
        if seen == BOM.len() || same == self.chunk.len() {
            self.at = same;
            self.bom = seen;
        } else {
            self.give_back_bom();
        }
    }

    /// What looked like a byte order mark is none: its bytes are read like any others.
    fn give_back_bom(&mut self) {
        let held = BOM.get(..self.bom).unwrap_or_default();
        self.bom = BOM.len();
        if !held.is_empty() {
            let chunk = std::mem::replace(&mut self.chunk, Bytes::from_static(held));
            self.queue.push_front(chunk);
            self.at = 0;
        }
    }

    /// The body is over: nothing is held back any more.
    pub(crate) fn end(&mut self) {
        if self.bom < BOM.len() && !self.fill() {
            self.give_back_bom();
        }
    }

    /// Where in its chunk the next unread byte is.
    pub(crate) fn position(&self) -> usize {
        self.at
    }

    /// The current chunk from `start` on, read or unread.
    pub(crate) fn since(&self, start: usize) -> &[u8] {
        self.chunk.get(start..).unwrap_or_default()
    }

    /// What is unread of the current chunk.
    pub(crate) fn rest(&self) -> &[u8] {
        self.since(self.at)
    }

    /// Whether the next bytes are these and then `last`, all in this chunk.
    pub(crate) fn starts_with<const N: usize>(&self, bytes: &[u8; N], last: u8) -> bool {
        let rest = self.rest().split_first_chunk();
        rest.is_some_and(|(first, rest)| first == bytes && rest.first() == Some(&last))
    }

    /// The length of the line that starts at the next unread byte, if its end is in this chunk.
    pub(crate) fn line_length(&self) -> Option<usize> {
        let found = memchr2(b'\n', b'\r', self.rest());
        #[cfg(test)]
        self.looked_at(found);
        found
    }

    /// The same where only LF ends a line, so that a CR before it still belongs to the line.
    pub(crate) fn newline(&self) -> Option<usize> {
        let found = memchr(b'\n', self.rest());
        #[cfg(test)]
        self.looked_at(found);
        found
    }

    #[cfg(test)]
    fn looked_at(&self, found: Option<usize>) {
        let bytes = found.map_or(self.rest().len(), |length| length + 1);
        self.scanned.set(self.scanned.get() + bytes as u64);
    }

    /// Steps over bytes that have been looked at.
    pub(crate) fn skip(&mut self, length: usize) {
        self.at += length;
    }

    /// Steps over a line of `length` bytes and over its line end.
    pub(crate) fn skip_line(&mut self, length: usize) {
        self.at += length;
        let end = self.chunk.get(self.at).copied();
        self.at += 1;
        if end == Some(b'\r') {
            match self.chunk.get(self.at) {
                Some(b'\n') => self.at += 1,
                Some(_) => {}
                None => self.after_cr = true,
            }
        }
    }

    /// Steps to the end of the chunk.
    pub(crate) fn skip_rest(&mut self) {
        self.at = self.chunk.len();
    }

    /// Drops everything unread.
    pub(crate) fn clear(&mut self) {
        self.chunk = Bytes::new();
        self.at = 0;
        self.queue = VecDeque::new();
    }
}
