//! A server on 127.0.0.1 that leaves every byte of a response to the check that runs it.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Ends with the value.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Server {
    /// Runs the handler for each connection, all at once.
    pub(crate) async fn start<H, F>(handler: H) -> std::io::Result<Self>
    where
        H: Fn(Peer) -> F + Send + Sync + 'static,
        F: Future<Output = std::io::Result<()>> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let connections = Arc::new(AtomicUsize::new(0));
        let count = connections.clone();
        let task = tokio::spawn(async move {
            let mut running = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                // A connection that the client breaks is what some checks are about.
                running.spawn(handler(Peer::new(stream)));
            }
        });
        Ok(Self {
            address,
            connections,
            task,
        })
    }

    /// The URL of a path on this server.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// How many connections there have been.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    /// Method, target and version.
    pub(crate) line: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// One connection, seen from the server.
#[derive(Debug)]
pub(crate) struct Peer {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Peer {
    fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            read: Vec::new(),
        }
    }

    /// Reads the line and the headers of a request.
    pub(crate) async fn head(&mut self) -> std::io::Result<(String, HeaderMap)> {
        let end = self.until(b"\r\n\r\n").await?;
        let head: Vec<u8> = self.read.drain(..end).collect();
        let mut lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
        let line = String::from_utf8_lossy(lines.next().unwrap_or_default()).into_owned();
        let mut headers = HeaderMap::new();
        for line in lines.filter(|line| !line.is_empty()) {
            let colon = line.iter().position(|byte| *byte == b':');
            let (name, value) = line.split_at(colon.ok_or_else(|| invalid("no colon"))?);
            let value = value.get(1..).unwrap_or_default().trim_ascii();
            headers.append(
                HeaderName::from_bytes(name).map_err(invalid)?,
                HeaderValue::from_bytes(value).map_err(invalid)?,
            );
        }
        Ok((line, headers))
    }

    /// Reads a whole request.
    pub(crate) async fn request(&mut self) -> std::io::Result<Received> {
        let (line, headers) = self.head().await?;
        let length = headers.get("content-length");
        let body = if headers.contains_key("transfer-encoding") {
            let mut body = Vec::new();
            while let Some(chunk) = self.chunk().await? {
                body.extend(chunk);
            }
            body
        } else if let Some(length) = length {
            let length = length.to_str().map_err(invalid)?;
            self.take(length.parse().map_err(invalid)?).await?
        } else {
            Vec::new()
        };
        Ok(Received {
            line,
            headers,
            body: body.into(),
        })
    }

    /// Reads one chunk of a chunked body; `None` is its end.
    pub(crate) async fn chunk(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        let end = self.until(b"\r\n").await?;
        let line: Vec<u8> = self.read.drain(..end).collect();
        let line = String::from_utf8_lossy(&line);
        let size = line.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16).map_err(invalid)?;
        let data = self.take(size).await?;
        self.take(2).await?;
        Ok((size > 0).then_some(data))
    }

    /// Reads this many bytes.
    pub(crate) async fn take(&mut self, count: usize) -> std::io::Result<Vec<u8>> {
        while self.read.len() < count {
            self.fill().await?;
        }
        Ok(self.read.drain(..count).collect())
    }

    /// Sends bytes as they are.
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) -> std::io::Result<()> {
        self.stream.write_all(bytes.as_ref()).await?;
        self.stream.flush().await
    }

    /// Returns when the client has closed the connection.
    pub(crate) async fn closed(&mut self) {
        let mut buffer = [0; 1024];
        while let Ok(1..) = self.stream.read(&mut buffer).await {}
    }

    async fn until(&mut self, end: &[u8]) -> std::io::Result<usize> {
        loop {
            let found = self.read.windows(end.len()).position(|it| it == end);
            if let Some(at) = found {
                return Ok(at + end.len());
            }
            self.fill().await?;
        }
    }

    async fn fill(&mut self) -> std::io::Result<()> {
        if self.stream.read_buf(&mut self.read).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }
}

fn invalid(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::InvalidData, error)
}
