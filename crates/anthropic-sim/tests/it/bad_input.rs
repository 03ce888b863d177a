//! Input that no client should send: a clear refusal, bounded memory, no panic.

use std::time::Duration;

use anthropic_sim::Simulator;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::client::{Answer, get, parse, send};

const SOON: Duration = Duration::from_secs(20);

/// What comes back for exactly these bytes.
async fn raw(url: &str, bytes: &[u8]) -> Vec<u8> {
    let host = url.strip_prefix("http://").unwrap();
    let mut socket = TcpStream::connect(host).await.unwrap();
    // A server that has seen enough may close before the end.
    let _ = socket.write_all(bytes).await;
    let _ = socket.shutdown().await;
    let mut answer = Vec::new();
    let _ = timeout(SOON, socket.read_to_end(&mut answer))
        .await
        .expect("an end");
    answer
}

fn assert_refused(answer: &Answer, what: &str) {
    let status = answer.status;
    assert!(
        (400..500).contains(&status),
        "{what}: {status} {}",
        answer.text()
    );
}

#[tokio::test]
async fn malformed_http_is_refused() {
    let simulator = Simulator::start().await.unwrap();
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(100_000));
    let cases: [&[u8]; 13] = [
        b"NONSENSE\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"G\x00T / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon here\r\n\r\n",
        b"GET / HTTP/1.1\r\nbad name: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nx: \x00\r\n\r\n",
        b"POST /v1/messages HTTP/1.1\r\ncontent-length: many\r\n\r\n",
        b"POST /v1/messages HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
        b"POST /v1/messages HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        b"POST /v1/messages HTTP/1.1\r\ncontent-length: 99999999999999999999999\r\n\r\n",
        b"POST /v1/messages HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
        long.as_bytes(),
    ];
    for case in cases {
        let what = String::from_utf8_lossy(case.get(..80).unwrap_or(case));
        let answer = raw(simulator.url(), case).await;
        assert!(!answer.is_empty(), "{what}: no answer");
        let answer = parse(&answer);
        assert_refused(&answer, &what);
        answer.error(answer.status);
        assert!(
            answer
                .header("anthropic-ratelimit-requests-limit")
                .is_some()
        );
    }
    assert_eq!(get(simulator.url(), "/v1/models").await.status, 200);
}

#[tokio::test]
async fn what_breaks_off_is_survived() {
    let simulator = Simulator::start().await.unwrap();
    for bytes in [
        b"".as_slice(),
        b"POST /v1/mess",
        b"POST /v1/messages HTTP/1.1\r\ncontent-length: 100\r\n\r\n{\"model\"",
        b"POST /v1/messages HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nff\r\nabc",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ] {
        raw(simulator.url(), bytes).await;
    }
    assert_eq!(get(simulator.url(), "/v1/models").await.status, 200);
}

#[tokio::test]
async fn tricky_paths_lead_nowhere() {
    let simulator = Simulator::start().await.unwrap();
    for path in [
        "/..",
        "/../../etc/passwd",
        "/v1/../v1/models",
        "//v1/models",
        "/v1//models",
        "/v1/models/",
        "/v1/models/../../_sim",
        "/v1/files/..%2f..%2fetc%2fpasswd",
        "/v1/files/%2e%2e/content",
        "/v1/files/%00",
        "/v1/files/%ff%fe",
        "/v1/files/%zz",
        "/V1/models",
        "/v1/models;x=y",
        "/_sim/../v1/models",
        "/_sim/%2e%2e/x",
        "/_sim/exchanges/-1",
        "/_sim/exchanges/99999999999999999999",
        "http://elsewhere.example/v1/nothing",
        "*",
    ] {
        let answer = send(simulator.url(), "GET", path, &[], b"").await;
        assert_refused(&answer, path);
    }
    let long = format!("/v1/files/{}", "a".repeat(60_000));
    assert_refused(&get(simulator.url(), &long).await, "a long path");
    for method in ["CONNECT", "TRACE", "BREW"] {
        let answer = send(simulator.url(), method, "/v1/models", &[], b"").await;
        assert_refused(&answer, method);
    }
}

#[tokio::test]
async fn floods_of_headers_are_refused() {
    let simulator = Simulator::start().await.unwrap();
    let many = format!(
        "GET /v1/models HTTP/1.1\r\n{}\r\n",
        "x: y\r\n".repeat(5_000)
    );
    let long = format!(
        "GET /v1/models HTTP/1.1\r\nx: {}\r\n\r\n",
        "y".repeat(2 << 20)
    );
    // It never comes to an end.
    let endless = format!("GET /v1/models HTTP/1.1\r\n{}", "x: y\r\n".repeat(500_000));
    for (bytes, what) in [(many, "many"), (long, "long"), (endless, "endless")] {
        let answer = raw(simulator.url(), bytes.as_bytes()).await;
        // The kernel may drop the answer when the rest of a long flood is thrown away unread.
        assert!(what != "many" || !answer.is_empty());
        if !answer.is_empty() {
            let answer = parse(&answer);
            assert_refused(&answer, what);
            answer.error(answer.status);
        }
    }
    assert_eq!(get(simulator.url(), "/v1/models").await.status, 200);
}

#[tokio::test]
async fn json_bombs_are_refused() {
    let simulator = Simulator::start().await.unwrap();
    let deep = "[".repeat(1_000_000);
    let closed = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let objects = "{\"a\":".repeat(200_000);
    let many = format!("[{}0]", "0,".repeat(5_000_000));
    let number = format!("{{\"max_tokens\":{}}}", "9".repeat(1_000_000));
    let exponent = "{\"max_tokens\":1e999999999}".to_owned();
    let surrogate = r#"{"model":"\ud800"}"#.to_owned();
    for body in [deep, closed, objects, many, number, exponent, surrogate] {
        for path in [
            "/v1/messages",
            "/v1/messages/count_tokens",
            "/v1/messages/batches",
        ] {
            let answer = send(simulator.url(), "POST", path, &[], body.as_bytes()).await;
            assert_eq!(answer.error(400).0, "invalid_request_error");
        }
    }
}

/// The most memory that the process has had, in MiB.
#[cfg(all(feature = "server", target_os = "linux"))]
fn peak(pid: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    line.trim()
        .trim_end_matches(" kB")
        .parse::<usize>()
        .unwrap()
        / 1024
}

#[cfg(all(feature = "server", target_os = "linux"))]
#[tokio::test]
async fn memory_is_bounded() {
    let (mut child, url) = crate::program::start(&[]);
    let hundred = vec![b'['; 100 << 20];
    let answer = send(&url, "POST", "/v1/messages", &[], &hundred).await;
    assert_eq!(answer.error(413).0, "request_too_large");
    for unit in ["0,", "[],", "{},", "\"\","] {
        let body = format!("[{}0]", unit.repeat((31 << 20) / unit.len()));
        let answer = send(&url, "POST", "/v1/messages", &[], body.as_bytes()).await;
        assert_eq!(answer.error(400).0, "invalid_request_error");
    }
    let peak = peak(child.id());
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(peak < 320, "{peak} MiB");
}
