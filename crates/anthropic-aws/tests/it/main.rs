//! The platforms of this crate, over transports in memory.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "this is a test, and AWS's credentials expire by the machine's clock"
)]

mod support;

mod bedrock;
mod contract;
mod credentials;
mod exceptions;
#[cfg(all(feature = "aws-config-1", feature = "hyper"))]
mod load;
mod messages;
#[cfg(feature = "hyper")]
mod simulated;
