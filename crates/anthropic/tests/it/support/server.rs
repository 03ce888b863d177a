//! A server on 127.0.0.1 that speaks just enough HTTP/1.1 for one test at a time.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub(crate) struct Server {
    listener: TcpListener,
}

impl Server {
    pub(crate) async fn start() -> Self {
        super::traces::watch();
        Self {
            listener: TcpListener::bind("127.0.0.1:0").await.unwrap(),
        }
    }

    pub(crate) fn url(&self, scheme: &str) -> String {
        format!("{scheme}://{}", self.listener.local_addr().unwrap())
    }

    pub(crate) async fn accept(&self) -> Connection {
        let (stream, _) = self.listener.accept().await.unwrap();
        // Or a second write waits until this side has acknowledged the first.
        stream.set_nodelay(true).unwrap();
        Connection {
            stream,
            read: Vec::new(),
        }
    }
}

pub(crate) struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    /// Reads one request and answers its head and its body.
    pub(crate) async fn request(&mut self) -> (String, Vec<u8>) {
        let end = loop {
            if let Some(at) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            assert!(
                self.fill().await > 0,
                "the connection closed inside a request's head"
            );
        };
        let head = String::from_utf8(self.read[..end].to_vec())
            .unwrap()
            .to_ascii_lowercase();
        let mut body = self.read.split_off(end);
        self.read = std::mem::take(&mut body);
        let len = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map_or(0, |len| len.trim().parse().unwrap());
        while self.read.len() < len {
            assert!(
                self.fill().await > 0,
                "the connection closed inside a request's body"
            );
        }
        let rest = self.read.split_off(len);
        (head, std::mem::replace(&mut self.read, rest))
    }

    /// Whether another request comes before the connection ends.
    pub(crate) async fn goes_on(&mut self) -> bool {
        !self.read.is_empty() || self.fill().await > 0
    }

    /// Waits for any bytes at all.
    pub(crate) async fn first_bytes(&mut self) {
        assert!(self.fill().await > 0);
    }

    /// Reads up to the end of this text.
    pub(crate) async fn until(&mut self, text: &str) {
        let is_there = |read: &[u8]| read.windows(text.len()).any(|it| it == text.as_bytes());
        while !is_there(&self.read) {
            assert!(
                self.fill().await > 0,
                "the connection closed before {text:?}"
            );
        }
        self.read.clear();
    }

    async fn fill(&mut self) -> usize {
        let mut buffer = [0; 4096];
        let count = self.stream.read(&mut buffer).await.unwrap_or(0);
        self.read.extend_from_slice(&buffer[..count]);
        count
    }

    pub(crate) async fn write(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.unwrap();
    }

    /// Writes, unless the client has closed the connection.
    pub(crate) async fn try_write(&mut self, text: &str) -> bool {
        self.stream.write_all(text.as_bytes()).await.is_ok()
    }

    pub(crate) async fn answer(&mut self, status: &str, headers: &str, body: &str) {
        let len = body.len();
        self.write(&format!(
            "HTTP/1.1 {status}\r\ncontent-length: {len}\r\n{headers}\r\n{body}"
        ))
        .await;
    }

    /// Sends nothing more.
    pub(crate) async fn end(&mut self) {
        self.stream.shutdown().await.unwrap();
    }

    /// Resolves when the client has closed the connection.
    pub(crate) async fn closed(&mut self) {
        while self.fill().await > 0 {}
    }
}
