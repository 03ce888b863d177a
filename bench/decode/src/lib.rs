//! What the benchmark of decoding reads, and how it is read without the SDK.

pub mod borrowed;
pub mod call;
pub mod document;
