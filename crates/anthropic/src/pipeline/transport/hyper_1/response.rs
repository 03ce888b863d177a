//! The head of a response over HTTP/1, and how its body ends (RFC 9112, sections 4 to 6).

use std::io;

use bytes::{Bytes, BytesMut};
use http::header::{CONNECTION, CONTENT_LENGTH, HeaderName, HeaderValue, TRANSFER_ENCODING};
use http::{HeaderMap, Method, Response, StatusCode, Version};

use super::chunked::Chunked;

/// The most headers that a response may have.
pub(super) const MAX_HEADERS: usize = 256;
/// One byte less is the most that a name may have.
const MAX_NAME: usize = 1 << 16;
/// So many are parsed without a second try.
const USUAL_HEADERS: usize = 32;

/// How a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// After so many bytes.
    Length(u64),
    /// With the last chunk.
    Chunked,
    /// With the connection.
    Close,
}

/// Finds the end of a body.
pub(super) enum Decoder {
    Chunked(Chunked),
    /// What is left of it.
    Length(u64),
    Close {
        is_over: bool,
    },
}

impl Decoder {
    pub(super) fn of(framing: Framing) -> Self {
        match framing {
            Framing::Chunked => Self::Chunked(Chunked::default()),
            Framing::Length(length) => Self::Length(length),
            Framing::Close => Self::Close { is_over: false },
        }
    }

    pub(super) fn decode(&mut self, wire: &mut &[u8]) -> (Bytes, io::Result<()>) {
        let left = match self {
            Self::Chunked(chunked) => return chunked.decode(wire),
            Self::Length(left) => usize::try_from(*left).unwrap_or(usize::MAX),
            Self::Close { .. } => usize::MAX,
        };
        let (data, rest) = wire.split_at(left.min(wire.len()));
        *wire = rest;
        if let Self::Length(left) = self {
            *left -= data.len() as u64;
        }
        (Bytes::copy_from_slice(data), Ok(()))
    }

    /// The connection is closed.
    pub(super) fn end(&mut self) -> io::Result<()> {
        if let Self::Close { is_over } = self {
            *is_over = true;
            return Ok(());
        }
        let why = "the connection was closed before the body's end";
        Err(io::Error::new(io::ErrorKind::UnexpectedEof, why))
    }

    /// Whether so many bytes are all of it; it is over then.
    pub(super) fn ends_after(&mut self, bytes: usize) -> bool {
        let is_all = matches!(self, Self::Length(left) if *left == bytes as u64);
        if is_all {
            *self = Self::Length(0);
        }
        is_all
    }

    pub(super) fn is_over(&self) -> bool {
        match self {
            Self::Chunked(chunked) => chunked.is_over(),
            Self::Length(left) => *left == 0,
            Self::Close { is_over } => *is_over,
        }
    }
}

/// What bytes begin with.
pub(super) enum Parsed {
    /// A part of a head.
    Partial,
    /// A head behind which another one follows; it ends here.
    Informational(usize),
    /// The head of the response; it ends here.
    Final(usize, Head),
}

/// A response without its body.
pub(super) struct Head {
    pub(super) response: Response<()>,
    pub(super) framing: Framing,
    /// Whether the server closes the connection after it.
    pub(super) is_last: bool,
}

/// Why bytes are no head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Invalid {
    /// They are of another protocol.
    Version,
    /// More headers, or longer ones, than there may be, or an impossible length of the body.
    TooLarge,
    Syntax(&'static str),
}

impl From<httparse::Error> for Invalid {
    fn from(error: httparse::Error) -> Self {
        match error {
            httparse::Error::Version => Self::Version,
            httparse::Error::TooManyHeaders => Self::TooLarge,
            httparse::Error::Status => NO_STATUS,
            httparse::Error::HeaderName => NO_NAME,
            httparse::Error::HeaderValue => NO_VALUE,
            _ => Self::Syntax("it has a byte that has no place in it"),
        }
    }
}

const NO_STATUS: Invalid = Invalid::Syntax("its status is none");
const NO_NAME: Invalid = Invalid::Syntax("the name of a header is none");
const NO_VALUE: Invalid = Invalid::Syntax("the value of a header is none");

/// Reads the head that bytes begin with.
pub(super) fn parse(bytes: &[u8], method: &Method) -> Result<Parsed, Invalid> {
    let mut usual = [httparse::EMPTY_HEADER; USUAL_HEADERS];
    match read(bytes, method, &mut usual) {
        Err(Invalid::TooLarge) => read(bytes, method, &mut [httparse::EMPTY_HEADER; MAX_HEADERS]),
        parsed => parsed,
    }
}

