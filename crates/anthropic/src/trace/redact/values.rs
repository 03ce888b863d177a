//! The values of JSON's keys that name credentials, hidden in any text: whole JSON or a part of
//! it, JSON within strings of JSON, events of a stream.
//!
//! Keys are found by the colon behind their last quote, so that nothing depends on where a text
//! begins.

use super::keys::Rule;
use super::symbols::{DEEPEST, Symbol, Symbols, write_quote};
use super::{HIDDEN, Redactor};

/// Of a longer key, or what may be one, the end is looked at.
const LONGEST_KEY: usize = 256;

/// Reads bytes as they come, and holds none back but a `null`.
#[derive(Debug, Default)]
pub(super) struct Values {
    symbols: Symbols,
    /// Letters and digits since the last quotes.
    key: Vec<u8>,
    /// Where in `key` it begins, for a string that is so deep.
    starts: [usize; DEEPEST + 1],
    place: Place,
    headers: Option<Headers>,
    /// The text that comes in pieces, one with each event.
    pieces: Option<Box<Redactor>>,
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
    /// In a value that begins like `null`, after so many letters of it.
    Null(usize, usize),
    /// In a hidden string.
    String(usize),
    /// In a hidden number, or what else has no quotes.
    Bare(usize),
    /// In a hidden array or object.
    Nested(Nested),
    /// In a piece of a text.
    Piece,
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
                Place::Value(depth, rule) => self.value(depth, rule, symbol, byte, out),
                Place::Null(depth, seen) => self.null(depth, seen, symbol, byte, out),
                Place::String(depth) => self.string(depth, symbol, out),
                Place::Bare(depth) => self.bare(depth, symbol, byte, out),
                Place::Nested(nested) => self.nested(nested, symbol, out),
                Place::Piece => self.piece(symbol, byte, out),
            }
        }
    }

    /// The text has ended, or is cut here.
    pub(super) fn pause(&mut self, out: &mut Vec<u8>) {
        if let Place::Null(depth, seen) = self.place {
            write_null(seen, out);
            self.place = Place::Bare(depth);
        }
    }

    /// An event has ended; what it has left open is over.
    pub(super) fn end_event(&mut self) {
        self.place = Place::Text;
        self.headers = None;
    }

    /// Another text begins.
    pub(super) fn end_pieces(&mut self) {
        self.pieces = None;
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
            Symbol::Letter(letter) | Symbol::Plain(letter) => {
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

    /// What begins behind a key's colon.
    fn value(&mut self, depth: usize, rule: Rule, symbol: Symbol, byte: u8, out: &mut Vec<u8>) {
        match (symbol, rule) {
            (Symbol::Part | Symbol::Blank, _) => out.push(byte),
            (Symbol::Plain(b'n'), Rule::Hidden | Rule::Count | Rule::Headers) => {
                self.place = Place::Null(depth, 1);
            }
            (Symbol::Quote(0), Rule::Piece) if self.is_stream && depth == 0 => {
                self.shown(symbol, byte, out);
                self.place = Place::Piece;
            }
            _ if is_shown(depth, rule, symbol) => self.resume(symbol, byte, out),
            (Symbol::Plain(b'{'), Rule::Headers) if self.headers.is_none() => {
                self.resume(symbol, byte, out);
                self.headers = Some(Headers::new(depth));
            }
            (Symbol::Quote(inner), _) => {
                self.shown(symbol, byte, out);
                out.extend_from_slice(HIDDEN.as_bytes());
                self.place = Place::String(inner);
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

    /// Goes on with a text that is shown.
    fn resume(&mut self, symbol: Symbol, byte: u8, out: &mut Vec<u8>) {
        self.place = Place::Text;
        self.shown(symbol, byte, out);
    }

    /// Goes on with a quote that was held back with its backslashes.
    fn resume_at_quote(&mut self, depth: usize, out: &mut Vec<u8>) {
        write_quote(depth, out);
        self.note(Symbol::Quote(depth));
    }

    fn null(&mut self, depth: usize, seen: usize, symbol: Symbol, byte: u8, out: &mut Vec<u8>) {
        if b"null".get(seen) == Some(&byte) {
            self.place = Place::Null(depth, seen + 1);
            return;
        }
        if seen == 4 && !matches!(symbol, Symbol::Letter(_)) && !byte.is_ascii_alphanumeric() {
            write_null(seen, out);
            return self.resume(symbol, byte, out);
        }
        write_hidden(depth, out);
        self.place = Place::Bare(depth);
        self.bare(depth, symbol, byte, out);
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
            Symbol::Quote(end) if end <= depth => self.resume_at_quote(end, out),
            Symbol::Plain(b',' | b'}' | b']') => self.resume(symbol, byte, out),
            Symbol::Blank if matches!(byte, b'\n' | b'\r') => self.resume(symbol, byte, out),
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

    fn piece(&mut self, symbol: Symbol, byte: u8, out: &mut Vec<u8>) {
        let pieces = self.pieces.get_or_insert_default();
        if symbol == Symbol::Quote(0) {
            pieces.end_piece(out);
            self.resume(symbol, byte, out);
        } else {
            pieces.read(&[byte], out);
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

fn write_null(seen: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(b"null".get(..seen).unwrap_or_default());
}

/// What stands for a value that was no string.
fn write_hidden(depth: usize, out: &mut Vec<u8>) {
    write_quote(depth, out);
    out.extend_from_slice(HIDDEN.as_bytes());
    write_quote(depth, out);
}
