//! What can be wrong with a stream of events.

use std::fmt;

/// Why a body is not a stream of events that can be read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SseError {
    /// One event is larger than the limit. Nothing after it is read: [`Decoder`](super::Decoder)
    /// stays empty.
    #[non_exhaustive]
    TooLarge {
        /// The most bytes an event may have.
        limit: usize,
        /// Which event it is, counted from 1.
        event: u64,
    },
    /// An event is not UTF-8. The events after it can still be read.
    #[non_exhaustive]
    InvalidUtf8 {
        /// Which event it is, counted from 1.
        event: u64,
        /// How many bytes of the value are good before the first bad one.
        valid_up_to: usize,
    },
    /// The body ends in the middle of a character.
    #[non_exhaustive]
    EndInCharacter {
        /// Which event it is, counted from 1.
        event: u64,
    },
}

impl fmt::Display for SseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { limit, event } => {
                write!(
                    f,
                    "event {event} of the stream is larger than the limit of {limit} bytes (max_event_bytes)"
                )
            }
            Self::InvalidUtf8 { event, valid_up_to } => {
                write!(
                    f,
                    "event {event} of the stream is not UTF-8 after {valid_up_to} bytes"
                )
            }
            Self::EndInCharacter { event } => {
                write!(
                    f,
                    "the stream ends in the middle of a character, in event {event}"
                )
            }
        }
    }
}

impl std::error::Error for SseError {}
