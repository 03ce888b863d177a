//! Reading a request off a socket without an HTTP library.

use std::io;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

const MAX_HEAD: usize = 256 * 1024;
const MAX_BODY: usize = 512 * 1024 * 1024;
const SECRET_HEADERS: [&str; 2] = ["authorization", "x-api-key"];

/// A request as it came over the wire. Credentials are readable, but marked sensitive, so that
/// `Debug` hides them.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SeenRequest {
    /// The HTTP method.
    pub method: Method,
    /// Path and query as sent.
    pub target: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, with any chunking undone.
    pub body: Bytes,
    /// Which connection it came on, counted from 0: whether a client reuses connections.
    pub connection: usize,
}

impl SeenRequest {
    /// The path alone.
    pub fn path(&self) -> &str {
        self.target
            .split_once('?')
            .map_or(&self.target, |(path, _)| path)
    }

    /// A header's value as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as JSON; null when it isn't any.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// Reads the next request; `None` when the client closed the connection between requests.
pub(super) async fn read(
    socket: &mut TcpStream,
    buffer: &mut BytesMut,
    connection: usize,
) -> io::Result<Option<SeenRequest>> {
    let end = loop {
        if let Some(end) = find(buffer, b"\r\n\r\n") {
            break end;
        }
        if buffer.len() > MAX_HEAD {
            return Err(bad("the request's head is too long"));
        }
        if socket.read_buf(buffer).await? == 0 {
            return if buffer.is_empty() {
                Ok(None)
            } else {
                Err(io::ErrorKind::UnexpectedEof.into())
            };
        }
    };
    let head = buffer.split_to(end + 4).freeze();
    let head = std::str::from_utf8(&head).map_err(|_| bad("the request's head is not text"))?;
    let mut lines = head.lines();
    let mut first = lines.next().unwrap_or_default().split(' ');
    let method = first
        .next()
        .and_then(|method| method.parse().ok())
        .ok_or_else(|| bad("no method"))?;
    let target = first.next().ok_or_else(|| bad("no target"))?.to_owned();
    let headers = headers(lines)?;
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let body =
        if text("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
            chunked(socket, buffer).await?
        } else {
            let length = text("content-length")
                .map_or(Ok(0), str::parse)
                .map_err(|_| bad("no length"))?;
            take(socket, buffer, length).await?
        };
    Ok(Some(SeenRequest {
        method,
        target,
        headers,
        body,
        connection,
    }))
}

fn headers<'a>(lines: impl Iterator<Item = &'a str>) -> io::Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    for line in lines.take_while(|line| !line.is_empty()) {
        let (name, value) = line
            .split_once(':')
            .ok_or_else(|| bad("a header without a colon"))?;
        let name = HeaderName::try_from(name).map_err(|_| bad("a bad header name"))?;
        let mut value =
            HeaderValue::from_str(value.trim()).map_err(|_| bad("a bad header value"))?;
        value.set_sensitive(SECRET_HEADERS.contains(&name.as_str()));
        headers.append(name, value);
    }
    Ok(headers)
}

async fn chunked(socket: &mut TcpStream, buffer: &mut BytesMut) -> io::Result<Bytes> {
    let mut body = BytesMut::new();
    loop {
        let end = loop {
            if let Some(end) = find(buffer, b"\r\n") {
                break end;
            }
            more(socket, buffer).await?;
        };
        let line = buffer.split_to(end + 2);
        let size = std::str::from_utf8(line.get(..end).unwrap_or_default()).ok();
        let size =
            size.and_then(|line| usize::from_str_radix(line.split(';').next()?.trim(), 16).ok());
        let size = size
            .filter(|size| *size <= MAX_BODY - body.len())
            .ok_or_else(|| bad("a bad chunk"))?;
        // Trailers are not expected: the last chunk is followed by one empty line.
        let data = take(socket, buffer, size + 2).await?;
        body.extend_from_slice(data.get(..size).unwrap_or_default());
        if size == 0 {
            return Ok(body.freeze());
        }
    }
}

async fn take(socket: &mut TcpStream, buffer: &mut BytesMut, length: usize) -> io::Result<Bytes> {
    if length > MAX_BODY + 2 {
        return Err(bad("the request's body is too long"));
    }
    while buffer.len() < length {
        more(socket, buffer).await?;
    }
    Ok(buffer.split_to(length).freeze())
}

async fn more(socket: &mut TcpStream, buffer: &mut BytesMut) -> io::Result<()> {
    match socket.read_buf(buffer).await? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

fn bad(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
