//! The grammar of JSON as a machine that can stop after any character and go on with the next.
//!
//! It holds the position in the grammar and the token that is cut off, nothing of the document;
//! what it recognises goes to a [`Sink`] at once. Each byte is looked at once, so the work is
//! linear in the text however it was cut.

use memchr::memchr2;

use super::error::{PartialJsonError, PartialJsonErrorKind};
use super::escape::{Escape, Step};

/// Takes what the lexer recognises. Offsets count bytes from the start of the document.
pub(super) trait Sink {
    /// An array or object begins at `at`.
    fn open(&mut self, container: Container, at: usize);
    /// The innermost array or object ends before `end`.
    fn close(&mut self, end: usize);
    /// A string begins at `at`; it is the key of a member if `key`.
    fn begin_string(&mut self, key: bool, at: usize);
    /// More of the open string, with escapes resolved.
    fn string_part(&mut self, part: &str);
    /// The open string ends before `end`.
    fn end_string(&mut self, key: bool, end: usize);
    /// A number, literal or such from `start` to `end`. `false` refuses a number.
    fn scalar(&mut self, scalar: Scalar<'_>, start: usize, end: usize) -> bool;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Container {
    Array,
    Object,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Scalar<'a> {
    Null,
    Bool(bool),
    /// The text of a number, written as in the grammar. It may be too large for any type.
    Number(&'a str),
}

/// What the grammar allows next, between tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expect {
    Value,
    FirstElement,
    FirstKey,
    Key,
    Colon,
    CommaOrEnd,
    Nothing,
}

/// The token that the text so far ends in.
#[derive(Debug, Clone, Copy)]
enum Token {
    None,
    String {
        key: bool,
    },
    Number {
        start: usize,
    },
    Literal {
        rest: &'static [u8],
        scalar: Scalar<'static>,
        start: usize,
    },
}

#[derive(Debug)]
pub(super) struct Lexer {
    expect: Expect,
    token: Token,
    escape: Escape,
    stack: Vec<Container>,
    max_depth: usize,
    /// The digits of a number that is cut off.
    number: String,
    /// The bytes of all fragments before the current one.
    offset: usize,
}

impl Lexer {
    pub(super) fn new(max_depth: usize) -> Self {
        Self {
            expect: Expect::Value,
            token: Token::None,
            escape: Escape::default(),
            stack: Vec::new(),
            max_depth,
            number: String::new(),
            offset: 0,
        }
    }

    pub(super) fn set_max_depth(&mut self, max_depth: usize) {
        self.max_depth = max_depth;
    }

    pub(super) fn is_complete(&self) -> bool {
        self.expect == Expect::Nothing && matches!(self.token, Token::None)
    }

    /// Where the number or literal starts that the text so far ends in.
    pub(super) fn open_scalar(&self) -> Option<usize> {
        match self.token {
            Token::Number { start } | Token::Literal { start, .. } => Some(start),
            Token::None | Token::String { .. } => None,
        }
    }

    /// Reads on. After an error it must not be used again.
    pub(super) fn push(
        &mut self,
        fragment: &str,
        sink: &mut impl Sink,
    ) -> Result<(), PartialJsonError> {
        let mut at = 0;
        while at < fragment.len() {
            at = match self.token {
                Token::None => self.structure(fragment, at, sink)?,
                Token::String { key } => self.string(fragment, at, key, sink)?,
                Token::Number { start } => self.number(fragment, at, start, sink)?,
                Token::Literal {
                    rest,
                    scalar,
                    start,
                } => self.literal(fragment, at, (rest, scalar, start), sink)?,
            };
        }
        self.offset += fragment.len();
        Ok(())
    }

    /// The text is over, which is the only end a number that stands alone has.
    pub(super) fn finish(&mut self, sink: &mut impl Sink) -> Result<(), PartialJsonError> {
        if let (Token::Number { start }, true) = (self.token, self.stack.is_empty()) {
            self.end_number(start, self.offset, sink)?;
        }
        if self.is_complete() {
            Ok(())
        } else {
            Err(PartialJsonError::new(
                PartialJsonErrorKind::UnexpectedEnd,
                self.offset,
            ))
        }
    }

