//! Claude on AWS, for the [Anthropic SDK](anthropic): the same [`Client`](anthropic::Client), with
//! the same methods, streams, retries and middleware, sends its requests to one of AWS's services.
//!
//! | service | made by | what it serves | models |
//! |---|---|---|---|
//! | Amazon Bedrock, InvokeModel | [`bedrock`] | messages (in threads, too), streams, token counting | ids of foundation models and inference profiles, ARNs |
//! | the same endpoint's own Messages API | [`bedrock_messages`] | messages | the same |
//! | Bedrock's Messages endpoint, "Mantle" | [`bedrock_mantle`] | messages | `anthropic.claude-…` |
//! | Claude Platform on AWS | [`claude_platform`] | everything but user profiles' action URLs | those of the API |
//!
#![cfg_attr(all(feature = "aws-config-1", feature = "hyper"), doc = "```no_run")]
#![cfg_attr(not(all(feature = "aws-config-1", feature = "hyper")), doc = "```text")]
//! use anthropic::types::MessageCreateParams;
//!
//! # async fn example() -> anthropic::Result<()> {
//! // Credentials as all of AWS's programs find them.
//! let client = anthropic_aws::bedrock().region("eu-central-1").load().await?;
//! let model = "eu.anthropic.claude-opus-5-5";
//! let params = MessageCreateParams::new(model, 1024).user("Name three rivers.");
//! let message = client.messages().create(params).await?;
//! println!("{}", message.text());
//! # Ok(())
//! # }
//! ```
//!
//! Model ids pass as they are. AWS's exceptions have the kinds of the API's errors: a
//! `ThrottlingException` is [`RateLimited`](anthropic::ErrorKind::RateLimited), in a stream too;
//! [`AwsException`] has AWS's own name and status.
#![cfg_attr(docsrs, feature(doc_cfg))]

/// The README, whose example has to compile.
#[cfg(all(doctest, feature = "aws-config-1", feature = "hyper"))]
#[doc = include_str!("../README.md")]
struct Readme;

mod auth;
mod builder;
mod event_stream;
mod exception;
mod invoke_model;
mod platform;
mod quiet;
mod response;
mod service;
mod sign;

pub use builder::{AwsBuilder, bedrock, bedrock_mantle, bedrock_messages, claude_platform};
pub use event_stream::{FrameError, FrameErrorKind};
pub use exception::AwsException;
pub use platform::Aws;
