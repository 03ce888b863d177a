use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::net::TcpListener;

use super::super::exchange::exchange;
use super::super::fake::Fake;
use super::{Connection, Connector, Exclusive, Host, Lease, Next, RETURN, Returning, lock};
use crate::clock::{Clock, TokioClock};
use crate::hyper_1::HyperTransport;
use crate::transport::Body;
use crate::transport::shared::Outgoing;

/// A server that takes connections, and the connections to it.
struct Place {
    _listener: TcpListener,
    transport: HyperTransport,
    host: Arc<Host>,
}

impl Place {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let transport = HyperTransport::builder().no_proxy().build().unwrap();
        let shared = &transport.shared;
        let host = shared
            .pool
            .host(&url.parse().unwrap(), &shared.connector.proxies);
        Self {
            host: host.ok().unwrap(),
            _listener: listener,
            transport,
        }
    }

    fn connector(&self) -> &Connector {
        &self.transport.shared.connector
    }

    /// A connection; whether it was there before.
    async fn lease(&self) -> (Lease, bool) {
        let limit = Some(Duration::from_secs(60));
        let lease = self.host.lease(self.connector(), limit).await;
        let lease = lease.ok().unwrap();
        let is_reused = matches!(
            lease,
            Lease::Http1 {
                is_reused: true,
                ..
            }
        );
        (lease, is_reused)
    }

    fn keep(&self, lease: Lease) {
        let Lease::Http1 { connection, .. } = lease else {
            panic!("it speaks HTTP/1");
        };
        self.host.keep(connection);
    }
}

/// Its task may have to wait for a server that doesn't take the end of the request.
#[tokio::test]
async fn a_connection_that_does_not_return_is_not_waited_for_long() {
    let place = Place::new().await;
    let returning = Returning::new(&place.host);
    let began = TokioClock.now();
    let (_lease, is_reused) = place.lease().await;
    let waited = TokioClock.now().saturating_sub(began);
    assert!(waited >= RETURN, "{waited:?}");
    assert!(!is_reused);
    drop(returning);
    assert!(place.host.is_empty());
}

/// No sooner than that is another one made.
#[tokio::test]
async fn a_connection_that_returns_is_used_at_once() {
    let place = Place::new().await;
    let (lease, is_reused) = place.lease().await;
    assert!(!is_reused);
    tokio::time::pause();
    let (closed, returning) = (Returning::new(&place.host), Returning::new(&place.host));
    let began = TokioClock.now();
    let mut waiting = pin!(place.lease());
    let mut returns = [closed, returning].into_iter();
    let (_, is_reused) = {
        let mut kept = Some(lease);
        poll_fn(|context| {
            if let Poll::Ready(leased) = waiting.as_mut().poll(context) {
                return Poll::Ready(leased);
            }
            let last = returns.next();
            if returns.len() == 0 {
                kept.take().into_iter().for_each(|lease| place.keep(lease));
            }
            drop(last);
            Poll::Pending
        })
        .await
    };
    assert!(is_reused);
    assert_eq!(TokioClock.now(), began);
}

#[tokio::test]
async fn a_host_is_forgotten_without_connections_only() {
    let place = Place::new().await;
    assert!(place.host.is_empty());
    let connecting = place.host.next(true);
    assert!(!place.host.is_empty());
    drop(connecting);
    assert!(place.host.is_empty());
    let (lease, _) = place.lease().await;
    place.keep(lease);
    assert!(!place.host.is_empty());
}

/// Where there can be no HTTP/2, a second request gains nothing by waiting for the first one's
/// connection.
#[tokio::test]
async fn connections_of_http1_are_made_beside_each_other() {
    let place = Place::new().await;
    let first = place.host.next(true);
    let second = place.host.next(true);
    assert!(matches!(first, Next::Connect(_)));
    assert!(matches!(second, Next::Connect(_)));
    assert_eq!(place.host.why_waiting(), "");
    drop((first, second));
    assert_eq!(place.host.why_waiting(), "");
}

/// A server may respond before it has read the request, and read it nevertheless.
#[tokio::test]
async fn a_request_is_sent_to_its_end_though_its_response_has_been_read() {
    let place = Place::new().await;
    for (head, goes_on) in [
        ("content-length: 2\r\n\r\nok", true),
        ("content-length: 0\r\n\r\n", true),
        (
            "transfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            true,
        ),
        ("content-length: 2\r\nconnection: close\r\n\r\nok", false),
    ] {
        let fake = Fake::of(&[format!("HTTP/1.1 200 OK\r\n{head}")]);
        lock(&fake.0).pace = Some(700);
        let made = Connection::new(fake.clone());
        let connection = Exclusive::start(made, &place.host).await.ok().unwrap();
        let lease = Lease::Http1 {
            connection,
            is_reused: false,
        };
        let body = Outgoing::new(Body::from(vec![b'a'; 50_000]), &http::Extensions::new());
        let request = http::Request::post("http://h/").body(body).unwrap();
        let response = exchange(lease, &place.host, request, None).await;
        let body = response.ok().unwrap().into_body().bytes().await.unwrap();
        assert!(body.is_empty() || body == "ok", "{head}");
        // It has to stop by itself.
        let mut sent = 0;
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
            sent = lock(&fake.0).taken.len();
        }
        assert_eq!(sent > 50_000, goes_on, "{head}: {sent}");
        assert_eq!(lock(&fake.0).shutdowns, usize::from(goes_on), "{head}");
    }
}
