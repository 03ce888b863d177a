//! Names to addresses.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll};
use std::vec;

use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use tower_service::Service;

use crate::BoxFuture;
use crate::pipeline::transport::local::{LOOPBACK, is_this_machine};

/// Asks the system, except for this machine.
#[derive(Clone)]
pub(super) struct Resolver(GaiResolver);

impl Resolver {
    pub(super) fn new() -> Self {
        Self(GaiResolver::new())
    }
}

/// A host has no address.
#[derive(Debug)]
pub(super) struct NoAddress(io::Error);

impl fmt::Display for NoAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no address: {}", self.0)
    }
}

// The cause stands in the line itself.
impl std::error::Error for NoAddress {}

impl Service<Name> for Resolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = NoAddress;
    type Future = BoxFuture<'static, Result<Self::Response, NoAddress>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), NoAddress>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        if is_this_machine(name.as_str()) {
            let addresses = LOOPBACK.to_vec();
            return Box::pin(std::future::ready(Ok(addresses.into_iter())));
        }
        let asking = self.0.call(name);
        Box::pin(async move {
            match asking.await {
                Ok(addresses) => Ok(addresses.collect::<Vec<_>>().into_iter()),
                Err(cause) => Err(NoAddress(cause)),
            }
        })
    }
}
