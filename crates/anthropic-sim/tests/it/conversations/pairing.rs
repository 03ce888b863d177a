//! Calls and their results.

use serde_json::{Value, json};

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
            "tool-roles",
            "messages.1: `tool_result` blocks can only be in `user` messages",
            turn(&[call("a"), result("a")], &[text("So.")]),
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
            "tool-use-names",
            "messages.1.content.0.tool_use.name: String should have at least 1 character",
            turn(&[named("")], &[result("a")]),
            turn(&[named("no such tool")], &[result("a")]),
        ),
        case(
            "tool-use-names",
            "messages.1.content.0.tool_use.name: String should have at most 200 characters",
            turn(&[named(&"ü".repeat(201))], &[result("a")]),
            turn(&[named(&"ü".repeat(200))], &[result("a")]),
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
    cases.extend(server_pairs());
    cases.extend(unfinished());
    cases
}

/// A call of a tool of this name.
fn named(name: &str) -> Value {
    let mut call = call("a");
    call["name"] = name.into();
    call
}

fn pairs() -> Vec<Case> {
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
        // Messages of one role that follow each other are one.
        case(
            "tool-pairs",
            unanswered,
            messages(&[
                user("Go."),
                assistant(json!([call("b")])),
                user("Wait."),
                user(json!([result("b")])),
            ]),
            messages(&[
                user("Go."),
                assistant(json!([call("b")])),
                user(json!([result("b")])),
                user("Wait."),
            ]),
        ),
        case(
            "tool-pairs",
            unanswered,
            messages(&[
                user("Go."),
                assistant(json!([call("a"), call("b")])),
                user(json!([result("a"), text("And.")])),
                user(json!([result("b")])),
            ]),
            messages(&[
                user("Go."),
                assistant(json!([call("a"), call("b")])),
                user(json!([result("a")])),
                user(json!([result("b"), text("And.")])),
            ]),
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
    ]
}

fn server_pairs() -> Vec<Case> {
    let (search, found) = (search("srvtoolu_s"), found("srvtoolu_s"));
    let remote = json!({"type": "mcp_tool_use", "id": "m", "name": "look", "server_name": "maps", "input": {}});
    let remote_result =
        json!({"type": "mcp_tool_result", "tool_use_id": "m", "is_error": false, "content": []});
    vec![
        case(
            "server-tool-pairs",
            "messages.1.content.0: unexpected `tool_use_id` found in `web_search_tool_result` blocks: srvtoolu_s. Each \
             `web_search_tool_result` block must have a corresponding `server_tool_use` block before it.",
            turn(std::slice::from_ref(&found), &[text("So?")]),
            turn(&[search.clone(), found.clone()], &[text("So?")]),
        ),
        // A result has to have a call of its own kind, and behind it.
        case(
            "server-tool-pairs",
            "messages.1.content.0: unexpected `tool_use_id` found in `web_search_tool_result` blocks: srvtoolu_s. Each \
             `web_search_tool_result` block must have a corresponding `server_tool_use` block before it.",
            turn(&[found.clone(), search.clone()], &[text("So?")]),
            turn(&[search.clone(), found], &[text("So?")]),
        ),
        case(
            "server-tool-pairs",
            "messages.1.content.0: unexpected `tool_use_id` found in `mcp_tool_result` blocks: m. Each `mcp_tool_result` block \
             must have a corresponding `mcp_tool_use` block before it.",
            turn(std::slice::from_ref(&remote_result), &[text("So?")]),
            turn(&[remote, remote_result], &[text("So?")]),
        ),
        case(
            "tool-id-pattern",
            "messages.1.content.0.server_tool_use.id: String should match pattern '^srvtoolu_[a-zA-Z0-9_]+$'",
            paused(&[self::search("toolu_s")]),
            paused(&[search]),
        ),
        case(
            "tool-id-pattern",
            "messages.1.content.0.server_tool_use.id: String should match pattern '^srvtoolu_[a-zA-Z0-9_]+$'",
            paused(&[self::search("srvtoolu_")]),
            paused(&[self::search("srvtoolu_1_a")]),
        ),
        case(
            "tool-id-pattern",
            "messages.1.content.0.server_tool_use.id: String should match pattern '^srvtoolu_[a-zA-Z0-9_]+$'",
            paused(&[self::search("srvtoolu_a-b")]),
            paused(&[self::search("srvtoolu_a_b")]),
        ),
    ]
}

