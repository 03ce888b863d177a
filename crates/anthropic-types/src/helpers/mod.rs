//! Conveniences on the generated types, a file a subject.

mod choices;
mod citations;
mod content;
mod conversation;
mod copied;
mod display;
mod errors;
mod files;
mod media;
mod message;
mod model;
mod repairs;
mod stream_event;
mod tools;
mod update;
mod usage;

pub use citations::CitationPlace;
pub(crate) use errors::write_line;
pub use media::MediaError;
