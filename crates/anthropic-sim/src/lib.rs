//! The Claude API on your desk: a local HTTP server that behaves like the API, with no key and no network.
//!
//! It is for tests, examples and offline work. **It is not a model and never pretends to be one**: its answers say
//! that they come from a simulator and quote a little of what they were asked. What it does take seriously is the
//! API's behaviour: paths, shapes, errors, headers, streams and state over real TCP, so that a client cannot tell
//! the difference until it reads the text.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! use anthropic_sim::{Reply, Simulator};
//!
//! let simulator = Simulator::builder().reply(Reply::text("Hello from a script.")).start().await?;
//! println!("point a client at {} with any key, such as {}", simulator.url(), simulator.api_key());
//! assert!(simulator.requests().is_empty());
//! # Ok(())
//! # }
//! ```
//!
//! # What answers a message
//! In this order: the queue of scripted replies ([`Builder::reply`]), the handler ([`Builder::handler`]), and the
//! built-in answer, which depends on the request alone: the same request gets the same message with the same id,
//! plain or streamed. A stream's events fold to exactly the message that the plain request returns.
//!
//! The built-in answer is a text; a `tool_use` block when `tool_choice` asks for a tool, with an input that fits the
//! tool's JSON schema; JSON that fits the schema when `output_config.format` asks for it; preceded by a signed
//! thinking block when thinking is on. `stop_sequences` and `max_tokens` cut it as the API would.
//!
//! # What costs tokens
//! A documented rule instead of a tokenizer; see [`tokens`].
//!
//! # What time it is
//! One clock dates every object and moves every batch. It follows real time, or, with [`Builder::clock_step`],
//! stands still and moves by one step a request, which makes whole runs reproducible; [`Simulator::advance`] moves
//! it by hand.
//!
//! # Where it is more lenient than the API
//! Any non-empty key is accepted (unless [`Builder::accept_only`] says otherwise); any model id that starts with
//! `claude-` answers; uploaded files can be downloaded again; rate limits are counted and reported, and enforced only
//! when [`Builder::rate_limits`] says so.
//!
//! # When things go wrong
//! [`faults`] are errors, broken streams and misbehaving networks on demand: by rule ([`Builder::fault`]) or by the
//! request's own header `anthropic-sim-fault`.

mod batches;
mod body;
mod builder;
mod call;
mod clock;
mod completions;
mod connection;
mod errors;
pub mod faults;
mod files;
mod gate;
mod http_config;
mod ids;
mod journal;
mod messages;
mod models;
mod multipart;
mod page;
mod pages;
mod ratelimits;
mod record;
mod recording;
mod reply;
mod routes;
mod schema;
mod scrub;
mod server;
mod skills;
mod sse;
mod stand_in;
mod state;
mod tee;
pub mod tokens;
mod wire;

pub use builder::Builder;
pub use messages::MessageRequest;
pub use ratelimits::RateLimits;
pub use record::{Exchange, RecordedRequest};
pub use reply::Reply;
pub use server::Simulator;
