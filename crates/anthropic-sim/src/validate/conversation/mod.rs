//! What makes a request for a message invalid although its shape is right: a table of rules, each
//! with the API's message where that is known.
//!
//! A rule is here only if the API documents it or was seen to refuse what breaks it; the rule names
//! the page or the public report that quotes the message. Where no page or report does, the rule
//! names whose words they are.

mod bytes;
mod cache;
mod content;
mod keywords;
mod media;
mod pairing;
mod recursion;
mod request;
mod rules;
mod sampling;
mod schemas;
mod thinking;
mod tools;
mod turns;

pub(crate) use self::rules::Lenient;
pub(crate) use self::turns::Scope;
