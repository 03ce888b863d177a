//! Writing Rust.

pub(crate) mod docs;
pub(crate) mod files;
pub(crate) mod types;
