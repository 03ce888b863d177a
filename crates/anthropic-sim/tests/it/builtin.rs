//! What the built-in reply does about tools, citations and long conversations.

use anthropic_sim::{Simulator, ToolCalls};
use serde_json::{Value, json};

use crate::client::post;
use crate::folding::assert_folds;
use crate::messages::hello_with;

/// The message of a request, which must be the same when it is streamed.
async fn answer(fields: Value) -> Value {
    let simulator = Simulator::start().await.unwrap();
    assert_folds(&simulator, &hello_with(fields.clone())).await;
    post(
        simulator.url(),
        "/v1/messages?beta=true",
        &hello_with(fields),
    )
    .await
    .ok()
}

fn kinds(message: &Value) -> Vec<&str> {
    let blocks = message["content"].as_array().unwrap().iter();
    blocks
        .map(|block| block["type"].as_str().unwrap())
        .collect()
}

fn asking(text: &str, tools: &Value) -> Value {
    json!({"messages": [{"role": "user", "content": text}], "tools": tools})
}

#[tokio::test]
async fn a_tool_that_is_named_is_called() {
    let tools = json!([
        {"name": "get", "input_schema": {"type": "object"}},
        {"name": "get_weather", "input_schema": {"type": "object", "properties": {"city": {"const": "Bern"}}}},
    ]);
    let message = answer(asking("Please call get_weather.", &tools)).await;
    assert_eq!(message["content"][0]["name"], "get_weather");
    assert_eq!(message["content"][0]["input"], json!({"city": "Bern"}));
    let both = || asking("Please call get and get_weather.", &tools);
    assert_eq!(kinds(&answer(both()).await), ["tool_use", "tool_use"]);
    let mut alone = both();
    alone["tool_choice"] = json!({"type": "auto", "disable_parallel_tool_use": true});
    assert_eq!(kinds(&answer(alone).await), ["tool_use"]);
    let mut never = asking("Please call get_weather.", &tools);
    never["tool_choice"] = json!({"type": "none"});
    assert_eq!(kinds(&answer(never).await), ["text"]);
}

#[tokio::test]
async fn a_tools_own_example_is_its_input() {
    let tool = json!({"name": "weather", "input_schema": {"type": "object"}, "input_examples": [{"city": "Bern"}]});
    let message = answer(asking("weather, please", &json!([tool]))).await;
    assert_eq!(message["content"][0]["input"], json!({"city": "Bern"}));
}

#[tokio::test]
async fn tools_that_the_api_defines_get_the_input_they_take() {
    for (tool, field) in [
        (json!({"type": "bash_20250124", "name": "bash"}), "command"),
        (
            json!({"type": "text_editor_20250728", "name": "str_replace_based_edit_tool"}),
            "path",
        ),
        (json!({"type": "memory_20250818", "name": "memory"}), "path"),
        (
            json!({"type": "computer_20251124", "name": "computer", "display_width_px": 1, "display_height_px": 1}),
            "action",
        ),
    ] {
        let choice = json!({"type": "tool", "name": tool["name"]});
        let message = answer(json!({"tools": [tool], "tool_choice": choice})).await;
        assert_eq!(kinds(&message), ["tool_use"]);
        assert!(
            message["content"][0]["input"][field].is_string(),
            "{message}"
        );
    }
}

#[tokio::test]
async fn server_tools_are_called_and_answer() {
    let search = |name: &str| json!({"type": format!("{name}_20251119"), "name": name});
    let deferred =
        json!({"name": "rare", "input_schema": {"type": "object"}, "defer_loading": true});
    for (tool, call, result) in [
        (
            json!({"type": "web_search_20250305", "name": "web_search"}),
            "server_tool_use",
            "web_search_tool_result",
        ),
        (
            json!({"type": "web_fetch_20250910", "name": "web_fetch"}),
            "server_tool_use",
            "web_fetch_tool_result",
        ),
        (
            json!({"type": "code_execution_20250522", "name": "code_execution"}),
            "server_tool_use",
            "code_execution_tool_result",
        ),
        (
            json!({"type": "code_execution_20250825", "name": "code_execution"}),
            "server_tool_use",
            "bash_code_execution_tool_result",
        ),
        (
            json!({"type": "advisor_20260301", "name": "advisor", "model": "claude-opus-5-5"}),
            "server_tool_use",
            "advisor_tool_result",
        ),
        (
            search("tool_search_tool_bm25"),
            "server_tool_use",
            "tool_search_tool_result",
        ),
        (
            search("tool_search_tool_regex"),
            "server_tool_use",
            "tool_search_tool_result",
        ),
        (
            json!({"type": "mcp_toolset", "mcp_server_name": "files"}),
            "mcp_tool_use",
            "mcp_tool_result",
        ),
    ] {
        let name = tool
            .get("name")
            .unwrap_or(&tool["mcp_server_name"])
            .as_str()
            .unwrap();
        let message = answer(asking(
            &format!("Use {name}, please"),
            &json!([tool, deferred]),
        ))
        .await;
        assert_eq!(kinds(&message)[..2], [call, result], "{message}");
        assert_eq!(message["stop_reason"], "end_turn");
        let last = message["content"].as_array().unwrap().last().unwrap();
        assert!(last["text"].as_str().unwrap().contains("simulator"));
    }
}

