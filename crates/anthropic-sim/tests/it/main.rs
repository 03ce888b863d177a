//! The simulator over real TCP, asked by a client that is written here and knows nothing about it.

#![expect(
    clippy::unwrap_used,
    reason = "a test's helpers fail by panicking, as its tests do"
)]

mod access;
mod bad_input;
mod batches;
mod builtin;
mod caching;
mod client;
mod clouds;
mod completions;
mod conversations;
mod errors;
mod faults;
mod files;
mod folding;
mod injected;
mod large_batches;
mod lifecycle;
mod limits;
mod managed;
mod messages;
mod models;
mod own_client;
mod page;
#[cfg(feature = "server")]
mod program;
mod recording;
mod replies;
mod resources;
mod rules;
mod scripted;
mod scripts;
mod sessions;
mod skills;
mod streams;
mod threads;
#[cfg(feature = "server")]
mod tls;
mod webhooks;