    fn error(&self, kind: PartialJsonErrorKind, at: usize) -> PartialJsonError {
        PartialJsonError::new(kind, self.offset + at)
    }

    /// One character between tokens, and the white space before it.
    fn structure(
        &mut self,
        text: &str,
        at: usize,
        sink: &mut impl Sink,
    ) -> Result<usize, PartialJsonError> {
        let rest = text.as_bytes().get(at..).unwrap_or_default();
        let blank = rest
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t'))
            .count();
        let at = at + blank;
        let Some(&byte) = rest.get(blank) else {
            return Ok(at);
        };
        match (self.expect, byte) {
            (Expect::Nothing, _) => {
                return Err(self.error(PartialJsonErrorKind::TrailingCharacters, at));
            }
            (Expect::Colon, b':') => self.expect = Expect::Value,
            (Expect::Key | Expect::FirstKey, b'"') => self.begin_string(true, at, sink),
            (Expect::FirstKey, b'}') | (Expect::FirstElement, b']') => self.close(at, sink),
            (Expect::CommaOrEnd, byte) => self.after_element(byte, at, sink)?,
            (Expect::Value | Expect::FirstElement, byte) => return self.value(byte, at, sink),
            _ => return Err(self.error(PartialJsonErrorKind::UnexpectedCharacter, at)),
        }
        Ok(at + 1)
    }

    fn after_element(
        &mut self,
        byte: u8,
        at: usize,
        sink: &mut impl Sink,
    ) -> Result<(), PartialJsonError> {
        match (self.stack.last(), byte) {
            (Some(Container::Array), b',') => self.expect = Expect::Value,
            (Some(Container::Object), b',') => self.expect = Expect::Key,
            (Some(Container::Array), b']') | (Some(Container::Object), b'}') => {
                self.close(at, sink);
            }
            _ => return Err(self.error(PartialJsonErrorKind::UnexpectedCharacter, at)),
        }
        Ok(())
    }

    /// The first character of a value. A number keeps it for itself.
    fn value(
        &mut self,
        byte: u8,
        at: usize,
        sink: &mut impl Sink,
    ) -> Result<usize, PartialJsonError> {
        let start = self.offset + at;
        let literal = |rest, scalar| Token::Literal {
            rest,
            scalar,
            start,
        };
        match byte {
            b'{' => self.open(Container::Object, Expect::FirstKey, at, sink)?,
            b'[' => self.open(Container::Array, Expect::FirstElement, at, sink)?,
            b'"' => self.begin_string(false, at, sink),
            b't' => self.token = literal(b"rue", Scalar::Bool(true)),
            b'f' => self.token = literal(b"alse", Scalar::Bool(false)),
            b'n' => self.token = literal(b"ull", Scalar::Null),
            b'-' | b'0'..=b'9' => {
                self.number.clear();
                self.token = Token::Number { start };
                return Ok(at);
            }
            _ => return Err(self.error(PartialJsonErrorKind::UnexpectedCharacter, at)),
        }
        Ok(at + 1)
    }

    fn open(
        &mut self,
        container: Container,
        expect: Expect,
        at: usize,
        sink: &mut impl Sink,
    ) -> Result<(), PartialJsonError> {
        if self.stack.len() >= self.max_depth {
            return Err(self.error(PartialJsonErrorKind::TooDeep, at));
        }
        self.stack.push(container);
        self.expect = expect;
        sink.open(container, self.offset + at);
        Ok(())
    }

    fn close(&mut self, at: usize, sink: &mut impl Sink) {
        self.stack.pop();
        self.end_value();
        sink.close(self.offset + at + 1);
    }

    fn end_value(&mut self) {
        self.token = Token::None;
        self.expect = if self.stack.is_empty() {
            Expect::Nothing
        } else {
            Expect::CommaOrEnd
        };
    }

    fn begin_string(&mut self, key: bool, at: usize, sink: &mut impl Sink) {
        self.token = Token::String { key };
        sink.begin_string(key, self.offset + at);
    }

