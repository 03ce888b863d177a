//! Message threads: conversations that the API holds, so that each turn sends only what is new.
//!
//! [`BetaMessages::thread`](crate::resources::BetaMessages::thread) makes a [`Thread`]; a run has
//! one by [`Runner::thread`](crate::tools::Runner::thread).

mod container;
mod position;
mod stored;
mod stream;
#[cfg(test)]
mod tests;
mod thread;

pub use stream::ThreadStream;
pub use thread::Thread;

pub(crate) use container::keep_container;
pub(crate) use position::{Reply, ThreadState};
pub(crate) use stored::StoredThread;
