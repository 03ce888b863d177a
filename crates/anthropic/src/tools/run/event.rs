//! What happens during a run, as its stream returns it.

use std::sync::Arc;
use std::time::Duration;

use anthropic_types::{Message, StreamEvent};

use super::outcome::Outcome;
use crate::tools::call::ToolCall;
use crate::tools::error::ToolError;
use crate::tools::output::ToolOutput;

/// Something that happens during a run.
///
/// The events of one call are `ToolStarted` and `ToolFinished`; or `ToolFinished` alone, where
/// nothing ran; or `ToolDenied`, or `ToolDeferred`. Every call has one of the last three unless the
/// run ends before.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum RunEvent {
    /// A piece of the model's message, where the run [streams](super::Runner::stream). A summary
    /// of [`compact_above`](super::Runner::compact_above) is no such message.
    Model(Box<StreamEvent>),
    /// The model's message is complete.
    TurnFinished {
        /// Which of the run's messages it is, from 1.
        turn: u32,
        /// The message, as it came.
        message: Box<Message>,
    },
    /// The message has a summary of what was before it: the API compacted the conversation.
    Compacted {
        /// Which of the run's messages it is, from 1.
        turn: u32,
    },
    /// A tool starts.
    ToolStarted {
        /// The call, with the input that the tool gets.
        call: ToolCall,
    },
    /// A call has its result.
    ToolFinished {
        /// The call.
        call: ToolCall,
        /// What the model will see.
        output: ToolOutput,
        /// How and why it failed, if it did, also where that is hidden from the model.
        error: Option<Arc<ToolError>>,
        /// How long the tool ran.
        elapsed: Duration,
    },
    /// A call was refused; the tool does not run.
    ToolDenied {
        /// The call.
        call: ToolCall,
        /// What the model will see.
        reason: String,
    },
    /// A call waits for a decision; the run ends when the other calls are done.
    ToolDeferred {
        /// The call.
        call: ToolCall,
    },
    /// The run is over. It is the last event.
    Finished(Box<Outcome>),
}
