//! The handles of the API's resources, which the methods of [`Client`](crate::Client) return.
//!
//! | handle | what it reaches |
//! |---|---|
//! | [`Messages`] | messages, plain and streamed, and counting their tokens |
//! | [`MessagesBatches`], [`BatchResults`] | batches of messages, and their results |
//! | [`Models`] | the models, and what they can do |
//! | [`Files`] | uploaded files |
//! | [`Skills`], [`SkillsVersions`] | skills, and their versions |
#![cfg_attr(
    feature = "completions",
    doc = "| [`Completions`] | text completions of the API version 2023-06-01 |"
)]
#![cfg_attr(
    feature = "admin",
    doc = "| [`Organization`] | the organization: the Admin API |"
)]
//! | [`BetaResources`] | the same and more, with features that the API may still change |
//!
//! Nearly all of them are generated; here are the methods with a behaviour of their own.

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
