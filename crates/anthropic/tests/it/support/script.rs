//! A transport that answers from a list and keeps what it was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use anthropic::BoxFuture;
use anthropic::transport::{Body, HttpRequest, HttpResponse, Transport, TransportError};
use bytes::Bytes;
use tokio::time::Instant;

/// One answer.
#[derive(Debug)]
pub(crate) enum Reply {
    Response(HttpResponse),
    Error(TransportError),
    Never,
}

impl Reply {
    pub(crate) fn new(status: u16, headers: &[(&str, &str)], body: impl Into<Body>) -> Self {
        let mut response = http::Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        Self::Response(response.body(body.into()).unwrap())
    }

    pub(crate) fn json(body: &'static str) -> Self {
        Self::new(200, &[("content-type", "application/json")], body)
    }

    pub(crate) fn status(status: u16) -> Self {
        Self::new(status, &[], "")
    }

    pub(crate) fn refused() -> Self {
        let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        Self::Error(TransportError::connect(refused))
    }
}

/// A request as it reached the transport.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) method: http::Method,
    pub(crate) uri: http::Uri,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) at: Instant,
}

impl Sent {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// The transport.
#[derive(Debug, Clone, Default)]
pub(crate) struct Script(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    replies: VecDeque<Reply>,
    sent: Vec<Sent>,
}

impl Script {
    pub(crate) fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        let script = Self::default();
        script.0.lock().unwrap().replies.extend(replies);
        script
    }

    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.0.lock().unwrap().sent.clone()
    }

    /// What was sent, which the script then no longer keeps.
    pub(crate) fn take(&self) -> Vec<Sent> {
        std::mem::take(&mut self.0.lock().unwrap().sent)
    }

    /// The only request that was sent.
    pub(crate) fn only(&self) -> Sent {
        let mut sent = self.sent();
        assert_eq!(sent.len(), 1);
        sent.remove(0)
    }
}

impl Transport for Script {
    fn send(
        &self,
        request: HttpRequest,
    ) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        let state = self.0.clone();
        Box::pin(async move {
            let at = Instant::now();
            let (parts, body) = request.into_parts();
            let body = body.bytes().await.map_err(TransportError::io)?;
            let (method, uri, headers) = (parts.method, parts.uri, parts.headers);
            let reply = {
                let mut state = state.lock().unwrap();
                state.sent.push(Sent {
                    method,
                    uri,
                    headers,
                    body,
                    at,
                });
                state.replies.pop_front()
            };
            match reply {
                Some(Reply::Response(response)) => Ok(response),
                Some(Reply::Error(error)) => Err(error),
                Some(Reply::Never) => std::future::pending().await,
                None => Err(TransportError::other("the script is over")),
            }
        })
    }
}
