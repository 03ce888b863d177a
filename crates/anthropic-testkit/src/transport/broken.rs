//! Connections that break, and what is left behind.

use std::sync::Arc;
use std::time::Duration;

use anthropic::transport::{Body, HttpRequest, HttpResponse, Transport, TransportError};
use anthropic::{BoxFuture, Client, ErrorKind};
use http::HeaderValue;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, oneshot};

use super::sending::{chain, request, send};
use crate::report::{Fault, Verdict, ensure, ensure_eq};
use crate::server::Server;

/// In headers of requests that fail; it may be in no text.
const CANARY: &str = "canary-in-a-header";

/// A URL where nobody listens.
async fn nowhere() -> Verdict<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    Ok(format!("http://{}/", listener.local_addr()?))
}

/// A transport that is borrowed for one request, made into a client's.
#[derive(Debug)]
struct Failing(Mutex<Option<TransportError>>);

impl Transport for Failing {
    fn send(&self, _: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        let error = self.0.try_lock().ok().and_then(|mut error| error.take());
        let error = error.unwrap_or_else(|| TransportError::other("sent twice"));
        Box::pin(std::future::ready(Err(error)))
    }
}

/// What a client makes of an error.
async fn kind(error: TransportError) -> Verdict<ErrorKind> {
    let client = Client::builder()
        .api_key("key")
        .base_url("http://127.0.0.1:1")
        .transport(Failing(Mutex::new(Some(error))))
        .max_retries(0)
        .build()?;
    let result = client.get::<serde_json::Value>("/v1/models").await;
    match result {
        Ok(_) => Err(Fault::new("an error became a response")),
        Err(error) => Ok(error.kind()),
    }
}

pub(super) async fn refused(transport: &dyn Transport) -> Verdict {
    let request = request("POST", &nowhere().await?, "{}")?;
    match transport.send(request).await {
        Ok(response) => Err(Fault::new(format!("a response: {}", response.status()))),
        Err(error) => {
            ensure_eq!(kind(error).await?, ErrorKind::Connect, "the kind");
            Ok(())
        }
    }
}

pub(super) async fn early(transport: &dyn Transport) -> Verdict {
    let server = Server::start(|mut peer| async move {
        peer.request().await?;
        peer.send("HTTP/1.1 200").await
    })
    .await?;
    let request = request("POST", &server.url("/"), "{}")?;
    ensure!(
        transport.send(request).await.is_err(),
        "half a head became a response"
    );
    ensure_eq!(server.connections(), 1, "connections");
    Ok(())
}

/// Reads a body that the server does not finish.
async fn unfinished(transport: &dyn Transport, response: &'static str) -> Verdict {
    let server = Server::start(move |mut peer| async move {
        peer.request().await?;
        peer.send(response).await
    })
    .await?;
    let request = request("GET", &server.url("/"), Body::empty())?;
    // What reads everything before it returns finds out at once.
    let Ok(response) = transport.send(request).await else {
        return Ok(());
    };
    let body = response.into_body().bytes().await;
    ensure!(
        body.is_err(),
        "a part of a body passed for all of it: {body:?}"
    );
    Ok(())
}

pub(super) async fn cut(transport: &dyn Transport) -> Verdict {
    let response = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this";
    unfinished(transport, response).await
}

pub(super) async fn unterminated(transport: &dyn Transport) -> Verdict {
    let response = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nonly\r\n";
    unfinished(transport, response).await
}

/// A server that sends this, then waits, and reports when the connection closes.
async fn watching(response: &'static str) -> Verdict<(Server, Signal, Signal)> {
    let (arrived, came) = oneshot::channel();
    let (closed, gone) = oneshot::channel();
    let signals = Arc::new(Mutex::new(Some((arrived, closed))));
    let server = Server::start(move |mut peer| {
        let signals = signals.clone();
        async move {
            peer.request().await?;
            let Some((arrived, closed)) = signals.lock().await.take() else {
                return Ok(());
            };
            peer.send(response).await?;
            let _ = arrived.send(());
            peer.closed().await;
            let _ = closed.send(());
            Ok(())
        }
    });
    Ok((server.await?, came, gone))
}

type Signal = oneshot::Receiver<()>;

async fn closes(gone: Signal) -> Verdict {
    let closed = tokio::time::timeout(Duration::from_secs(5), gone).await;
    ensure!(
        matches!(closed, Ok(Ok(()))),
        "the connection is open after 5 s"
    );
    Ok(())
}

pub(super) async fn dropped_future(transport: &dyn Transport) -> Verdict {
    let (server, came, gone) = watching("").await?;
    let mut sent = transport.send(request("POST", &server.url("/"), "{}")?);
    tokio::select! {
        _ = &mut sent => return Err(Fault::new("there is a result, and the server sent nothing")),
        _ = came => {}
    }
    drop(sent);
    closes(gone).await
}

pub(super) async fn dropped_body(transport: &dyn Transport) -> Verdict {
    let response = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n";
    let (server, _came, gone) = watching(response).await?;
    let request = request("GET", &server.url("/"), Body::empty())?;
    let mut body = send(transport, request).await?.into_body();
    body.try_next().await?;
    drop(body);
    closes(gone).await
}

pub(super) async fn secrets(transport: &dyn Transport) -> Verdict {
    let mut request = request("POST", &nowhere().await?, CANARY)?;
    for name in ["x-api-key", "authorization", "x-other"] {
        request
            .headers_mut()
            .insert(name, HeaderValue::from_static(CANARY));
    }
    let Err(error) = transport.send(request).await else {
        return Err(Fault::new("nobody listens, and there is a response"));
    };
    let texts = [
        chain(&error),
        format!("{error:?}"),
        format!("{transport:?}"),
    ];
    let found = texts.iter().find(|text| text.contains(CANARY));
    ensure!(
        found.is_none(),
        "a header or a body is in a text: {found:?}"
    );
    Ok(())
}
