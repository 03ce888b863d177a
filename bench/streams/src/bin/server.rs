//! The server of the streaming benchmark: chunked HTTP/1.1 on 127.0.0.1, a thread per connection.
//!
//! The first part of a path is what is wanted: `/text/DELTAS`, `/tool/BYTES`, `/lines/COUNT`,
//! `/plain/COUNT`, and `/together/STREAMS`, which sends 100 deltas to each of that many streams,
//! round by round, once all of them are open. It prints its port and serves until it is ended. An
//! argument is the pause between two rounds in milliseconds, for clients that run under valgrind.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Result, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::Duration;

use bench_streams::body::{self, Body};

/// The size of a chunk of the transfer coding, and of a write.
const CHUNK: usize = 16 * 1024;
const STACK: usize = 128 * 1024;
/// The deltas of each of many streams, and the milliseconds between two of them.
const DELTAS: usize = 100;
const PAUSE: u64 = 10;

fn main() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?.port());
    for stream in listener.incoming() {
        let stream = stream?;
        thread::Builder::new()
            .stack_size(STACK)
            .spawn(move || drop(serve(stream)))?;
    }
    Ok(())
}

fn serve(mut stream: TcpStream) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    while let Some((path, host)) = request(&mut reader)? {
        let mut parts = path.split('/').skip(1);
        let kind = parts.next().unwrap_or_default().to_owned();
        let size = parts.next().and_then(|size| size.parse().ok()).unwrap_or(0);
        match kind.as_str() {
            "together" => return join(stream, size),
            "plain" => stream.write_all(body::message().as_bytes())?,
            "lines" if !path.ends_with("/results") => batch(&mut stream, &host, &kind, size)?,
            "lines" => send(&mut stream, "application/x-jsonl", &body(&kind, size))?,
            _ => send(&mut stream, "text/event-stream", &body(&kind, size))?,
        }
    }
    Ok(())
}

/// Reads a request and its body; gives its path and host.
fn request(reader: &mut BufReader<TcpStream>) -> Result<Option<(String, String)>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let (mut host, mut length) = (String::new(), 0);
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "host" => host = value.trim().to_owned(),
            "content-length" => length = value.trim().parse().unwrap_or(0),
            _ => {}
        }
    }
    std::io::copy(&mut reader.take(length), &mut std::io::sink())?;
    Ok(Some((path, host)))
}

/// The bodies that were asked for before. Rendering is not what is measured.
fn body(kind: &str, size: usize) -> Arc<Body> {
    static BODIES: OnceLock<Mutex<HashMap<String, Arc<Body>>>> = OnceLock::new();
    let mut bodies = BODIES
        .get_or_init(Mutex::default)
        .lock()
        .expect("no thread panics");
    let make = || {
        Arc::new(match kind {
            "tool" => body::tool(size),
            "lines" => body::lines(size),
            _ => body::text(size),
        })
    };
    bodies
        .entry(format!("{kind}/{size}"))
        .or_insert_with(make)
        .clone()
}

fn head(stream: &mut TcpStream, media: &str) -> Result<()> {
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {media}\r\nrequest-id: req_01\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    stream.write_all(head.as_bytes())
}

fn chunk(stream: &mut TcpStream, bytes: &[u8]) -> Result<()> {
    let mut frame = format!("{:x}\r\n", bytes.len()).into_bytes();
    frame.extend_from_slice(bytes);
    frame.extend_from_slice(b"\r\n");
    stream.write_all(&frame)
}

fn send(stream: &mut TcpStream, media: &str, body: &Body) -> Result<()> {
    head(stream, media)?;
    let mut full = Vec::with_capacity(CHUNK);
    for mut part in body.parts() {
        while !part.is_empty() {
            let (now, rest) = part.split_at(part.len().min(CHUNK - full.len()));
            full.extend_from_slice(now);
            part = rest;
            if full.len() == CHUNK {
                chunk(stream, &full)?;
                full.clear();
            }
        }
    }
    if !full.is_empty() {
        chunk(stream, &full)?;
    }
    stream.write_all(b"0\r\n\r\n")
}

/// The batch itself, which some clients ask for before its results.
fn batch(stream: &mut TcpStream, host: &str, kind: &str, size: usize) -> Result<()> {
    let body = format!(
        concat!(
            r#"{{"id":"batch","type":"message_batch","processing_status":"ended","archived_at":null,"#,
            r#""cancel_initiated_at":null,"created_at":"2026-01-01T00:00:00Z","ended_at":"2026-01-01T00:00:00Z","#,
            r#""expires_at":"2026-01-02T00:00:00Z","request_counts":{{"processing":0,"succeeded":{},"errored":0,"#,
            r#""canceled":0,"expired":0}},"results_url":"http://{}/{}/{}/v1/messages/batches/batch/results"}}"#
        ),
        size, host, kind, size
    );
    let length = body.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all((head + &body).as_bytes())
}

/// Opens one of many streams; the last one starts them all.
fn join(mut stream: TcpStream, size: usize) -> Result<()> {
    static WAITING: Mutex<Vec<TcpStream>> = Mutex::new(Vec::new());
    head(&mut stream, "text/event-stream")?;
    chunk(&mut stream, body::start(body::TEXT_BLOCK).as_bytes())?;
    let mut waiting = WAITING.lock().expect("no thread panics");
    waiting.push(stream);
    if waiting.len() < size {
        return Ok(());
    }
    let mut streams = std::mem::take(&mut *waiting);
    drop(waiting);
    let pause = std::env::args().nth(1).and_then(|it| it.parse().ok());
    let pause = Duration::from_millis(pause.unwrap_or(PAUSE));
    for number in 0..DELTAS {
        let delta = body::text_delta(number);
        for stream in &mut streams {
            chunk(stream, delta.as_bytes())?;
        }
        thread::sleep(pause);
    }
    for stream in &mut streams {
        chunk(stream, body::end("end_turn").as_bytes())?;
        stream.write_all(b"0\r\n\r\n")?;
    }
    Ok(())
}
