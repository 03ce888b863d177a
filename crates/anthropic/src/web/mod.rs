//! What is for `wasm32-unknown-unknown`: pages, workers, service workers, edge runtimes, Node, Deno
//! and Bun.
//!
//! With the feature `web` and without the default ones a client has a [`FetchTransport`] and a
//! [`WebClock`] there by default, and everything else is as elsewhere:
//!
//! ```toml
//! anthropic = { version = "0.1", default-features = false, features = ["web"] }
//! ```
//!
//! # The key
//!
//! **What a page has, everyone who opens it can read**: an API key in a page is a published key,
//! which others use at your cost. A client with a credential is therefore refused in a page, unless
//! [`dangerous_allow_browser`](crate::ClientBuilder::dangerous_allow_browser) is called. What to do
//! instead: let a server of yours add the key, and give the page a client without one,
//! [`anonymous`](crate::ClientBuilder::anonymous) and with the server's
//! [`base_url`](crate::ClientBuilder::base_url); or let that server hand out short-lived tokens.
//!
//! # Differences
//!
//! - The future of a request is `Send` as elsewhere, and so must the futures be that it is given;
//!   [`send`] makes one of a future that holds values of JavaScript's.
//! - The requests are `fetch`'s: there is no `connect_timeout`, and whether a request that failed
//!   was sent is seldom known, so its error is of kind [`Body`](crate::ErrorKind::Body), or of kind
//!   [`Connect`](crate::ErrorKind::Connect) where the platform names the reason. A page doesn't
//!   learn why the network failed; a server that doesn't allow its origin (CORS) looks the same.
//! - `fetch` has decoded a body before it is seen, so its length is known only where it was not
//!   encoded; in a page, for responses of other origins it never is.
//! - A browser hides where a redirect leads, so there it is an error; elsewhere it is followed as
//!   usual.
//! - In a browser a body that is no text in memory is read completely before it is sent, into the
//!   browser's memory; elsewhere it is a stream.
//! - While a page is hidden, its timers are late by a second or, after minutes, by a minute, and so
//!   are time limits and retries.
//! - A panic ends the module, also one of a tool's, which elsewhere is an error of its call: what
//!   was under way never ends, and later calls fail or hang. A page is loaded again then; where
//!   the module stays, as in service workers and on edge runtimes, a panic hook asks wasm-bindgen
//!   for a new instance, and JavaScript fails what waits: see `examples/web/worker` in the
//!   repository.
//! - Edge runtimes tie timers and connections to the request that they serve: a client may be kept
//!   for later requests, but what it has begun ends with the request that began it.
//! - There are no files to [upload](crate::Upload) by path: take a
//!   [`File`](crate::Upload::from_web_file) or a [`Blob`](crate::Upload::from_web_blob). Nothing is
//!   in the environment.

pub(crate) mod global;
pub(crate) mod local;

pub use self::local::send;
pub use crate::clock::WebClock;
pub use crate::transport::fetch::FetchTransport;
