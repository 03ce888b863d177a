//! The data types of the Claude API: requests, responses and stream events, without any I/O.
//!
//! The `anthropic` client is built on this crate; on its own it serves programs that store, forward
//! or inspect such data. It depends on serde, serde_json and zeroize (which erases secrets)
//! only.
//!
//! # Types by subject
//!
//! | subject | start at |
//! |---|---|
//! | messages | [`MessageCreateParams`], [`MessageParam`], [`Message`], [`SystemPrompt`], [`StopReason`], [`Usage`], [`Model`], [`MessageCountTokensParams`] |
//! | content blocks | [`ContentBlock`], [`TextBlock`], [`ImageBlock`], [`DocumentBlock`], [`SearchResultBlock`], [`ThinkingBlock`], [`TextCitation`] |
//! | tools | [`ToolUnion`], [`Tool`], [`ToolChoice`], [`ToolUseBlock`], [`ToolResultBlock`], [`ServerToolUseBlock`], [`McpToolset`], [`BrowserToolset20260801`], [`ComputerToolset20260801`] |
//! | output, thinking, context | [`OutputConfig`], [`JsonOutputFormat`], [`ThinkingConfig`], [`CacheControlEphemeral`], [`ContextEdit`], [`Beta`] |
//! | streaming | [`StreamEvent`], [`ContentBlockDelta`], [`MessageDelta`] |
//! | batches | [`BatchCreateParams`], [`BatchRequest`], [`MessageBatch`], [`MessageBatchIndividualResponse`] |
//! | models | [`ModelInfo`], [`ModelCapabilities`], [`ModelListParams`] |
//! | files and skills | [`FileMetadata`], [`FileUploadParams`], [`Skill`], [`SkillVersion`], [`ContainerSkill`] |
//! | errors | [`ErrorObject`], [`ErrorType`], [`ErrorCode`], [`ErrorDetails`] |
#![cfg_attr(
    feature = "agents",
    doc = "| agents | [`Agent`](agents::Agent), [`Session`](agents::Session) and its events ([`agents::sessions`]), \
           [`Environment`](agents::Environment), [`MemoryStore`](agents::MemoryStore), [`Vault`](agents::Vault), \
           [`Deployment`](agents::Deployment) |"
)]
#![cfg_attr(
    feature = "admin",
    doc = "| organization | [`Organization`](organization::Organization), [`Workspace`](organization::Workspace), \
           [`ApiKey`](organization::ApiKey), [`OrganizationUser`](organization::OrganizationUser), \
           [`OrganizationInvite`](organization::OrganizationInvite), [`UserProfile`](user_profiles::UserProfile) |"
)]
#![cfg_attr(
    feature = "webhooks",
    doc = "| webhooks | [`WebhookEvent`](webhooks::WebhookEvent) |"
)]
//! | what all of them are made of | [`Json`], [`Extra`], [`Unrecognized`], [`Timestamp`], [`Patch`], [`Secret`] |
//!
//! # Areas and features
//!
//! | where | what | feature |
//! |---|---|---|
//! | the crate's root | messages, streams, tools, batches, models, files, skills | always |
//! | `agents` | managed agents: agents, sessions, environments, memory stores, vaults, deployments, dreams, tunnels | `agents` |
//! | `organization`, `user_profiles` | the organization (Admin API), and user profiles | `admin` |
//! | `webhooks` | what webhooks deliver | `webhooks` |
//! | the crate's root | `Completion`, `CompletionCreateParams` (API version 2023-06-01) | `completions` |
//!
//! `full` is all of them; `jiff`, `chrono` and `time` add conversions of [`Timestamp`]. Features
//! only add. Names are the official SDKs' without `Beta` and `Raw` in front and `Param` behind,
//! except where a request's and a response's type stay two (`MessageParam`, `Message`); where a
//! module makes more of a name superfluous (`BetaManagedAgentsSession` is `agents::Session`),
//! searching these pages for the official name finds it.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[macro_use]
mod macros;

pub mod codec;
mod extra;
mod json;
mod json_error;
mod node;
mod patch;
mod repair;
#[cfg(feature = "schemars-1")]
mod schemars_1;
mod secret;
mod timestamp;
mod unrecognized;

pub use codec::{
    Decode, DecodeError, Decoding, Encode, EncodeError, from_slice, from_slice_with, repairs,
    to_vec, try_to_vec,
};
pub use extra::{Extra, ExtraIter};
pub use json::{InvalidJson, Json};
pub use json_error::JsonError;
pub use patch::{Null, Patch};
pub use repair::{Repair, RepairKind};
pub use secret::Secret;
pub use timestamp::{InvalidTimestamp, Timestamp};
pub use unrecognized::Unrecognized;

serde_by_codec! { Timestamp }

mod generated;
mod helpers;
pub use generated::*;
// By their names, so that the compiler names the feature of one that is off.
#[cfg(feature = "agents")]
pub use generated::agents;
#[cfg(feature = "webhooks")]
pub use generated::webhooks;
#[cfg(feature = "admin")]
pub use generated::{compliance, organization, user_profiles};
pub use helpers::{CitationPlace, MediaError};
