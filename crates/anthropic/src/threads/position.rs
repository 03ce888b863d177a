//! Where the next turn of a thread stands: what of the conversation the API holds.

use std::hash::{DefaultHasher, Hasher as _};

use anthropic_types::{
    ErrorCode, IterationsUsageItem, Message, MessageCreateParams, MessageParam, MessageThread,
    StopReason, SystemPrompt, ThreadContinueParams, ThreadCreateParams, ToolUnion,
};
use serde::Serialize;

use super::stored::StoredThread;
use crate::Error;
use crate::caching;
use crate::text::sha256;

/// A digest in hexadecimal digits, as it is stored.
type Digest = String;

/// A conversation that the API may hold.
#[derive(Debug)]
pub(crate) struct ThreadState {
    position: Position,
    /// What the last request had that stays the same in a thread.
    fixed: Digest,
    /// What the API holds, as it was before somebody could change it.
    watched: Option<Fingerprint>,
    /// Of messages that the API held when somebody was last known not to have changed them.
    known: Option<Fingerprint>,
    /// Whether a request that can't be threaded is sent without a thread.
    lenient: bool,
}

#[derive(Debug)]
enum Position {
    /// Turns are sent as a whole, since they can't be threaded.
    Off,
    /// The next turn begins a thread with the whole conversation. `again` is in place of one that
    /// the API had lost.
    New { again: bool },
    /// The API holds so many messages of the conversation.
    Held {
        previous: String,
        messages: usize,
        fixed: Digest,
        again: bool,
    },
}

/// What a reply changes.
#[derive(Debug)]
pub(crate) struct Reply {
    id: String,
    is_refusal: bool,
    /// The API holds no turn that a fallback wrote.
    is_of_fallback: bool,
}

impl Reply {
    pub(crate) fn of(message: &Message) -> Self {
        let mut steps = message.usage.iterations.iter().flatten();
        let is_of_fallback =
            steps.any(|step| matches!(step, IterationsUsageItem::FallbackMessage(_)));
        Self {
            id: message.id.clone(),
            is_refusal: message.stop_reason == Some(StopReason::Refusal),
            is_of_fallback,
        }
    }
}

/// What the API holds, taken out of the parameters while a request is written.
#[derive(Debug)]
pub(crate) struct Lent {
    is_threaded: bool,
    held: Option<Held>,
}

#[derive(Debug)]
struct Held {
    messages: Vec<MessageParam>,
    system: Option<SystemPrompt>,
    tools: Option<Vec<ToolUnion>>,
}

impl ThreadState {
    /// A conversation that goes on without a thread where it can't be one.
    pub(crate) fn new() -> Self {
        Self {
            position: Position::New { again: false },
            fixed: Digest::default(),
            watched: None,
            known: None,
            lenient: true,
        }
    }

    /// A conversation that goes on where it was stored, with the messages that the API holds.
    pub(crate) fn of_stored(stored: StoredThread) -> Self {
        Self {
            position: Position::Held {
                previous: stored.previous,
                messages: stored.messages,
                fixed: stored.fixed,
                again: stored.again,
            },
            ..Self::new()
        }
    }

    /// What the API holds of the conversation, to be stored; `None` if it holds nothing. `held`
    /// makes the digest of so many messages.
    pub(crate) fn stored(&self, held: impl FnOnce(usize) -> String) -> Option<StoredThread> {
        let Position::Held {
            previous,
            messages,
            fixed,
            again,
        } = &self.position
        else {
            return None;
        };
        Some(StoredThread {
            previous: previous.clone(),
            messages: *messages,
            fixed: fixed.clone(),
            held: held(*messages),
            again: *again,
        })
    }

    /// Whether a request that can't be threaded is sent without a thread.
    pub(crate) fn lenient(&mut self, lenient: bool) {
        self.lenient = lenient;
    }

    /// The id of the reply that the next turn continues from.
    pub(crate) fn previous(&self) -> Option<&str> {
        match &self.position {
            Position::Held { previous, .. } => Some(previous),
            _ => None,
        }
    }

    /// The next turn begins a thread with the whole conversation.
    pub(crate) fn restart(&mut self) {
        self.forget();
        if !matches!(self.position, Position::Off) {
            self.position = Position::New { again: false };
        }
    }

    /// Notes what the API holds, before somebody may change it. What was known of it before is not
    /// read again: the conversation may be long.
    pub(crate) fn watch(&mut self, messages: &[MessageParam]) {
        if let (Position::Held { messages: held, .. }, None) = (&self.position, &self.watched) {
            let known = self.known.take().filter(|known| known.messages <= *held);
            self.watched = Some(known.unwrap_or_default().and(messages, *held));
        }
    }

    /// The messages are about to change in a way that the API does not see, such as where they have
    /// cache breakpoints.
    pub(crate) fn forget(&mut self) {
        self.watched = None;
        self.known = None;
    }

