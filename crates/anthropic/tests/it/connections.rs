//! HTTP/1 connections between two requests and beside them: who sees that one is closed, what a
//! request looks like on the next one, and how often it is polled.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::pin::Pin;
use std::time::Duration;

use anthropic::hyper_1::{HyperTransport, HyperTransportBuilder};
use anthropic::transport::{Body, HttpRequest, Transport};
use bytes::Bytes;
use futures_util::{Stream, stream};
use serde_json::Value;
use tokio::sync::mpsc;

use crate::support::server::{Connection, Server};

pub(crate) const JSON: &str = "content-type: application/json\r\n";
/// Far more than anything here takes.
pub(crate) const SOON: Duration = Duration::from_secs(10);

pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(SOON, future)
        .await
        .expect("it takes too long")
}

pub(crate) fn client(url: &str, transport: HyperTransportBuilder) -> anthropic::Client {
    let builder = anthropic::Client::builder().api_key("key").base_url(url);
    let transport = transport.build().unwrap();
    builder.transport(transport).max_retries(0).build().unwrap()
}

/// Has the client send a request on a connection that the server has closed, before anybody on this
/// side has noticed. Returns the heads of the first and of the second request.
async fn after_a_close(client: &anthropic::Client, server: &Server) -> (String, String) {
    let ask = || client.get::<Value>("/v1/thing").query("a", "b c").send();
    let answer = async |connection: &mut Connection| {
        let (head, _) = connection.request().await;
        connection.answer("200 OK", JSON, "{}").await;
        head
    };
    let (answered, (first, connection)) = soon(async {
        tokio::join!(ask(), async {
            let mut connection = server.accept().await;
            (answer(&mut connection).await, connection)
        })
    })
    .await;
    answered.unwrap();
    drop(connection);
    // The runtime sees the end of the connection, and this test is what it runs next.
    tokio::task::yield_now().await;
    let (answered, second) =
        soon(async { tokio::join!(ask(), async { answer(&mut server.accept().await).await }) })
            .await;
    answered.unwrap();
    (first, second)
}

#[tokio::test]
async fn a_request_that_was_not_sent_on_a_closed_connection_is_the_same_on_the_next() {
    let server = Server::start().await;
    let direct = client(&server.url("http"), HyperTransport::builder().no_proxy());
    let (first, second) = after_a_close(&direct, &server).await;
    assert!(
        first.starts_with("get /v1/thing?a=b%20c http/1.1\r\n"),
        "{first}"
    );
    assert_eq!(first, second);
}

#[tokio::test]
async fn so_is_one_that_goes_through_a_proxy() {
    let proxy = Server::start().await;
    let url = proxy.url("http").replace("http://", "http://user:pass@");
    let through = client("http://127.0.0.1:9", HyperTransport::builder().proxy(url));
    let (first, second) = after_a_close(&through, &proxy).await;
    let line = "get http://127.0.0.1:9/v1/thing?a=b%20c http/1.1\r\n";
    assert!(first.starts_with(line), "{first}");
    assert!(
        first.contains("proxy-authorization: basic dxnlcjpwyxnz\r\n"),
        "{first}"
    );
    assert_eq!(first, second);
}

/// Also where nobody has given it a transport.
#[tokio::test]
async fn a_derived_client_uses_the_connections_of_the_first_one() {
    let server = Server::start().await;
    let builder = anthropic::Client::builder().api_key("key");
    let first = builder.base_url(server.url("http")).build().unwrap();
    let second = first.to_builder().max_retries(0).build().unwrap();
    let mut connection = None;
    for client in [first, second] {
        let ask = client.get::<Value>("/v1/thing").send();
        let (answered, ()) = soon(async {
            tokio::join!(ask, async {
                if connection.is_none() {
                    connection = Some(server.accept().await);
                }
                let connection = connection.as_mut().unwrap();
                connection.request().await;
                connection.answer("200 OK", JSON, "{}").await;
            })
        })
        .await;
        answered.unwrap();
    }
}

#[tokio::test]
async fn a_connection_that_nobody_uses_is_closed_when_the_server_closes_it() {
    let server = Server::start().await;
    let client = client(&server.url("http"), HyperTransport::builder().no_proxy());
    for _ in 0..2 {
        let (answered, mut connection) =
            tokio::join!(client.get::<Value>("/v1/thing").send(), async {
                let mut connection = server.accept().await;
                connection.request().await;
                connection.answer("200 OK", JSON, "{}").await;
                connection
            });
        answered.unwrap();
        connection.end().await;
        // Nobody asks for anything.
        soon(connection.closed()).await;
    }
}

