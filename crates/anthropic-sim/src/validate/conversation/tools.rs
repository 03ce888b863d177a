//! Rules on the tools of a request:
//! <https://platform.claude.com/docs/en/agents-and-tools/tool-use/define-tools>.

use std::collections::HashSet;

use serde_json::Value;

use super::schemas::MAX_DEPTH;
use super::turns::{Check, Conversation, items, kind, refuse, text};

const MAX_NAME: usize = 128;

/// A name matches a pattern
/// (<https://github.com/modelcontextprotocol/modelcontextprotocol/issues/1345>), is not too long
/// (<https://github.com/anthropics/claude-code/issues/96152>), and no two tools have the same
/// (<https://github.com/eclipse-theia/theia/issues/16122>).
pub(super) fn names(conversation: Conversation<'_>) -> Check {
    let mut seen = HashSet::new();
    let tools = items(conversation.body, "tools").iter().enumerate();
    for (index, tool) in tools.filter(|(_, tool)| tool.get("name").is_some()) {
        let name = text(tool, "name");
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if name.chars().count() > MAX_NAME {
            return refuse(format!(
                "tools.{index}.custom.name: String should have at most {MAX_NAME} characters"
            ));
        }
        if name.is_empty() || !name.bytes().all(plain) {
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

/// <https://github.com/anthropics/claude-code/issues/5319>: a schema is an object's, and not a
/// choice at its top. <https://github.com/ComposioHQ/composio/issues/3500>: the names of its own
/// properties are checked, and not those within them.
/// <https://github.com/anthropics/claude-code/issues/586>: it is of the draft 2020-12. The messages
/// are quoted there.
pub(super) fn schemas(conversation: Conversation<'_>) -> Check {
    let tools = items(conversation.body, "tools").iter().enumerate();
    for (index, tool) in tools {
        let Some(schema) = tool.get("input_schema").and_then(Value::as_object) else {
            continue;
        };
        let place = format!("tools.{index}.custom.input_schema");
        match schema.get("type") {
            None => return refuse(format!("{place}.type: Field required")),
            Some(of) if of != "object" => {
                return refuse(format!("{place}.type: Input should be 'object'"));
            }
            Some(_) => {}
        }
        let choices = ["oneOf", "allOf", "anyOf"];
        if choices.iter().any(|name| schema.contains_key(*name)) {
            return refuse(format!(
                "{place}: input_schema does not support oneOf, allOf, or anyOf at the top level"
            ));
        }
        if !tool
            .get("input_schema")
            .is_none_or(|it| is_of_draft(it, MAX_DEPTH))
        {
            return refuse(format!(
                "{place}: JSON schema is invalid. It must match JSON Schema draft 2020-12 \
                 (https://json-schema.org/draft/2020-12). Learn more about tool use at \
                 https://docs.claude.com/en/docs/tool-use."
            ));
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        let is_plain =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
        let fits = |name: &String| (1..=64).contains(&name.len()) && name.bytes().all(is_plain);
        if properties.is_some_and(|properties| !properties.keys().all(fits)) {
            return refuse(format!(
                "{place}.properties: Property keys should match pattern '^[a-zA-Z0-9_.-]{{1,64}}$'"
            ));
        }
    }
    Ok(())
}

/// Whether a schema is one of the draft, as far as older drafts and what programs write by mistake
/// differ from it.
fn is_of_draft(schema: &Value, depth: usize) -> bool {
    let Value::Object(fields) = schema else {
        return schema.is_boolean();
    };
    let Some(depth) = depth.checked_sub(1) else {
        return true;
    };
    let are_schemas = |list: &[Value]| list.iter().all(|it| is_of_draft(it, depth));
    let are_texts = |list: &Vec<Value>| list.iter().all(Value::is_string);
    fields.iter().all(|(key, value)| match key.as_str() {
        "items" | "additionalProperties" | "not" => is_of_draft(value, depth),
        "anyOf" | "oneOf" | "allOf" | "prefixItems" => {
            let list = value.as_array().filter(|list| !list.is_empty());
            list.is_some_and(|list| are_schemas(list))
        }
        "properties" | "$defs" | "definitions" => value
            .as_object()
            .is_some_and(|named| named.values().all(|it| is_of_draft(it, depth))),
        "required" => value.as_array().is_some_and(are_texts),
        "type" => value.as_array().map_or(value.is_string(), are_texts),
        "enum" => value.is_array(),
        "description" => value.is_string(),
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => value.is_number(),
        _ => true,
    })
}

/// <https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool>: a server tool
/// may be used at least once. The message is quoted in public code.
pub(super) fn uses(conversation: Conversation<'_>) -> Check {
    let tools = items(conversation.body, "tools").iter().enumerate();
    for (index, tool) in tools {
        let most = tool.get("max_uses").and_then(Value::as_f64);
        if most.is_some_and(|most| most <= 0.0) {
            return refuse(format!(
                "tools.{index}.{}.max_uses: Input should be greater than 0",
                kind(tool)
            ));
        }
    }
    Ok(())
}

/// <https://platform.claude.com/docs/en/api/messages>: a choice is among the tools that are
/// provided. Both messages, and that `auto` and `none` need no tools:
/// <https://github.com/aakshintala/fiber/issues/132>.
pub(super) fn choice(conversation: Conversation<'_>) -> Check {
    let tools = items(conversation.body, "tools");
    let choice = conversation.body.get("tool_choice").unwrap_or(&Value::Null);
    match kind(choice) {
        "any" if tools.is_empty() => {
            refuse("tool_choice.any may only be specified while providing tools")
        }
        "tool" => {
            let name = text(choice, "name");
            if tools.iter().any(|tool| text(tool, "name") == name) {
                return Ok(());
            }
            refuse(format!("Tool '{name}' not found in provided tools"))
        }
        _ => Ok(()),
    }
}
