//! What comes back: the response before it is decoded, its metadata, its limits, pages.

pub(crate) mod deadline;
pub(crate) mod exchange;
pub(crate) mod idle;
pub(crate) mod incoming;
pub(crate) mod meta;
pub(crate) mod page;
pub(crate) mod rate_limits;
mod typed;
pub(crate) mod whole;

pub use meta::ResponseMeta;
pub use page::{Items, Page, Pages};
pub use rate_limits::{RateLimit, RateLimits};
pub use typed::Response;
