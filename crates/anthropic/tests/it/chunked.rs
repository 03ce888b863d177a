//! Bodies in the chunked transfer coding over HTTP/1, which are read past hyper: what arrives when,
//! and whether the connection is used again; by requests that go past hyper, too, and by others.

mod random;
mod reuse;
mod uploads;

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anthropic::hyper_1::HyperTransport;
use anthropic::transport::{Body, HttpRequest, HttpResponse, Transport};
use bytes::Bytes;
use http::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::connections::soon;
use crate::support::server::{Connection, Server};
use crate::support::tls::Certificates;

const HEAD: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

fn request(url: &str, method: Method, body: Body) -> HttpRequest {
    let mut request = HttpRequest::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = url.parse().unwrap();
    request
}

async fn get(transport: &HyperTransport, url: &str) -> HttpResponse {
    get_with(transport, url, Body::empty()).await
}

async fn get_with(transport: &HyperTransport, url: &str, body: Body) -> HttpResponse {
    let get = request(url, Method::GET, body);
    soon(transport.send(get)).await.unwrap()
}

/// A request's body that hyper sends.
fn streamed() -> Body {
    let piece = Ok::<_, std::io::Error>(Bytes::from_static(b"abc"));
    Body::stream(futures_util::stream::iter([piece]), Some(3))
}

