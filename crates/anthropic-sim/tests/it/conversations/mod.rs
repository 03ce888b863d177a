//! Rules on conversations: for each a request that breaks it and one that does not.

#![expect(
    clippy::needless_pass_by_value,
    clippy::too_many_lines,
    reason = "tables, which write their values in place"
)]

mod content;
mod media;
mod pairing;
mod parameters;
mod schemas;

use anthropic_sim::Simulator;
use serde_json::{Value, json};

use super::client::{Answer, post_form, send};
use super::messages::hello_with;

const MESSAGES: &str = "/v1/messages";
const COUNT: &str = "/v1/messages/count_tokens";
/// Stands for the id of a file that exists.
const FILE: &str = "A-FILE";

/// The same for a file that is an image.
const PICTURE: &str = "A-PICTURE";

/// Models of some generations.
const OLD: &str = "claude-sonnet-4-5-20250929";
const BOTH: &str = "claude-opus-4-6";

pub(super) struct Case {
    rule: &'static str,
    message: String,
    /// Laid over a request that is valid.
    broken: Value,
    whole: Value,
    status: u16,
    /// Whether the parameters are those of an earlier version, or not of counting.
    create: bool,
}

fn case(rule: &'static str, message: impl Into<String>, broken: Value, whole: Value) -> Case {
    Case {
        rule,
        message: message.into(),
        broken,
        whole,
        status: 400,
        create: false,
    }
}

impl Case {
    fn missing(self) -> Self {
        Self {
            status: 404,
            ..self
        }
    }

