//! Dropping a future cancels the request, wherever it is: the server sees the connection close.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use anthropic::transport::Body;
use anthropic::{BoxFuture, Client, ClientBuilder, Clock, Result, middleware_fn};
use serde_json::Value;
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::support::server::{Connection, Server};

/// How soon the server must see it; a machine under load may take its time.
const SOON: Duration = Duration::from_secs(10);
const DELAY: Duration = Duration::from_secs(30);

fn builder(server: &Server, scheme: &str) -> ClientBuilder {
    Client::builder().api_key("k").base_url(server.url(scheme))
}

fn client(server: &Server, scheme: &str) -> Client {
    builder(server, scheme).build().unwrap()
}

/// Polls a request that has no answer until the server has done its part.
async fn until<T>(
    request: &mut BoxFuture<'static, Result<Value>>,
    part: impl Future<Output = T>,
) -> T {
    tokio::select! {
        _ = request => panic!("there was no answer to be had"),
        done = part => done,
    }
}

async fn asked(server: &Server) -> Connection {
    let mut connection = server.accept().await;
    connection.request().await;
    connection
}

async fn sees_the_close(connection: &mut Connection) {
    timeout(SOON, connection.closed())
        .await
        .expect("the connection is still open");
}

#[tokio::test]
async fn while_connecting() {
    let server = Server::start().await;
    let mut request = client(&server, "https").get::<Value>("/v1/thing").send();
    // The server takes the connection but never speaks TLS.
    let connecting = async {
        let mut connection = server.accept().await;
        connection.first_bytes().await;
        connection
    };
    let mut connection = until(&mut request, connecting).await;
    drop(request);
    sees_the_close(&mut connection).await;
}

#[tokio::test]
async fn while_waiting_for_headers() {
    let server = Server::start().await;
    let mut request = client(&server, "http").get::<Value>("/v1/thing").send();
    let mut connection = until(&mut request, asked(&server)).await;
    drop(request);
    sees_the_close(&mut connection).await;
}

#[tokio::test]
async fn while_reading_a_body_whole() {
    let server = Server::start().await;
    let head = Arc::new(Notify::new());
    let came = head.clone();
    let tells = middleware_fn(move |request, next| {
        let came = came.clone();
        Box::pin(async move {
            let response = next.run(request).await?;
            came.notify_one();
            Ok(response)
        })
    });
    let client = builder(&server, "http").middleware(tells).build().unwrap();
    let mut request = client.get::<Value>("/v1/thing").send();
    let reading = async {
        let mut connection = asked(&server).await;
        connection
            .write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")
            .await;
        head.notified().await;
        connection
    };
    let mut connection = until(&mut request, reading).await;
    drop(request);
    sees_the_close(&mut connection).await;
}

#[tokio::test]
async fn while_holding_a_streamed_body() {
    let server = Server::start().await;
    let client = client(&server, "http");
    let (response, mut connection) = tokio::join!(client.get::<Value>("/v1/thing").raw(), async {
        let mut connection = asked(&server).await;
        connection
            .write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc")
            .await;
        connection
    });
    let mut body: Body = response.unwrap().into_body();
    assert_eq!(body.try_next().await.unwrap().unwrap(), "abc");
    drop(body);
    sees_the_close(&mut connection).await;
}

/// A clock on which no time passes, and that knows who waits by it.
#[derive(Debug, Clone)]
struct Still {
    sleepers: Arc<AtomicUsize>,
    /// Somebody waits for [`DELAY`].
    delayed: Arc<Notify>,
}

struct Sleeper(Arc<AtomicUsize>);

impl Future for Sleeper {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Clock for Still {
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        if duration == DELAY {
            self.delayed.notify_one();
        }
        self.sleepers.fetch_add(1, Ordering::Relaxed);
        Box::pin(Sleeper(self.sleepers.clone()))
    }

    fn random(&self) -> f64 {
        0.0
    }
}

#[tokio::test]
async fn while_waiting_for_the_next_attempt() {
    let server = Server::start().await;
    let clock = Still {
        sleepers: Arc::default(),
        delayed: Arc::default(),
    };
    let builder = builder(&server, "http").clock(clock.clone());
    let mut request = builder.build().unwrap().get::<Value>("/v1/thing").send();
    let refused = async {
        let mut connection = asked(&server).await;
        let headers = "retry-after: 30\r\nconnection: close\r\n";
        connection
            .answer("503 Service Unavailable", headers, "")
            .await;
        clock.delayed.notified().await;
        connection
    };
    let mut connection = until(&mut request, refused).await;
    assert_eq!(clock.sleepers.load(Ordering::Relaxed), 1);
    drop(request);
    sees_the_close(&mut connection).await;
    let left = clock.sleepers.load(Ordering::Relaxed);
    assert_eq!(left, 0, "somebody still waits to go on");
}
