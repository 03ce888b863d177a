//! The run: it asks the model, runs the tools that the model calls, and asks again, until it is
//! done.
//!
//! [`machine`] is the loop, [`calls`] the part of it between two messages, [`job`] one call;
//! [`caught`] keeps a panic of the caller's code from ending it; [`transcript`] holds what must
//! outlive an error or a limit. The runner polls the loop's future and hands on its events: nothing
//! is spawned.

mod approval;
mod calls;
mod canonical;
mod caught;
mod changes;
mod control;
mod emitter;
mod event;
mod job;
mod machine;
mod outcome;
mod runner;
mod settings;
mod stored;
mod sync;
mod transcript;
mod usage;
mod waiting;

pub use approval::Approval;
pub use control::{AfterTool, Decision, Turn};
pub use event::RunEvent;
pub use outcome::{Limit, Outcome};
pub use runner::Runner;
pub use transcript::Transcript;
pub use waiting::Waiting;
