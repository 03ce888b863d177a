//! Claude on Google Cloud, for the [Anthropic SDK](anthropic): the same
//! [`Client`](anthropic::Client), with the same methods, streams, retries and middleware, sends its
//! requests to one of Google Cloud's services.
//!
//! | service | made by | what it serves | models |
//! |---|---|---|---|
//! | Vertex AI | [`vertex`] | messages (in threads, too), streams, token counting | those of the API; older ones have their date behind an `@` |
//! | Claude on Google Cloud, run by Anthropic | [`google_cloud`] | everything | those of the API |
//!
#![cfg_attr(all(feature = "gcp-auth-0-12", feature = "hyper"), doc = "```no_run")]
#![cfg_attr(
    not(all(feature = "gcp-auth-0-12", feature = "hyper")),
    doc = "```text"
)]
//! use anthropic::types::MessageCreateParams;
//!
//! # async fn example() -> anthropic::Result<()> {
//! // With application default credentials.
//! let client = anthropic_google::vertex("us-central1", "my-project").load().await?;
//! let params = MessageCreateParams::new("claude-opus-5-5", 1024).user("Name three rivers.");
//! let message = client.messages().create(params).await?;
//! println!("{}", message.text());
//! # Ok(())
//! # }
//! ```
//!
//! Google's own errors have the kinds of the API's: `RESOURCE_EXHAUSTED` is
//! [`RateLimited`](anthropic::ErrorKind::RateLimited).
#![cfg_attr(docsrs, feature(doc_cfg))]

/// The README, whose example has to compile.
#[cfg(all(doctest, feature = "gcp-auth-0-12", feature = "hyper"))]
#[doc = include_str!("../README.md")]
struct Readme;

mod builder;
mod error;
#[cfg(feature = "gcp-auth-0-12")]
mod gcp_auth_0_12;
mod google_cloud;
#[cfg(feature = "google-cloud-auth-1")]
mod google_cloud_auth_1;
mod platform;
mod project;
mod vertex;

pub use builder::{GoogleBuilder, google_cloud, vertex};
pub use platform::Google;
