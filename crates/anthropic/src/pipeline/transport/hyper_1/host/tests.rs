use std::time::Duration;

use tokio::net::TcpListener;

use super::{Lease, RETURN, Returning};
use crate::clock::{Clock, TokioClock};
use crate::hyper_1::HyperTransport;

/// Its task may have to wait for a server that doesn't take the end of the request.
#[tokio::test]
async fn a_connection_that_does_not_return_is_not_waited_for_long() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let transport = HyperTransport::builder().no_proxy().build().unwrap();
    let (connector, pool) = (&transport.shared.connector, &transport.shared.pool);
    let host = pool.host(&url.parse().unwrap(), &connector.proxies);
    let host = host.ok().unwrap();
    let returning = Returning::new(&host);
    let began = TokioClock.now();
    let lease = host.lease(connector, Some(Duration::from_secs(60))).await;
    let waited = TokioClock.now().saturating_sub(began);
    assert!(waited >= RETURN, "{waited:?}");
    let is_new = |lease| matches!(lease, Lease::Http1 { is_reused, .. } if !is_reused);
    assert!(lease.is_ok_and(is_new));
    drop(returning);
    assert!(host.is_empty());
}
