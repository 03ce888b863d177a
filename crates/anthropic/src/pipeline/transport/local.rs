//! Names of this machine: `localhost` and what is below it, for which nobody is asked.
//!
//! Plain `http://` is allowed to this machine alone, by name. A resolver that knew another address
//! for such a name would take the credential elsewhere in the clear (RFC 6761, section 6.3).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The addresses of such a name, without a port.
pub(super) const LOOPBACK: [SocketAddr; 2] = [
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
    SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 0),
];

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
