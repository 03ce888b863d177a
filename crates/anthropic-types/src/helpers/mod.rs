//! Conveniences on the generated types, a file a subject.

mod content;
mod conversation;
mod errors;
mod message;
mod model;
mod repairs;
mod stream_event;
mod tools;
mod update;
