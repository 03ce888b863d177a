//! What messages hold.

use serde_json::{Value, json};

use super::{BOTH, Case, OLD, assistant, blocks, call, case, messages, result, text, turn, user};

pub(super) fn cases() -> Vec<Case> {
    let prefilled = |end: &str| json!({"model": OLD, "messages": [user("Go."), assistant(end)]});
    let failed = |content: &str| {
        let result = json!({"type": "tool_result", "tool_use_id": "a", "content": content, "is_error": true});
        turn(&[call("a")], &[result])
    };
    let thinking = |messages: &[Value]| {
        let thinking = json!({"type": "enabled", "budget_tokens": 2048});
        json!({"model": OLD, "max_tokens": 4096, "messages": messages, "thinking": thinking})
    };
    let thought = json!({"type": "thinking", "thinking": "Hm.", "signature": "Eq=="});
    let summary = json!({"type": "compaction", "content": "So far: one."});
    let missing = |calls: &str, index: usize, found: &str| {
        format!(
            "messages.{index}.content.0.type: Expected `thinking` or `redacted_thinking`, but found `{found}`. When `thinking` is \
             enabled, a final `assistant` message must start with a thinking block{calls}. We recommend you include thinking \
             blocks from previous turns. To avoid this requirement, disable `thinking`. Please consult our documentation at \
             https://docs.claude.com/en/docs/build-with-claude/extended-thinking"
        )
    };
    let unthought = |calls: &str, index: usize| missing(calls, index, "text");
    let calls = " (preceeding the lastmost set of `tool_use` and `tool_result` blocks)";
    let prefill = "This model does not support assistant message prefill. The conversation must end with a user message.";
    let system = |model: &str| {
        let system = json!({"role": "system", "content": "Be brief."});
        json!({"model": model, "messages": [user("Go."), system, user("On.")]})
    };
    vec![
        case(
            "messages",
            "messages: at least one message is required",
            messages(&[]),
            messages(&[user("Go.")]),
        ),
        case(
            "system-role",
            "messages: Unexpected role \"system\". The Messages API accepts a top-level `system` parameter, not \"system\" as \
             an input message role.",
            system(BOTH),
            system("claude-opus-4-8"),
        ),
        case(
            "first-role",
            "messages: first message must use the \"user\" role",
            messages(&[assistant("Well."), user("Go.")]),
            messages(&[user("Go."), user("On.")]),
        ),
        // A summary is the model's, and may be the first.
        case(
            "first-role",
            "messages: first message must use the \"user\" role",
            messages(&[assistant(vec![text("So far: one.")]), user("On.")]),
            messages(&[assistant(vec![summary]), user("On.")]),
        ),
        case(
            "empty-content",
            "messages.1: all messages must have non-empty content except for the optional final assistant message",
            messages(&[user("Go."), assistant(""), user("On.")]),
            messages(&[user("Go."), assistant("So."), user("On.")]),
        ),
        case(
            "empty-text",
            "messages: text content blocks must be non-empty",
            blocks(&[text("")]),
            blocks(&[text(".")]),
        ),
        case(
            "empty-text",
            "messages: text content blocks must contain non-whitespace text",
            messages(&[user(" \n")]),
            messages(&[user(" .\n")]),
        ),
        case(
            "empty-text",
            "system: text content blocks must be non-empty",
            json!({"system": [text("Be brief."), text("")]}),
            json!({"system": [text("Be brief.")]}),
        ),
        case(
            "empty-text",
            "system: text content blocks must contain non-whitespace text",
            json!({"system": [text("\t")]}),
            json!({"system": [text("\t.")]}),
        ),
        case(
            "trailing-space",
            "messages: final assistant content cannot end with trailing whitespace",
            prefilled("It is "),
            prefilled("It is"),
        ),
        case(
            "prefill",
            prefill,
            messages(&[user("Go."), assistant("It is")]),
            prefilled("It is"),
        ),
        case(
            "prefill",
            prefill,
            json!({
                "model": OLD,
                "messages": [user("Go."), assistant("{")],
                "output_config": {"format": {"type": "json_schema", "schema": {"type": "integer"}}},
            }),
            prefilled("{"),
        ),
        case(
            "prefill",
            unthought("", 1),
            thinking(&[user("Go."), assistant("It is")]),
            prefilled("It is"),
        ),
        case(
            "prefill",
            unthought(calls, 3),
            thinking(&[
                user("Go."),
                assistant(vec![call("a")]),
                user(vec![result("a")]),
                assistant(vec![text("It is")]),
            ]),
            thinking(&[
                user("Go."),
                assistant(vec![thought.clone(), call("a")]),
                user(vec![result("a")]),
            ]),
        ),
        case(
            "prefill",
            prefill,
            thinking(&[user("Go."), assistant(vec![thought.clone(), text("It is")])]),
            prefilled("It is"),
        ),
        case(
            "tool-errors",
            "messages.2.content.0.tool_result: content cannot be empty if `is_error` is true",
            failed(""),
            failed("it broke"),
        ),
    ]
}
