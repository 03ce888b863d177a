//! Faults of the simulator: by rule and by header, on the answers it would have given.

use std::io::ErrorKind;
use std::time::Duration;

use anthropic_sim::Simulator;
use anthropic_sim::faults::{Fault, Rule};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::client::{Answer, get, open, parse, post, send};
use crate::messages::{hello, hello_with};

const SOON: Duration = Duration::from_secs(10);
/// The answer to a streamed request that asks for this fault.
async fn stream(url: &str, fault: &str) -> Answer {
    let (bytes, _) = raw(url, fault).await;
    parse(&bytes)
}

async fn raw(url: &str, fault: &str) -> (Vec<u8>, std::io::Result<usize>) {
    let mut socket = ask(url, fault).await;
    let mut bytes = Vec::new();
    let ended = timeout(SOON, socket.read_to_end(&mut bytes)).await;
    (bytes, ended.expect("the connection ends"))
}

async fn ask(url: &str, fault: &str) -> TcpStream {
    let body = hello_with(json!({"stream": true})).to_string();
    let headers = [("anthropic-sim-fault", fault)];
    open(url, "POST", "/v1/messages", &headers, body.as_bytes()).await
}

/// Whether nothing has come by the time that a later request has its whole answer.
async fn is_silent(url: &str, socket: &TcpStream) -> bool {
    assert_eq!(get(url, "/v1/models").await.status, 200);
    let read = socket.try_read(&mut [0]);
    read.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
}

async fn plain(url: &str, fault: &str) -> Answer {
    let headers = [("anthropic-sim-fault", fault)];
    let body = hello().to_string();
    send(url, "POST", "/v1/messages", &headers, body.as_bytes()).await
}

#[tokio::test]
async fn errors_are_whole_answers_of_the_api() {
    let simulator = Simulator::start().await.unwrap();
    let url = simulator.url();
    for (fault, status, kind) in [
        ("status=429; retry-after=1", 429, "rate_limit_error"),
        ("status=500", 500, "api_error"),
        ("overloaded", 529, "overloaded_error"),
        ("status=409; type=conflict; message=Twice", 409, "conflict"),
    ] {
        let answer = plain(url, fault).await;
        assert_eq!(answer.error(status).0, kind);
        assert!(
            answer
                .header("anthropic-ratelimit-requests-limit")
                .is_some()
        );
        let expected = fault.contains("retry-after").then_some("1");
        assert_eq!(answer.header("retry-after"), expected);
    }
    let answer = plain(url, "status=503; should-retry=false").await;
    assert_eq!(answer.header("x-should-retry"), Some("false"));
}

#[tokio::test]
async fn a_fault_that_is_misspelt_is_refused_by_name() {
    let simulator = Simulator::start().await.unwrap();
    for (fault, named) in [
        ("statsu=429", "statsu"),
        ("status=abc", "abc"),
        ("status=99", "99"),
        ("status=429; colour=red", "colour"),
        ("retry-after=1", "retry-after"),
        ("cut-after=", "cut-after needs a value"),
    ] {
        let (kind, message) = plain(simulator.url(), fault).await.error(400);
        assert_eq!(kind, "invalid_request_error");
        assert!(
            message.starts_with("anthropic-sim-fault:") && message.contains(named),
            "{message}"
        );
    }
}

