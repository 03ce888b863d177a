//! Writing Rust.

pub(crate) mod conformance;
pub(crate) mod docs;
pub(crate) mod files;
pub(crate) mod operations;
pub(crate) mod simulator;
pub(crate) mod types;
