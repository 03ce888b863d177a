//! What comes back: the response before it is decoded, its metadata, pages.

pub(crate) mod incoming;
pub(crate) mod page;
pub(crate) mod rate_limits;
mod typed;

pub use incoming::Incoming;
pub use page::{Items, Page, Pages};
pub use rate_limits::{RateLimit, RateLimits};
pub use typed::Response;
pub(crate) use typed::{LastMeta, Meta};