fn read<'b>(
    bytes: &'b [u8],
    method: &Method,
    headers: &mut [httparse::Header<'b>],
) -> Result<Parsed, Invalid> {
    let mut found = httparse::Response::new(headers);
    let httparse::Status::Complete(end) = found.parse(bytes)? else {
        return Ok(Parsed::Partial);
    };
    let status = StatusCode::from_u16(found.code.unwrap_or_default()).map_err(|_| NO_STATUS)?;
    let switches = status == StatusCode::SWITCHING_PROTOCOLS;
    if status.is_informational() && !switches {
        return Ok(Parsed::Informational(end));
    }
    let is_old = found.version == Some(0);
    let mut response = Response::new(());
    *response.status_mut() = status;
    if is_old {
        *response.version_mut() = Version::HTTP_10;
    }
    let mut seen = Seen::default();
    *response.headers_mut() = read_headers(found.headers, &mut seen)?;
    let has_none = *method == Method::HEAD || matches!(status.as_u16(), 101 | 204 | 304);
    let framing = match (seen.chunked, seen.length) {
        _ if has_none => Framing::Length(0),
        (Some(_), _) if is_old => {
            return Err(Invalid::Syntax("HTTP/1.0 has no transfer-encoding"));
        }
        (Some(true), _) => Framing::Chunked,
        (None, Some(length)) => Framing::Length(length?),
        (Some(false), _) | (None, None) => Framing::Close,
    };
    let stays = if is_old { seen.stays } else { !switches };
    let is_last = seen.closes || !stays || framing == Framing::Close;
    let head = Head {
        response,
        framing,
        is_last,
    };
    Ok(Parsed::Final(end, head))
}

/// What headers mean for the body and the connection.
#[derive(Default)]
struct Seen {
    length: Option<Result<u64, Invalid>>,
    /// Whether the last of the transfer codings is `chunked`, where there are any.
    chunked: Option<bool>,
    closes: bool,
    stays: bool,
}

impl Seen {
    fn look(&mut self, name: &HeaderName, value: &[u8]) {
        if name == CONTENT_LENGTH {
            for one in value.split(|byte| *byte == b',') {
                let found = number(one.trim_ascii());
                self.length = Some(match (self.length, found) {
                    (Some(Ok(before)), Ok(length)) if before != length => {
                        Err(Invalid::Syntax("it has more than one content-length"))
                    }
                    (Some(Err(why)), _) => Err(why),
                    _ => found,
                });
            }
        } else if name == TRANSFER_ENCODING {
            let last = value.rsplit(|byte| *byte == b',').next();
            let last = last.unwrap_or_default().trim_ascii();
            self.chunked = Some(last.eq_ignore_ascii_case(b"chunked"));
        } else if name == CONNECTION {
            self.closes |= has_option(value, b"close");
            self.stays |= has_option(value, b"keep-alive");
        }
    }
}

/// Whether the connection is closed after a message with these headers (RFC 9112, section 9.6).
pub(super) fn closes(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(CONNECTION).iter();
    values.any(|value| has_option(value.as_bytes(), b"close"))
}

fn has_option(value: &[u8], name: &[u8]) -> bool {
    let mut options = value.split(|byte| *byte == b',');
    options.any(|option| option.trim_ascii().eq_ignore_ascii_case(name))
}

fn number(digits: &[u8]) -> Result<u64, Invalid> {
    const NONE: Invalid = Invalid::Syntax("its content-length is no number");
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(NONE);
    }
    let text = std::str::from_utf8(digits).map_err(|_| NONE)?;
    text.parse().map_err(|_| Invalid::TooLarge)
}