    /// The inside of a string, up to its end, its next escape, or the end of the fragment.
    fn string(
        &mut self,
        text: &str,
        at: usize,
        key: bool,
        sink: &mut impl Sink,
    ) -> Result<usize, PartialJsonError> {
        let bytes = text.as_bytes().get(at..).unwrap_or_default();
        if self.escape.is_open() {
            let byte = bytes.first().copied().unwrap_or_default();
            match self.escape.next(byte) {
                Step::Open => {}
                Step::Done(character) => sink.string_part(character.encode_utf8(&mut [0; 4])),
                Step::Bad(kind) => return Err(self.error(kind, at)),
            }
            return Ok(at + 1);
        }
        let plain = memchr2(b'"', b'\\', bytes).unwrap_or(bytes.len());
        let part = text.get(at..at + plain).unwrap_or_default();
        // The smallest byte first: the compiler turns this into a few wide instructions.
        if part.bytes().fold(u8::MAX, u8::min) < 0x20 {
            let bad = part
                .bytes()
                .position(|byte| byte < 0x20)
                .unwrap_or_default();
            return Err(self.error(PartialJsonErrorKind::ControlCharacter, at + bad));
        }
        if plain > 0 {
            sink.string_part(part);
        }
        let at = at + plain;
        match bytes.get(plain) {
            None => return Ok(at),
            Some(b'\\') => self.escape.begin(),
            Some(_) => {
                self.end_value();
                if key {
                    self.expect = Expect::Colon;
                }
                sink.end_string(key, self.offset + at + 1);
            }
        }
        Ok(at + 1)
    }

    fn number(
        &mut self,
        text: &str,
        at: usize,
        start: usize,
        sink: &mut impl Sink,
    ) -> Result<usize, PartialJsonError> {
        let rest = text.get(at..).unwrap_or_default();
        let more = |byte: u8| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-');
        let length = rest.bytes().take_while(|byte| more(*byte)).count();
        self.number.push_str(rest.get(..length).unwrap_or_default());
        let end = at + length;
        if length < rest.len() {
            self.end_number(start, self.offset + end, sink)?;
        }
        Ok(end)
    }

    fn end_number(
        &mut self,
        start: usize,
        end: usize,
        sink: &mut impl Sink,
    ) -> Result<(), PartialJsonError> {
        self.end_value();
        let number = Scalar::Number(&self.number);
        if is_number(self.number.as_bytes()) && sink.scalar(number, start, end) {
            Ok(())
        } else {
            Err(PartialJsonError::new(
                PartialJsonErrorKind::InvalidNumber,
                start,
            ))
        }
    }

    fn literal(
        &mut self,
        text: &str,
        at: usize,
        (rest, scalar, start): (&'static [u8], Scalar<'static>, usize),
        sink: &mut impl Sink,
    ) -> Result<usize, PartialJsonError> {
        let byte = text.as_bytes().get(at);
        let Some((_, rest)) = rest
            .split_first()
            .filter(|(wanted, _)| byte == Some(*wanted))
        else {
            return Err(self.error(PartialJsonErrorKind::UnexpectedCharacter, at));
        };
        if rest.is_empty() {
            self.end_value();
            sink.scalar(scalar, start, self.offset + at + 1);
        } else {
            self.token = Token::Literal {
                rest,
                scalar,
                start,
            };
        }
        Ok(at + 1)
    }
}

/// Whether the whole text is a number: `-`, digits without a leading zero, fraction, exponent.
fn is_number(text: &[u8]) -> bool {
    let unsigned = text.strip_prefix(b"-").unwrap_or(text);
    let (whole, rest) = digits(unsigned);
    let (fraction, rest) = match rest.strip_prefix(b".") {
        Some(rest) => digits(rest),
        None => (b"0".as_slice(), rest),
    };
    let (exponent, rest) = match rest {
        [b'e' | b'E', b'+' | b'-', rest @ ..] | [b'e' | b'E', rest @ ..] => digits(rest),
        _ => (b"0".as_slice(), rest),
    };
    let leading_zero = whole.len() > 1 && whole.first() == Some(&b'0');
    let missing = whole.is_empty() || fraction.is_empty() || exponent.is_empty();
    !leading_zero && !missing && rest.is_empty()
}

fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    text.split_at(length)
}
