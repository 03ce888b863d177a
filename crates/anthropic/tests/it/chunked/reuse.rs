//! Whether the connection of a body that is there already, all of it or much, is used again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anthropic::hyper_1::HyperTransport;
use anthropic::transport::{Body, HttpResponse, Transport};
use http::Method;

use super::{HEAD, get, get_with, request, serve, streamed};
use crate::connections::soon;
use crate::support::server::{Connection, Server};

/// A server that responds with the same to every request, and the number of its connections.
async fn serving(wire: String) -> (String, Arc<AtomicUsize>) {
    let wire = Arc::new(wire);
    let respond = move |connection: Connection| answer_all(connection, wire.clone());
    serve(Server::start().await, respond)
}

async fn answer_all(mut connection: Connection, wire: Arc<String>) {
    while connection.goes_on().await {
        connection.request().await;
        if !connection.try_write(&wire).await {
            return;
        }
    }
}

/// Reads the response of many requests, with nothing between the end of one and the next; how many
/// connections that took.
async fn made_for(wire: String, length: usize, idle: usize) -> usize {
    let (url, made) = serving(wire).await;
    let transport = HyperTransport::builder().no_proxy();
    let transport = transport.pool_max_idle_per_host(idle).build().unwrap();
    for round in 0..50 {
        let sent = if round % 5 == 4 {
            streamed()
        } else {
            Body::empty()
        };
        let body = get_with(&transport, &url, sent).await.into_body();
        assert_eq!(soon(body.bytes()).await.unwrap().len(), length);
    }
    made.load(Ordering::Relaxed)
}

fn bodies() -> Vec<(String, usize)> {
    let large = |length| format!("{HEAD}{length:x}\r\n{}\r\n0\r\n\r\n", "x".repeat(length));
    vec![
        (large(20_000), 20_000),
        (large(200_000), 200_000),
        // Behind trailers it isn't known that this is the end.
        (format!("{HEAD}3\r\nabc\r\n0\r\nx: y\r\n\r\n"), 3),
    ]
}

#[tokio::test]
async fn one_request_after_the_other_takes_one_connection() {
    for (wire, length) in bodies() {
        for idle in [1, 8] {
            assert_eq!(made_for(wire.clone(), length, idle).await, 1, "{length}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_does_on_several_threads() {
    for (wire, length) in bodies() {
        // What a busy machine may not get to in time.
        let made = made_for(wire, length, 8).await;
        assert!(made <= 5, "{length}: {made} connections");
    }
}

/// Nobody waits for one that is never there.
#[tokio::test]
async fn a_pool_without_room_makes_one_for_each_request() {
    let (wire, length) = bodies().remove(0);
    assert_eq!(made_for(wire, length, 0).await, 50);
}

/// All that was read with it would stay in memory.
#[tokio::test]
async fn a_short_body_shares_no_memory() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n";
    let (url, _) = serving(format!("{head}hello")).await;
    let transport = HyperTransport::builder().no_proxy().build().unwrap();
    for sent in [Body::empty(), streamed(), Body::empty()] {
        let body = get_with(&transport, &url, sent).await.into_body();
        let bytes = soon(body.bytes()).await.unwrap();
        assert_eq!(bytes, "hello");
        // Its room goes to the end of the memory that it is in.
        let room = bytes.try_into_mut().unwrap().capacity();
        assert!(room < 100, "{room}");
    }
}

/// What a server sends before it is asked, as SSH's do, is what it responds with on a new
/// connection, and on one that was used before the end of it.
#[tokio::test]
async fn what_comes_unasked_is_no_response_to_a_later_request() {
    for sent in [Body::empty as fn() -> Body, streamed] {
        let server = Server::start().await;
        let url = server.url("http");
        let (read, first) = tokio::sync::oneshot::channel();
        let (wrote, unasked) = tokio::sync::oneshot::channel();
        let serving = tokio::spawn(async move {
            let reply = "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n";
            let mut connection = server.accept().await;
            connection.request().await;
            connection.write(&format!("{reply}1")).await;
            first.await.unwrap();
            connection.write(&format!("{reply}x")).await;
            wrote.send(()).unwrap();
            let mut next = server.accept().await;
            next.request().await;
            next.write(&format!("{reply}2")).await;
        });
        let transport = HyperTransport::builder().no_proxy().build().unwrap();
        let body = |response: HttpResponse| async { soon(response.into_body().bytes()).await };
        assert_eq!(body(get(&transport, &url).await).await.unwrap(), "1");
        read.send(()).unwrap();
        unasked.await.unwrap();
        let second = get_with(&transport, &url, sent()).await;
        assert_eq!(body(second).await.unwrap(), "2");
        soon(serving).await.unwrap();
    }
}

#[tokio::test]
async fn what_a_server_begins_with_is_its_response() {
    let server = Server::start().await;
    let url = server.url("http");
    let serving = tokio::spawn(async move {
        let mut connection = server.accept().await;
        connection.write("SSH-2.0-x\r\n").await;
        connection.closed().await;
    });
    let transport = HyperTransport::builder().no_proxy().build().unwrap();
    let get = request(&url, Method::GET, Body::empty());
    let error = soon(transport.send(get)).await.unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    let expected = "doesn't respond as an HTTP server does";
    assert!(cause.contains(expected), "{cause}");
    soon(serving).await.unwrap();
}

/// RFC 9112, section 9.6.
#[tokio::test]
async fn a_request_may_have_its_connection_closed() {
    let (url, made) = serving("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_owned()).await;
    let transport = HyperTransport::builder().no_proxy().build().unwrap();
    for sent in [Body::empty(), streamed(), Body::empty()] {
        let mut request = request(&url, Method::GET, sent);
        let close = http::HeaderValue::from_static("x, Close");
        request.headers_mut().insert("connection", close);
        let response = soon(transport.send(request)).await.unwrap();
        soon(response.into_body().bytes()).await.unwrap();
    }
    assert_eq!(made.load(Ordering::Relaxed), 3);
}
