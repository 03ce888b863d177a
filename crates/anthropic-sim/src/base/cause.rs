//! Which rule decided what a request got.

/// What the inspector links a request to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The rule on conversations of this name refused it.
    Check(&'static str),
    /// The rule of a script with this number replied.
    Rule(u64),
}
