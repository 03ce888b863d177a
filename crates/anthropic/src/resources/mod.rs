//! The handles of the API's resources, as [`Client`](crate::Client) gives them.
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
