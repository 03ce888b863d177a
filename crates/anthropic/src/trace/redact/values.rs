//! The values of JSON's keys that name credentials, hidden in any text: whole JSON or a part of
//! it, JSON within strings of JSON, events of a stream.
//!
//! Keys are found by the colon behind their last quote, so that nothing depends on where a text
//! begins.

use super::event::{Blocks, Texts};
use super::keys::Rule;
use super::symbols::{DEEPEST, HIDDEN, Symbol, Symbols, write_quote};

/// Of a longer key, or what may be one, the end is looked at.
const LONGEST_KEY: usize = 256;

/// Reads bytes as they come, and holds none back but a `null` and the escape of what a value begins
/// with.
#[derive(Debug, Default)]
pub(super) struct Values {
    symbols: Symbols,
    /// Letters and digits since the last quotes.
    key: Vec<u8>,
    /// Where in `key` it begins, for a string that is so deep.
    starts: [usize; DEEPEST + 1],
    place: Place,
    headers: Option<Headers>,
    /// The bytes that are held back.
    raw: Vec<u8>,
    /// The texts that come in pieces.
    pub(super) blocks: Blocks,
    /// What the strings are that may be pieces.
    pub(super) texts: Texts,
    /// Whether there are events.
    pub(super) is_stream: bool,
}

#[derive(Debug, Clone, Copy, Default)]
enum Place {
    #[default]
    Text,
    /// Behind a string that may be a key: its depth, and where it begins.
    Key(usize, usize),
    /// Behind the colon of a key.
    Value(usize, Rule),
    /// In a value that begins like `null`.
    Null(Null),
    /// In a hidden string.
    String(usize),
    /// In a hidden number, or what else has no quotes.
    Bare(usize),
    /// In a hidden array or object.
    Nested(Nested),
    /// In a piece of that text.
    Piece(usize),
}

#[derive(Debug, Clone, Copy)]
struct Null {
    depth: usize,
    /// How many letters have come.
    seen: usize,
    /// How many of them are shown.
    shown: usize,
}

impl Null {
    fn write(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"null".get(self.shown..self.seen).unwrap_or_default());
        self.shown = self.seen;
    }
}

/// An array or object, from its first bracket on.
#[derive(Debug, Clone, Copy)]
struct Nested {
    depth: usize,
    open: usize,
    in_string: bool,
}

/// An object of headers.
type Headers = Nested;

impl Nested {
    fn new(depth: usize) -> Self {
        Self {
            depth,
            open: 1,
            in_string: false,
        }
    }

    /// Whether it goes on behind this.
    fn goes_on(&mut self, symbol: Symbol) -> bool {
        match symbol {
            Symbol::Quote(depth) if depth < self.depth => return false,
            Symbol::Quote(depth) if depth == self.depth => self.in_string = !self.in_string,
            Symbol::Plain(b'{' | b'[') if !self.in_string => self.open += 1,
            Symbol::Plain(b'}' | b']') if !self.in_string => self.open -= 1,
            _ => {}
        }
        self.open > 0
    }
}

impl Values {
    pub(super) fn read(&mut self, text: &[u8], out: &mut Vec<u8>) {
        for &byte in text {
            let symbol = self.symbols.next(byte);
            match self.place {
                Place::Text | Place::Key(..) => self.shown(symbol, byte, out),
                Place::Value(..) | Place::Null(_) => self.held(symbol, byte, out),
                Place::String(depth) => self.string(depth, symbol, out),
                Place::Bare(depth) => self.bare(depth, symbol, byte, out),
                Place::Nested(nested) => self.nested(nested, symbol, out),
                Place::Piece(at) => self.piece(at, symbol, byte, out),
            }
        }
    }

    /// The text has ended, or goes on elsewhere: what can be shown is not held back.
    pub(super) fn pause(&mut self, out: &mut Vec<u8>) {
        if let Place::Null(null) = &mut self.place {
            null.write(out);
        }
        // Of what is escaped by its number, a part may be too much.
        if self.raw.iter().all(|byte| *byte == b'\\') {
            out.append(&mut self.raw);
        }
    }

