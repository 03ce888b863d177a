//! What the pipeline promises, each promise as a test: over a scripted transport where no socket
//! matters, over TCP on this machine where one does.

#![allow(
    clippy::unwrap_used,
    reason = "a test that unwraps nothing fails, as it should"
)]

mod support;

#[cfg(feature = "agents")]
mod agents;
mod anonymous;
#[cfg(feature = "hyper")]
mod answers;
mod auto_traits;
mod betas;
#[cfg(feature = "blocking")]
mod blocking;
mod bodies;
#[cfg(feature = "operations")]
mod calls;
mod cancel;
#[cfg(feature = "hyper")]
mod chunked;
#[cfg(feature = "hyper")]
mod connections;
#[cfg(feature = "hyper")]
mod connections_kept;
mod credentials;
mod debug;
mod debug_log;
mod debug_parts;
mod defaults;
#[cfg(feature = "webhooks")]
mod deliveries;
mod environment;
mod error_lines;
mod error_matrix;
mod error_ways;
mod errors;
#[cfg(all(feature = "hyper", feature = "tools"))]
mod fallback;
mod fallback_failures;
#[cfg(all(feature = "hyper", feature = "tools"))]
mod fallback_streams;
#[cfg(all(unix, feature = "blocking", feature = "hyper"))]
mod forked;
#[cfg(feature = "hyper")]
mod heads;
#[cfg(all(feature = "hyper", feature = "macros"))]
mod hints;
#[cfg(feature = "hyper")]
mod http2;
#[cfg(all(feature = "hyper", feature = "tools"))]
mod logs;
mod long_create;
mod message_events;
mod middleware;
mod models;
#[cfg(feature = "hyper")]
mod network;
#[cfg(all(feature = "hyper", feature = "tools", feature = "schemars-1"))]
mod newcomer;
#[cfg(feature = "operations")]
mod operations;
mod option_table;
mod options;
#[cfg(feature = "admin")]
mod organization;
mod pages;
mod platform;
mod platform_defaults;
mod poll;
#[cfg(all(feature = "profiles", feature = "hyper"))]
mod profiles;
#[cfg(feature = "hyper")]
mod proxies;
mod raw;
#[cfg(feature = "reqwest")]
mod reqwest_http2;
#[cfg(feature = "reqwest")]
mod reqwest_sending;
mod resends;
mod retries;
#[cfg(feature = "tokio")]
mod saving;
mod secrets;
#[cfg(feature = "hyper")]
mod slow_uploads;
mod spans;
mod stream_content;
mod stream_ends;
#[cfg(feature = "completions")]
mod stream_events;
mod stream_folding;
mod stream_frames;
mod stream_gateways;
mod stream_halves;
mod stream_helpers;
mod stream_idle;
mod stream_large;
mod stream_limits;
mod stream_lines;
mod stream_network;
mod stream_places;
mod stream_protocol;
mod stream_repairs;
mod stream_support;
mod stream_surplus;
mod stream_transcripts;
mod stream_twice;
mod stream_untyped;
#[cfg(all(feature = "hyper", feature = "tools"))]
mod threads;
mod timeouts;
#[cfg(all(feature = "hyper", feature = "macros"))]
mod tool_macros;
#[cfg(all(feature = "hyper", feature = "tools"))]
mod tools;
#[cfg(feature = "tower")]
mod tower;
mod trust;
#[cfg(all(feature = "hyper", feature = "schemars-1"))]
mod typed;
mod uploads;
#[cfg(feature = "webhooks")]
mod webhooks;
