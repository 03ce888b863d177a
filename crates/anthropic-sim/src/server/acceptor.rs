//! Accepts connections, with TLS where that is asked for.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::IncomingStream;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
#[cfg(feature = "server")]
use tokio_rustls::TlsAcceptor;

use super::connection::Connection;
use super::refusal::Refusals;
use super::socket::RequestSocket;
use super::stream::Stream;
#[cfg(feature = "server")]
use super::tls::TlsConnection;
use crate::base::clock::sleep;
use crate::base::sync::lock;

pub(crate) type SharedListener = Arc<Mutex<Option<TcpListener>>>;

impl Connected<IncomingStream<'_, Acceptor>> for RequestSocket {
    fn connect_info(stream: IncomingStream<'_, Acceptor>) -> Self {
        stream.io().socket().clone()
    }
}

/// Accepts connections for as long as the listener is there.
pub(crate) struct Acceptor {
    pub(crate) listener: SharedListener,
    pub(crate) address: SocketAddr,
    pub(crate) stopped: watch::Receiver<bool>,
    pub(crate) refusals: Arc<Refusals>,
    #[cfg(feature = "server")]
    pub(crate) tls: Option<TlsAcceptor>,
}

impl Acceptor {
    fn stream(&self, socket: TcpStream) -> Stream {
        let connection = |is_plain| {
            let socket = RequestSocket::new(socket, is_plain);
            Connection::new(socket, self.stopped.clone(), Arc::clone(&self.refusals))
        };
        #[cfg(feature = "server")]
        if let Some(tls) = &self.tls {
            return Stream::Tls(TlsConnection::new(connection(false), tls));
        }
        Stream::Plain(connection(true))
    }
}

impl axum::serve::Listener for Acceptor {
    type Io = Stream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Stream, SocketAddr) {
        loop {
            let accepted = poll_fn(|context| match lock(&self.listener).as_ref() {
                Some(listener) => listener.poll_accept(context),
                None => Poll::Pending,
            });
            match accepted.await {
                Ok((socket, peer)) => {
                    // Events are small; each should leave at once. A socket that refuses is merely
                    // slower.
                    let _ = socket.set_nodelay(true);
                    return (self.stream(socket), peer);
                }
                // Out of descriptors, most likely: the only way on is to let connections end.
                Err(_) => sleep(Duration::from_millis(50)).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}