    /// An event has ended; what it has left open is over.
    pub(super) fn end_event(&mut self) {
        self.symbols = Symbols::default();
        self.place = Place::Text;
        self.headers = None;
        self.raw.clear();
    }

    /// Whether what comes next is not shown.
    pub(super) fn is_hiding(&self) -> bool {
        matches!(
            self.place,
            Place::String(_) | Place::Bare(_) | Place::Nested(_)
        )
    }

    fn shown(&mut self, symbol: Symbol, byte: u8, out: &mut Vec<u8>) {
        out.push(byte);
        self.note(symbol);
    }

    /// What is shown may be, or end, a key.
    fn note(&mut self, symbol: Symbol) {
        if let Some(headers) = &mut self.headers {
            if !headers.goes_on(symbol) {
                self.headers = None;
            }
        }
        match symbol {
            Symbol::Quote(depth) => {
                let start = self.starts.get(depth).copied().unwrap_or_default();
                for start in self.starts.iter_mut().skip(depth) {
                    *start = self.key.len();
                }
                self.place = Place::Key(depth, start);
            }
            Symbol::Part | Symbol::Blank => {}
            Symbol::Plain(b':') if matches!(self.place, Place::Key(..)) => {
                let Place::Key(depth, start) = self.place else {
                    return;
                };
                self.place = match self.rule(depth, start) {
                    Rule::Shown => Place::Text,
                    rule => Place::Value(depth, rule),
                };
            }
            Symbol::Plain(letter) => {
                self.place = Place::Text;
                self.letter(letter);
            }
        }
    }

    fn letter(&mut self, letter: u8) {
        if !letter.is_ascii_alphanumeric() && letter.is_ascii() {
            return;
        }
        if self.key.len() >= 2 * LONGEST_KEY {
            self.key.drain(..LONGEST_KEY);
            for start in &mut self.starts {
                *start = start.saturating_sub(LONGEST_KEY);
            }
        }
        self.key.push(letter.to_ascii_lowercase());
    }

    /// That of the key that begins there and ended with the last quote.
    fn rule(&self, depth: usize, start: usize) -> Rule {
        let end = self.starts.get(depth).copied().unwrap_or_default();
        let key = self.key.get(start..end).unwrap_or_default();
        match self.headers {
            Some(headers) if headers.depth == depth => Rule::of_header(key),
            _ => Rule::of(key),
        }
    }

    /// What may be the beginning of a value, whose escape counts when it is complete.
    fn held(&mut self, symbol: Symbol, byte: u8, out: &mut Vec<u8>) {
        if self.raw.len() < 2 * LONGEST_KEY {
            self.raw.push(byte);
        }
        match self.place {
            _ if symbol == Symbol::Part => return,
            Place::Value(depth, rule) => self.value(depth, rule, symbol, out),
            Place::Null(null) => self.null(null, symbol, byte, out),
            _ => {}
        }
        self.raw.clear();
    }

    /// What begins behind a key's colon.
    fn value(&mut self, depth: usize, rule: Rule, symbol: Symbol, out: &mut Vec<u8>) {
        match (symbol, rule) {
            (Symbol::Blank, _) => out.append(&mut self.raw),
            (Symbol::Plain(b'n'), Rule::Hidden | Rule::Count | Rule::Headers | Rule::Input) => {
                let (seen, shown) = (1, 0);
                self.place = Place::Null(Null { depth, seen, shown });
            }
            (Symbol::Quote(0), Rule::Piece | Rule::Input)
                if depth == 0 && !matches!(self.texts, Texts::Whole) =>
            {
                self.resume(symbol, out);
                self.place = match self.blocks.find(self.texts) {
                    Some(at) => Place::Piece(at),
                    None => hidden_string(0, out),
                };
            }
            _ if is_shown(depth, rule, symbol) => self.resume(symbol, out),
            (Symbol::Plain(b'{'), Rule::Headers) if self.headers.is_none() => {
                self.resume(symbol, out);
                self.headers = Some(Headers::new(depth));
            }
            (Symbol::Quote(inner), _) => {
                self.resume(symbol, out);
                self.place = hidden_string(inner, out);
            }
            (Symbol::Plain(b'{' | b'['), _) => {
                write_hidden(depth, out);
                self.place = Place::Nested(Nested::new(depth));
            }
            _ => {
                write_hidden(depth, out);
                self.place = Place::Bare(depth);
            }
        }
    }

