//! The Anthropic SDK for Rust: every endpoint of the Claude API.
//!
//! ```no_run
//! # async fn run() -> anthropic::Result<()> {
//! let client = anthropic::Client::from_env()?;
//! let models: serde_json::Value = client.get("/v1/models").await?;
//! println!("{models}");
//! # Ok(())
//! # }
//! ```
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
    generated::core::OPERATIONS
}

/// A future on the heap that may cross threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