    /// The parameters are not of counting, and perhaps of an earlier version.
    fn create(self) -> Self {
        Self {
            create: true,
            ..self
        }
    }
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

fn messages(messages: &[Value]) -> Value {
    json!({"messages": messages})
}

/// One message of the user's, of these blocks.
fn blocks(blocks: &[Value]) -> Value {
    messages(&[user(blocks)])
}

/// A conversation whose second message is the assistant's, with these blocks, and whose third the
/// user's.
fn turn(of_assistant: &[Value], of_user: &[Value]) -> Value {
    messages(&[user("Go."), assistant(of_assistant), user(of_user)])
}

fn tool(name: &str) -> Value {
    json!({"name": name, "input_schema": {"type": "object"}})
}

fn cases() -> Vec<Case> {
    let cases = [
        content::cases(),
        pairing::cases(),
        parameters::cases(),
        schemas::cases(),
        media::cases(),
    ];
    cases.into_iter().flatten().collect()
}

/// Asks with a request of a case. Sampling parameters are those of an earlier version, blocks of
/// MCP servers and summaries those of a beta.
async fn ask(
    simulator: &Simulator,
    path: &str,
    case: &Case,
    fields: &Value,
    files: &[String; 2],
) -> Answer {
    let mut body = hello_with(fields.clone());
    if path == COUNT {
        body.as_object_mut().unwrap().remove("max_tokens");
    }
    let earlier = ["temperature", "top_p", "top_k", "output_format"];
    let earlier = earlier.iter().any(|name| body.get(name).is_some());
    let version = if earlier { "2023-06-01" } else { "2026-10-21" };
    let [file, picture] = files;
    let body = body.to_string().replace(FILE, file);
    let body = body.replace(PICTURE, picture);
    let beta = if body.contains("mcp_tool") {
        "mcp-client-2025-11-20"
    } else if body.contains("compaction") {
        "compact-2026-09-04"
    } else if body.contains("context_management") {
        "context-management-2025-06-27"
    } else {
        // Such a header is not sent.
        ""
    };
    let headers = [("anthropic-version", version), ("anthropic-beta", beta)];
    let answer = send(simulator.url(), "POST", path, &headers, body.as_bytes()).await;
    assert!(answer.status < 500, "{}", case.rule);
    answer
}

/// The ids of a text and of an image.
async fn upload(simulator: &Simulator) -> [String; 2] {
    let id = |file: Value| file["id"].as_str().unwrap().to_owned();
    let file = [("file", "a.txt", "content")];
    let file = post_form(simulator.url(), "/v1/files", &file).await.ok();
    let form = "--xyz\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\
                content-type: image/png\r\n\r\nx\r\n--xyz--\r\n";
    let headers = [("content-type", "multipart/form-data; boundary=xyz")];
    let form = form.as_bytes();
    let picture = send(simulator.url(), "POST", "/v1/files", &headers, form).await;
    [id(file), id(picture.ok())]
}

#[tokio::test]
async fn each_rule_is_broken_and_kept() {
    let simulator = Simulator::start().await.unwrap();
    let files = upload(&simulator).await;
    for case in cases() {
        let name = case.rule;
        for path in [MESSAGES, COUNT] {
            if case.create && path == COUNT {
                continue;
            }
            let broken = ask(&simulator, path, &case, &case.broken, &files).await;
            let (kind, message) = broken.error(case.status);
            assert_eq!(message, case.message, "{name}");
            let wanted = if case.status == 404 {
                "not_found_error"
            } else {
                "invalid_request_error"
            };
            assert_eq!(kind, wanted);
            let whole = ask(&simulator, path, &case, &case.whole, &files).await;
            assert_eq!(whole.status, 200, "{name} {}", whole.text());
        }
    }
}

/// The cases but those whose requests are large.
fn small() -> impl Iterator<Item = Case> {
    let cases = cases().into_iter();
    cases.filter(|case| case.broken.to_string().len() < 100_000)
}

#[tokio::test]
async fn rules_are_switched_off_by_name_or_all_at_once() {
    let all = Simulator::builder().lenient().start().await.unwrap();
    let files = upload(&all).await;
    for case in small() {
        ask(&all, MESSAGES, &case, &case.broken, &files).await.ok();
    }
    let one = Simulator::builder().lenient_about("tool-pairs");
    let one = one.start().await.unwrap();
    let files = upload(&one).await;
    for case in small() {
        let answer = ask(&one, MESSAGES, &case, &case.broken, &files).await;
        let refused = answer.status == case.status;
        let rule = case.rule;
        assert_eq!(refused, rule != "tool-pairs", "{rule} {}", answer.text());
    }
}

#[tokio::test]
async fn every_rule_has_a_case() {
    let none = Simulator::builder().lenient_about("tool-pear");
    let error = none.start().await.unwrap_err().to_string();
    let (_, names) = error.split_once("there are ").unwrap();
    for name in names.split(", ") {
        assert!(cases().iter().any(|case| case.rule == name), "{name}");
    }
}

/// The sources of the rules.
const SOURCES: [&str; 11] = [
    include_str!("../../../src/validate/conversation/cache.rs"),
    include_str!("../../../src/validate/conversation/content.rs"),
    include_str!("../../../src/validate/conversation/keywords.rs"),
    include_str!("../../../src/validate/conversation/media.rs"),
    include_str!("../../../src/validate/conversation/pairing.rs"),
    include_str!("../../../src/validate/conversation/recursion.rs"),
    include_str!("../../../src/validate/conversation/request.rs"),
    include_str!("../../../src/validate/conversation/sampling.rs"),
    include_str!("../../../src/validate/conversation/schemas.rs"),
    include_str!("../../../src/validate/conversation/thinking.rs"),
    include_str!("../../../src/validate/conversation/tools.rs"),
];

/// What a message in a source has around what is filled in.
fn parts(literal: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut rest = literal.chars().peekable();
    while let Some(next) = rest.next() {
        let part = parts.last_mut().unwrap();
        match next {
            '"' => break,
            // A line that goes on has its spaces left out.
            '\\' if rest.peek() == Some(&'\n') => {
                while rest.next_if(|it| it.is_whitespace()).is_some() {}
            }
            '\\' => part.extend(rest.next()),
            '{' | '}' if rest.peek() == Some(&next) => part.extend(rest.next()),
            '{' => {
                while rest.next().unwrap() != '}' {}
                parts.push(String::new());
            }
            _ => part.push(next),
        }
    }
    parts
}

#[test]
fn every_message_has_a_case() {
    let messages: Vec<String> = cases().into_iter().map(|case| case.message).collect();
    let mut found = 0;
    for source in SOURCES {
        let calls = ["refuse(", "format!("];
        for literal in calls.iter().flat_map(|call| source.split(call).skip(1)) {
            let Some(literal) = literal.trim_start().strip_prefix('"') else {
                continue;
            };
            let parts = parts(literal);
            let has = |message: &String| {
                let mut parts = parts.iter();
                let after = |rest, part: &String| {
                    str::split_once(rest, part.as_str()).map(|(_, rest)| rest)
                };
                parts.try_fold(message.as_str(), after).is_some()
            };
            assert!(messages.iter().any(has), "{parts:?} is in no case");
            found += 1;
        }
    }
    assert!(found > 60, "only {found} messages in the sources");
}
