//! Rules on conversations: for each a request that breaks it and one that does not.

use anthropic_sim::Simulator;
use serde_json::{Value, json};

use super::{
    client::{Answer, send},
    messages::hello_with,
};

const MESSAGES: &str = "/v1/messages";
const COUNT: &str = "/v1/messages/count_tokens";

struct Case {
    rule: &'static str,
    message: &'static str,
    /// Laid over a request that is valid.
    broken: Value,
    whole: Value,
}

fn user(content: impl Into<Value>) -> Value {
    json!({"role": "user", "content": content.into()})
}

fn assistant(content: impl Into<Value>) -> Value {
    json!({"role": "assistant", "content": content.into()})
}

fn call(id: &str) -> Value {
    json!({"type": "tool_use", "id": id, "name": "look", "input": {}})
}

fn result(id: &str) -> Value {
    json!({"type": "tool_result", "tool_use_id": id, "content": "seen"})
}

fn text(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

fn image(kind: &str, data: &str) -> Value {
    json!({"type": "image", "source": {"type": "base64", "media_type": kind, "data": data}})
}

fn messages(messages: &[Value]) -> Value {
    json!({"messages": messages})
}

/// A conversation whose second message is the assistant's, with these blocks, and whose third the
/// user's.
fn turn(of_assistant: &[Value], of_user: &[Value]) -> Value {
    messages(&[user("Go."), assistant(of_assistant), user(of_user)])
}

fn tool(name: &str) -> Value {
    json!({"name": name, "input_schema": {"type": "object"}})
}

fn cached(content: &str, ttl: &str) -> Value {
    json!({"type": "text", "text": content, "cache_control": {"type": "ephemeral", "ttl": ttl}})
}

fn output(schema: &Value) -> Value {
    json!({"output_config": {"format": {"type": "json_schema", "schema": schema}}})
}

fn thinking(with: &Value) -> Value {
    let mut fields = json!({"thinking": {"type": "adaptive"}, "tools": [tool("look")]});
    let more = with.as_object().unwrap().clone();
    fields.as_object_mut().unwrap().extend(more);
    fields
}

const OLD: &str = "claude-sonnet-4-5-20250929";
const PNG: &str = "iVBORw0KGgoAAAANSUhEUg==";

fn content() -> Vec<Case> {
    let prefilled = |end: &str| json!({"model": OLD, "messages": [user("Go."), assistant(end)]});
    let failed = |content: &str| {
        let result = json!({"type": "tool_result", "tool_use_id": "a", "content": content, "is_error": true});
        turn(&[call("a")], &[result])
    };
    vec![
        Case {
            rule: "empty-content",
            message: "messages.1: all messages must have non-empty content except for the optional final assistant message",
            broken: messages(&[user("Go."), assistant(""), user("On.")]),
            whole: messages(&[user("Go."), assistant("So."), user("On.")]),
        },
        Case {
            rule: "empty-text",
            message: "messages: text content blocks must be non-empty",
            broken: messages(&[user(json!([text("")]))]),
            whole: messages(&[user(json!([text(".")]))]),
        },
        Case {
            rule: "empty-text",
            message: "messages: text content blocks must contain non-whitespace text",
            broken: messages(&[user(" \n")]),
            whole: messages(&[user(" .\n")]),
        },
        Case {
            rule: "trailing-space",
            message: "messages: final assistant content cannot end with trailing whitespace",
            broken: prefilled("It is "),
            whole: prefilled("It is"),
        },
        Case {
            rule: "prefill",
            message: "This model does not support assistant message prefill. The conversation must end with a user message.",
            broken: messages(&[user("Go."), assistant("It is")]),
            whole: prefilled("It is"),
        },
        Case {
            rule: "tool-errors",
            message: "messages.2.content.0.tool_result: content cannot be empty if `is_error` is true",
            broken: failed(""),
            whole: failed("it broke"),
        },
    ]
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn pairing() -> Vec<Case> {
    let search = json!({"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "q"}});
    let found = json!({"type": "web_search_tool_result", "tool_use_id": "s", "content": []});
    let unanswered = "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: b. Each \
                      `tool_use` block must have a corresponding `tool_result` block in the next message.";
    let answered = turn(
        &[call("a"), call("b")],
        &[result("b"), result("a"), text("Both.")],
    );
    vec![
        Case {
            rule: "tool-roles",
            message: "messages.0: `tool_use` blocks can only be in `assistant` messages",
            broken: messages(&[user(json!([call("a")])), user(json!([text("So.")]))]),
            whole: answered.clone(),
        },
        Case {
            rule: "tool-ids",
            message: "messages.1.content.1: `tool_use` ids must be unique",
            broken: turn(&[call("a"), call("a")], &[result("a")]),
            whole: answered.clone(),
        },
        Case {
            rule: "tool-ids",
            message: "messages.2.content.1: each tool_use must have a single result. Found multiple `tool_result` blocks \
                      with id: a",
            broken: turn(&[call("a")], &[result("a"), result("a")]),
            whole: answered.clone(),
        },
        Case {
            rule: "tool-pairs",
            message: unanswered,
            broken: turn(&[call("a"), call("b")], &[result("a")]),
            whole: answered.clone(),
        },
        Case {
            rule: "tool-pairs",
            message: unanswered,
            broken: turn(
                &[call("a"), call("b")],
                &[result("a"), text("And."), result("b")],
            ),
            whole: turn(&[call("a")], &[result("a")]),
        },
        Case {
            rule: "tool-pairs",
            message: unanswered,
            broken: messages(&[user("Go."), assistant(json!([call("b")]))]),
            whole: messages(&[
                user("Go."),
                assistant(json!([call("a"), call("b")])),
                user(json!([result("a")])),
                user(json!([result("b")])),
            ]),
        },
        Case {
            rule: "tool-pairs",
            message: "messages.2.content.1: unexpected `tool_use_id` found in `tool_result` blocks: c. Each `tool_result` \
                      block must have a corresponding `tool_use` block in the previous message.",
            broken: turn(&[call("a")], &[result("a"), result("c")]),
            whole: answered,
        },
        Case {
            rule: "server-tool-pairs",
            message: "messages.1.content.0: unexpected `tool_use_id` found in `web_search_tool_result` blocks: s. Each \
                      `web_search_tool_result` block must have a corresponding `server_tool_use` block before it.",
            broken: turn(std::slice::from_ref(&found), &[text("So?")]),
            whole: turn(&[search, found], &[text("So?")]),
        },
    ]
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn parameters() -> Vec<Case> {
    let thought =
        |signature: &str| json!({"type": "thinking", "thinking": "Hm.", "signature": signature});
    let document = |data: &str| {
        let source = json!({"type": "base64", "media_type": "application/pdf", "data": data});
        messages(&[user(json!([{"type": "document", "source": source}]))])
    };
    let object =
        |closed: bool| json!({"type": "object", "properties": {}, "additionalProperties": !closed});
    let number = |keyword: &str| {
        let of = json!({"type": "integer", keyword: 3});
        json!({"type": "object", "properties": {"n": of}, "additionalProperties": false})
    };
    vec![
        Case {
            rule: "thinking-tools",
            message: "Thinking may not be enabled when tool_choice forces tool use.",
            broken: thinking(&json!({"tool_choice": {"type": "any"}})),
            whole: thinking(&json!({"tool_choice": {"type": "auto"}})),
        },
        Case {
            rule: "thinking-sampling",
            message: "`temperature` may only be set to 1 when thinking is enabled.",
            broken: thinking(&json!({"temperature": 0.5})),
            whole: thinking(&json!({"temperature": 1})),
        },
        Case {
            rule: "thinking-signature",
            message: "messages.1.content.0: Invalid `signature` in `thinking` block",
            broken: turn(&[thought(""), text("So.")], &[text("On.")]),
            whole: turn(&[thought("signed"), text("So.")], &[text("On.")]),
        },
        Case {
            rule: "tool-names",
            message: "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'",
            broken: json!({"tools": [tool("look up")]}),
            whole: json!({"tools": [tool("look-up_1")]}),
        },
        Case {
            rule: "tool-names",
            message: "tools: Tool names must be unique.",
            broken: json!({"tools": [tool("a"), tool("a")]}),
            whole: json!({"tools": [tool("a"), tool("b")]}),
        },
        Case {
            rule: "cache-order",
            message: "messages.0.content.1.cache_control.ttl: a ttl='1h' cache_control block must not come after a \
                      ttl='5m' cache_control block. Note that blocks are processed in the following order: `tools`, \
                      `system`, `messages`.",
            broken: messages(&[user(json!([cached("a", "5m"), cached("b", "1h")]))]),
            whole: messages(&[user(json!([cached("a", "1h"), cached("b", "5m")]))]),
        },
        Case {
            rule: "media",
            message: "messages.0.content.0.image.source.base64: The image was specified using the image/jpeg media type, \
                      but the image appears to be a image/png image",
            broken: messages(&[user(json!([image("image/jpeg", PNG)]))]),
            whole: messages(&[user(json!([image("image/png", PNG)]))]),
        },
        Case {
            rule: "media",
            message: "messages.0.content.0.image.source.base64: invalid base64 data",
            broken: messages(&[user(json!([image(
                "image/png",
                &format!("data:image/png;base64,{PNG}")
            )]))]),
            whole: messages(&[user(json!([image("image/png", PNG)]))]),
        },
        Case {
            rule: "media",
            message: "messages.0.content.0.pdf.source.base64.data: The PDF specified was not valid.",
            broken: document(PNG),
            whole: document("JVBERi0xLjQK"),
        },
        Case {
            rule: "output-schema",
            message: "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false",
            broken: output(&object(false)),
            whole: output(&object(true)),
        },
        Case {
            rule: "output-schema",
            message: "output_config.format.schema: For 'integer' type, property 'minimum' is not supported",
            broken: output(&number("minimum")),
            whole: output(&number("enum_of")),
        },
    ]
}

fn cases() -> Vec<Case> {
    [content(), pairing(), parameters()]
        .into_iter()
        .flatten()
        .collect()
}

/// Sampling parameters are those of an earlier version, and not of counting.
const SAMPLING: &str = "thinking-sampling";

async fn ask(simulator: &Simulator, path: &str, case: &Case, fields: &Value) -> Answer {
    let mut body = hello_with(fields.clone());
    if path == COUNT {
        body.as_object_mut().unwrap().remove("max_tokens");
    }
    let version = if case.rule == SAMPLING {
        "2023-06-01"
    } else {
        "2026-10-21"
    };
    let headers = [("anthropic-version", version)];
    send(
        simulator.url(),
        "POST",
        path,
        &headers,
        body.to_string().as_bytes(),
    )
    .await
}

#[tokio::test]
async fn each_rule_is_broken_and_kept() {
    let simulator = Simulator::start().await.unwrap();
    for case in cases() {
        let name = case.rule;
        for path in [MESSAGES, COUNT] {
            if (name, path) == (SAMPLING, COUNT) {
                continue;
            }
            let (kind, message) = ask(&simulator, path, &case, &case.broken).await.error(400);
            assert_eq!(message, case.message, "{name}");
            assert_eq!(kind, "invalid_request_error");
            let whole = ask(&simulator, path, &case, &case.whole).await;
            assert_eq!(whole.status, 200, "{name} {}", whole.text());
        }
    }
}

#[tokio::test]
async fn rules_are_switched_off_by_name_or_all_at_once() {
    let all = Simulator::builder().lenient().start().await.unwrap();
    for case in cases() {
        ask(&all, MESSAGES, &case, &case.broken).await.ok();
    }
    let one = Simulator::builder().lenient_about("tool-pairs");
    let one = one.start().await.unwrap();
    for case in cases() {
        let answer = ask(&one, MESSAGES, &case, &case.broken).await;
        let refused = answer.status == 400;
        assert_eq!(
            refused,
            case.rule != "tool-pairs",
            "{} {}",
            case.rule,
            answer.text()
        );
    }
    let none = Simulator::builder().lenient_about("tool-pear");
    let error = none.start().await.unwrap_err();
    assert!(error.to_string().contains("tool-pairs"), "{error}");
}