#[tokio::test]
async fn a_body_goes_on_while_nobody_reads_the_response() {
    let server = Server::start().await;
    let transport = HyperTransport::builder().no_proxy().build().unwrap();
    let piece = Bytes::from(vec![b'x'; 1 << 20]);
    let pieces = stream::iter((0..16).map(move |_| Ok::<_, std::io::Error>(piece.clone())));
    let mut request = HttpRequest::new(Body::stream(pieces, Some(16 << 20)));
    *request.method_mut() = http::Method::POST;
    *request.uri_mut() = server.url("http").parse().unwrap();
    let (response, (body, _connection)) = soon(async {
        let (early, mut late) = tokio::sync::oneshot::channel();
        let asked = async {
            let response = transport.send(request).await.unwrap();
            early.send(()).unwrap();
            response
        };
        tokio::join!(asked, async {
            let mut connection = server.accept().await;
            connection.first_bytes().await;
            connection
                .write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n")
                .await;
            (&mut late).await.unwrap();
            let (_, body) = connection.request().await;
            connection.write("{}").await;
            (body, connection)
        })
    })
    .await;
    assert_eq!(body.len(), 16 << 20);
    assert_eq!(soon(response.into_body().bytes()).await.unwrap(), "{}");
}

#[tokio::test]
async fn a_request_is_polled_to_send_it_and_to_read_the_response() {
    let server = Server::start().await;
    let client = client(&server.url("http"), HyperTransport::builder().no_proxy());
    let serving = tokio::spawn(async move {
        let mut connection = server.accept().await;
        for _ in 0..3 {
            connection.request().await;
            connection.answer("200 OK", JSON, "{}").await;
        }
    });
    for round in 0..3 {
        let mut polls = 0;
        let mut request = client.get::<Value>("/v1/thing").send();
        let counted = std::future::poll_fn(|context| {
            polls += 1;
            request.as_mut().poll(context)
        });
        soon(counted).await.unwrap();
        // The first one waits for its connection, too.
        assert!(round == 0 || polls == 2, "{polls}");
    }
    serving.await.unwrap();
}

const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

fn get(url: &str) -> HttpRequest {
    let mut request = HttpRequest::new(Body::empty());
    *request.uri_mut() = url.parse().unwrap();
    request
}

/// Reads `count` pieces and sends a signal for each; returns the rest of the body, and how often it
/// was polled.
async fn pieces(mut body: Body, count: usize, read: mpsc::Sender<()>) -> (Body, usize) {
    let mut polls = 0;
    for _ in 0..count {
        let counted = std::future::poll_fn(|context| {
            polls += 1;
            Pin::new(&mut body).poll_next(context)
        });
        assert_eq!(counted.await.unwrap().unwrap(), "x");
        read.send(()).await.unwrap();
    }
    (body, polls)
}

#[tokio::test]
async fn each_piece_wakes_its_reader_once_and_the_connection_is_used_again() {
    const PIECES: usize = 8;
    let server = Server::start().await;
    let transport = HyperTransport::builder().no_proxy().build().unwrap();
    let url = server.url("http");
    let (read, mut was_read) = mpsc::channel(1);
    let (closing, closed) = tokio::sync::oneshot::channel();
    let serving = tokio::spawn(async move {
        let mut connection = server.accept().await;
        for _ in 0..2 {
            connection.request().await;
            connection.write(CHUNKED).await;
            for _ in 0..2 * PIECES {
                connection.write("1\r\nx\r\n").await;
                was_read.recv().await.unwrap();
            }
            connection.write("0\r\n\r\n").await;
        }
        closed.await.unwrap();
        // While nobody reads, its task is who sees that.
        connection.end().await;
        connection.closed().await;
    });
    for _ in 0..2 {
        let response = soon(transport.send(get(&url))).await.unwrap();
        let mut body = response.into_body();
        // One task after the other.
        for _ in 0..2 {
            let reading = tokio::spawn(pieces(body, PIECES, read.clone()));
            let (rest, polls) = soon(reading).await.unwrap();
            // Once to find that nothing is there, and once for what came.
            assert!(polls <= 2 * PIECES, "{polls}");
            body = rest;
        }
        assert_eq!(soon(body.bytes()).await.unwrap(), "");
    }
    closing.send(()).unwrap();
    soon(serving).await.unwrap();
}

