//! The HTTP side: sockets, what every request passes through, and the table of routes.

pub(crate) mod acceptor;
pub(crate) mod access;
pub(crate) mod authentication;
pub(crate) mod connection;
pub(crate) mod dialect;
pub(crate) mod gate;
pub(crate) mod play;
pub(crate) mod refusal;
pub(crate) mod routes;
pub(crate) mod socket;
pub(crate) mod stream;
#[cfg(feature = "server")]
pub(crate) mod tls;
