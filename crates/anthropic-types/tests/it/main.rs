//! The types as a program has them. They are one program, and there are no tests in `src`: each
//! further one compiles all of the types again.

#![allow(clippy::unwrap_used, reason = "a failed test panics")]

mod across;
mod batch_errors;
mod citations;
mod content;
mod converted;
mod extras;
mod files;
mod free_json;
mod json_errors;
mod media;
mod messages;
mod models;
mod numbers;
mod pages;
mod repairs;
mod streamed;
mod tags;
mod timestamps;
mod unknown;
mod usages;
