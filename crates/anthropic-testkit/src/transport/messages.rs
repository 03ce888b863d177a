//! Requests and responses: what goes in comes out, and nothing is added or decided on the way.

use std::sync::Arc;

use anthropic::transport::{Body, Transport};
use http::HeaderValue;
use tokio::sync::{Barrier, mpsc};

use super::sending::{chain, request, send};
use crate::report::{Fault, Verdict, ensure, ensure_eq};
use crate::server::{Received, Server};

/// What a transport may add, because HTTP/1.1 frames a message with it.
const FRAMING: [&str; 4] = ["connection", "content-length", "host", "transfer-encoding"];

/// A server that keeps the first request of each connection and sends the same response to it.
async fn answering(
    response: &'static [u8],
) -> Verdict<(Server, mpsc::UnboundedReceiver<Received>)> {
    let (sender, inbox) = mpsc::unbounded_channel();
    let server = Server::start(move |mut peer| {
        let sender = sender.clone();
        async move {
            let received = peer.request().await?;
            let _ = sender.send(received);
            peer.send(response).await?;
            peer.closed().await;
            Ok(())
        }
    });
    Ok((server.await?, inbox))
}

async fn next(inbox: &mut mpsc::UnboundedReceiver<Received>) -> Verdict<Received> {
    let received = inbox.recv().await;
    received.ok_or_else(|| Fault::new("the server got no request"))
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

pub(super) async fn target(transport: &dyn Transport) -> Verdict {
    for method in ["GET", "POST", "DELETE"] {
        let (server, mut received) = answering(OK).await?;
        let path = "/v1/a%2Fb/%C3%A9/c:d@e?x=%20y&key[]=1&key[]=2&empty=";
        let request = request(method, &server.url(path), Body::empty())?;
        send(transport, request).await?.into_body().bytes().await?;
        let line = next(&mut received).await?.line;
        ensure_eq!(line, format!("{method} {path} HTTP/1.1"), "the first line");
    }
    Ok(())
}

pub(super) async fn headers(transport: &dyn Transport) -> Verdict {
    let (server, mut received) = answering(OK).await?;
    let mut request = request("POST", &server.url("/"), "{}")?;
    let latin =
        HeaderValue::from_bytes(b"caf\xe9").map_err(|error| Fault::new(error.to_string()))?;
    let given = request.headers_mut();
    given.insert("x-api-key", HeaderValue::from_static("key"));
    given.insert("x-latin", latin);
    given.append("x-two", HeaderValue::from_static("one"));
    given.append("x-two", HeaderValue::from_static("two, three"));
    let given = given.clone();
    send(transport, request).await?.into_body().bytes().await?;
    let found = next(&mut received).await?.headers;
    for name in given.keys() {
        let of = |headers: &http::HeaderMap| -> Vec<HeaderValue> {
            headers.get_all(name).iter().cloned().collect()
        };
        ensure_eq!(of(&found), of(&given), format!("header `{name}`"));
    }
    let added =
        |name: &&http::HeaderName| !given.contains_key(*name) && !FRAMING.contains(&name.as_str());
    let added: Vec<_> = found.keys().filter(added).collect();
    ensure!(added.is_empty(), "headers that were not given: {added:?}");
    Ok(())
}

pub(super) async fn no_body(transport: &dyn Transport) -> Verdict {
    let (server, mut received) = answering(OK).await?;
    let request = request("GET", &server.url("/"), Body::empty())?;
    send(transport, request).await?.into_body().bytes().await?;
    let received = next(&mut received).await?;
    let length = received.headers.get("content-length");
    ensure!(
        length.is_none_or(|length| length == "0"),
        "content-length is {length:?}"
    );
    ensure!(
        !received.headers.contains_key("transfer-encoding"),
        "a body is announced"
    );
    Ok(())
}

pub(super) async fn response(transport: &dyn Transport) -> Verdict {
    let (server, _received) = answering(
        b"HTTP/1.1 201 Made\r\nX-Two: one\r\nx-two: two\r\nx-latin: caf\xe9\r\ncontent-length: 5\r\n\r\nhello",
    )
    .await?;
    let request = request("GET", &server.url("/"), Body::empty())?;
    let response = send(transport, request).await?;
    ensure_eq!(response.status().as_u16(), 201, "the status");
    let two: Vec<_> = response.headers().get_all("x-two").iter().collect();
    ensure_eq!(two, ["one", "two"], "a repeated header");
    let latin = response.headers().get("x-latin").map(HeaderValue::as_bytes);
    ensure_eq!(latin, Some(&b"caf\xe9"[..]), "a header that is not ASCII");
    ensure_eq!(response.into_body().bytes().await?, "hello", "the body");
    Ok(())
}

pub(super) async fn error_status(transport: &dyn Transport) -> Verdict {
    let responses: [(u16, &[u8]); 3] = [
        (
            404,
            b"HTTP/1.1 404 Not Found\r\ncontent-length: 4\r\n\r\nnone",
        ),
        (503, b"HTTP/1.1 503 Busy\r\ncontent-length: 4\r\n\r\nnone"),
        (
            529,
            b"HTTP/1.1 529 Overloaded\r\ncontent-length: 4\r\n\r\nnone",
        ),
    ];
    for (status, bytes) in responses {
        let (server, _received) = answering(bytes).await?;
        let request = request("POST", &server.url("/"), "{}")?;
        let response = send(transport, request).await?;
        ensure_eq!(response.status().as_u16(), status, "the status");
        ensure_eq!(response.into_body().bytes().await?, "none", "the body");
        ensure_eq!(server.connections(), 1, "connections");
    }
    Ok(())
}

pub(super) async fn redirect(transport: &dyn Transport) -> Verdict {
    for bytes in [
        &b"HTTP/1.1 302 Found\r\nlocation: /other\r\ncontent-length: 0\r\n\r\n"[..],
        b"HTTP/1.1 307 Elsewhere\r\nlocation: /other\r\ncontent-length: 0\r\n\r\n",
    ] {
        let (server, mut received) = answering(bytes).await?;
        let request = request("GET", &server.url("/"), Body::empty())?;
        let response = send(transport, request).await?;
        ensure!(
            response.status().is_redirection(),
            "the response is {}",
            response.status()
        );
        ensure!(
            response.headers().contains_key("location"),
            "`location` is gone"
        );
        next(&mut received).await?;
        ensure!(
            received.try_recv().is_err(),
            "a second request followed the first"
        );
    }
    Ok(())
}

pub(super) async fn encoded(transport: &dyn Transport) -> Verdict {
    // What its headers claim is not what it is: whoever decodes it fails.
    let (server, _received) =
        answering(b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5\r\n\r\nplain")
            .await?;
    let request = request("GET", &server.url("/"), Body::empty())?;
    let response = send(transport, request).await?;
    let encoding = response.headers().get("content-encoding").cloned();
    ensure_eq!(
        encoding,
        Some(HeaderValue::from_static("gzip")),
        "content-encoding"
    );
    ensure_eq!(response.into_body().bytes().await?, "plain", "the body");
    Ok(())
}

pub(super) async fn no_content(transport: &dyn Transport) -> Verdict {
    let (server, _received) = answering(b"HTTP/1.1 204 No Content\r\n\r\n").await?;
    let request_204 = request("DELETE", &server.url("/"), Body::empty())?;
    let body = send(transport, request_204).await?.into_body();
    ensure_eq!(body.bytes().await?, "", "the body of a 204");
    let (server, _received) = answering(b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n").await?;
    let request_head = request("HEAD", &server.url("/"), Body::empty())?;
    let body = send(transport, request_head).await?.into_body();
    ensure_eq!(body.bytes().await?, "", "the body of a response to HEAD");
    Ok(())
}

pub(super) async fn concurrent(transport: &dyn Transport) -> Verdict {
    const COUNT: usize = 8;
    // Nobody is served before all have come.
    let barrier = Arc::new(Barrier::new(COUNT));
    let server = Server::start(move |mut peer| {
        let barrier = barrier.clone();
        async move {
            let received = peer.request().await?;
            barrier.wait().await;
            let number = received
                .line
                .split(' ')
                .nth(1)
                .unwrap_or_default()
                .to_owned();
            let length = number.len();
            let response = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{number}");
            peer.send(response).await?;
            peer.closed().await;
            Ok(())
        }
    })
    .await?;
    let mut running = tokio::task::JoinSet::new();
    for number in 0..COUNT {
        let path = format!("/{number}");
        let sent = transport.send(request("GET", &server.url(&path), Body::empty())?);
        running.spawn(async move {
            let response = sent.await.map_err(|error| chain(&error));
            let body = response?.into_body().bytes().await;
            let body = body.map_err(|error| error.to_string())?;
            Ok::<_, String>(body == path.as_bytes())
        });
    }
    while let Some(done) = running.join_next().await {
        let same = done.map_err(|error| Fault::new(error.to_string()))?;
        ensure!(
            same.map_err(Fault::new)?,
            "a request got the response of another"
        );
    }
    Ok(())
}