/// The values are in one piece of memory of their own, not in what they were read into.
fn read_headers(found: &[httparse::Header<'_>], seen: &mut Seen) -> Result<HeaderMap, Invalid> {
    let size = found.iter().map(|header| header.value.len()).sum();
    let mut values = BytesMut::with_capacity(size);
    for header in found {
        values.extend_from_slice(header.value);
    }
    let mut values = values.freeze();
    let mut headers = HeaderMap::with_capacity(found.len());
    for header in found {
        let name = HeaderName::from_bytes(header.name.as_bytes());
        let name = name.map_err(|_| match header.name.len() {
            ..MAX_NAME => NO_NAME,
            _ => Invalid::TooLarge,
        })?;
        let value = values.split_to(header.value.len());
        let value = HeaderValue::from_maybe_shared(value).map_err(|_| NO_VALUE)?;
        seen.look(&name, value.as_bytes());
        headers.append(name, value);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn final_head(text: &str, method: &Method) -> (Head, usize) {
        match parse(text.as_bytes(), method) {
            Ok(Parsed::Final(end, head)) => (head, end),
            Ok(Parsed::Partial) => panic!("a part: {text:?}"),
            Ok(Parsed::Informational(_)) => panic!("informational: {text:?}"),
            Err(why) => panic!("{why:?}: {text:?}"),
        }
    }

    /// A status line, headers, how the body ends, and whether the connection does with it.
    const HEADS: &str = "
        1.1 200 OK | content-length: 3                                   | Length(3) | false
        1.1 200 OK | content-length: 3, 3; Content-Length:3              | Length(3) | false
        1.1 200 OK | x: y                                                | Close     | true
        1.1 200    | transfer-encoding: gzip                             | Close     | true
        1.1 200    | transfer-encoding: chunked; transfer-encoding: gzip | Close     | true
        1.1 200    | transfer-encoding: gzip, CHUNKED                    | Chunked   | false
        1.1 200    | transfer-encoding: chunked; content-length: x       | Chunked   | false
        1.1 204 No | content-length: 3                                   | Length(0) | false
        1.1 304 -  | transfer-encoding: chunked                          | Length(0) | false
        1.1 101 -  | upgrade: x                                          | Length(0) | true
        1.1 200 OK | content-length: 0; connection: x, Close             | Length(0) | true
        1.1 200 OK | connection: keep-alive; content-length: 1           | Length(1) | false
        1.1 200 OK | connection: close; connection: close; content-length: 1 | Length(1) | true
        1.0 200 OK | content-length: 1                                   | Length(1) | true
        1.0 200 OK | content-length: 1; connection: Keep-Alive           | Length(1) | false
        1.0 200    | connection: keep-alive; connection: keep-alive; content-length: 1 | Length(1) | false
        1.0 200 OK | connection: keep-alive                              | Close     | true
        1.0 200 OK | connection: keep-alive, close; content-length: 1    | Length(1) | true
    ";

    #[test]
    fn the_body_ends_as_its_head_has_it() {
        for case in HEADS.trim().lines() {
            let parts: Vec<&str> = case.split('|').map(str::trim).collect();
            let [line, headers, framing, is_last] = parts[..] else {
                panic!("{case}");
            };
            let text = format!("HTTP/{line}\r\n{}\r\n\r\n", headers.replace("; ", "\r\n"));
            let (head, end) = final_head(&format!("{text}abc"), &Method::GET);
            let found = (format!("{:?}", head.framing), head.is_last.to_string());
            assert_eq!(found, (framing.to_owned(), is_last.to_owned()), "{case}");
            assert_eq!(end, text.len(), "{case}");
            let is_old = line.starts_with("1.0");
            assert_eq!(
                head.response.version() == Version::HTTP_10,
                is_old,
                "{case}"
            );
            let (head, _) = final_head(&text, &Method::HEAD);
            assert_eq!(head.framing, Framing::Length(0), "{case}");
            for end in 0..text.len() {
                let part = text.as_bytes().get(..end).unwrap();
                assert!(
                    matches!(parse(part, &Method::GET), Ok(Parsed::Partial)),
                    "{case}"
                );
            }
        }
        let hint = "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n";
        let parsed = parse(format!("{hint}HTTP").as_bytes(), &Method::GET);
        assert!(matches!(parsed, Ok(Parsed::Informational(end)) if end == hint.len()));
    }

    #[test]
    fn a_body_that_came_with_its_head_is_over() {
        let mut decoder = Decoder::of(Framing::Length(3));
        assert!(!decoder.ends_after(2) && !decoder.is_over());
        assert!(!decoder.ends_after(4) && !decoder.is_over());
        assert!(decoder.ends_after(3) && decoder.is_over());
        for framing in [Framing::Chunked, Framing::Close] {
            let mut decoder = Decoder::of(framing);
            assert!(!decoder.ends_after(0) && !decoder.is_over());
        }
    }

    #[test]
    fn what_is_no_head_is_refused() {
        let many = "x: y\r\n".repeat(MAX_HEADERS + 1);
        let cases = [
            ("SSH-2.0-x\r\n", Invalid::Version),
            ("HTTP/2.0 200 OK\r\n\r\n", Invalid::Version),
            ("HTTP/1.1 2x0 OK\r\n\r\n", NO_STATUS),
            ("HTTP/1.1 099 OK\r\n\r\n", NO_STATUS),
            ("HTTP/1.1 200 OK\r\na b: c\r\n\r\n", NO_NAME),
            ("HTTP/1.1 200 OK\r\na: \u{1}\r\n\r\n", NO_VALUE),
            (
                "HTTP/1.1 200 OK\r\ncontent-length: +3\r\n\r\n",
                Invalid::Syntax("its content-length is no number"),
            ),
            (
                "HTTP/1.1 200 OK\r\ncontent-length: 2,\r\n\r\n",
                Invalid::Syntax("its content-length is no number"),
            ),
            (
                "HTTP/1.1 200 OK\r\ncontent-length: ,2\r\n\r\n",
                Invalid::Syntax("its content-length is no number"),
            ),
            (
                &format!("HTTP/1.1 200 OK\r\n{}: 1\r\n\r\n", "n".repeat(70_000)),
                Invalid::TooLarge,
            ),
            (
                "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\n",
                Invalid::Syntax("it has more than one content-length"),
            ),
            (
                "HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551616\r\n\r\n",
                Invalid::TooLarge,
            ),
            (
                "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
                Invalid::Syntax("HTTP/1.0 has no transfer-encoding"),
            ),
            (&format!("HTTP/1.1 200 OK\r\n{many}\r\n"), Invalid::TooLarge),
        ];
        for (text, why) in cases {
            assert_eq!(
                parse(text.as_bytes(), &Method::GET).err(),
                Some(why),
                "{text}"
            );
        }
        let most = "x: y\r\n".repeat(MAX_HEADERS);
        let (head, _) = final_head(&format!("HTTP/1.1 200 OK\r\n{most}\r\n"), &Method::GET);
        assert_eq!(head.response.headers().len(), MAX_HEADERS);
    }
}
