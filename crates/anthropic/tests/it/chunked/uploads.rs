//! Responses in chunks that come before the end of their request.

use std::future::Future;
use std::io;
use std::pin::Pin;

use anthropic::hyper_1::HyperTransport;
use anthropic::transport::{Body, Transport};
use bytes::Bytes;
use http::Method;
use tokio::sync::mpsc::{Receiver, Sender};

use super::{HEAD, get, request, text};
use crate::connections::soon;
use crate::support::server::Server;

/// A request's body, which is what is sent here and ends when this is dropped.
fn upload() -> (Sender<io::Result<Bytes>>, Body) {
    let (more, rest) = tokio::sync::mpsc::channel(1);
    let pieces = futures_util::stream::unfold(rest, async |mut rest: Receiver<_>| {
        let piece = rest.recv().await?;
        Some((piece, rest))
    });
    (more, Body::stream(pieces, None))
}

/// Data arrives while the request is still being sent, and the rest of the request goes on.
#[tokio::test]
async fn a_response_is_read_while_its_request_is_sent() {
    let server = Server::start().await;
    let url = server.url("http");
    let (more, upload) = upload();
    let serving = tokio::spawn(async move {
        let mut connection = server.accept().await;
        connection.first_bytes().await;
        connection.write(&format!("{HEAD}1\r\na\r\n")).await;
        connection.until("last\r\n0\r\n\r\n").await;
        connection.write("1\r\nb\r\n0\r\n\r\n").await;
        assert!(connection.goes_on().await);
        connection.request().await;
        connection
            .write(&format!("{HEAD}1\r\n!\r\n0\r\n\r\n"))
            .await;
    });
    let transport = HyperTransport::builder().no_proxy().build().unwrap();
    let post = request(&url, Method::POST, upload);
    let sending = tokio::spawn(transport.send(post));
    more.send(Ok(Bytes::from_static(b"first"))).await.unwrap();
    let mut body = soon(sending).await.unwrap().unwrap().into_body();
    assert_eq!(soon(body.next()).await.unwrap().unwrap(), "a");
    more.send(Ok(Bytes::from_static(b"last"))).await.unwrap();
    drop(more);
    assert_eq!(soon(body.next()).await.unwrap().unwrap(), "b");
    assert!(soon(body.next()).await.is_none());
    drop(body);
    for _ in 0..8 {
        tokio::task::yield_now().await;
    }
    assert_eq!(text(get(&transport, &url).await).await, "!");
    soon(serving).await.unwrap();
}

/// Nobody has looked at the response, which is there.
#[tokio::test]
async fn a_request_that_is_dropped_unpolled_ends_its_connection() {
    let server = Server::start().await;
    let url = server.url("http");
    let (asked, arrived) = tokio::sync::oneshot::channel();
    let serving = tokio::spawn(async move {
        let mut connection = server.accept().await;
        connection.first_bytes().await;
        connection.write(HEAD).await;
        asked.send(()).unwrap();
        connection.closed().await;
    });
    let transport = HyperTransport::builder().no_proxy().build().unwrap();
    let (more, upload) = upload();
    let mut sending = transport.send(request(&url, Method::POST, upload));
    more.send(Ok(Bytes::from_static(b"first"))).await.unwrap();
    let mut arrived = arrived;
    let first = std::future::poll_fn(|context| {
        // The response is polled for until the server has written it, and then no more.
        assert!(sending.as_mut().poll(context).is_pending());
        Pin::new(&mut arrived).poll(context)
    });
    soon(first).await.unwrap();
    for _ in 0..8 {
        tokio::task::yield_now().await;
    }
    drop(sending);
    soon(serving).await.unwrap();
    drop(more);
}