/// The text of a body, or the line of the error that it breaks with.
async fn text(response: HttpResponse) -> String {
    match soon(response.into_body().bytes()).await {
        Ok(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
        Err(error) => error.to_string(),
    }
}

/// What two requests get, of which the first is responded to with these pieces, and whether the
/// second one came over the same connection.
async fn twice(method: Method, pieces: Vec<String>) -> (String, bool) {
    let direct = twice_with(method.clone(), pieces.clone(), Body::empty()).await;
    let by_hyper = twice_with(method, pieces.clone(), streamed()).await;
    assert_eq!(direct, by_hyper, "{pieces:?}");
    direct
}

async fn twice_with(method: Method, pieces: Vec<String>, body: Body) -> (String, bool) {
    let server = Server::start().await;
    let url = server.url("http");
    let transport = HyperTransport::builder().no_proxy().build().unwrap();
    let serving = tokio::spawn(async move {
        let mut first = server.accept().await;
        first.request().await;
        for piece in pieces {
            first.write(&piece).await;
            tokio::task::yield_now().await;
        }
        let answer = async |connection: &mut Connection| {
            connection.request().await;
            connection
                .write(&format!("{HEAD}1\r\n!\r\n0\r\n\r\n"))
                .await;
        };
        let goes_on = tokio::select! {
            mut second = server.accept() => {
                answer(&mut second).await;
                return false;
            }
            goes_on = first.goes_on() => goes_on,
        };
        let mut next = if goes_on {
            first
        } else {
            server.accept().await
        };
        answer(&mut next).await;
        goes_on
    });
    let first = soon(transport.send(request(&url, method, body)));
    let first = first.await.unwrap();
    let first = text(first).await;
    // What its task has yet to do for the connection.
    for _ in 0..8 {
        tokio::task::yield_now().await;
    }
    assert_eq!(text(get(&transport, &url).await).await, "!");
    (first, soon(serving).await.unwrap())
}

fn by(length: usize, wire: &str) -> Vec<String> {
    let bytes: Vec<char> = wire.chars().collect();
    bytes
        .chunks(length)
        .map(|piece| piece.iter().collect())
        .collect()
}

#[tokio::test]
async fn a_body_is_read_to_its_end_however_it_arrives() {
    let bodies = [
        "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n",
        "5\r\nabcde\r\n0\r\nexpires: never\r\n\r\n",
    ];
    let heads = [
        HEAD.to_owned(),
        format!("HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n{HEAD}"),
        format!(
            "\r\n{}",
            HEAD.replace("transfer-encoding: chunked", "Transfer-Encoding:Chunked")
        ),
        HEAD.replace("\r\n", "\n"),
    ];
    for head in heads {
        for body in bodies {
            let wire = format!("{head}{body}");
            for length in [
                1,
                2,
                7,
                head.len(),
                head.len() + 3,
                wire.len() - 1,
                wire.len(),
            ] {
                let (first, is_reused) = twice(Method::GET, by(length, &wire)).await;
                assert_eq!(
                    (&*first, is_reused),
                    ("abcde", true),
                    "{wire:?} by {length}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_connection_that_the_server_closes_is_not_used_again() {
    let closes = HEAD.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n");
    for more in ["", "x"] {
        let head = if more.is_empty() { &closes } else { HEAD };
        let wire = format!("{head}3\r\nabc\r\n0\r\n\r\n{more}");
        for length in [1, head.len(), wire.len()] {
            let (first, is_reused) = twice(Method::GET, by(length, &wire)).await;
            assert_eq!((&*first, is_reused), ("abc", false), "{wire:?} by {length}");
        }
    }
}

/// It is not closed from this side while the response is read.
#[tokio::test]
async fn a_server_that_will_close_sees_nothing_before_its_response_has_been_read() {
    let server = Server::start().await;
    let url = server.url("http");
    let (responded, begun) = tokio::sync::oneshot::channel();
    let serving = tokio::spawn(async move {
        let mut connection = server.accept().await;
        connection.request().await;
        let head = HEAD.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n");
        connection.write(&head).await;
        begun.await.unwrap();
        let next = tokio::time::timeout(Duration::from_millis(1), connection.goes_on());
        assert!(next.await.is_err());
        connection.write("3\r\nabc\r\n0\r\n\r\n").await;
        connection.closed().await;
    });
    let transport = HyperTransport::builder().no_proxy().build().unwrap();
    let response = get(&transport, &url).await;
    // hyper takes the message for over.
    for _ in 0..8 {
        tokio::task::yield_now().await;
    }
    responded.send(()).unwrap();
    assert_eq!(text(response).await, "abc");
    soon(serving).await.unwrap();
}

/// What looks like a head is none behind one.
#[tokio::test]
async fn a_body_of_known_length_is_what_was_sent() {
    let body = format!("{HEAD}3\r\nabc\r\n0\r\n\r\n");
    let length = body.len();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n");
    let wire = format!("{head}{body}");
    for piece in [1, head.len() - 2, head.len(), head.len() + 1, wire.len()] {
        let (first, is_reused) = twice(Method::GET, by(piece, &wire)).await;
        assert_eq!((first, is_reused), (body.clone(), true), "by {piece}");
    }
}

#[tokio::test]
async fn a_connection_can_be_used_once_the_last_data_is_there() {
    let server = Server::start().await;
    let url = server.url("http");
    let serving = tokio::spawn(async move {
        let mut connection = server.accept().await;
        for _ in 0..2 {
            connection.request().await;
            connection.write(&format!("{HEAD}2\r\n")).await;
            tokio::task::yield_now().await;
            connection.write("ab\r\n0\r\n\r\n").await;
        }
    });
    let transport = HyperTransport::builder().no_proxy().build().unwrap();
    let mut first = get(&transport, &url).await.into_body();
    for _ in 0..8 {
        tokio::task::yield_now().await;
    }
    // That this was the end is not asked.
    assert_eq!(soon(first.next()).await.unwrap().unwrap(), "ab");
    assert_eq!(text(get(&transport, &url).await).await, "ab");
    assert!(soon(first.next()).await.is_none());
    soon(serving).await.unwrap();
}

#[tokio::test]
async fn a_response_to_head_has_no_body_whatever_it_says() {
    let (first, is_reused) = twice(Method::HEAD, vec![HEAD.to_owned()]).await;
    assert_eq!((&*first, is_reused), ("", true));
    let bare = HEAD.replace("200 OK", "204 No Content");
    let (first, is_reused) = twice(Method::GET, vec![bare]).await;
    assert_eq!((&*first, is_reused), ("", true));
}

#[tokio::test]
async fn a_body_in_another_coding_ends_with_its_connection() {
    // Up to the end of the connection, since it can't be known where the body ends.
    let server = Server::start().await;
    let url = server.url("http");
    let serving = tokio::spawn(async move {
        let mut connection = server.accept().await;
        connection.request().await;
        let head = HEAD.replace("chunked", "gzip");
        connection.write(&format!("{head}3\r\nabc")).await;
        connection.end().await;
        connection
    });
    let transport = HyperTransport::builder().no_proxy().build().unwrap();
    assert_eq!(text(get(&transport, &url).await).await, "3\r\nabc");
    drop(soon(serving).await.unwrap());
}

#[tokio::test]
async fn a_body_that_breaks_says_how() {
    let cut = "the connection was closed before the body's end";
    let cases = [
        ("", cut),
        ("3", cut),
        ("3\r\nab", cut),
        ("3\r\nabc\r\n", cut),
        ("3\r\nabc\r\n0\r\n", cut),
        (
            "3\r\nabcd",
            "the end of a chunk is not as the chunked transfer coding has it",
        ),
        (
            "3\r\nabc\r\nx\r\n",
            "the size of a chunk is not as the chunked transfer coding has it",
        ),
    ];
    for (body, cause) in cases {
        for split in [false, true] {
            let server = Server::start().await;
            let url = server.url("http");
            let serving = tokio::spawn(async move {
                let mut connection = server.accept().await;
                connection.request().await;
                connection.write(HEAD).await;
                if split {
                    tokio::task::yield_now().await;
                }
                connection.write(body).await;
                connection.end().await;
                connection.closed().await;
            });
            let transport = HyperTransport::builder().no_proxy().build().unwrap();
            let response = get(&transport, &url).await;
            let (mut found, mut pieces) = (Vec::new(), response.into_body());
            let error = loop {
                match soon(pieces.next()).await.unwrap() {
                    Ok(piece) => found.extend_from_slice(&piece),
                    Err(error) => break error,
                }
            };
            // All that came before is there.
            let data = body.split("\r\n").nth(1).unwrap_or_default();
            assert_eq!(found, &data.as_bytes()[..data.len().min(3)], "{body:?}");
            assert!(soon(pieces.next()).await.is_none());
            assert_eq!(error.kind(), anthropic::ErrorKind::Body);
            assert!(error.to_string().contains(cause), "{body:?}: {error}");
            // It is closed, too.
            soon(serving).await.unwrap();
        }
    }
}

/// Serves each connection in a task of its own; the URL, and how many there have been.
fn serve<S: Future<Output = ()> + Send + 'static>(
    server: Server,
    respond: impl Fn(Connection) -> S + Send + 'static,
) -> (String, Arc<AtomicUsize>) {
    let url = server.url("http");
    let made = Arc::new(AtomicUsize::new(0));
    let count = made.clone();
    tokio::spawn(async move {
        loop {
            let connection = server.accept().await;
            count.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(respond(connection));
        }
    });
    (url, made)
}

/// The head first, before the request's body if that is early, and then the rest.
async fn respond_in_two(mut connection: Connection, is_early: bool) {
    while connection.goes_on().await {
        if is_early {
            connection.write(HEAD).await;
            connection.until("data\r\n0\r\n\r\n").await;
        } else {
            connection.request().await;
            connection.write(HEAD).await;
            // The body is waited for.
            let never = std::future::pending::<()>();
            let _ = tokio::time::timeout(Duration::from_millis(1), never).await;
        }
        if !connection.try_write("2\r\nab\r\n0\r\n\r\n").await {
            return;
        }
    }
}

/// Whoever waits runs on another thread than the connection's task.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_is_used_again_from_another_thread() {
    for is_early in [false, true] {
        let respond = move |connection| respond_in_two(connection, is_early);
        let (url, made) = serve(Server::start().await, respond);
        let transport = HyperTransport::builder().no_proxy().build().unwrap();
        for _ in 0..500 {
            let (method, body) = if is_early {
                let upload = async {
                    tokio::task::yield_now().await;
                    Ok::<_, std::io::Error>(Bytes::from_static(b"data"))
                };
                (
                    Method::POST,
                    Body::stream(futures_util::stream::once(upload), None),
                )
            } else {
                (Method::GET, Body::empty())
            };
            let mut sending = pin!(transport.send(request(&url, method, body)));
            // It is looked at all the time, and so at once.
            let response = soon(std::future::poll_fn(|context| {
                context.waker().wake_by_ref();
                sending.as_mut().poll(context)
            }));
            assert_eq!(text(response.await.unwrap()).await, "ab");
        }
        // Now and then the next request is there before the connection has been given back.
        let made = made.load(Ordering::Relaxed);
        assert!(made <= 20, "{made} connections, early: {is_early}");
    }
}

/// Several requests over one connection. What is written at once is one record of TLS, of which
/// more is in memory than a reader has asked for.
#[tokio::test]
async fn so_it_is_over_tls() {
    let certificates = Certificates::new();
    let acceptor = certificates.acceptor(false);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let large = "x".repeat(40_000);
    let wire = format!("{HEAD}9c40\r\n{large}\r\n3\r\nabc\r\n0\r\n\r\n");
    let sizes = [
        HEAD.len(),
        HEAD.len() + 9,
        16_000,
        wire.len() - 5,
        wire.len() - 1,
        wire.len(),
    ];
    let sent = wire.clone();
    let serving = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = acceptor.accept(stream).await.unwrap();
        for size in sizes {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            for piece in sent.as_bytes().chunks(size) {
                stream.write_all(piece).await.unwrap();
                stream.flush().await.unwrap();
                tokio::task::yield_now().await;
            }
        }
        // Until the client closes it.
        drop(stream.read_u8().await);
    });
    let transport = certificates.trusting().http1_only().build().unwrap();
    for _ in sizes {
        let response = get(&transport, &format!("https://localhost:{port}")).await;
        assert_eq!(text(response).await, format!("{large}abc"));
        for _ in 0..8 {
            tokio::task::yield_now().await;
        }
    }
    drop(transport);
    soon(serving).await.unwrap();
}

/// Over TLS the end of a connection is a message of its own, without which it may have been cut.
#[tokio::test]
async fn a_connection_that_the_server_closes_is_ended_in_order() {
    let certificates = Certificates::new();
    let acceptor = certificates.acceptor(false);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (responded, begun) = tokio::sync::oneshot::channel();
    let serving = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = acceptor.accept(stream).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let head = HEAD.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        begun.await.unwrap();
        stream.write_all(b"3\r\nabc\r\n0\r\n\r\n").await.unwrap();
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).await
    });
    let transport = certificates.trusting().http1_only().build().unwrap();
    let response = get(&transport, &format!("https://localhost:{port}")).await;
    // hyper is done with it.
    for _ in 0..8 {
        tokio::task::yield_now().await;
    }
    responded.send(()).unwrap();
    assert_eq!(text(response).await, "abc");
    assert_eq!(soon(serving).await.unwrap().unwrap(), 0);
}
