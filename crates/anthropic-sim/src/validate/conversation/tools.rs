//! Rules on the tools of a request:
//! <https://platform.claude.com/docs/en/agents-and-tools/tool-use/define-tools>.

use std::collections::HashSet;

use super::turns::{Check, Conversation, items, refuse, text};

const MAX_NAME: usize = 128;

/// A name matches `^[a-zA-Z0-9_-]{1,128}$`, and no two tools have the same.
pub(super) fn names(conversation: Conversation<'_>) -> Check {
    let mut seen = HashSet::new();
    let tools = items(conversation.body, "tools").iter().enumerate();
    for (index, tool) in tools.filter(|(_, tool)| tool.get("name").is_some()) {
        let name = text(tool, "name");
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if name.is_empty() || name.len() > MAX_NAME || !name.bytes().all(plain) {
            return refuse(format!(
                "tools.{index}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'"
            ));
        }
        if !seen.insert(name) {
            return refuse("tools: Tool names must be unique.");
        }
    }
    Ok(())
}
