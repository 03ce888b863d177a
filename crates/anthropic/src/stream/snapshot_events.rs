//! Higher-level events: each piece together with what has arrived so far.
//!
//! They borrow from the message that grows anyway, so they cost no copies; what borrows can't be
//! handed out by a `Stream`, hence the method.

use anthropic_types::{ContentBlock, ContentBlockDelta, Message, StreamEvent, TextCitation};
use serde_json::Value;

use super::message_stream::MessageStream;
use crate::Result;
use crate::partial_json::Strings;

/// A message stream whose events have the text and message so far. From
/// [`MessageStream::snapshot_events`].
///
/// ```
/// # async fn run(stream: anthropic::MessageStream) -> anthropic::Result<()> {
/// use anthropic::stream::SnapshotEvent;
///
/// let mut events = stream.snapshot_events();
/// while let Some(event) = events.try_next().await? {
///     match event {
///         SnapshotEvent::Text { delta, .. } => print!("{delta}"),
///         SnapshotEvent::InputJson { snapshot, .. } => println!("so far: {snapshot:?}"),
///         SnapshotEvent::ContentBlock { index, block, .. } => println!("{index} is {block:?}"),
///         _ => {}
///     }
/// }
/// let message = events.into_inner().final_message().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a stream does nothing until it is read"]
pub struct SnapshotEvents {
    stream: MessageStream,
    strings: Strings,
    event: Option<StreamEvent>,
}

/// One event of [`SnapshotEvents`]; each event of the stream makes one.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum SnapshotEvent<'a> {
    /// A piece of text.
    #[non_exhaustive]
    Text {
        /// The block's index.
        index: u64,
        /// The piece.
        delta: &'a str,
        /// The block's text so far.
        snapshot: &'a str,
    },
    /// A piece of thinking.
    #[non_exhaustive]
    Thinking {
        /// The block's index.
        index: u64,
        /// The piece.
        delta: &'a str,
        /// The block's thinking so far.
        snapshot: &'a str,
    },
    /// The signature of a thinking block.
    #[non_exhaustive]
    Signature {
        /// The block's index.
        index: u64,
        /// The signature.
        signature: &'a str,
    },
    /// A citation for a text block.
    #[non_exhaustive]
    Citation {
        /// The block's index.
        index: u64,
        /// The citation.
        citation: &'a TextCitation,
        /// The block's citations so far.
        snapshot: &'a [TextCitation],
    },
    /// A piece of a tool's input.
    #[non_exhaustive]
    InputJson {
        /// The block's index.
        index: u64,
        /// The piece.
        partial_json: &'a str,
        /// What can be read of the input so far.
        snapshot: Option<&'a Value>,
    },
    /// A block is complete.
    #[non_exhaustive]
    ContentBlock {
        /// The block's index.
        index: u64,
        /// The block.
        block: &'a ContentBlock,
    },
    /// The message is complete.
    #[non_exhaustive]
    Message {
        /// The message.
        message: &'a Message,
    },
    /// Any other event, as it came.
    Raw(&'a StreamEvent),
}

impl SnapshotEvents {
    pub(super) fn new(stream: MessageStream) -> Self {
        Self {
            stream,
            strings: Strings::default(),
            event: None,
        }
    }

    /// Whether [`InputJson`](SnapshotEvent::InputJson) shows a string before it is complete.
    pub fn strings(mut self, strings: Strings) -> Self {
        self.strings = strings;
        self
    }

    /// The next event, or `None` at the end.
    pub async fn next(&mut self) -> Option<Result<SnapshotEvent<'_>>> {
        self.event = None;
        match self.stream.next().await? {
            Ok(event) => Some(Ok(self.helped(event))),
            Err(error) => Some(Err(error)),
        }
    }

    /// The next event; `Ok(None)` is the end.
    pub async fn try_next(&mut self) -> Result<Option<SnapshotEvent<'_>>> {
        self.next().await.transpose()
    }

    /// The event on the wire that the last one was made from.
    pub fn raw(&self) -> Option<&StreamEvent> {
        self.event.as_ref()
    }

    /// The message so far.
    pub fn snapshot(&self) -> Option<&Message> {
        self.stream.snapshot()
    }

    /// The stream itself.
    pub fn into_inner(self) -> MessageStream {
        self.stream
    }

    fn helped(&mut self, event: StreamEvent) -> SnapshotEvent<'_> {
        let event = &*self.event.insert(event);
        let helped = match event {
            StreamEvent::ContentBlockStart(start) => started(start.index, event),
            StreamEvent::ContentBlockDelta(of) => match &of.delta {
                ContentBlockDelta::InputJsonDelta(delta) => {
                    return SnapshotEvent::InputJson {
                        index: of.index,
                        partial_json: &delta.partial_json,
                        snapshot: self.stream.partial_input(of.index, self.strings),
                    };
                }
                delta => self
                    .stream
                    .block(of.index)
                    .and_then(|block| piece(of.index, delta, block)),
            },
            StreamEvent::ContentBlockStop(stop) => {
                let index = stop.index;
                let block = self.stream.block(index);
                block.map(|block| SnapshotEvent::ContentBlock { index, block })
            }
            StreamEvent::MessageStop(_) => {
                let message = self.stream.snapshot();
                message.map(|message| SnapshotEvent::Message { message })
            }
            _ => None,
        };
        helped.unwrap_or(SnapshotEvent::Raw(event))
    }
}

/// What a block starts with, if that is more than nothing.
fn started(index: u64, event: &StreamEvent) -> Option<SnapshotEvent<'_>> {
    if let Some(delta) = event.text() {
        return Some(SnapshotEvent::Text {
            index,
            delta,
            snapshot: delta,
        });
    }
    let delta = event.thinking()?;
    Some(SnapshotEvent::Thinking {
        index,
        delta,
        snapshot: delta,
    })
}

/// A delta beside the block that it went into.
fn piece<'a>(
    index: u64,
    delta: &'a ContentBlockDelta,
    block: &'a ContentBlock,
) -> Option<SnapshotEvent<'a>> {
    Some(match (delta, block) {
        (ContentBlockDelta::TextDelta(delta), ContentBlock::Text(block)) => SnapshotEvent::Text {
            index,
            delta: &delta.text,
            snapshot: &block.text,
        },
        (ContentBlockDelta::ThinkingDelta(delta), ContentBlock::Thinking(block)) => {
            SnapshotEvent::Thinking {
                index,
                delta: &delta.thinking,
                snapshot: &block.thinking,
            }
        }
        (ContentBlockDelta::SignatureDelta(delta), _) => SnapshotEvent::Signature {
            index,
            signature: &delta.signature,
        },
        (ContentBlockDelta::CitationsDelta(delta), ContentBlock::Text(block)) => {
            SnapshotEvent::Citation {
                index,
                citation: &delta.citation,
                snapshot: block.citations.as_deref().unwrap_or_default(),
            }
        }
        _ => return None,
    })
}
