//! The handles of the API's resources, as [`Client`](crate::Client) gives them.
//!
//! Nearly all of them are generated; here are the methods with a behaviour of their own.

pub(crate) mod batches;
pub(crate) mod completions;
pub(crate) mod messages;

pub use batches::BatchResults;

pub use crate::generated::core::*;
