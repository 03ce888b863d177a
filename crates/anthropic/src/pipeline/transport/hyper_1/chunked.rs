//! The chunked transfer coding (RFC 9112, section 7.1), as bytes arrive.

use std::io;

use bytes::{Bytes, BytesMut};

/// The most bytes that the extensions of a body's chunks may have together, and its trailers.
const MAX_EXTENSIONS: usize = 16 << 10;
const MAX_TRAILERS: usize = 16 << 10;
/// The most zeros and blanks that the size of a chunk may have around it.
const MAX_PADDING: usize = 256;

/// Decodes a body that comes in arbitrary pieces.
#[derive(Debug, Default)]
pub(super) struct Chunked {
    state: State,
    /// What is left of the chunk, or its size as far as it has been read.
    left: u64,
    extensions: usize,
    trailers: usize,
    /// What is in the line of a chunk's size without a meaning: zeros and blanks.
    padding: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    /// Before the first digit of a size.
    #[default]
    Start,
    Size,
    /// In blanks behind the size.
    Blank,
    Extension,
    SizeLf,
    Data,
    DataCr,
    DataLf,
    /// At the beginning of a line behind the last chunk.
    Trailer,
    /// In the name of a trailer, or in its value.
    TrailerName,
    TrailerValue,
    TrailerLf,
    EndLf,
    End,
}

impl Chunked {
    /// Whether the body's end has been decoded.
    pub(super) fn is_over(&self) -> bool {
        self.state == State::End
    }

    /// Takes bytes off `wire`, up to the body's end or a fault; the data that was in them.
    pub(super) fn decode(&mut self, wire: &mut &[u8]) -> (Bytes, io::Result<()>) {
        let mut found = Found::default();
        while let Some(&byte) = wire.first() {
            if self.state == State::Data {
                let left = usize::try_from(self.left).unwrap_or(usize::MAX);
                let (data, rest) = wire.split_at(left.min(wire.len()));
                found.push(data);
                self.left -= data.len() as u64;
                *wire = rest;
                if self.left == 0 {
                    self.state = State::DataCr;
                }
                continue;
            }
            if self.is_over() {
                break;
            }
            match self.step(byte) {
                Ok(next) => self.state = next,
                Err(fault) => return (found.into_bytes(), Err(fault)),
            }
            *wire = &wire[1..];
        }
        (found.into_bytes(), Ok(()))
    }

