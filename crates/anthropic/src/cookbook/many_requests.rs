//! Many requests, so many of them at a time. Needs the feature `schemars-1`, and the crates
//! `futures-util`, `schemars` and `serde`.
//!
//! [`buffer_unordered`](https://docs.rs/futures-util/latest/futures_util/stream/trait.StreamExt.html#method.buffer_unordered)
//! keeps a number of requests under way, starts the next one when one is done, and returns results
//! in the order in which they come; `buffered` does the same in the order of the prompts. Each
//! result has its own errors, so that one that fails ends none of the others:
//!
//! ```
//! use anthropic::types::{MessageCreateParams, Model};
//! use anthropic::{Client, ErrorKind};
//! use anthropic_sim::faults::Rule;
//! use anthropic_sim::{Reply, Simulator, When};
//! use futures_util::{StreamExt, stream};
//! use serde_json::json;
//!
//! #[derive(serde::Deserialize, schemars::JsonSchema)]
//! struct Letter {
//!     sender: String,
//!     demands: Vec<Demand>,
//! }
//!
//! #[derive(serde::Deserialize, schemars::JsonSchema)]
//! struct Demand {
//!     what: String,
//!     /// In cents.
//!     amount: Option<u32>,
//! }
//!
//! const AT_A_TIME: usize = 8;
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let letter = json!({"sender": "Ada", "demands": [{"what": "a saw", "amount": 1950}]});
//!     let simulator = Simulator::builder()
//!         .fault(Rule::parse("status=429; should-retry=true; times=2")?)
//!         .when(When::text("letter 13"), Reply::error(400, "invalid_request_error", "no"))
//!         .when(When::any(), Reply::json(&letter))
//!         .start()
//!         .await?;
//!     let client = Client::builder()
//!         .api_key(simulator.api_key())
//!         .base_url(simulator.url())
//!         .max_retries(4)
//!         .build()?;
//!
//!     let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024);
//!     let letters = (0..40).map(|number| format!("This is letter {number}."));
//!     let requests = letters.enumerate().map(|(number, text)| {
//!         let request = client.messages().parse::<Letter>(params.clone().user(text));
//!         async move { (number, request.await.and_then(|parsed| parsed.into_output())) }
//!     });
//!     let mut results = stream::iter(requests).buffer_unordered(AT_A_TIME);
//!     let (mut read, mut failed) = (0, Vec::new());
//!     while let Some((number, result)) = results.next().await {
//!         match result {
//!             Ok(letter) => read += letter.demands.len(),
//!             // The same for all that follow.
//!             Err(error) if error.kind() == ErrorKind::Authentication => return Err(error.into()),
//!             Err(error) => failed.push((number, error)),
//!         }
//!     }
//!     assert_eq!((read, failed.len()), (39, 1));
//!     println!("letter {}: {}", failed[0].0, failed[0].1);
//!     Ok(())
//! }
//! ```
//!
//! - Requests share the client's connections. `params` is copied when a request's turn comes, not
//!   for all at once.
//! - A retry waits in its request's place, so that fewer are under way while the API asks to wait.
//!   If [`RateLimited`](crate::ErrorKind::RateLimited) errors stay, lower the number or raise
//!   [`max_retries`](crate::RequestOptions::max_retries).
//!   [`rate_limits`](crate::ResponseMeta::rate_limits) of a response's
//!   [`meta`](crate::Response::meta) shows what is left.
//! - Dropping the stream cancels what is under way.
//! - What can wait for up to a day is cheaper as a [batch](crate::resources::MessagesBatches).
