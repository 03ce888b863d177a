//! A page that streams a response, shows a tool's input as it grows, and can be stopped. What the
//! page looks like is `index.html`; what it asks and how is here.

use anthropic::partial_json::Strings;
use anthropic::stream::SnapshotEvent;
use anthropic::types::{MessageCreateParams, Model, Tool, ToolChoiceTool};
use anthropic::{Client, Result};
use futures_util::future::{Either, select};
use js_sys::{Function, Promise};
use serde_json::json;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsError, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortSignal;

/// Asks a question. `show` is called with what comes, as `"text"` and a piece of text, or as
/// `"input"` and a tool's input as far as it is there. Returns how it ended; when `signal` is
/// aborted, so is the request, and the server stops.
#[wasm_bindgen]
pub async fn ask(
    api: String,
    key: String,
    question: String,
    with_tool: bool,
    show: Function,
    signal: AbortSignal,
) -> std::result::Result<String, JsError> {
    if signal.aborted() {
        return Ok("stopped".to_owned());
    }
    let client = client(&api, &key)?;
    let answer = Box::pin(stream(client, question, with_tool, show));
    let stopped = Promise::new(&mut |resolve, _| {
        let _ = signal.add_event_listener_with_callback("abort", &resolve);
    });
    match select(answer, JsFuture::from(stopped)).await {
        Either::Left((end, _)) => Ok(end?),
        // The stream is dropped here, and with that its connection.
        Either::Right(_) => Ok("stopped".to_owned()),
    }
}

fn client(api: &str, key: &str) -> Result<Client> {
    let builder = Client::builder().base_url(api);
    if key.is_empty() {
        // A server of ours has the key, such as the one in `worker`.
        return builder.anonymous().build();
    }
    // Whoever uses this page brings a key of their own, or the simulator's, which takes any.
    builder.api_key(key).dangerous_allow_browser().build()
}

async fn stream(
    client: Client,
    question: String,
    with_tool: bool,
    show: Function,
) -> Result<String> {
    let show = |kind: &str, text: &str| {
        let _ = show.call2(&JsValue::NULL, &kind.into(), &text.into());
    };
    let mut params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).user(question);
    if with_tool {
        params = params
            .tools([letter()])
            .tool_choice(ToolChoiceTool::new("write_letter"));
    }
    let stream = client.messages().stream(params).await?;
    let mut events = stream.snapshot_events().strings(Strings::Show);
    while let Some(event) = events.try_next().await? {
        match event {
            SnapshotEvent::Text { delta, .. } => show("text", delta),
            SnapshotEvent::InputJson {
                snapshot: Some(input),
                ..
            } => show("input", &format!("{input:#}")),
            _ => {}
        }
    }
    let message = events.into_inner().final_message().await?;
    Ok(format!("{} tokens", message.usage.output_tokens))
}

fn letter() -> Tool {
    let schema = json!({
        "type": "object",
        "properties": {
            "to": {"type": "string"},
            "lines": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["to", "lines"],
    });
    Tool::new(schema, "write_letter").description("Sends a letter.")
}
