//! Which tool the built-in reply calls, and what it calls it with.
//!
//! The tool that `tool_choice` asks for; or those whose names stand in the last user message: "Call
//! get_weather."; or, for any other prompt, the one that has most of its words in its name. So a
//! program that can't script the simulator still gets its tools called, once a prompt: when their
//! results are there, the reply is a text.

use serde_json::{Value, json};

use crate::schema;
use crate::scripting::calling::ToolCalls;
use crate::scripting::reply::{Citation, Reply};
use crate::scripting::request::MessageRequest;

const URL: &str = "https://example.com/";
const NOTHING: &str = "made by the simulator, which reaches no network";

/// The tools to call: the one that is asked for, or all that are named, or one that fits.
pub(super) fn chosen(request: &MessageRequest, calls: ToolCalls) -> Vec<&Value> {
    let choice = request.body().get("tool_choice");
    let field = |name: &str| choice.and_then(|choice| choice.get(name));
    let kind = field("type").and_then(Value::as_str);
    let named = || request.tools().filter(|tool| name(tool).is_some());
    let one = match kind.unwrap_or("auto") {
        "tool" => field("name").and_then(|name| request.tool(name.as_str()?)),
        "any" => request
            .tools()
            .find(|tool| tool.get("input_schema").is_some())
            .or_else(|| named().next()),
        "auto" if calls == ToolCalls::Never => None,
        "auto" => {
            let said = request.last_user_text();
            let alone = field("disable_parallel_tool_use") == Some(&Value::Bool(true));
            let most = if alone { 1 } else { usize::MAX };
            let mentioned =
                named().filter(|tool| name(tool).is_some_and(|name| mentions(&said, name)));
            let mentioned: Vec<&Value> = mentioned.take(most).collect();
            if !mentioned.is_empty() || calls == ToolCalls::Named {
                return mentioned;
            }
            fitting(request, &said)
        }
        _ => None,
    };
    one.into_iter().collect()
}

/// The tool that has most of a prompt's words in its name, or else the first; none if the prompt is
/// no new one.
fn fitting<'a>(request: &'a MessageRequest, said: &str) -> Option<&'a Value> {
    let last = request.messages().last();
    let asked = last.is_some_and(|message| message.get("role").is_some_and(|role| role == "user"));
    if !asked || said.is_empty() || !request.tool_results().is_empty() {
        return None;
    }
    let words: Vec<String> = words(said).collect();
    let fits = |tool: &Value| {
        let name = name(tool).unwrap_or_default();
        self::words(name)
            .filter(|word| words.contains(word))
            .count()
    };
    let tools = request
        .tools()
        .filter(|tool| name(tool).is_some() && is_direct(tool));
    // Of equals the last would be taken, so they are reversed.
    let tools: Vec<&Value> = tools.collect();
    tools.into_iter().rev().max_by_key(|tool| fits(tool))
}

fn words(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|char: char| !char.is_alphanumeric());
    words.filter(|word| word.len() > 2).map(str::to_lowercase)
}

/// Whether the model sees the tool from the start, and calls it itself.
fn is_direct(tool: &Value) -> bool {
    let deferred = tool.get("defer_loading") == Some(&Value::Bool(true));
    let callers = tool.get("allowed_callers").and_then(Value::as_array);
    !deferred && callers.is_none_or(|callers| callers.iter().any(|caller| caller == "direct"))
}

/// A tool's name, or that of the server whose tools it stands for.
fn name(tool: &Value) -> Option<&str> {
    tool.get("name")
        .or_else(|| tool.get("mcp_server_name"))?
        .as_str()
}

/// Whether a text has a name in it as a word of its own.
fn mentions(text: &str, name: &str) -> bool {
    let inside = |char: char| char.is_alphanumeric() || char == '_' || char == '-';
    !name.is_empty()
        && text.match_indices(name).any(|(at, _)| {
            let before = text.get(..at).and_then(|text| text.chars().next_back());
            let after = text
                .get(at + name.len()..)
                .and_then(|text| text.chars().next());
            !before.is_some_and(inside) && !after.is_some_and(inside)
        })
}

fn kind(tool: &Value) -> &str {
    let kind = tool.get("type").and_then(Value::as_str);
    kind.unwrap_or("custom")
}

/// Whether the client runs the tool, and not the API.
pub(super) fn is_run_here(tool: &Value) -> bool {
    const SERVER: [&str; 6] = [
        "web_search_",
        "web_fetch_",
        "code_execution_",
        "advisor_",
        "tool_search_tool_",
        "mcp_toolset",
    ];
    !SERVER.iter().any(|start| kind(tool).starts_with(start))
}

/// A call of a tool that the client runs.
pub(super) fn client(reply: Reply, tool: &Value) -> Reply {
    let name = name(tool).unwrap_or_default();
    reply.with_tool_use(name, input(tool))
}

/// An input for a tool: its own first example, or one by its schema, or, where the API knows the
/// tool, what it takes.
pub(super) fn input(tool: &Value) -> Value {
    let example = tool
        .get("input_examples")
        .and_then(|examples| examples.get(0));
    if let Some(example) = example.filter(|example| example.is_object()) {
        return example.clone();
    }
    let (kind, _) = kind(tool).rsplit_once('_').unwrap_or_default();
    let known = match kind {
        "bash" => json!({"command": "echo simulated"}),
        "text_editor" => json!({"command": "view", "path": "/simulated.txt"}),
        "memory" => json!({"command": "view", "path": "/memories"}),
        "computer" => json!({"action": "screenshot"}),
        _ => tool
            .get("input_schema")
            .map_or_else(|| json!({}), schema::instance),
    };
    if known.is_object() { known } else { json!({}) }
}

/// A call of a tool that the API runs, with its result.
pub(super) fn server(reply: Reply, tool: &Value, request: &MessageRequest) -> Reply {
    let said = request.last_user_text();
    let name = name(tool).unwrap_or_default();
    match kind(tool) {
        kind if kind.starts_with("web_search") => {
            let (title, cited) = ("A simulated result", "A page that does not exist");
            reply.with_web_search(said, [(URL, title)]).with_cited_text(
                format!("Found: {cited}. "),
                [Citation::web(cited).source(URL).title(title)],
            )
        }
        kind if kind.starts_with("web_fetch") => {
            let url = said
                .split_whitespace()
                .find(|word| word.starts_with("http"));
            reply.with_web_fetch(url.unwrap_or(URL), format!("A page {NOTHING}."))
        }
        "code_execution_20250522" => reply.with_code_execution("print('simulated')", "simulated\n"),
        kind if kind.starts_with("code_execution") => {
            reply.with_bash("echo simulated", "simulated\n")
        }
        kind if kind.starts_with("advisor") => reply.with_advice(format!("Advice {NOTHING}.")),
        "mcp_toolset" => {
            let answer = format!("An answer {NOTHING}.");
            reply.with_mcp_tool(name, "simulated_tool", json!({}), answer)
        }
        _ => {
            let names = request
                .tools()
                .filter(|tool| tool.get("input_schema").is_some());
            let found: Vec<Value> = names
                .filter_map(|tool| tool.get("name"))
                .map(|name| json!({"type": "tool_reference", "tool_name": name}))
                .collect();
            let input = if name.ends_with("regex") {
                json!({"pattern": ".*"})
            } else {
                json!({"query": said})
            };
            let result =
                json!({"type": "tool_search_tool_search_result", "tool_references": found});
            reply.with_server_tool(name, input, result)
        }
    }
}
