use std::net::TcpListener;

use super::*;
use crate::hyper_1::HyperTransport;
use crate::transport::hyper_1::host::Lease;

const IDLE: Duration = Duration::from_secs(10);

/// A server that takes connections.
struct Place {
    _listener: TcpListener,
    url: Uri,
    transport: HyperTransport,
}

impl Place {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let transport = HyperTransport::builder().no_proxy();
        Self {
            _listener: listener,
            url: url.parse().unwrap(),
            transport: transport.pool_idle_timeout(IDLE).build().unwrap(),
        }
    }

    fn pool(&self) -> &Pool {
        &self.transport.shared.pool
    }

    fn host(&self) -> Arc<Host> {
        let proxies = &self.transport.shared.connector.proxies;
        self.pool().host(&self.url, proxies).ok().unwrap()
    }

    /// Makes a connection, which is idle then.
    async fn connect(&self) -> Arc<Host> {
        let host = self.host();
        let lease = host.lease(&self.transport.shared.connector, None).await;
        let Ok(Lease::Http1 { connection, .. }) = lease else {
            panic!("it speaks HTTP/1");
        };
        host.give_back(connection);
        assert!(!host.is_empty());
        host
    }

    fn known_hosts(&self) -> usize {
        let locals = lock(&self.pool().locals);
        locals
            .iter()
            .map(|(_, local)| lock(&local.hosts).len())
            .sum()
    }
}

async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_is_idle_for_long_is_closed_and_its_host_forgotten() {
    let place = Place::new();
    let host = place.connect().await;
    tokio::time::pause();
    settle().await;
    tokio::time::advance(IDLE / 2).await;
    settle().await;
    assert!(!host.is_empty());
    tokio::time::advance(IDLE).await;
    settle().await;
    // Somebody has it in use.
    assert!(host.is_empty());
    assert!(Arc::ptr_eq(&host, &place.host()));
    drop(host);
    tokio::time::resume();
    drop(place.connect().await);
    tokio::time::pause();
    settle().await;
    assert_eq!(place.known_hosts(), 1);
    tokio::time::advance(IDLE * 3).await;
    settle().await;
    assert_eq!(place.known_hosts(), 0);
}

#[tokio::test]
async fn nothing_runs_once_a_transport_is_dropped() {
    let place = Place::new();
    let host = place.connect().await;
    let metrics = Handle::current().metrics();
    settle().await;
    assert_eq!(metrics.num_alive_tasks(), 2);
    drop((host, place));
    settle().await;
    assert_eq!(metrics.num_alive_tasks(), 0);
}

#[test]
fn connections_end_with_their_runtime() {
    let place = Place::new();
    for _ in 0..3 {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_all().build().unwrap();
        drop(runtime.block_on(place.connect()));
        assert_eq!(place.known_hosts(), 1);
        drop(runtime);
        assert_eq!(place.known_hosts(), 0);
    }
    // Those before are forgotten by the next.
    assert_eq!(lock(&place.pool().locals).len(), 1);
}