/// Each body goes from task to task while its connection's own task is woken, too.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_piece_is_waited_for_that_has_come() {
    const BODIES: usize = 24;
    const ROUNDS: usize = 40;
    let server = Server::start().await;
    let transport = HyperTransport::builder().no_proxy().build().unwrap();
    let url = server.url("http");
    tokio::spawn(async move {
        loop {
            let mut connection = server.accept().await;
            tokio::spawn(async move {
                while connection.goes_on().await {
                    connection.request().await;
                    // The head and what follows it come as two wakes.
                    connection.write(CHUNKED).await;
                    for _ in 0..6 {
                        connection.write("1\r\nx\r\n").await;
                        tokio::task::yield_now().await;
                    }
                    connection.write("0\r\n\r\n").await;
                }
            });
        }
    });
    let readers = (0..BODIES).map(|_| {
        let (transport, url) = (transport.clone(), url.clone());
        tokio::spawn(async move {
            for _ in 0..ROUNDS {
                let mut body = transport.send(get(&url)).await.unwrap().into_body();
                // What has come together is one piece.
                let mut left = 6;
                while left > 0 {
                    let reading = async {
                        let piece = body.next().await.unwrap().unwrap();
                        (body, piece.len())
                    };
                    let length;
                    (body, length) = tokio::spawn(reading).await.unwrap();
                    left -= length;
                }
                assert!(body.next().await.is_none());
            }
        })
    });
    for reader in readers.collect::<Vec<_>>() {
        soon(reader).await.unwrap();
    }
}

#[tokio::test]
async fn a_body_that_nobody_waits_for_any_more_ends_its_connection() {
    let server = Server::start().await;
    let transport = HyperTransport::builder().no_proxy().build().unwrap();
    let url = server.url("http");
    let serving = tokio::spawn(async move {
        let mut connection = server.accept().await;
        connection.request().await;
        connection.write(CHUNKED).await;
        connection.write("1\r\nx\r\n").await;
        // Nothing more is sent, which would wake the connection.
        connection.closed().await;
    });
    let response = soon(transport.send(get(&url))).await.unwrap();
    let mut body = response.into_body();
    assert_eq!(soon(body.next()).await.unwrap().unwrap(), "x");
    let next = tokio::time::timeout(Duration::from_millis(1), body.next());
    assert!(next.await.is_err());
    drop(body);
    soon(serving).await.unwrap();
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

/// A runtime, the server's side of a connection that belongs to it, and the response's body, of
/// which nothing has come.
fn begun() -> (tokio::runtime::Runtime, std::net::TcpStream, Body) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serving = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        assert!(stream.read(&mut [0; 4096]).unwrap() > 0);
        stream.write_all(CHUNKED.as_bytes()).unwrap();
        stream
    });
    let first = runtime();
    let transport = HyperTransport::builder().no_proxy().build().unwrap();
    let response = first.block_on(soon(transport.send(get(&url)))).unwrap();
    (first, serving.join().unwrap(), response.into_body())
}

#[test]
fn a_body_breaks_with_the_runtime_that_its_connection_belongs_to() {
    let (first, mut connection, mut body) = begun();
    // It is waited for, past the task of the connection.
    first.block_on(async {
        let next = tokio::time::timeout(Duration::from_millis(1), body.next());
        assert!(next.await.is_err());
    });
    drop(first);
    // Whoever still holds the body doesn't hold the connection.
    let limit = Duration::from_secs(10);
    connection.set_read_timeout(Some(limit)).unwrap();
    assert_eq!(connection.read(&mut [0; 16]).unwrap(), 0);
    let next = runtime().block_on(async { soon(body.next()).await });
    assert!(next.unwrap().is_err());
}

/// On another runtime than the connection's, which ends meanwhile.
#[test]
fn whoever_waits_for_a_body_sees_that_its_runtime_ends() {
    let (first, connection, mut body) = begun();
    let (waits, waiting) = std::sync::mpsc::channel();
    let (reports, report) = std::sync::mpsc::channel();
    // No timer, which would have it look again.
    std::thread::spawn(move || {
        let next = runtime().block_on(std::future::poll_fn(|context| {
            let next = Pin::new(&mut body).poll_next(context);
            let _ = waits.send(());
            next
        }));
        reports.send(next).unwrap();
    });
    // It has been polled, and nothing was there.
    waiting.recv().unwrap();
    drop(first);
    let next = report.recv_timeout(SOON).expect("nobody wakes it");
    assert!(next.unwrap().is_err());
    drop(connection);
}

/// A body that has come with its head is as long as one that is waited for.
#[tokio::test]
async fn a_response_that_is_there_at_once_has_a_limit_too() {
    let server = Server::start().await;
    let transport = HyperTransport::builder().no_proxy().build().unwrap();
    let client = anthropic::Client::builder()
        .api_key("key")
        .base_url(server.url("http"))
        .transport(transport);
    let client = client.max_response_bytes(7).build().unwrap();
    for (body, fits) in [("[1,2,3]", true), ("[1,2,34]", false)] {
        let (answered, ()) = soon(async {
            tokio::join!(client.get::<Value>("/v1/thing").send(), async {
                let mut connection = server.accept().await;
                connection.request().await;
                connection.answer("200 OK", JSON, body).await;
                connection.end().await;
            })
        })
        .await;
        match answered {
            Ok(_) => assert!(fits),
            Err(error) => {
                assert!(!fits, "{error}");
                assert_eq!(error.kind(), anthropic::ErrorKind::UnexpectedContent);
            }
        }
    }
}
