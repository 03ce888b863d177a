//! Bodies: whole, and no later than they have to be.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use anthropic::transport::{Body, Transport};
use bytes::Bytes;
use futures_core::Stream;
use tokio::sync::{Mutex, mpsc, oneshot};

use super::sending::{request, send};
use crate::report::{Fault, Verdict, ensure, ensure_eq};
use crate::server::{Received, Server};

type Chunk = std::io::Result<Bytes>;

/// The chunks that a check sends into a channel.
struct Channel(mpsc::UnboundedReceiver<Chunk>);

impl Stream for Channel {
    type Item = Chunk;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Chunk>> {
        self.0.poll_recv(context)
    }
}

/// A body that can be read once, and the other end of it.
fn channel() -> (mpsc::UnboundedSender<Chunk>, Body) {
    let (sender, inbox) = mpsc::unbounded_channel();
    (sender, Body::stream(Channel(inbox), None))
}

/// A server that sends the request back, and what it received.
async fn echoing() -> Verdict<(Server, mpsc::UnboundedReceiver<Received>)> {
    let (sender, inbox) = mpsc::unbounded_channel();
    let server = Server::start(move |mut peer| {
        let sender = sender.clone();
        async move {
            let received = peer.request().await?;
            let length = received.body.len();
            peer.send(format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n"
            ))
            .await?;
            peer.send(&received.body).await?;
            let _ = sender.send(received);
            peer.closed().await;
            Ok(())
        }
    });
    Ok((server.await?, inbox))
}

pub(super) async fn known(transport: &dyn Transport) -> Verdict {
    let chunks = || Once(Some(Bytes::from_static(b"replayed")));
    for (body, text) in [
        (Body::from("plain"), "plain"),
        (
            Body::pieces(["in ", "", "pieces"].map(Bytes::from)),
            "in pieces",
        ),
        (Body::replayable(chunks, Some(8)), "replayed"),
    ] {
        let (server, mut received) = echoing().await?;
        let request = request("POST", &server.url("/"), body)?;
        send(transport, request).await?.into_body().bytes().await?;
        let received = received.recv().await;
        let received = received.ok_or_else(|| Fault::new("the server got no request"))?;
        ensure_eq!(received.body, text, "the body");
        let length = received.headers.get("content-length");
        let length = length.and_then(|length| length.to_str().ok());
        let wanted = text.len().to_string();
        ensure_eq!(length, Some(wanted.as_str()), "content-length");
    }
    Ok(())
}

/// A stream of one chunk.
struct Once(Option<Bytes>);

impl Stream for Once {
    type Item = Chunk;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Chunk>> {
        Poll::Ready(self.0.take().map(Ok))
    }
}

pub(super) async fn unknown(transport: &dyn Transport) -> Verdict {
    let (server, mut received) = echoing().await?;
    let (sender, body) = channel();
    for chunk in ["one ", "", "two ", "three"] {
        let _ = sender.send(Ok(chunk.into()));
    }
    drop(sender);
    let request = request("POST", &server.url("/"), body)?;
    let response = send(transport, request).await?;
    let body = response.into_body().bytes().await?;
    ensure_eq!(body, "one two three", "the response's body");
    let received = received.recv().await.map(|received| received.body);
    let wanted = Some(Bytes::from_static(b"one two three"));
    ensure_eq!(received, wanted, "the request's body");
    Ok(())
}

pub(super) async fn sent_while_made(transport: &dyn Transport) -> Verdict {
    let (seen, first) = oneshot::channel();
    let seen = Arc::new(Mutex::new(Some(seen)));
    let server = Server::start(move |mut peer| {
        let seen = seen.clone();
        async move {
            peer.head().await?;
            let chunk = peer.chunk().await?;
            if let Some(seen) = seen.lock().await.take() {
                let _ = seen.send(chunk);
            }
            while peer.chunk().await?.is_some() {}
            peer.send("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
                .await?;
            peer.closed().await;
            Ok(())
        }
    })
    .await?;
    let (sender, body) = channel();
    let _ = sender.send(Ok("first".into()));
    let request = request("POST", &server.url("/"), body)?;
    let sent = send(transport, request);
    let rest = async {
        let chunk = first.await.ok().flatten();
        let _ = sender.send(Ok("second".into()));
        drop(sender);
        Ok(chunk)
    };
    // A request that fails is not waited for.
    let (_, chunk) = tokio::try_join!(sent, rest)?;
    ensure_eq!(chunk.as_deref(), Some(&b"first"[..]), "the first chunk");
    Ok(())
}

pub(super) async fn read_while_arriving(transport: &dyn Transport) -> Verdict {
    let (go, wait) = oneshot::channel::<()>();
    let wait = Arc::new(Mutex::new(Some(wait)));
    let server = Server::start(move |mut peer| {
        let wait = wait.clone();
        async move {
            peer.request().await?;
            peer.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n")
                .await?;
            if let Some(wait) = wait.lock().await.take() {
                let _ = wait.await;
            }
            peer.send("6\r\nsecond\r\n0\r\n\r\n").await?;
            peer.closed().await;
            Ok(())
        }
    })
    .await?;
    let request = request("GET", &server.url("/"), Body::empty())?;
    let mut body = send(transport, request).await?.into_body();
    let first = body.try_next().await?;
    ensure_eq!(first.as_deref(), Some(&b"first"[..]), "the first chunk");
    let _ = go.send(());
    ensure_eq!(body.bytes().await?, "second", "the rest");
    Ok(())
}

pub(super) async fn large(transport: &dyn Transport) -> Verdict {
    let bytes: Vec<u8> = (0..4_000_000_u32).map(|at| (at % 251) as u8).collect();
    let bytes = Bytes::from(bytes);
    let (server, _received) = echoing().await?;
    let request = request("POST", &server.url("/"), bytes.clone())?;
    let body = send(transport, request).await?.into_body().bytes().await?;
    ensure!(
        body == bytes,
        "{} bytes came back of {}, or others",
        body.len(),
        bytes.len()
    );
    Ok(())
}

pub(super) async fn failing(transport: &dyn Transport) -> Verdict {
    let (server, _received) = echoing().await?;
    let (sender, body) = channel();
    let _ = sender.send(Ok("first".into()));
    let _ = sender.send(Err(std::io::Error::other("the disk is gone")));
    drop(sender);
    let request = request("POST", &server.url("/"), body)?;
    let response = transport.send(request).await;
    ensure!(
        response.is_err(),
        "a request that is not whole got a response"
    );
    Ok(())
}
