//! An HTTP/1.1 client of one request per connection, small enough to be sure of.

use std::fmt::Write;

use bytes::Bytes;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    /// The chunks of a chunked body; otherwise the body.
    pub(crate) chunks: Vec<Bytes>,
    /// Whether the body came to its announced end.
    pub(crate) complete: bool,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut pairs = self.head.lines().filter_map(|line| line.split_once(':'));
        pairs
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    }

    pub(crate) fn body(&self) -> Bytes {
        self.chunks.concat().into()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body().to_vec()).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body())
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The JSON of a 200.
    pub(crate) fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text());
        self.json()
    }

    /// The type and message of an error, whose envelope is checked.
    pub(crate) fn error(&self, status: u16) -> (String, String) {
        assert_eq!(self.status, status, "{}", self.text());
        let body = self.json();
        assert_eq!(body["type"], "error");
        assert_eq!(body["request_id"].as_str(), self.header("request-id"));
        let field = |name: &str| body["error"][name].as_str().unwrap().to_owned();
        (field("type"), field("message"))
    }

    /// The data of each event, checked against its name and for its tag coming first.
    pub(crate) fn events(&self) -> Vec<Value> {
        let text = self.text().replace("\r\n", "\n");
        let events = text.split("\n\n").filter(|event| !event.is_empty());
        events
            .map(|event| {
                let (name, data) = event.split_once('\n').unwrap();
                let data = data.strip_prefix("data: ").unwrap();
                assert!(
                    data.starts_with("{\"type\":"),
                    "the tag comes first: {data}"
                );
                let data: Value = serde_json::from_str(data).unwrap();
                assert_eq!(name.strip_prefix("event: "), data["type"].as_str());
                data
            })
            .collect()
    }
}

/// A request with usable credentials and version, unless `headers` has some of its own.
pub(crate) async fn send(
    url: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    let mut socket = open(url, method, path, headers, body).await;
    let mut bytes = Vec::new();
    // A reset is an end like any other here; what came before it counts.
    let _ = socket.read_to_end(&mut bytes).await;
    parse(&bytes)
}

/// Sends the request and leaves the answer on the socket.
pub(crate) async fn open(
    url: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> TcpStream {
    let host = url.strip_prefix("http://").unwrap();
    let mut socket = TcpStream::connect(host).await.unwrap();
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n");
    let given = |name: &str| {
        headers
            .iter()
            .any(|(given, _)| given.eq_ignore_ascii_case(name))
    };
    for (name, value) in [("x-api-key", "test"), ("anthropic-version", "2026-10-21")] {
        if !given(name) {
            write!(head, "{name}: {value}\r\n").unwrap();
        }
    }
    for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
        write!(head, "{name}: {value}\r\n").unwrap();
    }
    if !given("transfer-encoding") {
        write!(head, "content-length: {}\r\n", body.len()).unwrap();
    }
    let request = [head.as_bytes(), b"\r\n", body].concat();
    // A server that has seen enough may close before the end.
    let _ = socket.write_all(&request).await;
    socket
}

pub(crate) async fn get(url: &str, path: &str) -> Answer {
    send(url, "GET", path, &[], b"").await
}

pub(crate) async fn delete(url: &str, path: &str) -> Answer {
    send(url, "DELETE", path, &[], b"").await
}

pub(crate) async fn post(url: &str, path: &str, body: &Value) -> Answer {
    send(
        url,
        "POST",
        path,
        &[("content-type", "application/json")],
        body.to_string().as_bytes(),
    )
    .await
}

/// A form of files and fields, each as name, file name (empty for a field) and content.
pub(crate) async fn post_form(url: &str, path: &str, parts: &[(&str, &str, &str)]) -> Answer {
    let mut body = String::new();
    for (name, filename, content) in parts {
        write!(
            body,
            "--xyz\r\ncontent-disposition: form-data; name=\"{name}\""
        )
        .unwrap();
        if !filename.is_empty() {
            write!(
                body,
                "; filename=\"{filename}\"\r\ncontent-type: text/plain"
            )
            .unwrap();
        }
        write!(body, "\r\n\r\n{content}\r\n").unwrap();
    }
    body.push_str("--xyz--\r\n");
    let headers = [("content-type", "multipart/form-data; boundary=xyz")];
    send(url, "POST", path, &headers, body.as_bytes()).await
}

pub(crate) fn parse(bytes: &[u8]) -> Answer {
    let end = bytes
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .expect("an answer");
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let mut answer = Answer {
        status,
        head,
        chunks: Vec::new(),
        complete: false,
    };
    let mut rest = &bytes[end + 4..];
    if answer.header("transfer-encoding") != Some("chunked") {
        let length: usize = answer
            .header("content-length")
            .map_or(rest.len(), |length| length.parse().unwrap());
        answer.complete = rest.len() == length;
        answer.chunks.push(Bytes::copy_from_slice(rest));
        return answer;
    }
    while let Some(line) = rest.windows(2).position(|window| window == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..line]).unwrap(), 16).unwrap();
        answer.complete = size == 0;
        if size == 0 || rest.len() < line + 4 + size {
            break;
        }
        answer
            .chunks
            .push(Bytes::copy_from_slice(&rest[line + 2..line + 2 + size]));
        rest = &rest[line + 4 + size..];
    }
    answer
}
