//! Calls and their results.

use serde_json::json;

use super::{Case, assistant, blocks, call, case, messages, result, text, turn, user};

pub(super) fn cases() -> Vec<Case> {
    let answered = turn(
        &[call("a"), call("b")],
        &[result("b"), result("a"), text("Both.")],
    );
    let mut cases = vec![
        case(
            "tool-roles",
            "messages.0: `tool_use` blocks can only be in `assistant` messages",
            messages(&[user(json!([call("a")])), user(json!([text("So.")]))]),
            answered.clone(),
        ),
        case(
            "tool-id-pattern",
            "messages.1.content.0.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'",
            turn(&[call("call|1")], &[result("call|1")]),
            turn(&[call("call-1_a")], &[result("call-1_a")]),
        ),
        case(
            "tool-id-pattern",
            "messages.2.content.0.tool_result.tool_use_id: String should match pattern '^[a-zA-Z0-9_-]+$'",
            turn(&[call("a")], &[result("a.")]),
            answered.clone(),
        ),
        case(
            "tool-ids",
            "messages.1.content.1: `tool_use` ids must be unique",
            turn(&[call("a"), call("a")], &[result("a")]),
            answered.clone(),
        ),
        case(
            "tool-ids",
            "messages.2.content.1: each tool_use must have a single result. Found multiple `tool_result` blocks with id: a",
            turn(&[call("a")], &[result("a"), result("a")]),
            answered,
        ),
    ];
    cases.extend(pairs());
    cases
}

fn pairs() -> Vec<Case> {
    let search = json!({"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "q"}});
    let found = json!({"type": "web_search_tool_result", "tool_use_id": "s", "content": []});
    let remote = json!({"type": "mcp_tool_use", "id": "m", "name": "look", "server_name": "maps", "input": {}});
    let remote_result =
        json!({"type": "mcp_tool_result", "tool_use_id": "m", "is_error": false, "content": []});
    let unanswered = "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: b. Each \
                      `tool_use` block must have a corresponding `tool_result` block in the next message.";
    let answered = turn(&[call("a"), call("b")], &[result("b"), result("a")]);
    vec![
        case(
            "tool-pairs",
            unanswered,
            turn(&[call("a"), call("b")], &[result("a")]),
            answered.clone(),
        ),
        case(
            "tool-pairs",
            unanswered,
            turn(
                &[call("a"), call("b")],
                &[result("a"), text("And."), result("b")],
            ),
            turn(&[call("a")], &[result("a")]),
        ),
        case(
            "tool-pairs",
            unanswered,
            messages(&[user("Go."), assistant(json!([call("b")]))]),
            messages(&[
                user("Go."),
                assistant(json!([call("a"), call("b")])),
                user(json!([result("a")])),
                user(json!([result("b")])),
            ]),
        ),
        case(
            "tool-pairs",
            "messages.2.content.1: unexpected `tool_use_id` found in `tool_result` blocks: c. Each `tool_result` block must \
             have a corresponding `tool_use` block in the previous message.",
            turn(&[call("a")], &[result("a"), result("c")]),
            answered.clone(),
        ),
        case(
            "tool-pairs",
            "messages.0.content.0: unexpected `tool_use_id` found in `tool_result` blocks: a. Each `tool_result` block must \
             have a corresponding `tool_use` block in the previous message.",
            blocks(&[result("a")]),
            answered,
        ),
        case(
            "server-tool-pairs",
            "messages.1.content.0: unexpected `tool_use_id` found in `web_search_tool_result` blocks: s. Each \
             `web_search_tool_result` block must have a corresponding `server_tool_use` block before it.",
            turn(std::slice::from_ref(&found), &[text("So?")]),
            turn(&[search.clone(), found.clone()], &[text("So?")]),
        ),
        // A result has to have a call of its own kind, and behind it.
        case(
            "server-tool-pairs",
            "messages.1.content.0: unexpected `tool_use_id` found in `web_search_tool_result` blocks: s. Each \
             `web_search_tool_result` block must have a corresponding `server_tool_use` block before it.",
            turn(&[found, search.clone()], &[text("So?")]),
            // One that waits has none yet.
            turn(&[search], &[text("So?")]),
        ),
        case(
            "server-tool-pairs",
            "messages.1.content.0: unexpected `tool_use_id` found in `mcp_tool_result` blocks: m. Each `mcp_tool_result` block \
             must have a corresponding `mcp_tool_use` block before it.",
            turn(std::slice::from_ref(&remote_result), &[text("So?")]),
            turn(&[remote, remote_result], &[text("So?")]),
        ),
    ]
}
