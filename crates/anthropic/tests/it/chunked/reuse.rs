//! Whether the connection of a body that is there already, all of it or much, is used again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anthropic::hyper_1::HyperTransport;

use super::{HEAD, get, serve};
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
    for _ in 0..50 {
        let body = get(&transport, &url).await.into_body();
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
    for _ in 0..3 {
        let body = get(&transport, &url).await.into_body();
        let bytes = soon(body.bytes()).await.unwrap();
        assert_eq!(bytes, "hello");
        // Its room goes to the end of the memory that it is in.
        let room = bytes.try_into_mut().unwrap().capacity();
        assert!(room < 100, "{room}");
    }
}
