//! Requests and responses as the API's subjects see them: no sockets, no state but the rate limits.

pub(crate) mod body;
pub(crate) mod bounded;
pub(crate) mod call;
pub(crate) mod event_stream;
pub(crate) mod multipart;
pub(crate) mod paging;
pub(crate) mod rate_limits;
pub(crate) mod sse;
