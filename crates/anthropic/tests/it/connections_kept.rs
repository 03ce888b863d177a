//! Which connections of HTTP/1 are kept for a host, and under which name it is asked.

use anthropic::hyper_1::HyperTransport;
use anthropic::transport::{Body, HttpRequest, Transport};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::connections::{JSON, client, soon};
use crate::support::server::Server;

#[tokio::test]
async fn as_many_idle_connections_are_kept_as_were_set() {
    for most in 0..3 {
        let server = Server::start().await;
        let transport = HyperTransport::builder().no_proxy();
        let client = client(&server.url("http"), transport.pool_max_idle_per_host(most));
        let ask = || client.get::<Value>("/v1/thing").send();
        let (first, second, third, connections) = soon(async {
            tokio::join!(ask(), ask(), ask(), async {
                let mut connections = Vec::new();
                for _ in 0..3 {
                    let mut connection = server.accept().await;
                    connection.request().await;
                    connections.push(connection);
                }
                for connection in &mut connections {
                    connection.answer("200 OK", JSON, "{}").await;
                }
                connections
            })
        })
        .await;
        for answered in [first, second, third] {
            answered.unwrap();
        }
        let mut closing: FuturesUnordered<_> = connections
            .into_iter()
            .map(|mut connection| async move { connection.closed().await })
            .collect();
        for _ in most..3 {
            soon(closing.next()).await.unwrap();
        }
        let other = closing.next().now_or_never();
        assert!(most == 0 || other.is_none(), "{most} are kept");
    }
}

/// The head of a request, with its letters as they are.
async fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

fn request(url: &str) -> HttpRequest {
    let mut request = HttpRequest::new(Body::empty());
    *request.uri_mut() = url.parse().unwrap();
    request
}

#[tokio::test]
async fn a_host_has_one_connection_however_its_name_is_written() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let transport = HyperTransport::builder().no_proxy().build().unwrap();
    let hosts = ["localhost", "localhost", "LocalHost"].map(|host| format!("{host}:{port}"));
    let asking = async {
        for host in &hosts {
            let response = transport.send(request(&format!("http://{host}/v1"))).await;
            response.unwrap().into_body().bytes().await.unwrap();
        }
    };
    let serving = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        for host in &hosts {
            let head = head(&mut stream).await;
            // A signature may be of these letters.
            assert!(head.contains(&format!("\r\nhost: {host}\r\n")), "{head}");
            let response = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
            stream.write_all(response).await.unwrap();
        }
    };
    soon(async { tokio::join!(asking, serving) }).await;
}

#[tokio::test]
async fn the_usual_port_is_not_named_to_the_server() {
    for (url, host) in [
        ("http://api.example/v1", "api.example"),
        ("http://api.example:80/v1", "api.example"),
        ("http://api.example:443/v1", "api.example:443"),
    ] {
        let proxy = Server::start().await;
        let transport = HyperTransport::builder().proxy(proxy.url("http"));
        let transport = transport.build().unwrap();
        let (response, head) = soon(async {
            tokio::join!(transport.send(request(url)), async {
                let mut connection = proxy.accept().await;
                let (head, _) = connection.request().await;
                connection.answer("200 OK", JSON, "{}").await;
                head
            })
        })
        .await;
        response.unwrap();
        assert!(head.contains(&format!("\r\nhost: {host}\r\n")), "{head}");
    }
}

#[tokio::test]
async fn a_client_that_is_dropped_leaves_no_task() {
    let tasks = || {
        tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks()
    };
    let before = tasks();
    let server = Server::start().await;
    let client = client(&server.url("http"), HyperTransport::builder().no_proxy());
    let (answered, _connection) = tokio::join!(client.get::<Value>("/v1/thing").send(), async {
        let mut connection = server.accept().await;
        connection.request().await;
        connection.answer("200 OK", JSON, "{}").await;
        connection
    });
    answered.unwrap();
    assert!(tasks() > before);
    drop(client);
    soon(async {
        while tasks() > before {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
