//! Writing Rust.

pub(crate) mod across;
pub(crate) mod aliases;
pub(crate) mod betas;
pub(crate) mod calls;
pub(crate) mod conformance;
pub(crate) mod conversions;
mod deliveries;
pub(crate) mod described;
pub(crate) mod docs;
pub(crate) mod entries;
pub(crate) mod example;
pub(crate) mod facts;
pub(crate) mod files;
pub(crate) mod imports;
pub(crate) mod modules;
pub(crate) mod operations;
pub(crate) mod resources;
mod rustfmt;
pub(crate) mod sample;
pub(crate) mod sentences;
pub(crate) mod simulator;
pub(crate) mod tables;
pub(crate) mod types;