fn search(id: &str) -> Value {
    json!({"type": "server_tool_use", "id": id, "name": "web_search", "input": {"query": "q"}})
}

fn found(id: &str) -> Value {
    json!({"type": "web_search_tool_result", "tool_use_id": id, "content": []})
}

/// A conversation whose last message is the assistant's, with a tool of the API's on offer.
fn paused(of_assistant: &[Value]) -> Value {
    offering(messages(&[user("Go."), assistant(of_assistant)]))
}

fn offering(mut conversation: Value) -> Value {
    conversation["tools"] = json!([
        {"type": "web_search_20260209", "name": "web_search"},
        {"name": "look", "input_schema": {"type": "object"}},
    ]);
    conversation
}

/// Calls of server tools that have no results yet.
fn unfinished() -> Vec<Case> {
    let cut_off = |name: &str, result: &str| {
        format!(
            "messages.1: `{name}` tool use with id `srvtoolu_s` was found without a corresponding `{result}_tool_result` block"
        )
    };
    let run = |name: &str| json!({"type": "server_tool_use", "id": "srvtoolu_s", "name": name, "input": {}});
    let ran = json!({"type": "code_execution_tool_result", "tool_use_id": "srvtoolu_s", "content": {
        "type": "code_execution_result", "stdout": "", "stderr": "", "return_code": 0, "content": [],
    }});
    let mut by_code = search("srvtoolu_t");
    by_code["caller"] = json!({"type": "code_execution_20260120", "tool_id": "srvtoolu_s"});
    let both = [search("srvtoolu_s"), call("a")];
    let goes_on = offering(messages(&[
        user("Go."),
        assistant(both.as_slice()),
        user(vec![result("a")]),
        assistant(vec![found("srvtoolu_s"), text("Found.")]),
        user("On."),
    ]));
    vec![
        // A turn that was paused goes on from its last message.
        case(
            "server-tool-pairs",
            cut_off("web_search", "web_search"),
            offering(turn(&[search("srvtoolu_s")], &[text("So?")])),
            paused(&[search("srvtoolu_s")]),
        ),
        // It waits for results of the client's tools, and for nothing else.
        case(
            "server-tool-pairs",
            cut_off("web_search", "web_search"),
            offering(turn(&both, &[result("a"), text("So?")])),
            offering(turn(&both, &[result("a")])),
        ),
        case(
            "server-tool-pairs",
            cut_off("web_search", "web_search"),
            offering(messages(&[
                user("Go."),
                assistant(both.as_slice()),
                user(vec![result("a")]),
                assistant("Found nothing."),
                user("On."),
            ])),
            goes_on,
        ),
        case(
            "server-tool-pairs",
            cut_off("tool_search_tool_bm25", "tool_search"),
            turn(&[run("tool_search_tool_bm25")], &[text("So?")]),
            // A summary has what was before it.
            turn(
                &[
                    run("tool_search_tool_bm25"),
                    json!({"type": "compaction", "content": "So far: one."}),
                ],
                &[text("So?")],
            ),
        ),
        // What code calls is the code's.
        case(
            "server-tool-pairs",
            cut_off("code_execution", "code_execution"),
            turn(&[run("code_execution"), by_code.clone()], &[text("So?")]),
            turn(&[run("code_execution"), by_code, ran], &[text("So?")]),
        ),
        case(
            "server-tool-offer",
            "messages.1: `web_search` tool use with id `srvtoolu_s` waits for its result, but no `web_search` tool was provided",
            messages(&[user("Go."), assistant(vec![search("srvtoolu_s")])]),
            paused(&[search("srvtoolu_s")]),
        )
        .create(),
        case(
            "server-tool-offer",
            "messages.1: `web_search` tool use with id `srvtoolu_s` waits for its result, but no `web_search` tool was provided",
            turn(&both, &[result("a")]),
            turn(&[run("bash_code_execution"), call("a")], &[result("a")]),
        )
        .create(),
    ]
}
