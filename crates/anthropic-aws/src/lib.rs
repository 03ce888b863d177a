//! Claude on AWS, for the [Anthropic SDK](anthropic).
//!
//! [`bedrock`] makes a [`Platform`](anthropic::Platform) of Amazon Bedrock: the same
//! [`Client`](anthropic::Client) with the same methods, streams, retries and middleware then sends
//! its requests there.
//!
//! ```no_run
//! use anthropic::types::MessageCreateParams;
//!
//! # async fn example() -> anthropic::Result<()> {
//! // The region from `AWS_REGION`, the credential from the environment.
//! let client = anthropic_aws::bedrock().from_env()?.client()?;
//! let params = MessageCreateParams::new("eu.anthropic.claude-opus-5-5", 1024).user("Name three rivers.");
//! let message = client.messages().create(params).await?;
//! println!("{}", message.text());
//! # Ok(())
//! # }
//! ```
//!
//! Models are called as Bedrock calls them: ids of foundation models, of inference profiles, and
//! ARNs pass as they are.
#![cfg_attr(docsrs, feature(doc_cfg))]

/// The README, whose example has to compile.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod bedrock;
mod credentials;
mod event_stream;
mod exception;
mod sign;

pub use bedrock::{Bedrock, BedrockBuilder, bedrock};
pub use event_stream::{FrameError, FrameErrorKind};
