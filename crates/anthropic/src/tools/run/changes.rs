//! Tools that come and go during a run.
//!
//! The tools of a request are at the start of the cached prompt, so a change there costs all of it.
//! A change in a message of the conversation costs nothing.

use anthropic_types::{
    MessageParam, SystemMessage, SystemMessageContentBlock, ToolAdditionBlock,
    ToolChangeToolDefinition, ToolChangeToolReference, ToolRemovalBlock,
};

use crate::tools::set::Tools;

/// Changes of the tools on offer, until a message brings them.
#[derive(Debug, Default)]
pub(super) struct Changes {
    blocks: Vec<SystemMessageContentBlock>,
    added: Tools,
    removed: Vec<String>,
}

impl Changes {
    pub(super) fn add(&mut self, tools: Tools) {
        for tool in tools.iter() {
            self.removed.retain(|name| name != tool.name());
            let definition = ToolChangeToolDefinition::new(tool.definition());
            self.blocks.push(ToolAdditionBlock::new(definition).into());
        }
        self.added.extend([tools]);
    }

    pub(super) fn remove(&mut self, name: String) {
        let reference = ToolChangeToolReference::new(&name);
        self.blocks.push(ToolRemovalBlock::new(reference).into());
        self.added.remove(&name);
        self.removed.push(name);
    }

    /// Puts the changes into the conversation, where it is the model's turn, and into the tools of
    /// the run. Whether there were some.
    pub(super) fn apply(&mut self, messages: &mut Vec<MessageParam>, tools: &mut Tools) -> bool {
        if self.blocks.is_empty()
            || messages
                .last()
                .is_none_or(|last| last.as_assistant().is_some())
        {
            return false;
        }
        let blocks = std::mem::take(&mut self.blocks);
        messages.push(MessageParam::System(SystemMessage::new().content(blocks)));
        for name in self.removed.drain(..) {
            tools.remove(&name);
        }
        let added = std::mem::take(&mut self.added);
        for tool in added.iter() {
            // One that comes again replaces the former.
            tools.remove(tool.name());
        }
        tools.extend([added]);
        true
    }
}
