//! The data types of the Claude API: requests, responses and stream events, without any I/O.
//!
//! This crate is what the `anthropic` client speaks; on its own it serves programs that store,
//! forward or inspect such data. It depends on serde and serde_json only.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[macro_use]
mod macros;

pub mod codec;
mod extra;
mod json;
mod node;
mod patch;
mod secret;
mod timestamp;
mod unrecognized;

pub use codec::{Decode, DecodeError, Encode, from_slice, to_vec};
pub use extra::Extra;
pub use json::{InvalidJson, Json};
pub use patch::{Null, Patch};
pub use secret::Secret;
#[cfg(any(feature = "jiff", feature = "chrono", feature = "time"))]
pub use timestamp::InvalidTimestamp;
pub use timestamp::Timestamp;
pub use unrecognized::Unrecognized;

serde_by_codec! { Timestamp }

mod generated;
mod helpers;
pub use generated::*;
