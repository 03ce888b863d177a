//! The load: `load plain URL REQUESTS` sends plain requests one after the other on one connection,
//! `load turns URL REQUESTS` conversations of fifty turns in which a tool is called;
//! `load batches URL COUNT ROWS` creates that many batches at once and reads all their results;
//! `load streams URL COUNT EVENTS RAMP_SECONDS` opens that many streams evenly over that time,
//! reads all of them to their end, and fails unless each has that many events and half of them come
//! in time. One thread.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

const PACE: Duration = Duration::from_millis(10);
/// How late an event may come at p50, in milliseconds: when the next one is due.
const LATE: f64 = 10.0;

/// A message of the user.
const HELLO: &str = r#"{"role":"user","content":"Hello there"}"#;

fn request(stream: bool) -> Vec<u8> {
    posted(&format!(
        "{{\"model\":\"claude-opus-5-5\",\"max_tokens\":100000,\"stream\":{stream},\"messages\":[{HELLO}]}}"
    ))
}

/// A request with a conversation of fifty turns, in which a tool is called.
fn conversation() -> Vec<u8> {
    let turns: String = (0..25)
        .map(|turn| {
            format!(
                r#",{{"role":"assistant","content":[{{"type":"text","text":"Let me look."}},
                {{"type":"tool_use","id":"toolu_{turn}","name":"get_weather","input":{{"city":"Bern"}}}}]}},
                {{"role":"user","content":[{{"type":"tool_result","tool_use_id":"toolu_{turn}","content":"Sunny."}}]}}"#
            )
        })
        .collect();
    let tool = r#"{"name":"get_weather","description":"The weather of a city.",
        "input_schema":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}"#;
    posted(&format!(
        r#"{{"model":"claude-opus-5-5","max_tokens":1000,"tools":[{tool}],"messages":[{HELLO}{turns}]}}"#
    ))
}

fn posted(body: &str) -> Vec<u8> {
    format!(
        "POST /v1/messages HTTP/1.1\r\nhost: localhost\r\nx-api-key: k\r\nanthropic-version: 2023-06-01\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let load = async {
        match args[..] {
            ["plain", url, requests] => {
                plain(url, &request(false), requests.parse().expect("a number")).await
            }
            ["turns", url, requests] => {
                plain(url, &conversation(), requests.parse().expect("a number")).await
            }
            ["batches", url, count, rows] => {
                let (count, rows) = (
                    count.parse().expect("a number"),
                    rows.parse().expect("a number"),
                );
                batches(url, count, rows).await;
            }
            ["streams", url, count, events, ramp] => {
                let (count, events) = (
                    count.parse().expect("a number"),
                    events.parse().expect("a number"),
                );
                streams(
                    url,
                    count,
                    events,
                    Duration::from_secs_f64(ramp.parse().expect("seconds")),
                )
                .await;
            }
            _ => panic!(
                "usage: load plain|turns URL REQUESTS | load batches URL COUNT ROWS | load streams URL COUNT EVENTS RAMP_SECONDS"
            ),
        }
    };
    LocalSet::new().block_on(&runtime, load);
}

async fn connect(url: &str) -> TcpStream {
    let host = url.strip_prefix("http://").expect("an http URL");
    let socket = TcpStream::connect(host).await.expect("a connection");
    socket.set_nodelay(true).expect("a socket option");
    socket
}

async fn plain(url: &str, request: &[u8], requests: usize) {
    let mut socket = connect(url).await;
    let mut times = Vec::with_capacity(requests);
    let mut buffer = Vec::new();
    for turn in 0..requests + requests / 10 {
        let start = Instant::now();
        socket.write_all(request).await.expect("a request sent");
        buffer.clear();
        while !whole(&buffer) {
            assert!(
                socket.read_buf(&mut buffer).await.expect("a response") > 0,
                "the connection ended"
            );
        }
        // The first tenth warms up.
        if turn >= requests / 10 {
            times.push(start.elapsed());
        }
        assert!(buffer.starts_with(b"HTTP/1.1 200"), "not a 200");
    }
    times.sort();
    let at =
        |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_nanos() as f64 / 1000.0;
    println!(
        "{requests} requests: p50 {:.0} µs, p90 {:.0} µs, p99 {:.0} µs",
        at(0.5),
        at(0.9),
        at(0.99)
    );
}

