//! Names to addresses: `localhost` and what is below it are this machine, and nobody is asked.
//!
//! Plain `http://` is allowed to this machine alone, by name. A resolver that knew another address
//! for such a name would take the credential elsewhere in the clear (RFC 6761, section 6.3).

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::task::{Context, Poll};
use std::vec;

use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use tower_service::Service;

use crate::BoxFuture;

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

pub(super) fn is_this_machine(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let below = host.len().checked_sub("localhost".len());
    below.is_some_and(|at| {
        let is_whole = at == 0 || host.as_bytes().get(at - 1) == Some(&b'.');
        is_whole
            && host
                .get(at..)
                .is_some_and(|end| end.eq_ignore_ascii_case("localhost"))
    })
}

impl Service<Name> for Resolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = NoAddress;
    type Future = BoxFuture<'static, Result<Self::Response, NoAddress>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), NoAddress>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        if is_this_machine(name.as_str()) {
            let addresses = [
                IpAddr::V4(Ipv4Addr::LOCALHOST),
                IpAddr::V6(Ipv6Addr::LOCALHOST),
            ];
            let addresses = addresses.map(|ip| SocketAddr::new(ip, 0)).to_vec();
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

#[cfg(test)]
mod tests {
    use super::is_this_machine;

    #[test]
    fn names_of_this_machine_are_known_without_asking() {
        for host in [
            "localhost",
            "LOCALHOST",
            "x.localhost",
            "a.b.localhost",
            "localhost.",
        ] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in [
            "",
            "xlocalhost",
            "localhost.example.com",
            "ocalhost",
            "bücher.example",
        ] {
            assert!(!is_this_machine(host), "{host}");
        }
    }
}
