//! Writing Rust.

pub(crate) mod betas;
pub(crate) mod calls;
pub(crate) mod conformance;
pub(crate) mod conversions;
pub(crate) mod docs;
pub(crate) mod facts;
mod field_text;
pub(crate) mod files;
pub(crate) mod modules;
pub(crate) mod operations;
pub(crate) mod resources;
pub(crate) mod sample;
pub(crate) mod sentences;
pub(crate) mod simulator;
pub(crate) mod tables;
pub(crate) mod types;
