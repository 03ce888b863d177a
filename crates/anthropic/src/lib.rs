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
//! | give the model tools, and run them | `tools`, `Messages::run`: see [features](#features) |
//! | call tools by hand | [`types::Tool`], [`types::Message::tool_uses`], [`types::ToolUseBlock::result`] |
//! | get a response as a value of a type of yours | `typed`: see [features](#features); [`types::OutputConfig`], [`types::Message::json`] |
//! | cache the prompt of a conversation that grows | [`caching`] |
//! | have the API hold a conversation, fall back to other models after a refusal | `threads`, `fallback`: see [features](#features) |
//! | run batches and read their results | [`Client::messages`]`.batches()`, [`Poller`], [`resources::BatchResults`] |
//! | list things | [`Page`], [`Items`], [`Pages`] |
//! | send files | [`Upload`], [`Client::files`], [`Client::skills`]; inside of a message: [`media`] |
//! | run agents, administer an organization | `Client::beta`, `Client::organization`: see [features](#features) |
//! | use beta features | [`Client::beta`], [`Request::beta`], [`types::Beta`] |
//! | set options of one request, or read its headers and ids | [`Request`], [`Response`] |
//! | read a response undecoded | [`Request::raw`] |
//! | do without async | `send_blocking()`, `blocking`: see [features](#features) |
//! | log in, or use an identity of the machine's | the module `credentials`: see [features](#features) |
//! | take what webhooks deliver | the module `webhooks`: see [features](#features) |
//! | handle errors | [`Error`], [`ErrorKind`] |
//! | call endpoints unknown to this version | [`Client::get`], [`Client::post`], [`Request::extra_body`] |
//! | describe endpoints of your own, or list those of the API | [`operation`], [`operations()`] |
//! | call operations by name | `Client::call`: see [features](#features) |
//! | put code around every attempt | [`Middleware`], [`middleware_fn`] |
//! | set proxies, certificates, the pool | `hyper_1::HyperTransport` |
//! | bring your own HTTP | [`transport::Transport`] |
//! | talk to another platform | the crates `anthropic-aws` (Amazon Bedrock, Claude Platform), `anthropic-google` (Vertex AI, Claude on Google Cloud) and `anthropic-azure` (Foundry); another: [`Platform`] |
//! | run in browsers and at the edge | the module `web` on wasm32: see [where it runs](#where-it-runs) |
//! | test without a network | the crate `anthropic-sim` |
//! | send many requests at a time, go on after an error in the middle | `many_requests` and `interrupted` in the module `cookbook` |
//! | see whole programs | the module `cookbook` of the docs with all features |
//!
//! All data is in [`types`]: one type a concept, the same for requests and responses, GA and beta.
//! Structs are made with `new(required fields)` and bare-named setters. Nothing the API sends is
//! lost: what is unknown to this version is in `extra` and in `Unrecognized`, and is written back
//! as it came.
//!
//! # Where it runs
//!
//! On a tokio runtime with time and I/O enabled, current-thread or multi-thread; `#[tokio::main]`
//! makes one; outside of a runtime a request fails. Without default features nothing needs tokio: a
//! [`Transport`](transport::Transport) and a [`Clock`] of your own then decide where it runs.
//!
//! On `wasm32-unknown-unknown`, without default features and with the feature `web`: in pages, web
//! workers, service workers, edge runtimes, Node, Deno and Bun, on the global `fetch` and
//! `setTimeout`. Clients, requests and streams are `Send` there, too, and so are the futures that
//! they take; `web::send` makes such a future of one that holds values of JavaScript's. **A page
//! shows its credentials to everyone who opens it**, so a client with one is refused there, unless
//! `ClientBuilder::dangerous_allow_browser` is called; the module `web` has the alternatives, and
//! what else is different.
//!
//! The feature `blocking` brings a runtime:
//!
//! ```no_run
//! # #[cfg(feature = "blocking")]
//! # fn run(params: anthropic::types::MessageCreateParams) -> anthropic::Result<()> {
//! let client = anthropic::Client::from_env()?;
//! let message = client.messages().create(params).send_blocking()?;
//! # Ok(())
//! # }
//! ```
//!
//! It is tested on Linux, and nowhere else; the feature `web` there in Chromium (pages, web workers
//! and service workers), Node, Deno, Bun, and `workerd`, the runtime of Cloudflare Workers.
//!
//! # A request
//!
//! Every method returns a [`Request`], which does nothing until it is awaited. Before that it takes
//! options:
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
//! Dropping a future cancels its request, at any point: no request runs in a task of its own. (The
//! default transport has tasks that drive its connections and close idle ones.)
//!
//! # Defaults
//!
//! Two retries, on connection errors, timeouts, 408, 409, 429 and 5xx, as the server asks or with
//! growing delays ([`retry`]); 10 s to connect, 600 s for the response's headers, no limit on the
//! whole; streams may be idle for 120 s, and 300 s without an event ([`StreamLimits`]). Credentials
//! never leave the client's origin, and never show in `Debug`, errors or logs.
//!
//! # Tools, files, raw responses
//!
//! ```no_run
//! # use anthropic::{Client, Upload, types::*};
//! # async fn run(client: Client, params: MessageCreateParams) -> anthropic::Result<()> {
//! // After a message that calls tools, send back their results.
//! let message = client.messages().create(&params).await?;
//! let results: Vec<_> = message.tool_uses().map(|call| call.result("12 °C")).collect();
//! let next = params.message(message).message(MessageParam::user(results));
//!
//! // A file is read piece by piece while it is sent.
//! let report = Upload::from_path("report.pdf")?;
//! let file = client.files().upload(report, FileUploadParams::new()).await?;
//!
//! // A response as it came over the wire.
//! let raw = client.files().retrieve_metadata(&file.id).raw().await?;
//! println!("{}: {:?}", raw.status(), raw.into_body().bytes().await?);
//! # Ok(())
//! # }
//! ```
//!
//! # Logs
//!
//! Each request is a [`tracing`] span `anthropic.request` at `INFO` with the fields `operation`,
//! `method`, `route` (the path's template, without ids), `attempts`, `status`, `request_id` and
//! `error` (the [`ErrorKind`]); what is not known yet, or is not, is empty. It ends when the
//! response's head is there, or its JSON. Its events, at targets that begin with `anthropic`:
//!
//! - `INFO`: a retry (`trying again`), with `attempt`, `kind`, `status`, `request_id` and `delay`.
//! - `DEBUG`: an attempt (`sending`, with `attempt`), its response's head (`response`, with
//!   `status` and harmless `headers` only), the last failure (`failed`, with `attempt`, `kind` and
//!   the `reason` why it is not retried).
//! - `WARN`: a redirect turned the request into a `GET`. Outside of spans, once: both
//!   `ANTHROPIC_API_KEY` and `ANTHROPIC_AUTH_TOKEN` are set; a deprecated model is used, once for
//!   each (`model`, `end_of_life`). With the feature `profiles`: a token could not be renewed, or
//!   not stored; a profile, or what the environment sets up, is ignored.
//!
//! A call of a tool in a run is a span `anthropic.tool` at `INFO` with the fields `tool` and
//! `call`. In it, at `WARN`, is `a tool failed` with its `kind`, and at `DEBUG` its `error`, which
//! may be what the tool was given. At `WARN` are also a conversation that was not summed up and a
//! fallback that could not be asked, and at `INFO` a thread that begins anew.
//!
//! Most subscribers write a line for an event and none for a span. With `tracing-subscriber` it is
//! `fmt().with_span_events(FmtSpan::CLOSE)` that writes one as a request ends, with all its fields
//! and the time that it took.
//!
//! No body is logged. A [`debug_log`] does that: as a middleware, or by the variable
//! `ANTHROPIC_LOG` for a client that reads the environment. [`Error::dump`] has the exchange behind
//! one error.
//!
//! # Features
//!
//! Of what needs a feature that is not switched on the compiler names the feature: of a module or a
//! function, and of those methods in the last column of this table that a client, its handles and
//! requests have.
//!
//! | feature | what it is | what needs it |
//! |---|---|---|
//! | `hyper` (default) | the default transport, on hyper 1 with rustls and ring | [`Client::new`] and [`Client::from_env`] without a [`Transport`](transport::Transport) of your own; `hyper_1` |
//! | `tokio` (by `hyper`, `reqwest`, `blocking`, `profiles`) | the default clock, on tokio's timer, and files; without it, give the builder a [`Clock`] | `Upload::from_path()`, `reader()`, `reopenable()`; `Body::save_to()` and the like, `transport::tokio_1`; `webhooks::Verifier::from_env()` |
//! | `reqwest` | a transport on a client of reqwest 0.13 of your own | `reqwest_0_13` |
//! | `blocking` | the client without async, on a runtime of its own | `send_blocking()` on every request; `blocking::iter()`, `blocking::wait()` |
//! | `tools` | tools that are functions of yours, and the run that calls them; threads of messages, fallbacks to other models | `messages().run()`, `messages().resume()`, `beta().messages().thread()`; `tools::tool_fn()` and all else in `tools`, `threads`, `fallback` |
//! | `schemars-1` | schemas of your types by schemars 1: of tools' inputs, and of typed results | `messages().parse()`, `messages().parse_stream()`, `parse()` of a batch's row; `typed`, `schema`. With `tools` they are there for types whose [`Schema`](schema::Schema) is written by hand |
//! | `macros` | the attributes `#[tool]` and `#[tools]`; includes `tools` and `schemars-1` | `tool`, `tools` |
//! | `webhooks` | what webhooks deliver, verified | `webhooks`, `types::webhooks` |
//! | `profiles` | the credentials that the official SDKs share: profiles on disk with OAuth logins, and workload identity federation; [`Client::from_env`] looks for them, too | `credentials` |
//! | `agents` | managed agents, with the event streams of sessions and threads | `agents()`, `sessions()`, `environments()`, `memory_stores()`, `vaults()`, `deployments()`, `deployment_runs()`, `dreams()` and `tunnels()` of `beta()`; `types::agents` |
//! | `admin` | the organization, known as the Admin API, and user profiles | `organization()`, `user_profiles()`, and the same of `beta()`; `beta().compliance()`; `types::organization`, `types::user_profiles`, `types::compliance` |
//! | `completions` | text completions of the API version 2023-06-01 | `completions()` |
//! | `full` | `agents`, `admin`, `webhooks` and `completions` | |
//! | `operations` | what every operation takes, as data; any of them sent by name | `call()` of a client; `doc()`, `parameter()`, `parameters()` of an [`OperationInfo`] |
//! | `tower` | transports as tower services, and the other way round | `transport::tower` |
//! | `webpki-roots` | Mozilla's trust roots, used where the platform has none, as in an empty container | |
//! | `web` | a transport, a clock and uploads for `wasm32-unknown-unknown`; nothing on other targets | `web`, `Upload::from_web_file()`, `Upload::from_web_blob()`, `ClientBuilder::dangerous_allow_browser()` |
//!
//! Conversions of [`types::Timestamp`] are features of the crate `anthropic-types`: `jiff`,
//! `chrono`, `time`.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "macros")]
#[doc(hidden)]
pub mod __macros;
mod base64;
#[cfg(feature = "blocking")]
#[cfg_attr(docsrs, doc(cfg(feature = "blocking")))]
pub mod blocking;
pub mod caching;
mod client;
mod clock;
mod config;
#[cfg(all(any(doc, doctest), feature = "hyper", feature = "macros"))]
pub mod cookbook;
#[cfg(feature = "profiles")]
#[cfg_attr(docsrs, doc(cfg(feature = "profiles")))]
pub mod credentials;
mod error;
#[cfg(feature = "tools")]
#[cfg_attr(docsrs, doc(cfg(feature = "tools")))]
pub mod fallback;
mod future;
mod generated;
pub mod jsonl;
pub mod media;
mod off;
pub mod operation;
pub mod operations;
pub mod partial_json;
mod pipeline;
mod poll;
mod request;
pub mod resources;
mod response;
#[cfg(any(feature = "schemars-1", feature = "tools"))]
#[cfg_attr(docsrs, doc(cfg(any(feature = "schemars-1", feature = "tools"))))]
pub mod schema;
pub mod sse;
pub mod stream;
mod text;
#[cfg(feature = "tools")]
#[cfg_attr(docsrs, doc(cfg(feature = "tools")))]
pub mod threads;
#[cfg(feature = "tools")]
#[cfg_attr(docsrs, doc(cfg(feature = "tools")))]
pub mod tools;
mod trace;
#[cfg(any(feature = "schemars-1", feature = "tools"))]
#[cfg_attr(docsrs, doc(cfg(any(feature = "schemars-1", feature = "tools"))))]
pub mod typed;
#[cfg(all(feature = "web", any(target_arch = "wasm32", anthropic_docs)))]
#[cfg_attr(docsrs, doc(cfg(all(feature = "web", target_arch = "wasm32"))))]
pub mod web;
#[cfg(feature = "webhooks")]
#[cfg_attr(docsrs, doc(cfg(feature = "webhooks")))]
pub mod webhooks;