#[tokio::test]
async fn streams_break_where_told() {
    let simulator = Simulator::start().await.unwrap();
    let url = simulator.url();
    let whole = stream(url, "slow-headers=1").await;
    let cut = stream(url, "cut-after=3").await;
    assert!(whole.complete && !cut.complete);
    assert_eq!(cut.chunks, whole.chunks[..3]);
    assert!(cut.header("request-id").unwrap().starts_with("req_"));
    assert!(cut.header("anthropic-ratelimit-requests-limit").is_some());
    let ended = stream(url, "end-after=3").await;
    assert!(ended.complete && ended.chunks == whole.chunks[..3]);
    let (bytes, end) = raw(url, "reset-after=2").await;
    assert_eq!(parse(&bytes).chunks, whole.chunks[..2]);
    assert_eq!(end.unwrap_err().kind(), ErrorKind::ConnectionReset);
    let events = stream(url, "overloaded=4").await.events();
    assert_eq!(
        (events.len(), &events[4]["error"]["type"]),
        (5, &json!("overloaded_error"))
    );
    let events = stream(url, "error-after=0; type=api_error; message=No")
        .await
        .events();
    assert_eq!(
        events[0]["error"],
        json!({"type": "api_error", "message": "No"})
    );
    let bad = stream(url, "bad-utf8-after=2").await;
    assert!(bad.complete && String::from_utf8(bad.body().to_vec()).is_err());
    assert!(
        stream(url, "bad-json-after=2")
            .await
            .text()
            .contains("{\"type\":\n\n")
    );
    let huge = stream(url, "huge-event-after=2; bytes=100000").await;
    assert!(huge.chunks[2].len() > 100_000);
}

#[tokio::test]
async fn streams_stall_or_ping_for_ever() {
    let simulator = Simulator::start().await.unwrap();
    for (fault, chunks) in [("stall-after=2", 2), ("stall-after=0", 0)] {
        let mut socket = ask(simulator.url(), fault).await;
        let mut bytes = Vec::new();
        while !bytes.windows(4).any(|window| window == b"\r\n\r\n")
            || parse(&bytes).chunks.len() < chunks
        {
            let read = timeout(SOON, socket.read_buf(&mut bytes))
                .await
                .expect("more");
            assert!(read.unwrap() > 0);
        }
        assert!(is_silent(simulator.url(), &socket).await, "{fault}");
    }
    let mut socket = ask(simulator.url(), "pings-after=2; every=1").await;
    let mut bytes = Vec::new();
    while String::from_utf8_lossy(&bytes)
        .matches("event: ping")
        .count()
        < 20
    {
        let read = timeout(SOON, socket.read_buf(&mut bytes))
            .await
            .expect("a ping");
        assert!(read.unwrap() > 0);
    }
}

#[tokio::test]
async fn the_same_answers_in_other_bytes() {
    let simulator = Simulator::start().await.unwrap();
    let url = simulator.url();
    let body = stream(url, "slow-headers=1").await.text();
    assert_eq!(stream(url, "crlf").await.text(), body.replace('\n', "\r\n"));
    assert_eq!(
        stream(url, "cr; bom").await.text(),
        format!("\u{feff}{}", body.replace('\n', "\r"))
    );
    let pieces = stream(url, "rechunk=5").await;
    assert!(pieces.text() == body && pieces.chunks.iter().all(|chunk| chunk.len() <= 5));
    assert_eq!(stream(url, "byte-by-byte").await.text(), body);
    assert_eq!(stream(url, "slow-body=1").await.text(), body);
    let usual = plain(url, "slow-headers=1").await.ok();
    assert_eq!(plain(url, "byte-by-byte").await.ok(), usual);
    assert_eq!(plain(url, "slow-body=1").await.ok(), usual);
    assert_eq!(plain(url, "cut-after=2").await.ok(), usual, "not a stream");
    let typed = plain(url, "content-type=text/plain").await;
    assert_eq!(
        (typed.header("content-type"), typed.ok()),
        (Some("text/plain"), usual.clone())
    );
    let half = plain(url, "half").await;
    assert!(!half.complete && usual.to_string().len() / 3 < half.text().len());
}

#[tokio::test]
async fn answers_that_are_none() {
    let simulator = Simulator::start().await.unwrap();
    let url = simulator.url();
    let (bytes, end) = raw(url, "reset").await;
    assert!(bytes.is_empty());
    assert_eq!(end.unwrap_err().kind(), ErrorKind::ConnectionReset);
    let (bytes, end) = raw(url, "hang-up").await;
    assert!(bytes.is_empty() && end.is_ok());
    let (bytes, _) = raw(url, "garbage").await;
    assert!(!bytes.is_empty() && !bytes.starts_with(b"HTTP"));
    let socket = ask(url, "silence").await;
    assert!(is_silent(url, &socket).await);
    let page = plain(url, "html").await;
    assert!(page.status == 200 && page.text().starts_with("<!DOCTYPE"));
    let empty = plain(url, "empty=502").await;
    assert_eq!((empty.status, empty.body().len()), (502, 0));
}

