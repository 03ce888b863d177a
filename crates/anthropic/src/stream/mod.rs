//! Answers that arrive in pieces: streamed messages, and rows of JSON.
//!
//! Each layer does one thing and is usable alone. Bytes become events in [`sse`](crate::sse), events
//! become a message in [`Machine`], tool inputs become readable in
//! [`partial_json`](crate::partial_json): plain state machines without I/O. [`MessageStream`] is the
//! shell around them that reads, waits and tries again.

mod decode;
mod events;
mod feed;
mod fold;
mod helper_events;
mod idle;
mod lines;
mod machine;
mod message_stream;
mod open;
mod opening;
mod reader;
mod record;
mod text;

pub use events::EventStream;
pub use helper_events::{HelperEvent, HelperEvents};
pub use idle::{Silent, Stalled};
pub use lines::JsonLines;
pub use machine::{Machine, ProtocolError};
pub use message_stream::MessageStream;
pub use text::TextStream;

#[cfg(feature = "completions")]
pub(crate) use events::open_event_stream;
pub(crate) use events::open_patient_stream;
pub(crate) use open::{open_json_lines, open_message, open_message_stream};
