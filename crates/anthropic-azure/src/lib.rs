//! Claude on Azure, for the [Anthropic SDK](anthropic).
//!
//! [`foundry`] makes a [`Platform`](anthropic::Platform) of Microsoft Foundry: the same
//! [`Client`](anthropic::Client) with the same methods, streams, retries and middleware then sends
//! its requests there.
//!
#![cfg_attr(feature = "hyper", doc = "```no_run")]
#![cfg_attr(not(feature = "hyper"), doc = "```text")]
//! use anthropic::types::MessageCreateParams;
//!
//! # async fn example(key: String) -> anthropic::Result<()> {
//! let client = anthropic_azure::foundry("my-resource").api_key(key).build()?;
//! let params = MessageCreateParams::new("my-deployment", 1024).user("Name three rivers.");
//! let message = client.messages().create(params).await?;
//! println!("{}", message.text());
//! # Ok(())
//! # }
//! ```
//!
//! Models are called as the resource's deployments are.
#![cfg_attr(docsrs, feature(doc_cfg))]

/// The README, whose example has to compile.
#[cfg(all(doctest, feature = "azure-core-1", feature = "hyper"))]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(feature = "azure-core-1")]
mod azure_core_1;
mod foundry;

pub use foundry::{Foundry, FoundryBuilder, foundry};