    fn step(&mut self, byte: u8) -> io::Result<State> {
        use State as S;
        let next = match (self.state, byte) {
            (S::Start | S::Size, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => self.digit(byte)?,
            (S::Size | S::Blank, b' ' | b'\t') => self.padding(S::Blank)?,
            (S::Size | S::Blank, b';') => S::Extension,
            (S::Size | S::Blank | S::Extension, b'\r') => S::SizeLf,
            (S::Start | S::Size | S::Blank, _) => return Err(invalid("the size of a chunk")),
            (S::Extension, b'\n') => return Err(invalid("an extension of a chunk")),
            (S::Extension, _) => {
                self.extensions += 1;
                if self.extensions > MAX_EXTENSIONS {
                    return Err(too_long("extensions", MAX_EXTENSIONS));
                }
                S::Extension
            }
            (S::SizeLf, b'\n') => {
                self.padding = 0;
                if self.left == 0 { S::Trailer } else { S::Data }
            }
            (S::DataCr, b'\r') => S::DataLf,
            (S::DataLf, b'\n') => S::Start,
            (S::DataCr | S::DataLf, _) => return Err(invalid("the end of a chunk")),
            (S::Trailer, b'\r') => S::EndLf,
            (S::EndLf, b'\n') => S::End,
            (S::TrailerLf, b'\n') => self.trailer(S::Trailer)?,
            (S::TrailerValue, b'\r') => self.trailer(S::TrailerLf)?,
            (S::Trailer | S::TrailerName, byte) if is_in_token(byte) => {
                self.trailer(S::TrailerName)?
            }
            (S::TrailerName, b':') | (S::TrailerValue, b'\t' | b' '..=b'~' | 0x80..) => {
                self.trailer(S::TrailerValue)?
            }
            (S::SizeLf | S::EndLf, _) => return Err(invalid("the line with the size of a chunk")),
            (S::Trailer | S::TrailerName | S::TrailerValue | S::TrailerLf, _) => {
                return Err(invalid("a trailer"));
            }
            (S::Data | S::End, _) => self.state,
        };
        Ok(next)
    }

    fn digit(&mut self, byte: u8) -> io::Result<State> {
        let digit = char::from(byte).to_digit(16).unwrap_or_default();
        if self.left >> 60 != 0 {
            return Err(invalid("the size of a chunk"));
        }
        self.left = self.left << 4 | u64::from(digit);
        if self.left == 0 {
            return self.padding(State::Size);
        }
        Ok(State::Size)
    }

    fn padding(&mut self, state: State) -> io::Result<State> {
        self.padding += 1;
        if self.padding > MAX_PADDING {
            return Err(invalid("the size of a chunk"));
        }
        Ok(state)
    }

    fn trailer(&mut self, state: State) -> io::Result<State> {
        self.trailers += 1;
        if self.trailers > MAX_TRAILERS {
            return Err(too_long("trailers", MAX_TRAILERS));
        }
        Ok(state)
    }
}

/// Whether a header's name may have it (RFC 9110, section 5.6.2).
fn is_in_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn invalid(what: &str) -> io::Error {
    let text = format!("{what} is not as the chunked transfer coding has it");
    io::Error::new(io::ErrorKind::InvalidData, text)
}

fn too_long(what: &str, limit: usize) -> io::Error {
    let text = format!("the body's {what} have more than {limit} bytes");
    io::Error::new(io::ErrorKind::InvalidData, text)
}

/// Data that has been decoded. Mostly it is that of one chunk, and is copied once.
#[derive(Default)]
enum Found {
    #[default]
    Nothing,
    One(Bytes),
    Several(BytesMut),
}

impl Found {
    fn push(&mut self, data: &[u8]) {
        match self {
            Self::Nothing => *self = Self::One(Bytes::copy_from_slice(data)),
            Self::One(first) => {
                let mut all = BytesMut::from(&first[..]);
                all.extend_from_slice(data);
                *self = Self::Several(all);
            }
            Self::Several(all) => all.extend_from_slice(data),
        }
    }

