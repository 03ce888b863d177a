//! Each fault, byte for byte as far as it matters.

use std::io::ErrorKind;
use std::time::Duration;

use anthropic_sim::faults::{Fault, FaultServer, LineEnd, Transcript, refused_url};
use bytes::Bytes;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::client::{Answer, get, open, parse, post};

const SOON: Duration = Duration::from_secs(10);
/// An answer that ends, as it should when the client asks for one answer only.
async fn whole(fault: Fault) -> Answer {
    let (bytes, ended) = raw(fault).await;
    ended.expect("a proper end");
    parse(&bytes)
}

/// Everything up to the end of the connection, and how it ended.
async fn raw(fault: Fault) -> (Vec<u8>, std::io::Result<usize>) {
    let server = FaultServer::start(fault).await.unwrap();
    let mut socket = open(server.url(), "POST", "/v1/messages", &[], b"{}").await;
    let mut bytes = Vec::new();
    let ended = timeout(SOON, socket.read_to_end(&mut bytes)).await;
    (bytes, ended.expect("the connection ends"))
}

/// What comes before the server falls silent: at least a head, where there is one, and `expected`
/// bytes of chunks.
async fn stalled(fault: Fault, chunks: usize) -> Vec<Bytes> {
    let server = FaultServer::start(fault).await.unwrap();
    let mut socket = open(server.url(), "POST", "/v1/messages", &[], b"{}").await;
    let mut bytes = Vec::new();
    loop {
        let read = timeout(SOON, socket.read_buf(&mut bytes))
            .await
            .expect("more to come")
            .unwrap();
        assert!(read > 0, "the connection stays open");
        if bytes.windows(4).any(|window| window == b"\r\n\r\n")
            && parse(&bytes).chunks.len() == chunks
        {
            break;
        }
    }
    let so_far = bytes.clone();
    walk_away(&server, socket, &mut bytes).await;
    assert_eq!(bytes, so_far, "silence after {chunks} chunks");
    parse(&bytes).chunks
}

/// Goes while the answer is owed, and reads what had been written by then: without a look at the
/// clock, all that the server would have said before it fell silent.
async fn walk_away(server: &FaultServer, mut socket: TcpStream, bytes: &mut Vec<u8>) {
    server.received(1).await;
    assert_eq!(server.closed_count(), 0, "the answer is still owed");
    socket.shutdown().await.unwrap();
    let rest = timeout(SOON, socket.read_to_end(bytes)).await;
    rest.expect("the connection ends").unwrap();
    timeout(SOON, server.closed())
        .await
        .expect("it was owed to the last");
}

fn sample() -> Transcript {
    Transcript::sample()
}

#[tokio::test]
async fn whole_answers() {
    let error = whole(Fault::error_with(
        529,
        "overloaded_error",
        "Busy",
        &[("retry-after", "2")],
    ))
    .await;
    assert_eq!(
        error.error(529),
        ("overloaded_error".to_owned(), "Busy".to_owned())
    );
    assert_eq!(error.header("retry-after"), Some("2"));
    let stream = whole(Fault::sse(&sample())).await;
    assert!(stream.complete);
    assert_eq!((stream.chunks.len(), stream.body()), (10, sample().bytes()));
    let html = whole(Fault::html(200)).await;
    assert!(
        html.header("content-type")
            .unwrap()
            .starts_with("text/html")
            && html.text().starts_with("<!DOCTYPE")
    );
    let empty = whole(Fault::empty(200)).await;
    assert_eq!((empty.status, empty.body().len()), (200, 0));
    let typed = whole(Fault::content_type("application/octet-stream", "{}")).await;
    assert_eq!(
        (typed.header("content-type"), typed.text().as_str()),
        (Some("application/octet-stream"), "{}")
    );
    let redirect = whole(Fault::redirect(307, "http://127.0.0.1:1/")).await;
    assert_eq!(
        (redirect.status, redirect.header("location")),
        (307, Some("http://127.0.0.1:1/"))
    );
    assert_eq!(
        whole(Fault::json(200, "{\"a\":1}")).await.json(),
        json!({"a": 1})
    );
}

