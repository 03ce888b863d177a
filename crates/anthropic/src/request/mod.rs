//! What a request is: its target, headers and body as plain data, and the typed handle that sends
//! it.

mod body;
pub(crate) mod call;
pub(crate) mod credential;
pub(crate) mod deprecation;
pub(crate) mod encode;
pub(crate) mod extra;
pub(crate) mod headers;
pub(crate) mod multipart;
pub(crate) mod options;
pub(crate) mod path;
pub(crate) mod query;
mod typed;
pub(crate) mod upload;
pub(crate) mod wire;

pub use multipart::Form;
pub use options::RequestOptions;
pub use typed::Request;
pub use upload::Upload;
