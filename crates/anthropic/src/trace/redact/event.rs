//! Which text a piece of one belongs to: what the event is that it comes with, and the texts of
//! which there may be more.

use super::Redactor;
use super::symbols::{Symbol, Symbols};

/// So many texts are followed at once.
const MOST: usize = 16;

/// A word, which is compared and never shown, by its hash.
type Word = u64;

const EMPTY: Word = 0xcbf2_9ce4_8422_2325;
const NULL: Word = word(b"null");
const TYPE: Word = word(b"type");
const INDEX: Word = word(b"index");
const EVENT_ID: Word = word(b"event_id");
const ID: Word = word(b"id");
const MESSAGE_START: Word = word(b"message_start");
const BLOCK_START: Word = word(b"content_block_start");
const EVENT_START: Word = word(b"event_start");
const BLOCK_DELTA: Word = word(b"content_block_delta");
const EVENT_DELTA: Word = word(b"event_delta");
const TEXT: Word = word(b"text");
const THINKING: Word = word(b"thinking");
const TEXT_DELTA: Word = word(b"text_delta");
const THINKING_DELTA: Word = word(b"thinking_delta");

const fn with(word: Word, letter: u8) -> Word {
    (word ^ letter as Word).wrapping_mul(0x0100_0000_01b3)
}

const fn word(mut text: &[u8]) -> Word {
    let mut word = EMPTY;
    while let [letter, rest @ ..] = text {
        word = with(word, *letter);
        text = rest;
    }
    word
}

/// What of an event's object states whether it has a piece of a text. It is looked for in as much
/// of the event as there is before its texts are shown, as keys come in any order.
#[derive(Debug, Default)]
pub(super) struct Event {
    symbols: Symbols,
    open: usize,
    in_string: bool,
    word: Word,
    /// The key that a value is behind.
    key: Word,
    kind: Option<Word>,
    id: Option<Word>,
    /// That of the event that an `event_start` is about.
    inner_id: Option<Word>,
    /// The type of the block that a `content_block_start` is about.
    inner_kind: Option<Word>,
    is_over: bool,
    /// Whether it has two types, or is more than one object.
    is_unclear: bool,
}

/// What the strings are that may be pieces.
#[derive(Debug, Clone, Copy, Default)]
pub(super) enum Texts {
    /// Texts by themselves.
    #[default]
    Whole,
    /// Pieces of that text, which may have no id.
    Pieces(Option<Word>),
    /// There is no way to know.
    Unknown,
}

impl Event {
    /// Reads the next part, and returns what its strings are.
    pub(super) fn read(&mut self, text: &[u8], is_stream: bool) -> Texts {
        for &byte in text {
            let symbol = self.symbols.next(byte);
            self.take(symbol);
        }
        let is_delta = match self.kind {
            // What a block begins with is the first piece of its text.
            Some(BLOCK_START) => is_stream && matches!(self.inner_kind, Some(TEXT | THINKING)),
            Some(BLOCK_DELTA | EVENT_DELTA | TEXT_DELTA | THINKING_DELTA) => true,
            _ => false,
        };
        let is_known = self.is_over || (is_delta && self.id.is_some());
        if !is_delta && (!is_stream || (self.kind.is_some() && !self.is_unclear)) {
            Texts::Whole
        } else if is_stream && is_known && !self.is_unclear {
            Texts::Pieces(self.id)
        } else {
            // Outside of a stream, what came before is not known.
            Texts::Unknown
        }
    }

    /// What another line of the same event goes on with.
    pub(super) fn next_line(&mut self) {
        if self.is_over {
            self.end();
        }
    }

    pub(super) fn end(&mut self) {
        *self = Self::default();
    }

    fn take(&mut self, symbol: Symbol) {
        let letter = match symbol {
            Symbol::Quote(0) => {
                self.in_string = !self.in_string;
                if self.in_string {
                    self.word = EMPTY;
                }
                return;
            }
            Symbol::Plain(letter) => letter,
            _ => return,
        };
        match letter {
            _ if self.in_string => self.word = with(self.word, letter),
            b'{' | b'[' => {
                self.open += 1;
                self.key = EMPTY;
                self.is_unclear |= self.is_over;
            }
            b',' | b'}' | b']' => {
                self.end_field();
                if letter != b',' {
                    self.open = self.open.saturating_sub(1);
                    self.is_over |= self.open == 0;
                }
            }
            b':' => {
                self.key = self.word;
                self.word = EMPTY;
            }
            _ => self.word = with(self.word, letter),
        }
    }

    fn end_field(&mut self) {
        match (self.open, self.key) {
            (1, TYPE) => {
                self.is_unclear |= self.kind.is_some_and(|kind| kind != self.word);
                self.kind = Some(self.word);
            }
            (1, INDEX | EVENT_ID) if self.word != NULL => self.id = Some(self.word),
            (2, ID) => self.inner_id = Some(self.word),
            (2, TYPE) => self.inner_kind = Some(self.word),
            _ => {}
        }
        self.key = EMPTY;
    }
}

/// The texts that come in pieces, one with each event, by their ids.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    known: Vec<(Option<Word>, Redactor)>,
    /// Whether there may be others, of which the beginning is not known.
    is_lost: bool,
}

impl Blocks {
    /// Takes in what begins with an event.
    pub(super) fn begin(&mut self, event: &Event) {
        let id = match event.kind {
            Some(MESSAGE_START) => {
                self.known.clear();
                self.is_lost = false;
                return;
            }
            // A session's stream may begin in the middle of an event.
            Some(EVENT_DELTA) => {
                self.is_lost = true;
                return;
            }
            Some(BLOCK_START) if event.is_over => event.id,
            Some(EVENT_START) if event.is_over => event.inner_id,
            _ => return,
        };
        if let Some(at) = self.position(id) {
            self.known.swap_remove(at);
        }
        self.add(id);
    }

    /// Where the text is that a string is a piece of. Without one, the string is hidden.
    pub(super) fn find(&mut self, texts: Texts) -> Option<usize> {
        let id = match texts {
            Texts::Pieces(id) if id.is_some() || self.known.len() < 2 => id,
            // It may be a piece of any of them.
            _ => {
                self.forget();
                return None;
            }
        };
        let Some(at) = self.position(id) else {
            return (!self.is_lost).then(|| self.add(id));
        };
        if let Some((known, _)) = self.known.get_mut(at) {
            *known = known.or(id);
        }
        Some(at)
    }

    pub(super) fn get(&mut self, at: usize) -> Option<&mut Redactor> {
        self.known.get_mut(at).map(|(_, redactor)| redactor)
    }

    fn position(&self, id: Option<Word>) -> Option<usize> {
        let is_it =
            |(known, _): &(Option<Word>, _)| known.is_none() || id.is_none() || *known == id;
        self.known.iter().position(is_it)
    }

    fn add(&mut self, id: Option<Word>) -> usize {
        if self.known.len() >= MOST {
            self.forget();
        }
        self.known.push((id, Redactor::default()));
        self.known.len() - 1
    }

    fn forget(&mut self) {
        self.known.clear();
        self.is_lost = true;
    }
}