#[tokio::test]
async fn streams_that_end_too_early() {
    let events = sample().first(3).bytes();
    let ended = whole(Fault::end_after(&sample(), 3)).await;
    assert_eq!((ended.body(), ended.complete), (events.clone(), true));
    let cut = whole(Fault::cut_after(&sample(), 3)).await;
    assert_eq!((cut.body(), cut.complete), (events.clone(), false));
    let (bytes, end) = raw(Fault::reset_after(&sample(), 3)).await;
    assert_eq!(parse(&bytes).body(), events);
    assert_eq!(end.unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert_eq!(
        stalled(Fault::stall_after(&sample(), 3), 3).await.concat(),
        events
    );
    assert!(
        stalled(Fault::stall_after(&sample(), 0), 0)
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn streams_with_something_in_them() {
    let first = whole(Fault::error_after(&sample(), 0, "overloaded_error", "Busy"))
        .await
        .events();
    assert_eq!(
        (first.len(), &first[0]["error"]["type"]),
        (1, &json!("overloaded_error"))
    );
    let later = whole(Fault::error_after(&sample(), 4, "api_error", "Oops"))
        .await
        .events();
    assert_eq!((later.len(), &later[4]["type"]), (5, &json!("error")));
    let bad = whole(Fault::bad_utf8_after(&sample(), 4)).await;
    assert!(String::from_utf8(bad.body().to_vec()).is_err() && bad.chunks.len() == 11);
    let broken = whole(Fault::bad_json_after(&sample(), 4)).await;
    assert!(broken.text().contains("data: {\"type\":\n\n"));
    let huge = whole(Fault::huge_event_after(&sample(), 4, 1_000_000)).await;
    assert_eq!(
        huge.events()[4]["delta"]["text"].as_str().unwrap().len(),
        1_000_000
    );
}

#[tokio::test]
async fn pings_that_never_end() {
    let fault = Fault::pings_after(&sample(), 2, Duration::from_millis(1));
    let server = FaultServer::start(fault).await.unwrap();
    let mut socket = open(server.url(), "POST", "/v1/messages", &[], b"{}").await;
    let mut text = Vec::new();
    while String::from_utf8_lossy(&text)
        .matches("event: ping")
        .count()
        < 20
    {
        assert!(
            timeout(SOON, socket.read_buf(&mut text))
                .await
                .expect("a ping")
                .unwrap()
                > 0
        );
    }
}

#[tokio::test]
async fn the_same_stream_in_other_bytes() {
    for line_end in [LineEnd::CrLf, LineEnd::Cr] {
        let transcript = sample().line_end(line_end).bom();
        let stream = whole(Fault::sse(&transcript)).await;
        assert!(
            stream
                .body()
                .starts_with("\u{feff}event: message_start\r".as_bytes())
        );
        assert_eq!(stream.body(), transcript.bytes());
    }
    let rechunked = whole(Fault::rechunked(&sample(), 7)).await;
    assert!(
        rechunked.chunks.iter().all(|chunk| chunk.len() <= 7)
            && rechunked.body() == sample().bytes()
    );
    let dripped = whole(Fault::drip(&sample().first(1), Duration::ZERO)).await;
    assert_eq!(
        (dripped.body(), dripped.complete),
        (sample().first(1).bytes(), true)
    );
}

#[tokio::test]
async fn answers_that_are_none() {
    let server = FaultServer::start(Fault::silence()).await.unwrap();
    let socket = open(server.url(), "GET", "/", &[], b"").await;
    let mut bytes = Vec::new();
    walk_away(&server, socket, &mut bytes).await;
    assert!(bytes.is_empty(), "silence");
    let (bytes, end) = raw(Fault::hang_up()).await;
    assert!(bytes.is_empty() && end.is_ok());
    let (_, end) = raw(Fault::reset()).await;
    assert_eq!(end.unwrap_err().kind(), ErrorKind::ConnectionReset);
    let (bytes, _) = raw(Fault::garbage()).await;
    assert!(!bytes.is_empty() && !bytes.starts_with(b"HTTP"));
    let truncated = whole(Fault::truncated(200, "{\"id\"")).await;
    assert!(!truncated.complete && truncated.text() == "{\"id\"");
    assert_eq!(
        whole(Fault::raw("HTTP/1.1 204 No Content\r\n\r\n"))
            .await
            .status,
        204
    );
    let refused = refused_url().await.unwrap();
    let error = TcpStream::connect(refused.strip_prefix("http://").unwrap())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
}

#[tokio::test(start_paused = true)]
async fn slow_answers_take_their_time() {
    let fault = Fault::cut_after(&sample(), 3)
        .delayed(Duration::from_secs(2))
        .paced(Duration::from_secs(1));
    let server = FaultServer::start(fault).await.unwrap();
    let begin = tokio::time::Instant::now();
    get(server.url(), "/").await;
    assert!(
        begin.elapsed() >= Duration::from_secs(5),
        "{:?}",
        begin.elapsed()
    );
}

#[tokio::test]
async fn a_script_answers_request_by_request_and_repeats_its_end() {
    let script = Fault::error(500, "api_error", "Oops")
        .then(Fault::json(200, "{}"))
        .then(Fault::hang_up());
    let server = FaultServer::start(script).await.unwrap();
    // One connection for all, as a client with a pool has it.
    let mut socket = TcpStream::connect(server.url().strip_prefix("http://").unwrap())
        .await
        .unwrap();
    let mut bytes = Vec::new();
    for (turn, expected) in ["HTTP/1.1 500", "HTTP/1.1 200", ""].into_iter().enumerate() {
        let body = ["4\r\nbody\r\n0\r\n\r\n", "", ""][turn];
        let coding = if turn == 0 {
            "transfer-encoding: chunked\r\n"
        } else {
            ""
        };
        let request = format!(
            "POST /turn/{turn}?q=1 HTTP/1.1\r\nauthorization: Bearer canary\r\n{coding}\r\n{body}"
        );
        socket.write_all(request.as_bytes()).await.unwrap();
        bytes.clear();
        bytes.resize(4096, 0);
        let read = socket.read(&mut bytes).await.unwrap();
        assert!(
            String::from_utf8_lossy(&bytes[..read]).starts_with(expected),
            "turn {turn}"
        );
        assert_eq!(read == 0, expected.is_empty());
    }
    assert!(get_nothing(server.url()).await, "the last answer repeats");
    let seen = server.requests();
    assert_eq!(seen.len(), 4);
    assert_eq!(
        (seen[0].path(), seen[0].target.as_str(), &seen[0].body[..]),
        ("/turn/0", "/turn/0?q=1", &b"body"[..])
    );
    assert_eq!((seen[2].connection, seen[3].connection), (0, 1));
    assert_eq!(seen[0].header("authorization"), Some("Bearer canary"));
    assert!(!format!("{seen:?} {server:?}").contains("canary"));
    assert_eq!(server.closed_count(), 0);
}

async fn get_nothing(url: &str) -> bool {
    let mut socket = open(url, "GET", "/", &[], b"").await;
    let mut bytes = Vec::new();
    socket.read_to_end(&mut bytes).await.is_ok() && bytes.is_empty()
}

#[tokio::test]
async fn a_client_that_walks_away_is_noticed() {
    for fault in [
        Fault::silence(),
        Fault::stall_after(&sample(), 2),
        Fault::pings_after(&sample(), 1, Duration::from_millis(1)),
        Fault::json(200, "{}").delayed(Duration::from_secs(60)),
    ] {
        let server = FaultServer::start(fault).await.unwrap();
        let socket = open(server.url(), "POST", "/v1/messages", &[], b"{}").await;
        server.received(1).await;
        assert_eq!(server.closed_count(), 0);
        drop(socket);
        timeout(SOON, server.closed())
            .await
            .expect("the close is noticed");
    }
    let server = FaultServer::start(Fault::json(200, "{}")).await.unwrap();
    let mut socket = open(server.url(), "GET", "/", &[], b"").await;
    let mut answer = [0; 16];
    assert!(socket.read(&mut answer).await.unwrap() > 0);
    drop(socket);
    get_one(server.url()).await;
    assert_eq!(
        server.closed_count(),
        0,
        "closing after an answer is no walking away"
    );
}

async fn get_one(url: &str) {
    let mut socket = open(url, "GET", "/", &[], b"").await;
    let mut answer = [0; 16];
    assert!(socket.read(&mut answer).await.unwrap() > 0);
}

#[tokio::test]
async fn a_captured_stream_is_played_as_it_was() {
    let text = ": a comment\n\nevent: ping\ndata: {\"type\": \"ping\"}\n\n";
    let server = FaultServer::start(Fault::cut_after(&Transcript::parse(text), 9))
        .await
        .unwrap();
    let answer = post(server.url(), "/v1/messages", &json!({})).await;
    assert_eq!(answer.text(), text);
    assert_eq!(server.requests()[0].json(), json!({}));
}
