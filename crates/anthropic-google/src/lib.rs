//! Claude on Google Cloud, for the [Anthropic SDK](anthropic).
//!
//! [`vertex`] makes a [`Platform`](anthropic::Platform) of Vertex AI: the same
//! [`Client`](anthropic::Client) with the same methods, streams, retries and middleware then sends
//! its requests there.
//!
#![cfg_attr(feature = "gcp-auth-0-12", doc = "```no_run")]
#![cfg_attr(not(feature = "gcp-auth-0-12"), doc = "```text")]
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
//! Models are called as Vertex AI calls them; older ones have their date behind an `@`.
#![cfg_attr(docsrs, feature(doc_cfg))]

/// The README, whose example has to compile.
#[cfg(all(doctest, feature = "gcp-auth-0-12"))]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(feature = "gcp-auth-0-12")]
mod gcp_auth_0_12;
mod vertex;

pub use vertex::{Vertex, VertexBuilder, vertex};
