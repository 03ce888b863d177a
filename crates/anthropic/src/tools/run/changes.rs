//! Tools that come and go during a run.
//!
//! The tools of a request are at the start of the cached prompt, so a change there costs all of it.
//! A change in a message of the conversation costs nothing.

use std::borrow::Cow;
use std::collections::HashMap;

use anthropic_types::{
    CompactionBlockToolChange, MessageContent, MessageParam, SystemMessage, SystemMessageContent,
    SystemMessageContentBlock, ToolAdditionBlock, ToolAdditionBlockTool, ToolChangeToolDefinition,
    ToolChangeToolReference, ToolRemovalBlock,
};

use super::known::KnownTools;
use crate::tools::check::{Beside, check_defined, family, key};
use crate::tools::set::Tools;
use crate::{Error, Result};

/// Changes of the tools on offer, until a message brings them.
#[derive(Default)]
pub(super) struct Changes {
    blocks: Vec<SystemMessageContentBlock>,
    added: KnownTools,
    removed: Vec<String>,
    /// Why tools can't be added.
    fault: Option<String>,
}

impl Changes {
    /// Those of a run that waited, without the code of the tools: see [`adopt`](Self::adopt).
    pub(super) fn of_blocks(blocks: Vec<SystemMessageContentBlock>) -> Self {
        Self {
            blocks,
            ..Self::default()
        }
    }

    /// The changes as a message is to bring them.
    pub(super) fn blocks(&self) -> &[SystemMessageContentBlock] {
        &self.blocks
    }

    pub(super) fn add(&mut self, tools: &Tools) {
        let tools = match KnownTools::of(tools) {
            Ok(tools) => tools,
            Err(fault) => {
                self.fault = Some(fault);
                return;
            }
        };
        for tool in tools.iter() {
            let definition = tool.definition();
            let key = key(definition);
            self.blocks
                .retain(|block| added(block).is_none_or(|added| Some(added) != key));
            self.added.remove(tool.name());
            self.removed.retain(|name| name != tool.name());
            let definition = ToolChangeToolDefinition::new(definition.clone());
            self.blocks.push(ToolAdditionBlock::new(definition).into());
        }
        self.added.extend(tools.iter().cloned());
    }

    pub(super) fn remove(&mut self, name: String) {
        let reference = ToolChangeToolReference::new(&name);
        self.blocks.push(ToolRemovalBlock::new(reference).into());
        self.added.remove(&name);
        self.removed.push(name);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.blocks.is_empty() && self.fault.is_none()
    }

    /// Takes the code of the tools that are to come from those that a resumed run was given. These
    /// are not on offer before, unless `is_on_offer`.
    pub(super) fn adopt(
        &mut self,
        given: &KnownTools,
        tools: &mut KnownTools,
        is_on_offer: impl Fn(&str) -> bool,
    ) {
        for block in &self.blocks {
            if let Some(added) = added(block) {
                let mut given = given.iter();
                let given = given.find(|it| key(it.definition()).as_deref() == Some(&*added));
                let name = given.map_or(&*added, |tool| tool.name());
                self.removed.retain(|removed| removed != name);
                if !is_on_offer(&added) {
                    tools.remove(name);
                }
                self.added.extend(given.cloned());
            }
            let removed = block.as_tool_removal();
            if let Some(tool) = removed.and_then(|block| block.tool.as_tool_reference()) {
                self.added.remove(&tool.name);
                self.removed.push(tool.name.clone());
            }
        }
    }