/// It is there, whatever becomes of the request.
#[tokio::test]
async fn a_response_is_read_where_the_server_takes_no_more_of_the_request() {
    let server = Server::start().await;
    let url = server.url("http");
    let (responded, begun) = tokio::sync::oneshot::channel();
    let serving = tokio::spawn(async move {
        let mut connection = server.accept().await;
        connection.first_bytes().await;
        connection.write(HEAD).await;
        begun.await.unwrap();
        connection.write("5\r\nhello\r\n0\r\n\r\n").await;
        connection.end().await;
        // What is sent from here on is refused.
    });
    let transport = HyperTransport::builder().no_proxy().build().unwrap();
    let (sent, mut fails) = tokio::sync::mpsc::channel::<()>(1);
    let upload = futures_util::stream::unfold(sent, async |sent| {
        tokio::task::yield_now().await;
        Some((Ok::<_, io::Error>(Bytes::from_static(&[0; 1000])), sent))
    });
    let post = request(&url, Method::POST, Body::stream(upload, None));
    let body = soon(transport.send(post)).await.unwrap().into_body();
    responded.send(()).unwrap();
    soon(serving).await.unwrap();
    // The connection's task has failed, and the request is gone.
    assert!(soon(fails.recv()).await.is_none());
    assert_eq!(soon(body.bytes()).await.unwrap(), "hello");
}

/// The server waits for what can't be made, and so nothing would come.
#[tokio::test]
async fn a_request_that_breaks_breaks_its_response() {
    let server = Server::start().await;
    let url = server.url("http");
    let serving = tokio::spawn(async move {
        let mut connection = server.accept().await;
        connection.first_bytes().await;
        connection.write(&format!("{HEAD}1\r\na\r\n")).await;
        connection.closed().await;
    });
    let transport = HyperTransport::builder().no_proxy().build().unwrap();
    let (more, upload) = upload();
    let post = request(&url, Method::POST, upload);
    let sending = tokio::spawn(transport.send(post));
    more.send(Ok(Bytes::from_static(b"first"))).await.unwrap();
    let mut body = soon(sending).await.unwrap().unwrap().into_body();
    assert_eq!(soon(body.next()).await.unwrap().unwrap(), "a");
    more.send(Err(io::Error::other("the disk broke")))
        .await
        .unwrap();
    let error = soon(body.next()).await.unwrap().unwrap_err();
    let line = error.to_string();
    assert!(line.contains("the disk broke"), "{line}");
    soon(serving).await.unwrap();
}

/// What is left of the request is not waited for, which may have no end.
#[tokio::test]
async fn a_response_that_is_dropped_ends_its_connection_while_the_request_is_sent() {
    let short = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    let cases = [
        (format!("{HEAD}1\r\na\r\n"), false),
        (format!("{HEAD}1\r\na\r\nx"), true),
        (short.to_owned(), false),
    ];
    for (wire, is_read) in cases {
        is_ended_with_its_response(wire, is_read).await;
    }
}

/// A server that closes doesn't read the rest.
#[tokio::test]
async fn a_response_that_is_read_ends_a_connection_that_the_server_closes() {
    let body = |wire: &str| wire.replace("\r\n\r\n", "\r\nconnection: te, Close\r\n\r\n");
    let chunks = format!("{}2\r\nok\r\n0\r\n\r\n", body(HEAD));
    let short = body("HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\n") + "ok";
    let empty = body("HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n");
    for wire in [chunks, short, empty] {
        is_ended_with_its_response(wire, true).await;
    }
}

/// That the connection ends with this response, which is read or dropped, while its request has no
/// end.
async fn is_ended_with_its_response(wire: String, is_read: bool) {
    let server = Server::start().await;
    let url = server.url("http");
    let (more, upload) = upload();
    let serving = tokio::spawn(async move {
        let mut connection = server.accept().await;
        connection.first_bytes().await;
        connection.write(&wire).await;
        connection.closed().await;
    });
    let transport = HyperTransport::builder().no_proxy().build().unwrap();
    let post = request(&url, Method::POST, upload);
    let sending = tokio::spawn(transport.send(post));
    more.send(Ok(Bytes::from_static(b"first"))).await.unwrap();
    let mut body = soon(sending).await.unwrap().unwrap().into_body();
    if is_read {
        while let Some(Ok(_)) = soon(body.next()).await {}
    } else {
        drop(body);
    }
    soon(serving).await.unwrap();
    drop(more);
}