/// Whether the head and as many bytes as it promises are there.
fn whole(bytes: &[u8]) -> bool {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
        return false;
    };
    let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    bytes.len() >= end + 4 + length.expect("a content-length")
}

const BATCHES: &str = "/v1/messages/batches";

/// Creates batches at the same time, waits until they have ended, and reads their results, also at
/// the same time.
async fn batches(url: &str, count: usize, rows: usize) {
    let params = format!(
        "{{\"model\":\"claude-opus-5-5\",\"max_tokens\":1000,\"system\":\"Be brief.\",\"messages\":[{HELLO}]}}"
    );
    let listed: Vec<String> = (0..rows)
        .map(|row| format!("{{\"custom_id\":\"row-{row}\",\"params\":{params}}}"))
        .collect();
    let body: Rc<str> = format!("{{\"requests\":[{}]}}", listed.join(",")).into();
    drop(listed);
    let size = body.len();
    let start = Instant::now();
    let created = at_once(count, |_| {
        let (url, body) = (url.to_owned(), Rc::clone(&body));
        async move { text(&exchange(&url, "POST", BATCHES, &body).await) }
    });
    let ids: Vec<String> = created
        .await
        .iter()
        .map(|answer| field(answer, "id"))
        .collect();
    let made = start.elapsed();
    for id in &ids {
        let path = format!("{BATCHES}/{id}");
        while field(
            &text(&exchange(url, "GET", &path, "").await),
            "processing_status",
        ) != "ended"
        {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    let start = Instant::now();
    let read = at_once(count, |index| {
        let (url, path) = (url.to_owned(), format!("{BATCHES}/{}/results", ids[index]));
        async move { lines(&url, &path).await }
    });
    let read = read.await;
    assert!(
        read.iter().all(|(lines, _)| *lines == rows),
        "not every row came: {read:?}"
    );
    let bytes: usize = read.iter().map(|(_, bytes)| bytes).sum();
    println!(
        "{count} batches of {rows} rows ({} MB each) at once: created after {:.1} s, {} MB of results read after {:.1} s more",
        size / 1_000_000,
        made.as_secs_f64(),
        bytes / 1_000_000,
        start.elapsed().as_secs_f64()
    );
}

async fn at_once<F: Future<Output: 'static> + 'static>(
    count: usize,
    work: impl Fn(usize) -> F,
) -> Vec<F::Output> {
    let tasks: Vec<_> = (0..count)
        .map(|index| tokio::task::spawn_local(work(index)))
        .collect();
    let mut done = Vec::new();
    for task in tasks {
        done.push(task.await.expect("work that is done"));
    }
    done
}

async fn sent(url: &str, method: &str, path: &str, body: &str) -> TcpStream {
    let mut socket = connect(url).await;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\nx-api-key: k\r\nanthropic-version: 2023-06-01\r\n\
         connection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    socket
        .write_all(head.as_bytes())
        .await
        .expect("a request sent");
    socket
        .write_all(body.as_bytes())
        .await
        .expect("a body sent");
    socket
}

async fn exchange(url: &str, method: &str, path: &str, body: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    sent(url, method, path, body)
        .await
        .read_to_end(&mut bytes)
        .await
        .expect("a response");
    assert!(
        bytes.starts_with(b"HTTP/1.1 200"),
        "{}",
        String::from_utf8_lossy(&bytes)
    );
    bytes
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A field that is a string, of a response.
fn field(answer: &str, name: &str) -> String {
    let (_, rest) = answer
        .split_once(&format!("\"{name}\":\""))
        .expect("the field");
    rest.split('"').next().unwrap_or_default().to_owned()
}

/// The rows of a response, and its bytes. Its own line ends have no CR before them, those of HTTP
/// do.
async fn lines(url: &str, path: &str) -> (usize, usize) {
    let mut socket = sent(url, "GET", path, "").await;
    let (mut buffer, mut last, mut lines, mut bytes) = (vec![0; 65536], 0_u8, 0, 0);
    loop {
        let read = socket.read(&mut buffer).await.expect("a response");
        if read == 0 {
            return (lines, bytes);
        }
        bytes += read;
        for &byte in &buffer[..read] {
            lines += usize::from(byte == b'\n' && last != b'\r');
            last = byte;
        }
    }
}

#[derive(Default)]
struct Seen {
    /// How late each event came, in microseconds, while all streams were open.
    late: Vec<u32>,
    counts: Vec<usize>,
    whole: usize,
}

async fn streams(url: &str, count: usize, expected: usize, ramp: Duration) {
    let seen = Rc::new(RefCell::new(Seen::default()));
    let start = Instant::now();
    let full = start + ramp + Duration::from_secs(1);
    let mut tasks = Vec::new();
    for number in 0..count {
        tokio::time::sleep_until((start + ramp.mul_f64(number as f64 / count as f64)).into()).await;
        let (socket, seen) = (connect(url).await, Rc::clone(&seen));
        tasks.push(tokio::task::spawn_local(stream(
            socket,
            full,
            start + ramp,
            seen,
        )));
    }
    let opened = start.elapsed();
    for task in tasks {
        task.await.expect("a stream");
    }
    let mut seen = seen.borrow_mut();
    seen.late.sort_unstable();
    let missing: usize = seen
        .counts
        .iter()
        .map(|count| expected.saturating_sub(*count))
        .sum();
    println!(
        "{count} streams of {expected} events, opened in {:.1} s, all read after {:.1} s: {} whole, {missing} events missing",
        opened.as_secs_f64(),
        start.elapsed().as_secs_f64(),
        seen.whole,
    );
    let at =
        |share: f64| f64::from(seen.late[((seen.late.len() - 1) as f64 * share) as usize]) / 1000.0;
    println!(
        "while all were open: {} events, late by p50 {:.1} ms, p99 {:.1} ms, at most {:.1} ms",
        seen.late.len(),
        at(0.5),
        at(0.99),
        at(1.0)
    );
    assert_eq!(
        (seen.whole, missing),
        (count, 0),
        "whole streams, and events that are missing"
    );
    assert!(
        seen.counts.iter().all(|count| *count == expected),
        "more events than {expected}"
    );
    assert!(
        at(0.5) <= LATE,
        "events are late by {:.1} ms at p50, above the limit of {LATE} ms",
        at(0.5)
    );
}

async fn stream(mut socket: TcpStream, from: Instant, opened: Instant, seen: Rc<RefCell<Seen>>) {
    socket
        .write_all(&request(true))
        .await
        .expect("a request sent");
    let mut buffer = vec![0; 65536];
    // The blank line after the head is written with CRs, events with LFs alone.
    let (mut events, mut last, mut first, mut tail) = (0_u32, 0_u8, None, Vec::new());
    let mut late = Vec::new();
    loop {
        let read = socket.read(&mut buffer).await.expect("a stream");
        assert!(read > 0, "the connection ended after {events} events");
        let now = Instant::now();
        for &byte in &buffer[..read] {
            if byte == b'\n' && last == b'\n' {
                let due = *first.get_or_insert(now) + PACE * events;
                if now > from {
                    late.push(
                        u32::try_from(now.saturating_duration_since(due).as_micros())
                            .unwrap_or(u32::MAX),
                    );
                }
                events += 1;
            }
            last = byte;
        }
        tail.extend_from_slice(&buffer[read.saturating_sub(16)..read]);
        if tail.ends_with(b"\r\n0\r\n\r\n") {
            break;
        }
        tail.drain(..tail.len().saturating_sub(16));
    }
    assert!(
        Instant::now() > opened,
        "the stream is too short to be open with all the others"
    );
    let mut seen = seen.borrow_mut();
    seen.late.append(&mut late);
    seen.counts.push(events as usize);
    seen.whole += 1;
}
