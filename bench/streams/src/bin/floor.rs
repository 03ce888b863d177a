//! The least that any client has to do: a blocking socket, memchr and borrowed serde_json.
//!
//! `floor URL CASE SIZE`. It checks nothing, knows one kind of event, and keeps nothing but the
//! text.

use std::borrow::Cow;
use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream;

use bench_streams::{Document, report};
use memchr::memchr;
use serde::Deserialize;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const READ: usize = 64 * 1024;

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow, default)]
    delta: Delta<'a>,
}

#[derive(Default, Deserialize)]
struct Delta<'a> {
    #[serde(borrow, default)]
    text: Cow<'a, str>,
    #[serde(borrow, default)]
    partial_json: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    result: Outcome<'a>,
}

#[derive(Deserialize)]
struct Outcome<'a> {
    #[serde(borrow)]
    message: Message<'a>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    content: Vec<Delta<'a>>,
    usage: Usage,
}

#[derive(Deserialize)]
struct Usage {
    output_tokens: u64,
}

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let mut next = || args.next().ok_or("usage: floor URL CASE SIZE");
    let (url, case, size) = (next()?, next()?, next()?);
    let host = url.trim_start_matches("http://");
    let check = match case.as_str() {
        "text" | "tool" => {
            let mut text = String::new();
            let (to, path) = (&mut text, format!("/{case}/{size}/v1/messages"));
            read(host, &format!("POST {path}"), |line| {
                if let Some(data) = line.strip_prefix(b"data: ") {
                    let event: Event<'_> = serde_json::from_slice(data)?;
                    to.push_str(&event.delta.text);
                    to.push_str(&event.delta.partial_json);
                }
                Ok(())
            })?;
            if case == "tool" {
                let document: Document = serde_json::from_str(&text)?;
                document.rows.iter().map(|row| row.id).sum()
            } else {
                text.len() as u64
            }
        }
        "lines" => {
            let (mut tokens, mut texts) = (0, 0);
            let path = format!("/lines/{size}/v1/messages/batches/batch/results");
            read(host, &format!("GET {path}"), |line| {
                let line: Line<'_> = serde_json::from_slice(line)?;
                let message = line.result.message;
                texts += message
                    .content
                    .iter()
                    .map(|block| block.text.len())
                    .sum::<usize>();
                tokens += message.usage.output_tokens;
                Ok(())
            })?;
            std::hint::black_box(texts);
            tokens
        }
        _ => return Err("no such case".into()),
    };
    report::print(check, 0);
    Ok(())
}

/// Sends a request without a body, and hands out the lines of the response's body.
fn read(host: &str, request: &str, mut line: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let mut stream = TcpStream::connect(host)?;
    write!(
        stream,
        "{request} HTTP/1.1\r\nhost: {host}\r\ncontent-length: 0\r\n\r\n"
    )?;
    let (mut buffer, mut body) = (vec![0; READ], Vec::new());
    let mut chunks = Chunks::Head(0);
    while chunks != Chunks::Over {
        let length = stream.read(&mut buffer)?;
        if length == 0 {
            return Err("the body was cut".into());
        }
        chunks.take(&buffer[..length], &mut body);
        let mut at = 0;
        while let Some(end) = memchr(b'\n', &body[at..]) {
            line(&body[at..at + end])?;
            at += end + 1;
        }
        body.drain(..at);
    }
    Ok(())
}

/// Where in the chunked transfer coding the reader is.
#[derive(Clone, Copy, PartialEq)]
enum Chunks {
    /// In the response's head, with so many bytes of its end seen.
    Head(usize),
    /// In the line with a chunk's size.
    Size(usize),
    /// In a chunk, with so many bytes to come.
    Data(usize),
    /// In the line end after a chunk.
    End,
    Over,
}

impl Chunks {
    /// Moves what is payload to `body`.
    fn take(&mut self, mut wire: &[u8], body: &mut Vec<u8>) {
        while let [first, rest @ ..] = wire {
            wire = rest;
            *self = match (*self, first) {
                (Self::Head(3), b'\n') => Self::Size(0),
                (Self::Head(seen), b'\r' | b'\n') => Self::Head(seen + 1),
                (Self::Head(_), _) => Self::Head(0),
                (Self::Size(0), b'\n') => Self::Over,
                (Self::Size(size), b'\n') => Self::Data(size),
                (Self::Size(size), digit) => match char::from(*digit).to_digit(16) {
                    Some(digit) => Self::Size(size * 16 + digit as usize),
                    None => Self::Size(size),
                },
                (Self::Data(left), first) => {
                    let more = rest.len().min(left - 1);
                    body.push(*first);
                    body.extend_from_slice(&rest[..more]);
                    wire = &rest[more..];
                    if more + 1 == left {
                        Self::End
                    } else {
                        Self::Data(left - more - 1)
                    }
                }
                (Self::End, b'\n') => Self::Size(0),
                (state @ (Self::End | Self::Over), _) => state,
            };
        }
    }
}
