//! The handles of the API's resources, which the methods of [`Client`](crate::Client) return.
//!
//! | handle | of a `client` | what it reaches |
//! |---|---|---|
//! | [`Messages`] | `messages()` | messages, plain and streamed, and counting their tokens |
//! | [`MessagesBatches`], [`BatchResults`] | `messages().batches()` | batches of messages, and their results |
//! | [`Models`] | `models()` | the models, and what they can do |
//! | [`Files`] | `files()` | uploaded files |
//! | [`Skills`], [`SkillsVersions`] | `skills()`, `skills().versions()` | skills, and their versions |
#![cfg_attr(
    feature = "completions",
    doc = "| [`Completions`] | `completions()` | text completions of the API version 2023-06-01 |"
)]
#![cfg_attr(
    feature = "admin",
    doc = "| [`Organization`] | `organization()` | the organization: the Admin API |"
)]
//! | [`BetaResources`] | `beta()` | the same and more, with features that the API may still change |
#![cfg_attr(
    feature = "agents",
    doc = "| [`BetaAgents`], [`BetaSessions`] and others | `beta().agents()` and so on | managed agents |"
)]
//!
//! A handle costs nothing to make. Its methods take ids and parameters, and return a
//! [`Request`](crate::Request), which is sent when it is awaited.

// Nearly all of them are generated; here are the methods with a behaviour of their own.

pub(crate) mod batches;
#[cfg(feature = "completions")]
pub(crate) mod completions;
pub(crate) mod messages;

pub use batches::BatchResults;

#[cfg(feature = "agents")]
pub use crate::generated::agents::*;
pub use crate::generated::beta::BetaResources;
#[cfg(feature = "completions")]
pub use crate::generated::completions::*;
pub use crate::generated::core::*;
#[cfg(feature = "admin")]
pub use crate::generated::organization::*;