#[tokio::test]
async fn a_whole_answer_leaves_the_connection_open() {
    let simulator = Simulator::builder()
        .fault(Rule::new(Fault::html(502)).nth(1))
        .fault(Rule::new(Fault::on_stream(Fault::sse)).nth(2))
        .start()
        .await
        .unwrap();
    let host = simulator.url().strip_prefix("http://").unwrap();
    let mut socket = TcpStream::connect(host).await.unwrap();
    let mut bytes = Vec::new();
    for end in [
        "</html>",
        "message_stop\"}\n\n\r\n0\r\n\r\n",
        "message_stop\"}\n\n\r\n0\r\n\r\n",
        "}",
    ] {
        let body = hello_with(json!({"stream": end != "}"})).to_string();
        let head = format!(
            "POST /v1/messages HTTP/1.1\r\nhost: localhost\r\nx-api-key: k\r\nanthropic-version: 2026-10-21\r\n\
             content-length: {}\r\n\r\n",
            body.len()
        );
        socket
            .write_all(format!("{head}{body}").as_bytes())
            .await
            .unwrap();
        bytes.clear();
        while !bytes.ends_with(end.as_bytes()) {
            let read = timeout(SOON, socket.read_buf(&mut bytes))
                .await
                .expect("an answer");
            assert!(read.unwrap() > 0);
        }
        assert_eq!(
            bytes
                .windows(9)
                .filter(|window| window == b"HTTP/1.1 ")
                .count(),
            1
        );
    }
}

#[tokio::test]
async fn rules_say_which_requests() {
    let simulator = Simulator::builder()
        .fault(
            Rule::new(Fault::status(500))
                .path("/v1/models*")
                .method("get")
                .nth(2),
        )
        .fault(Rule::parse("status=503; model=claude-haiku-*; after=1; times=2").unwrap())
        .start()
        .await
        .unwrap();
    let url = simulator.url();
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(get(url, "/v1/models").await.status);
    }
    for _ in 0..4 {
        let body = hello_with(json!({"model": "claude-haiku-4-5"}));
        statuses.push(post(url, "/v1/messages", &body).await.status);
    }
    statuses.push(post(url, "/v1/messages", &hello()).await.status);
    assert_eq!(statuses, [200, 500, 200, 200, 503, 503, 200, 200]);
    simulator.fault(Fault::status(404));
    assert_eq!(get(url, "/v1/models").await.status, 404);
}

#[tokio::test]
async fn a_first_attempt_fails_and_its_retry_succeeds() {
    let simulator = Simulator::start().await.unwrap();
    for (retries, status) in [("", 429), ("0", 429), ("1", 200), ("2", 200)] {
        let headers = [
            ("anthropic-sim-fault", "status=429; attempts=1"),
            ("x-stainless-retry-count", retries),
        ];
        let answer = send(simulator.url(), "GET", "/v1/models", &headers, b"").await;
        assert_eq!(answer.status, status);
    }
}

#[tokio::test]
async fn an_error_changes_nothing() {
    let simulator = Simulator::builder()
        .reply(anthropic_sim::Reply::text("once"))
        .start()
        .await
        .unwrap();
    assert_eq!(plain(simulator.url(), "overloaded").await.status, 529);
    let message = post(simulator.url(), "/v1/messages", &hello()).await.ok();
    assert_eq!(message["content"][0]["text"], "once");
}

#[tokio::test(start_paused = true)]
async fn slow_headers_take_their_time() {
    let simulator = Simulator::start().await.unwrap();
    let begin = tokio::time::Instant::now();
    assert_eq!(
        plain(simulator.url(), "status=500; slow-headers=2000")
            .await
            .status,
        500
    );
    assert!(begin.elapsed() >= Duration::from_secs(2));
}
