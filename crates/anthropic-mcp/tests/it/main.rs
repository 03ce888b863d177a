//! Servers over HTTP, real ones, on this machine; and what is made of what they send.

#![allow(
    clippy::unwrap_used,
    reason = "a test that unwraps nothing fails, as it should"
)]

#[path = "../support/mod.rs"]
mod support;

mod connecting;
mod conversions;
mod http;
mod runs;