    /// Goes on with a text that is shown, from what was held back on.
    fn resume(&mut self, symbol: Symbol, out: &mut Vec<u8>) {
        out.append(&mut self.raw);
        self.place = Place::Text;
        self.note(symbol);
    }

    /// Goes on with a quote that was held back with its backslashes.
    fn resume_at_quote(&mut self, depth: usize, out: &mut Vec<u8>) {
        write_quote(depth, out);
        self.note(Symbol::Quote(depth));
    }

    fn null(&mut self, mut null: Null, symbol: Symbol, byte: u8, out: &mut Vec<u8>) {
        let letter = match symbol {
            Symbol::Plain(letter) => letter,
            _ => b' ',
        };
        if b"null".get(null.seen) == Some(&letter) {
            null.seen += 1;
            self.place = Place::Null(null);
        } else if null.seen == 4 && letter.is_ascii() && !letter.is_ascii_alphanumeric() {
            null.write(out);
            self.resume(symbol, out);
        } else {
            if null.shown == 0 {
                write_hidden(null.depth, out);
            }
            self.place = Place::Bare(null.depth);
            self.bare(null.depth, symbol, byte, out);
        }
    }

    fn string(&mut self, depth: usize, symbol: Symbol, out: &mut Vec<u8>) {
        if let Symbol::Quote(end) = symbol {
            if end <= depth {
                self.resume_at_quote(end, out);
            }
        }
    }

    fn bare(&mut self, depth: usize, symbol: Symbol, byte: u8, out: &mut Vec<u8>) {
        match symbol {
            Symbol::Quote(end) if end < depth => self.resume_at_quote(end, out),
            Symbol::Quote(end) if end == depth => self.place = Place::String(depth),
            Symbol::Plain(letter @ (b',' | b'}' | b']')) => self.shown(symbol, letter, out),
            // The lines of an event are one text.
            Symbol::Blank if matches!(byte, b'\n' | b'\r') && !self.is_stream => {
                self.place = Place::Text;
                out.push(byte);
            }
            _ => {}
        }
    }

    fn nested(&mut self, mut nested: Nested, symbol: Symbol, out: &mut Vec<u8>) {
        match symbol {
            _ if nested.goes_on(symbol) => self.place = Place::Nested(nested),
            Symbol::Quote(end) => self.resume_at_quote(end, out),
            _ => self.place = Place::Text,
        }
    }

    fn piece(&mut self, at: usize, symbol: Symbol, byte: u8, out: &mut Vec<u8>) {
        let block = self.blocks.get(at);
        if symbol == Symbol::Quote(0) {
            if let Some(block) = block {
                block.end_piece(out);
            }
            self.shown(symbol, byte, out);
        } else if let Some(block) = block {
            block.read(&[byte], out);
        }
    }
}

/// Whether a value is shown that begins like this, or there is none.
fn is_shown(depth: usize, rule: Rule, symbol: Symbol) -> bool {
    match symbol {
        Symbol::Quote(outer) if outer < depth => true,
        Symbol::Plain(b',' | b'}' | b']') => true,
        Symbol::Plain(b'0'..=b'9' | b'-') if rule == Rule::Count => true,
        _ => matches!(rule, Rule::Shown | Rule::Piece),
    }
}

/// Within the quotes of a string that is not shown.
fn hidden_string(depth: usize, out: &mut Vec<u8>) -> Place {
    out.extend_from_slice(HIDDEN.as_bytes());
    Place::String(depth)
}

/// What stands for a value that was no string.
fn write_hidden(depth: usize, out: &mut Vec<u8>) {
    write_quote(depth, out);
    out.extend_from_slice(HIDDEN.as_bytes());
    write_quote(depth, out);
}
