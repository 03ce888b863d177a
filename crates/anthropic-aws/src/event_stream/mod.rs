//! AWS event streams: the binary frames that Bedrock's streams are made of, and the server-sent
//! events in them.

mod events;
mod frame;

pub(crate) use events::ServerSentEvents;
pub use frame::{FrameError, FrameErrorKind};

/// The media type of an event stream.
pub(crate) const MEDIA_TYPE: &str = "application/vnd.amazon.eventstream";