    fn into_bytes(self) -> Bytes {
        match self {
            Self::Nothing => Bytes::new(),
            Self::One(data) => data,
            Self::Several(all) => all.freeze(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is decoded, and what is left of the bytes, which arrive in pieces of this length.
    fn decoded(wire: &[u8], length: usize) -> io::Result<(Vec<u8>, usize)> {
        let (mut decoder, mut all, mut left) = (Chunked::default(), Vec::new(), 0);
        for mut piece in wire.chunks(length) {
            let (data, done) = decoder.decode(&mut piece);
            all.extend_from_slice(&data);
            done?;
            left += piece.len();
        }
        assert!(decoder.is_over() || left == 0);
        Ok((all, if decoder.is_over() { left } else { usize::MAX }))
    }

    #[test]
    fn bodies_are_the_same_however_they_arrive() {
        let zeros = format!("{:016x}", 2);
        let bodies = [
            ("0\r\n\r\n", "", 0),
            ("3\r\nabc\r\n0\r\n\r\n", "abc", 0),
            ("3\r\nabc\r\n1\r\nd\r\n00\r\n\r\nHTTP", "abcd", 4),
            ("a\r\n0\r\n\r\n12345\r\n0\r\n\r\n", "0\r\n\r\n12345", 0),
            (
                "1F\r\n0123456789012345678901234567890\r\n0\r\n\r\n",
                "0123456789012345678901234567890",
                0,
            ),
            ("2 \t\r\nab\r\n0 ; last\r\n\r\n", "ab", 0),
            ("2;name=\"v;\"\r\nab\r\n0;x\r\n\r\n", "ab", 0),
            (
                "1\r\na\r\n0\r\nExpires: never, \u{e9}\t\r\nx:\r\n\r\n",
                "a",
                0,
            ),
            (&format!("{zeros}\r\nab\r\n0\r\n\r\n"), "ab", 0),
            ("2\r\na", "a", usize::MAX),
            ("2\r\nab\r\n", "ab", usize::MAX),
            ("0\r\n\r", "", usize::MAX),
        ];
        for (wire, data, left) in bodies {
            for length in 1..=wire.len() {
                let (found, rest) = decoded(wire.as_bytes(), length).unwrap();
                assert_eq!(
                    (&found[..], rest),
                    (data.as_bytes(), left),
                    "{wire:?} by {length}"
                );
            }
        }
    }

    #[test]
    fn what_is_no_chunk_is_refused() {
        let size = "the size of a chunk is not as the chunked transfer coding has it";
        let bodies = [
            ("\r\n", size),
            ("x\r\n", size),
            (" 1\r\na\r\n", size),
            ("-1\r\na\r\n", size),
            ("0x1\r\na\r\n", size),
            ("1\n", size),
            ("1 1\r\n", size),
            ("1\r\na\r\n\r\n", size),
            ("10000000000000000\r\n", size),
            ("1;a\nb\r\n", "an extension"),
            ("1\ra", "the line"),
            ("1\r\nab\r\n", "the end"),
            ("1\r\na\rb", "the end"),
            ("1\r\na\n", "the end"),
            ("0\r\n\rx", "the line"),
            ("0\r\n\n", "a trailer"),
            ("0\r\n: x\r\n", "a trailer"),
            ("0\r\na b: x\r\n", "a trailer"),
            ("0\r\na(b: x\r\n", "a trailer"),
            ("0\r\n{}: x\r\n", "a trailer"),
            ("0\r\n\"a\": x\r\n", "a trailer"),
            ("0\r\na: x\n", "a trailer"),
            ("0\r\na: x\ry", "a trailer"),
            ("0\r\na\r\n\r\n", "a trailer"),
            ("0\r\na: \u{1}\r\n", "a trailer"),
        ];
        for (wire, what) in bodies {
            for length in 1..=wire.len() {
                let error = decoded(wire.as_bytes(), length).unwrap_err();
                assert_eq!(error.kind(), io::ErrorKind::InvalidData);
                assert!(error.to_string().starts_with(what), "{wire:?}: {error}");
            }
        }
    }

    #[test]
    fn extensions_and_trailers_have_limits() {
        let most = "e".repeat(MAX_EXTENSIONS / 2);
        let twice = format!("1;{most}\r\na\r\n0;{most}");
        assert!(decoded(format!("{twice}\r\n\r\n").as_bytes(), 1000).is_ok());
        let error = decoded(format!("{twice}e\r\n\r\n").as_bytes(), 1000).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the body's extensions have more than 16384 bytes"
        );
        let most = "t".repeat(MAX_TRAILERS - "a:b\r\n".len());
        let trailers = |more: &str| format!("0\r\na:b{more}{most}\r\n\r\n");
        assert!(decoded(trailers("").as_bytes(), 1000).is_ok());
        let error = decoded(trailers("c").as_bytes(), 1000).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the body's trailers have more than 16384 bytes"
        );
        // The most of each size, however many chunks there are.
        let zeros = "0".repeat(MAX_PADDING / 2);
        let blanks = " ".repeat(MAX_PADDING / 2);
        let chunk = |more: &str| format!("{zeros}1{blanks}{more}\r\na\r\n");
        let chunks = chunk("").repeat(100);
        let (data, _) = decoded(format!("{chunks}0\r\n\r\n").as_bytes(), 1000).unwrap();
        assert_eq!(data.len(), 100);
        for padded in [format!("0{}", chunk("")), chunk(" ")] {
            let error = decoded(padded.as_bytes(), 1000).unwrap_err();
            let line = "the size of a chunk is not as the chunked transfer coding has it";
            assert_eq!(error.to_string(), line);
        }
    }
}
