//! Which text a piece of one belongs to: what the event is that it comes with, and the texts of
//! which there may be more.

use super::Redactor;
use super::symbols::{Symbol, Symbols};

/// Longer names, types and ids are compared by their beginning.
const LONGEST_WORD: usize = 64;
/// So many texts are followed at once.
const MOST: usize = 16;

/// What of an event's object states whether it has a piece of a text. It is looked for in as much
/// of the event as there is before its texts are shown, as keys come in any order.
#[derive(Debug, Default)]
pub(super) struct Event {
    symbols: Symbols,
    open: usize,
    in_string: bool,
    word: Vec<u8>,
    field: Field,
    kind: Option<Kind>,
    id: Option<Vec<u8>>,
    /// That of the event that an `event_start` is about.
    inner_id: Option<Vec<u8>>,
    is_over: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Field {
    Type,
    Id,
    InnerId,
    #[default]
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Message,
    Block,
    Event,
    Delta,
    Other,
    /// It states two, or is more than one object.
    Unclear,
}

/// What the strings are that may be pieces.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum Texts {
    /// Texts by themselves.
    #[default]
    Whole,
    /// Pieces of that text, which may have no id.
    Pieces(Option<Vec<u8>>),
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
        let is_delta = self.kind == Some(Kind::Delta);
        match self.kind {
            // What came before is not known outside of a stream.
            _ if !is_stream && is_delta => Texts::Unknown,
            _ if !is_stream => Texts::Whole,
            Some(Kind::Delta) | None if self.is_over => Texts::Pieces(self.id.clone()),
            Some(Kind::Delta) if self.id.is_some() => Texts::Pieces(self.id.clone()),
            Some(Kind::Delta | Kind::Unclear) | None => Texts::Unknown,
            Some(_) => Texts::Whole,
        }
    }

    /// What another line of the same event goes on with.
    pub(super) fn next_line(&mut self) {
        if self.is_over {
            *self = Self::default();
        }
    }

    fn take(&mut self, symbol: Symbol) {
        match symbol {
            Symbol::Quote(0) => {
                self.in_string = !self.in_string;
                if self.in_string {
                    self.word.clear();
                }
            }
            Symbol::Plain(letter) if self.in_string => self.letter(letter),
            Symbol::Plain(b'{' | b'[') => {
                self.open += 1;
                self.field = Field::Other;
                if self.is_over {
                    self.kind = Some(Kind::Unclear);
                }
            }
            Symbol::Plain(b'}' | b']') => {
                self.end_field();
                self.open = self.open.saturating_sub(1);
                self.is_over |= self.open == 0;
            }
            Symbol::Plain(b',') => self.end_field(),
            Symbol::Plain(b':') => {
                self.field = match (self.open, &*self.word) {
                    (1, b"type") => Field::Type,
                    (1, b"index" | b"event_id") => Field::Id,
                    (2, b"id") => Field::InnerId,
                    _ => Field::Other,
                };
                self.word.clear();
            }
            Symbol::Plain(letter) => self.letter(letter),
            _ => {}
        }
    }

    fn letter(&mut self, letter: u8) {
        if self.open <= 2 && self.word.len() < LONGEST_WORD {
            self.word.push(letter);
        }
    }

    fn end_field(&mut self) {
        let field = std::mem::take(&mut self.field);
        let word = std::mem::take(&mut self.word);
        match field {
            Field::Type => {
                let kind = match &*word {
                    b"message_start" => Kind::Message,
                    b"content_block_start" => Kind::Block,
                    b"event_start" => Kind::Event,
                    word if word.ends_with(b"_delta") => Kind::Delta,
                    _ => Kind::Other,
                };
                let is_same = self.kind.is_none_or(|before| before == kind);
                self.kind = Some(if is_same { kind } else { Kind::Unclear });
            }
            Field::Id if word != b"null" => self.id = Some(word),
            Field::InnerId => self.inner_id = Some(word),
            _ => {}
        }
    }
}

/// The texts that come in pieces, one with each event, by their ids.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    known: Vec<(Option<Vec<u8>>, Redactor)>,
    /// Whether there may be others, of which the beginning is not known.
    is_lost: bool,
}

impl Blocks {
    /// Takes in what begins with an event.
    pub(super) fn begin(&mut self, event: &Event) {
        let id = match event.kind {
            Some(Kind::Message) => return *self = Self::default(),
            Some(Kind::Block) if event.is_over => &event.id,
            Some(Kind::Event) if event.is_over => &event.inner_id,
            _ => return,
        };
        let is_other = |known: &Option<Vec<u8>>| id.is_some() && known.is_some() && known != id;
        self.known.retain(|(known, _)| is_other(known));
        self.add(id.clone());
    }

    /// Where the text is that a string is a piece of. Without one, the string is hidden.
    pub(super) fn find(&mut self, texts: &Texts) -> Option<usize> {
        let id = match texts {
            Texts::Pieces(id) if id.is_some() || self.known.len() < 2 => id,
            // It may be a piece of any of them.
            _ => {
                self.known.clear();
                self.is_lost = true;
                return None;
            }
        };
        let is_it = |known: &Option<Vec<u8>>| id.is_none() || known.is_none() || known == id;
        match self.known.iter_mut().position(|(known, _)| is_it(known)) {
            Some(at) => {
                let (known, _) = self.known.get_mut(at)?;
                if known.is_none() {
                    known.clone_from(id);
                }
                Some(at)
            }
            None if self.is_lost => None,
            None => Some(self.add(id.clone())),
        }
    }

    pub(super) fn get(&mut self, at: usize) -> Option<&mut Redactor> {
        self.known.get_mut(at).map(|(_, redactor)| redactor)
    }

    fn add(&mut self, id: Option<Vec<u8>>) -> usize {
        if self.known.len() >= MOST {
            self.known.remove(0);
            self.is_lost = true;
        }
        self.known.push((id, Redactor::default()));
        self.known.len() - 1
    }
}
