//! The types as a program has them. They are one program, and there are no tests in `src`: each
//! further one compiles all of the types again.

#![allow(clippy::unwrap_used, reason = "a failed test panics")]

mod across;
mod batch_errors;
mod citations;
mod content;
mod converted;
mod debug;
mod extras;
mod files;
mod free_json;
mod json_errors;
mod media;
mod messages;
mod models;
mod nulls;
mod numbers;
mod other_formats;
mod pages;
mod patches;
mod repairs;
mod streamed;
mod strings;
mod tags;
mod timestamps;
mod unknown;
mod usages;
mod vacant;