    /// Begins a new thread where what the API holds has changed since.
    pub(crate) fn check(&mut self, messages: &[MessageParam]) {
        let Some(watched) = self.watched.take() else {
            return;
        };
        if let Position::Held { messages: held, .. } = &self.position {
            let now = Fingerprint::default().and(messages, *held);
            if now.is_of_the_same(&watched) {
                self.known = Some(now);
            } else {
                self.restart();
            }
        }
    }

    /// Makes the parameters those of the next turn: with a `thread`, and without what the API
    /// holds.
    pub(crate) fn lend(&mut self, params: &mut MessageCreateParams) -> Lent {
        self.fixed = digest(&(&params.system, &params.tools));
        let changed = match &self.position {
            Position::Held {
                fixed, messages, ..
            } => *fixed != self.fixed || *messages > params.messages.len(),
            _ => false,
        };
        if changed {
            self.restart();
        }
        match &self.position {
            Position::Off => Lent {
                is_threaded: false,
                held: None,
            },
            Position::New { .. } => {
                // The breakpoints of all turns are in it.
                caching::limit(params);
                params.thread = Some(MessageThread::Create(ThreadCreateParams::new()));
                Lent {
                    is_threaded: true,
                    held: None,
                }
            }
            Position::Held {
                previous, messages, ..
            } => {
                let next = ThreadContinueParams::new(previous.clone());
                params.thread = Some(MessageThread::Continue(next));
                let new = params.messages.split_off(*messages);
                Lent {
                    is_threaded: true,
                    held: Some(Held {
                        messages: std::mem::replace(&mut params.messages, new),
                        system: params.system.take(),
                        tools: params.tools.take(),
                    }),
                }
            }
        }
    }

    /// Takes note of a reply, after which the conversation has so many messages. `is_kept`: it is
    /// among them as it came.
    pub(crate) fn record(&mut self, reply: Reply, is_kept: bool, messages: usize) {
        let again = match &self.position {
            Position::Off => return,
            Position::New { again } => *again,
            Position::Held { .. } => false,
        };
        if reply.is_refusal || reply.is_of_fallback || !is_kept {
            // The API holds nothing of it, or something else.
            self.restart();
            return;
        }
        self.position = Position::Held {
            previous: reply.id,
            messages,
            fixed: self.fixed.clone(),
            again,
        };
    }

    /// Whether the turn is to be sent again after an error about its thread.
    pub(crate) fn recovers(&mut self, error: &Error) -> bool {
        let (Some(code), true) = (error.error_code(), !matches!(self.position, Position::Off))
        else {
            return false;
        };
        let lost = matches!(code, ErrorCode::ThreadNotFound);
        match code {
            ErrorCode::ThreadNotFound
            | ErrorCode::ThreadAlreadyContinued
            | ErrorCode::ThreadContinueInFlight
            | ErrorCode::ThreadFingerprintMismatch => {
                let Position::Held { again, .. } = &self.position else {
                    return false;
                };
                tracing::info!(
                    target: "anthropic::threads", code = code.as_str(),
                    "the whole conversation is sent again"
                );
                // One that is lost as soon as it was begun again is one that the API does not keep.
                self.position = if lost && *again && self.lenient {
                    Position::Off
                } else {
                    Position::New { again: lost }
                };
                self.forget();
                true
            }
            ErrorCode::ThreadUnsupportedRequest if self.lenient => {
                tracing::info!(
                    target: "anthropic::threads",
                    "the request can't be threaded, and is sent without a thread"
                );
                self.position = Position::Off;
                true
            }
            _ => false,
        }
    }
}

impl Lent {
    /// Whether the request is one of a thread.
    pub(crate) fn is_threaded(&self) -> bool {
        self.is_threaded
    }

    /// Makes the parameters what they were.
    pub(crate) fn give_back(self, params: &mut MessageCreateParams) {
        params.thread = None;
        if let Some(held) = self.held {
            let new = std::mem::replace(&mut params.messages, held.messages);
            params.messages.extend(new);
            params.system = held.system;
            params.tools = held.tools;
        }
    }
}

/// What distinguishes two values, in other processes too.
fn digest(value: &impl Serialize) -> Digest {
    sha256(&serde_json::to_vec(value).unwrap_or_default())
}

/// What distinguishes two conversations within this process, where nothing is stored: it is made
/// of one message after the other, so one of a conversation that grows goes on from the last.
#[derive(Debug, Clone, Default)]
struct Fingerprint {
    hasher: DefaultHasher,
    messages: usize,
}

impl Fingerprint {
    /// With the messages that follow, up to so many in all.
    fn and(mut self, messages: &[MessageParam], count: usize) -> Self {
        let next = messages.get(self.messages..count).unwrap_or_default();
        for message in next {
            let message = serde_json::to_vec(message).unwrap_or_default();
            self.hasher.write_usize(message.len());
            self.hasher.write(&message);
        }
        self.messages += next.len();
        self
    }

    fn is_of_the_same(&self, other: &Self) -> bool {
        self.messages == other.messages && self.hasher.finish() == other.hasher.finish()
    }
}
