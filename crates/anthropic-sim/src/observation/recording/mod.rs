//! Recording: exchanges with a real API kept as files, and served again without it.
//!
//! An exchange is three files: `0001-post-v1-messages.json` has method, path, status and the
//! headers that matter; beside it are the request's body and the response's, the latter as the
//! bytes that came over the wire. Headers are stored by a list of what may be, so that no
//! credential can be among them; bodies are scrubbed of keys, of fields that hold secrets, and of
//! whatever the request authenticated with.

mod replay;
#[cfg(feature = "record")]
mod save;
pub(crate) mod source;
mod store;
pub(crate) mod stored;
#[cfg(feature = "record")]
mod upstream;
