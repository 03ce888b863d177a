//! The simulator over real TCP, asked by a client that is written here and knows nothing about it.

#![expect(
    clippy::unwrap_used,
    reason = "a test's helpers fail by panicking, as its tests do"
)]

mod batches;
mod client;
mod completions;
mod errors;
mod faults;
mod files;
mod injected;
mod lifecycle;
mod messages;
mod models;
mod page;
mod program;
mod recording;
mod scripts;
mod skills;
mod streams;