#[tokio::test]
async fn a_source_that_may_be_cited_is_cited() {
    let cite = json!({"enabled": true});
    for (block, citation) in [
        (
            json!({"type": "document", "citations": cite, "title": "Sky",
                "source": {"type": "text", "media_type": "text/plain", "data": "It is blue."}}),
            json!({"type": "char_location", "cited_text": "It is blue.", "document_index": 0, "document_title": "Sky",
                "file_id": null, "start_char_index": 0, "end_char_index": 11}),
        ),
        (
            json!({"type": "document", "citations": cite,
                "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERg=="}}),
            json!({"type": "page_location", "cited_text": "(the simulator does not read PDFs)", "document_index": 0,
                "document_title": null, "file_id": null, "start_page_number": 1, "end_page_number": 2}),
        ),
        (
            json!({"type": "search_result", "citations": cite, "source": "notes", "title": "Notes",
                "content": [{"type": "text", "text": "It is blue."}]}),
            json!({"type": "search_result_location", "cited_text": "It is blue.", "source": "notes", "title": "Notes",
                "search_result_index": 0, "start_block_index": 0, "end_block_index": 1}),
        ),
    ] {
        let content = json!([block, {"type": "text", "text": "What colour?"}]);
        let message = answer(json!({"messages": [{"role": "user", "content": content}]})).await;
        assert_eq!(message["content"][2]["citations"], json!([citation]));
    }
}

#[tokio::test]
async fn long_conversations_are_compacted_when_asked() {
    let message = answer(json!({"compaction": {"type": "summarize"}})).await;
    assert_eq!(
        (kinds(&message).as_slice(), &message["stop_reason"]),
        (["compaction"].as_slice(), &json!("compaction"))
    );
    let edit = |value: u64, pause: bool| {
        let trigger = json!({"type": "input_tokens", "value": value});
        let edit = json!({"type": "compact_20260112", "trigger": trigger, "pause_after_compaction": pause});
        json!({"context_management": {"edits": [edit]}})
    };
    let message = answer(edit(1, false)).await;
    assert_eq!(kinds(&message), ["compaction", "text"]);
    assert_eq!(message["context_management"], json!({"applied_edits": []}));
    let message = answer(edit(1, true)).await;
    assert_eq!(
        (kinds(&message).as_slice(), &message["stop_reason"]),
        (["compaction"].as_slice(), &json!("compaction"))
    );
    assert_eq!(kinds(&answer(edit(50_000, false)).await), ["text"]);
}

#[tokio::test]
async fn an_ordinary_prompt_has_a_tool_called_once() {
    let tool = |name: &str| json!({"name": name, "input_schema": {"type": "object"}});
    let tools = json!([tool("list_files"), tool("get_weather")]);
    let ask = async |simulator: &Simulator, messages: Value| {
        let body = hello_with(json!({"tools": tools, "messages": messages}));
        let message = post(simulator.url(), "/v1/messages", &body).await.ok();
        let called = message["content"].as_array().unwrap().iter();
        let called = called.filter_map(|block| block["name"].as_str().map(str::to_owned));
        called.collect::<Vec<_>>()
    };
    let user = |content: Value| json!({"role": "user", "content": content});
    let simulator = Simulator::start().await.unwrap();
    let weather = user(json!("What is the Weather in SF?"));
    assert_eq!(ask(&simulator, json!([weather])).await, ["get_weather"]);
    let hello = user(json!("Hello!"));
    assert_eq!(ask(&simulator, json!([hello])).await, ["list_files"]);
    let call = json!({"type": "tool_use", "id": "a", "name": "get_weather", "input": {}});
    let called = json!({"role": "assistant", "content": [call]});
    let result = user(json!([{"type": "tool_result", "tool_use_id": "a", "content": "fog"}]));
    assert!(
        ask(&simulator, json!([weather, called, result]))
            .await
            .is_empty()
    );
    let more = json!([weather, called, result, {"role": "assistant", "content": "Fog."}, hello]);
    assert_eq!(ask(&simulator, more).await, ["list_files"]);

    for (calls, named) in [(ToolCalls::Named, 1), (ToolCalls::Never, 0)] {
        let simulator = Simulator::builder()
            .tool_calls(calls)
            .start()
            .await
            .unwrap();
        assert!(ask(&simulator, json!([weather])).await.is_empty());
        let forget = user(json!("Forget_weather!"));
        assert!(ask(&simulator, json!([forget])).await.is_empty());
        let by_name = json!([user(json!("Call get_weather."))]);
        assert_eq!(ask(&simulator, by_name).await.len(), named);
    }
}