    /// Leaves out what is withdrawn already. `is_on_offer` has nothing about a tool that never was;
    /// to withdraw one fails with its name.
    pub(super) fn settle(
        &mut self,
        is_on_offer: impl Fn(&str) -> Option<bool>,
    ) -> Result<(), String> {
        let mut before = History::default();
        let mut unknown = None;
        self.blocks.retain(|block| {
            let removed = block.as_tool_removal();
            let name = removed.and_then(|block| Some(&block.tool.as_tool_reference()?.name));
            let is_on_offer =
                name.map(|name| before.offers_either(name).or_else(|| is_on_offer(name)));
            if is_on_offer == Some(None) {
                unknown = unknown.take().or_else(|| name.cloned());
            }
            let stays = is_on_offer != Some(Some(false));
            if stays {
                let block = message(vec![block.clone()]);
                before = std::mem::take(&mut before).and(&[block]);
            }
            stays
        });
        unknown.map_or(Ok(()), Err)
    }

    /// Puts the changes into the conversation, where it is the model's turn, and into the tools of
    /// the run. Fails, and changes nothing, where the API would refuse the tools then.
    pub(super) fn apply(
        &mut self,
        messages: &mut Vec<MessageParam>,
        tools: &mut KnownTools,
        beside: Beside<'_>,
    ) -> Result<()> {
        if let Some(fault) = self.fault.take() {
            return Err(Error::request(format!("{fault}; no request was sent")));
        }
        if self.blocks.is_empty()
            || messages
                .last()
                .is_none_or(|last| last.as_assistant().is_some())
        {
            return Ok(());
        }
        let mut next = tools.clone();
        for name in &self.removed {
            next.remove(name);
        }
        for tool in self.added.iter() {
            // One that comes again replaces the former.
            next.remove(tool.name());
        }
        next.extend(self.added.iter().cloned());
        check_defined(&next.defined(), beside)?;
        *tools = next;
        let Self { blocks, .. } = std::mem::take(self);
        messages.push(message(blocks));
        Ok(())
    }
}

/// The message that brings changes.
pub(super) fn message(blocks: Vec<SystemMessageContentBlock>) -> MessageParam {
    MessageParam::System(SystemMessage::new().content(blocks))
}

/// The changes in a conversation, by what distinguishes definitions.
#[derive(Debug, Clone, Default)]
pub(super) struct History(HashMap<String, Change>);

#[derive(Debug, Clone)]
struct Change {
    /// The first change was the tool's definition, so the tool is not among the request's.
    inline: bool,
    /// Of a toolset that was defined so.
    family: Option<String>,
    on_offer: bool,
}

impl History {
    pub(super) fn of(messages: &[MessageParam]) -> Self {
        Self::default().and(messages)
    }

    /// With the changes in more messages.
    pub(super) fn and(self, messages: &[MessageParam]) -> Self {
        let Self(mut changes) = self;
        for step in steps(messages) {
            let (key, defined, on_offer) = match step {
                Step::Addition(block) => match &block.tool {
                    ToolAdditionBlockTool::ToolReference(tool) => {
                        (Some(tool.name.clone()), None, true)
                    }
                    ToolAdditionBlockTool::ToolDefinition(tool) => {
                        let key = key(&tool.definition).map(Cow::into_owned);
                        (key, Some(&tool.definition), true)
                    }
                    _ => continue,
                },
                Step::Removal(block) => {
                    let name = block.tool.as_tool_reference().map(|tool| &tool.name);
                    // A toolset is named by its family, and has another key.
                    for change in changes.values_mut() {
                        change.on_offer &= name.is_none() || change.family.as_ref() != name;
                    }
                    (name.cloned(), None, false)
                }
            };
            if let Some(key) = key {
                let change = changes.entry(key).or_insert_with(|| Change {
                    inline: defined.is_some(),
                    family: defined.and_then(family),
                    on_offer,
                });
                change.on_offer = on_offer;
            }
        }
        Self(changes)
    }

    /// Whether the conversation itself defines the tool.
    pub(super) fn defines(&self, key: &str) -> bool {
        self.0.get(key).is_some_and(|change| change.inline)
    }

    /// Whether the conversation itself defines a toolset of this family.
    pub(super) fn defines_family(&self, family: &str) -> bool {
        let mut changes = self.0.values();
        changes.any(|change| change.on_offer && change.family.as_deref() == Some(family))
    }

