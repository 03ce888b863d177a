//! Pieces of text on their short way into the message.

use bytes::Bytes;

use super::{Item, Mode, Phase, Reader, Step, violation};
use crate::Result;
use crate::response::whole::too_long;
use crate::stream::accumulator::{MessageAccumulator, Piece};
use crate::stream::decode::{self, event_with};
use crate::stream::feed::Feed;
use crate::stream::fold::Kind;

/// Whether more has come than may, with these bytes.
pub(super) fn is_too_long(kept: &mut usize, bytes: usize, max: usize) -> bool {
    *kept = kept.saturating_add(bytes);
    *kept > max
}

/// A copy of a text, where it is wanted.
pub(super) fn copied(text: &str, is_wanted: bool) -> Option<String> {
    if is_wanted {
        return Some(text.to_owned());
    }
    None
}

impl Reader {
    /// Takes the next chunk, or the end of the body.
    pub(super) fn take(&mut self, chunk: Option<Bytes>, mode: Mode) -> Step {
        let Some(chunk) = chunk else {
            self.phase = Phase::Ending;
            return Step::Go;
        };
        if let Some(step) = self.read_usual(&chunk, mode) {
            return step;
        }
        self.decoder.feed(chunk);
        self.starved = false;
        Step::Go
    }

    /// Reads a chunk that is one piece and nothing else, past the decoder: a stream that comes as
    /// slowly as its text is made has no others.
    fn read_usual(&mut self, chunk: &[u8], mode: Mode) -> Option<Step> {
        let data = self.decoder.usual_data(chunk)?;
        let piece = decode::piece_in(data, &mut self.scratch)?;
        if self.accumulator.waits_for_half() {
            return None;
        }
        self.decoder.count(chunk);
        let (index, kind) = (piece.index, piece.kind);
        let copy = copied(piece.text, mode.wants(kind));
        let limit = (&mut self.kept, self.max);
        let appended = Self::append(limit, &mut self.accumulator, &mut self.feed, piece);
        self.release_scratch();
        Some(match appended {
            Ok(has_place) => {
                let text = copy.filter(|_| has_place || mode != Mode::Text);
                self.give_piece(index, kind, text, mode)
            }
            Err(error) => Step::Fail(error),
        })
    }

    /// Appends a piece to the message; returns whether that has a place for it.
    pub(super) fn append(
        (kept, max): (&mut usize, usize),
        accumulator: &mut MessageAccumulator,
        feed: &mut Feed,
        piece: Piece<'_>,
    ) -> Result<bool> {
        if is_too_long(kept, piece.text.len(), max) {
            return Err(too_long(max));
        }
        let applied = accumulator.append(piece);
        feed.event_came();
        applied.map_err(violation)
    }

    /// Hands out the text of a piece, where it is wanted.
    pub(super) fn give_piece(
        &mut self,
        index: u64,
        kind: Kind,
        text: Option<String>,
        mode: Mode,
    ) -> Step {
        match (text, mode) {
            (Some(text), Mode::Text) => self.give(Item::Text(text)),
            (Some(text), _) => self.give(Item::Event(event_with(index, kind, text))),
            (None, _) => Step::Go,
        }
    }
}
