//! What makes a conversation invalid although its shape is right: a table of rules, each with the
//! API's message.
//!
//! A rule is here only if the API documents it; its file names the page. The wording of a message
//! is the API's where it is publicly known.

mod cache;
mod content;
mod media;
mod output;
mod pairing;
mod rules;
mod thinking;
mod tools;
mod turns;

pub(crate) use rules::Lenient;