    /// Whether the tool is on offer after the changes; none where there was no change of it.
    pub(super) fn offers(&self, name: &str) -> Option<bool> {
        self.0.get(name).map(|change| change.on_offer)
    }

    /// The same of the tool of this name, or of the toolset of this family.
    pub(super) fn offers_either(&self, name: &str) -> Option<bool> {
        self.offers(name).or_else(|| {
            let mut changes = self.0.values();
            let change = changes.find(|change| change.family.as_deref() == Some(name));
            change.map(|change| change.on_offer)
        })
    }

    /// The tools that are no longer on offer.
    pub(super) fn removed(&self) -> impl Iterator<Item = &str> {
        let removed = self.0.iter().filter(|(_, change)| !change.on_offer);
        removed.map(|(name, _)| name.as_str())
    }
}

/// Whether a conversation that grows has changed the tools on offer, which needs a beta. Of its
/// messages only those are looked at that were added since the last time.
#[derive(Debug, Default)]
pub(super) struct Seen {
    messages: usize,
    changed: bool,
}

impl Seen {
    pub(super) fn has_changes(&mut self, messages: &[MessageParam]) -> bool {
        let added = messages.get(self.messages..).unwrap_or_else(|| {
            self.changed = false;
            messages
        });
        self.changed = self.changed || has_changes(added);
        self.messages = messages.len();
        self.changed
    }

    /// Other messages may be in the place of those that were looked at.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }
}

/// Whether there are changes of the tools on offer in these messages.
fn has_changes(messages: &[MessageParam]) -> bool {
    let may_have = |message: &&MessageParam| match message {
        MessageParam::User(_) => false,
        MessageParam::Assistant(said) => match &said.content {
            MessageContent::Blocks(blocks) => blocks.iter().any(|it| it.as_compaction().is_some()),
            _ => false,
        },
        _ => true,
    };
    // Most messages are looked at no further.
    let mut may_have = messages.iter().filter(may_have);
    may_have.any(|message| steps(std::slice::from_ref(message)).next().is_some())
}

/// One change of the tools on offer.
enum Step<'a> {
    Addition(&'a ToolAdditionBlock),
    Removal(&'a ToolRemovalBlock),
}

/// The changes in a conversation, in order: those in its messages, and those in a summary of what
/// was before.
fn steps(messages: &[MessageParam]) -> impl Iterator<Item = Step<'_>> {
    messages.iter().flat_map(|message| {
        let own = match message.as_system().and_then(|it| it.content.as_ref()) {
            Some(SystemMessageContent::Blocks(blocks)) => blocks.as_slice(),
            _ => &[],
        };
        let own = own.iter().filter_map(|block| match block {
            SystemMessageContentBlock::ToolAddition(block) => Some(Step::Addition(block)),
            SystemMessageContentBlock::ToolRemoval(block) => Some(Step::Removal(block)),
            _ => None,
        });
        let reply = match message.as_assistant().map(|turn| &turn.content) {
            Some(MessageContent::Blocks(blocks)) => blocks.as_slice(),
            _ => &[],
        };
        let summaries = reply.iter().filter_map(|block| block.as_compaction());
        let summed_up = summaries.flat_map(|summary| summary.tool_changes.iter().flatten());
        let summed_up = summed_up.filter_map(|change| match change {
            CompactionBlockToolChange::ToolAddition(block) => Some(Step::Addition(block)),
            CompactionBlockToolChange::ToolRemoval(block) => Some(Step::Removal(block)),
            _ => None,
        });
        own.chain(summed_up)
    })
}

/// What distinguishes the definition in a block from others.
fn added(block: &SystemMessageContentBlock) -> Option<Cow<'_, str>> {
    let definition = block.as_tool_addition()?.tool.as_tool_definition()?;
    key(&definition.definition)
}
