//! A tool call that is shown while the model still writes its input.
//!
//! `cargo run --example tool_stream` needs no key: without one it talks to a simulator, which is
//! scripted to call the tool. What to do with the call when it is complete, `tools.rs` shows.

use std::time::Duration;

use anthropic::Client;
use anthropic::partial_json::Strings;
use anthropic::stream::SnapshotEvent;
use anthropic::types::{MessageCreateParams, Model, Tool, ToolChoiceTool};
use anthropic_sim::{Reply, Simulator};
use serde_json::json;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let simulator = Simulator::start_unless_keyed().await?;
    let client = match &simulator {
        Some(simulator) => {
            let letter = json!({"to": "Ada", "lines": ["The river is high.", "Bring boots."]});
            let slowly = Duration::from_millis(20);
            simulator.reply(Reply::tool_use("write_letter", letter).pace(slowly));
            Client::builder()
                .api_key(simulator.api_key())
                .base_url(simulator.url())
                .build()?
        }
        None => Client::from_env()?,
    };

    let schema = json!({
        "type": "object",
        "properties": {
            "to": {"type": "string"},
            "lines": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["to", "lines"],
    });
    let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024)
        .tools([Tool::new(schema, "write_letter").description("Sends a letter.")])
        .tool_choice(ToolChoiceTool::new("write_letter"))
        .user("Ask Ada to bring boots.");

    // `Strings::Show` shows a string before it is complete, too.
    let stream = client.messages().stream(params).await?;
    let mut events = stream.snapshot_events().strings(Strings::Show);
    while let Some(event) = events.try_next().await? {
        match event {
            SnapshotEvent::Text { delta, .. } => print!("{delta}"),
            SnapshotEvent::InputJson {
                snapshot: Some(input),
                ..
            } => println!("so far: {input}"),
            _ => {}
        }
    }
    let message = events.into_inner().final_message().await?;
    for call in message.tool_uses() {
        println!("complete: {} with {}", call.name, call.input);
    }
    Ok(())
}