use operation::{AnswerKind, BodyKind, Operation, OperationInfo, PageShape};

/// The README, whose examples have to compile. They need what a client has by default, `blocking`,
/// `operations`, `profiles`, `macros` and `webhooks`.
#[cfg(all(
    doctest,
    feature = "hyper",
    feature = "blocking",
    feature = "operations",
    feature = "profiles",
    feature = "macros",
    feature = "webhooks"
))]
#[doc = include_str!("../../../README.md")]
struct Readme;

pub use anthropic_types as types;

pub use client::Client;
pub use clock::Clock;
pub use config::{
    API_VERSION, AuthScheme, BASE_URL, ClientBuilder, CredentialKind, CredentialSource,
    StreamLimits,
};
pub use error::{Error, ErrorKind, Result};
pub use future::BoxFuture;
pub use operations::operations;
pub use pipeline::platform::{Credentials, Platform};
#[cfg(feature = "hyper")]
#[cfg_attr(docsrs, doc(cfg(feature = "hyper")))]
pub use pipeline::transport::hyper_1;
#[cfg(feature = "reqwest")]
#[cfg_attr(docsrs, doc(cfg(feature = "reqwest")))]
pub use pipeline::transport::reqwest_0_13;
pub use pipeline::{
    Attempt, DebugLog, LogLevel, Middleware, Next, debug_log, middleware_fn, platform, retry,
    transport,
};
pub use poll::Poller;
pub use request::{Form, Request, RequestOptions, Upload};
pub use response::{Items, Page, Pages, RateLimit, RateLimits, Response, ResponseMeta};
pub use stream::MessageStream;

/// Makes a tool of a function, async or not; see [`tools`](mod@tools#attributes).
#[cfg(feature = "macros")]
#[cfg_attr(docsrs, doc(cfg(feature = "macros")))]
pub use anthropic_macros::tool;
/// Makes tools of the methods of an `impl` block; see [`tools`](mod@tools#attributes).
#[cfg(feature = "macros")]
#[cfg_attr(docsrs, doc(cfg(feature = "macros")))]
pub use anthropic_macros::tools;
