//! The run: it asks the model, runs the tools that the model calls, and asks again, until it is
//! done.
//!
//! [`turns`] is the loop, [`begin`] what comes before it, [`request`] what it sends, [`reply`] what
//! a message changes, [`calls`] the part of it between two messages, [`job`] one call, [`eager`]
//! the calls of a message that still arrives; [`caught`] keeps a panic of the caller's code from
//! ending it, [`known`] what a tool is asked once; [`transcript`] holds what must outlive an error
//! or a limit. The runner polls the loop's future and hands on its events: nothing is spawned.

mod approval;
mod begin;
mod calls;
mod canonical;
mod caught;
mod changes;
mod compact;
mod control;
mod eager;
mod emitter;
mod event;
mod ids;
mod job;
mod known;
mod nearest;
mod outcome;
mod reply;
mod request;
mod runner;
mod setters;
mod settings;
mod stored;
mod sync;
mod transcript;
mod turns;
mod unanswered;
mod waiting;

pub use approval::Approval;
pub use control::{AfterTool, Decision, Turn};
pub use event::RunEvent;
pub use outcome::{Limit, Outcome};
pub use runner::Runner;
pub use transcript::Transcript;
pub use waiting::Waiting;
