//! What the generated resources can't say: methods with a behaviour of their own.

pub(crate) mod batches;
pub(crate) mod completions;
pub(crate) mod messages;
