//! What is wrong with a sequence of events.

use std::fmt;

/// How a sequence of events is not the stream of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProtocolError {
    /// An event came before `message_start`.
    #[non_exhaustive]
    NotStarted {
        /// The event's type.
        event: &'static str,
    },
    /// A second `message_start` came.
    StartedTwice,
    /// An event came after `message_stop`.
    #[non_exhaustive]
    AfterEnd {
        /// The event's type.
        event: &'static str,
    },
    /// A block started at an index that another one has.
    #[non_exhaustive]
    BlockExists {
        /// The block's index.
        index: u64,
    },
    /// An event is for a block that never started.
    #[non_exhaustive]
    NoBlock {
        /// The block's index.
        index: u64,
    },
    /// An event is for a block that has ended.
    #[non_exhaustive]
    BlockEnded {
        /// The block's index.
        index: u64,
    },
    /// An event of a known type doesn't have that type's shape, so the message can't be folded.
    #[non_exhaustive]
    Malformed {
        /// The event's type.
        event: String,
        /// What doesn't fit, and where.
        reason: String,
    },
    /// The events ended before `message_stop`.
    #[non_exhaustive]
    Truncated {
        /// Whether a stop reason had come.
        stopped: bool,
    },
}

impl fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotStarted { event } => write!(f, "{event} came before message_start"),
            Self::StartedTwice => f.write_str("message_start came twice"),
            Self::AfterEnd { event } => write!(f, "{event} came after message_stop"),
            Self::BlockExists { index } => write!(f, "block {index} started twice"),
            Self::NoBlock { index } => {
                write!(f, "an event is for block {index}, which never started")
            }
            Self::BlockEnded { index } => {
                write!(f, "an event is for block {index}, which has ended")
            }
            Self::Malformed { event, reason } => write!(f, "{event} can't be read: {reason}"),
            Self::Truncated { stopped: false } => f.write_str("there was no message_stop"),
            Self::Truncated { stopped: true } => {
                f.write_str("there was a stop reason but no message_stop")
            }
        }
    }
}

impl std::error::Error for ProtocolError {}
