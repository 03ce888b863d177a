//! The Anthropic SDK for Rust: the Claude API, typed.
//!
//! ```no_run
//! use anthropic::Client;
//! use anthropic::types::{MessageCreateParams, Model};
//!
//! # async fn run() -> anthropic::Result<()> {
//! let client = Client::from_env()?;
//! let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).user("Name three rivers.");
//! let message = client.messages().create(params).await?;
//! println!("{}", message.text());
//! # Ok(())
//! # }
//! ```
//!
//! # Where things are
//!
//! | to | start at |
//! |---|---|
//! | set up a client | [`Client`], [`ClientBuilder`] |
//! | send messages, plain or streamed | [`Client::messages`], [`MessageStream`] |
//! | run batches and read their results | [`Client::messages`]`.batches()`, [`Poller`], [`resources::BatchResults`] |
//! | list things | [`Page`], [`Items`], [`Pages`] |
//! | send files | [`Upload`], [`Client::files`], [`Client::skills`] |
//! | run agents, administer an organization | `Client::beta`, `Client::organization`: see [features](#features) |
//! | use beta features | [`Client::beta`], [`Request::beta`], [`types::Beta`] |
//! | set options of one request, or read its headers and ids | [`Request`], [`Response`] |
//! | handle errors | [`Error`], [`ErrorKind`] |
//! | reach endpoints that this version does not know | [`Client::get`], [`Client::post`], [`Request::extra_body`] |
//! | put code around every attempt | [`Middleware`] |
//! | bring your own HTTP | [`transport::Transport`] |
//! | test without a network | the crate `anthropic-sim` |
//!
//! All data is in [`types`]: one type a concept, the same for requests and responses, GA and beta.
//! Structs are made with `new(required fields)` and bare-named setters. Nothing the API sends is lost: what
//! this version does not know is in `extra` and in `Unrecognized`, and is written back as it came.
//!
//! # A request
//!
//! Every method returns a [`Request`], which does nothing until it is awaited. Before that it takes options:
//!
//! ```no_run
//! # use anthropic::{Client, types::*};
//! # async fn run(client: Client, params: MessageCreateParams) -> anthropic::Result<()> {
//! use std::time::Duration;
//!
//! let response = client
//!     .messages()
//!     .create(params)
//!     .max_retries(5)
//!     .timeout(Duration::from_secs(20))
//!     .with_response()
//!     .await?;
//! println!("{:?}: {}", response.request_id(), response.text());
//! # Ok(())
//! # }
//! ```
//!
//! Dropping a future cancels its request, at any point: this crate spawns no task. (hyper spawns some, which drive
//! the default transport's connections and close idle ones.)
//!
//! # Defaults
//!
//! Two retries, on connection errors, timeouts, 408, 409, 429 and 5xx, as the server asks or with growing
//! delays ([`retry`]); 10 s to connect, 600 s for the response's headers, no limit on the whole; streams may be
//! silent for 120 s, and 300 s without an event ([`StreamLimits`]). Credentials never leave the client's origin,
//! and never show in `Debug`, errors or logs.
//!
//! # Features
//!
//! - `hyper` (default): the default transport, on hyper 1 with rustls and ring.
//! - `reqwest`: a transport on a client of reqwest 0.13 of your own.
//! - `agents`: managed agents (`beta().agents()`, `sessions()`, `environments()`, `memory_stores()`, `vaults()`,
//!   `deployments()`, `dreams()`, `tunnels()`), with the event streams of sessions and threads.
//! - `admin`: the organization, known as the Admin API (`organization()`), and `user_profiles()`.
//! - `webhooks`: the types of what webhooks deliver.
//! - `completions`: text completions of the API version 2023-06-01.
//! - `full`: these four.
//! - `blocking`: `send_blocking()` on every request.
//! - `tower`: transports as tower services, and the other way round.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "blocking")]
#[cfg_attr(docsrs, doc(cfg(feature = "blocking")))]
pub mod blocking;
mod call;
mod client;
mod clock;
mod config;
mod deadline;
mod error;
mod execute;
mod generated;
mod incoming;
pub mod jsonl;
mod middleware;
mod multipart;
mod operation;
mod page;
pub mod partial_json;
mod path;
mod platform;
mod poll;
mod query;
mod rate_limits;
mod redirect;
mod request;
pub mod resources;
mod response;
pub mod retry;
pub mod sse;
pub mod stream;
mod trace;
pub mod transport;
mod upload;
mod wire;

use std::future::Future;
use std::pin::Pin;

/// The README, whose examples have to compile.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

pub use anthropic_types as types;

pub use client::Client;
pub use clock::Clock;
pub use config::{
    API_VERSION, AuthScheme, BASE_URL, ClientBuilder, CredentialSource, StreamLimits,
};
pub use error::{Error, ErrorKind, Result};
pub use incoming::Incoming;
pub use middleware::{Attempt, Middleware, Next, middleware_fn};
pub use multipart::Form;
pub use operation::{Open, Operation, OperationInfo, PageShape};
pub use page::{Items, Page, Pages};
pub use platform::Platform;
pub use poll::Poller;
pub use rate_limits::{RateLimit, RateLimits};
pub use request::Request;
pub use response::Response;
pub use stream::MessageStream;
#[cfg(feature = "hyper")]
#[cfg_attr(docsrs, doc(cfg(feature = "hyper")))]
pub use transport::hyper_1;
#[cfg(feature = "reqwest")]
#[cfg_attr(docsrs, doc(cfg(feature = "reqwest")))]
pub use transport::reqwest_0_13;
pub use upload::Upload;

/// Every operation of the API that this build knows: what generic tools and tests go through.
///
/// ```
/// let create = anthropic::operations().iter().find(|it| it.id() == "messages.create").unwrap();
/// assert_eq!(create.path(), "/v1/messages");
/// ```
pub fn operations() -> &'static [&'static OperationInfo] {
    generated::OPERATIONS
}

/// A future on the heap that may cross threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
