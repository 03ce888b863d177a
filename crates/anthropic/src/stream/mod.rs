//! Responses that arrive in pieces: streamed messages, events, and rows of JSON.
//!
//! Each layer does one thing and is usable alone. Bytes become events in [`sse`](crate::sse),
//! events become a message in [`MessageAccumulator`], tool inputs become readable in
//! [`partial_json`](crate::partial_json): plain state machines without I/O. [`MessageStream`] is
//! the shell around them that reads, waits and resends.

mod accumulator;
mod alone;
mod decode;
mod events;
mod feed;
mod fold;
mod frame;
mod halves;
mod inputs;
mod lines;
mod message_stream;
mod misfit;
mod opaque;
mod open;
mod opening;
mod protocol;
mod reader;
mod record;
mod slots;
mod snapshot_events;
mod sorted;
mod stranger;
mod surplus;
mod text;

pub use accumulator::MessageAccumulator;
pub use events::EventStream;
pub use lines::JsonLines;
pub use message_stream::MessageStream;
pub use protocol::ProtocolError;
pub use snapshot_events::{SnapshotEvent, SnapshotEvents};
pub use text::TextStream;

pub use crate::response::idle::{Missing, Stalled};

#[cfg(any(feature = "completions", feature = "operations"))]
pub(crate) use events::open_event_stream;
pub(crate) use events::{open_message_events, open_quiet_stream};
pub(crate) use open::{open_json_lines, open_message, open_message_stream};
