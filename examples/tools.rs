//! A conversation in which the model calls a tool of yours, by hand. `agent.rs` has the run that
//! does this by itself.
//!
//! `cargo run --example tools` needs no key: without one it talks to a simulator, which is scripted
//! to pause and to call the tool. The loop is the same with the Claude API.

use anthropic::Client;
use anthropic::types::{
    ContentBlock, MessageCreateParams, MessageParam, Model, StopReason, Tool, ToolUnion,
    ToolUseBlock, WebSearchTool20260209,
};
use anthropic_sim::{Reply, Simulator};
use serde::Deserialize;
use serde_json::json;

/// How often the model is asked: a loop that a model drives needs an end of its own.
const MAX_TURNS: usize = 10;

/// What the model sends when it calls the tool.
#[derive(Deserialize)]
struct Place {
    city: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (client, _simulator) = client().await?;
    let schema = json!({
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    });
    let weather = Tool::new(schema, "get_weather").description("The weather in a city, now.");
    let mut params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024)
        .tools([
            ToolUnion::from(weather),
            WebSearchTool20260209::new().into(),
        ])
        .user("What is the weather in Bern?");

    for _ in 0..MAX_TURNS {
        let mut message = client.messages().create(&params).await?;
        match message.stop_reason {
            Some(StopReason::EndTurn | StopReason::StopSequence) => {
                println!("{}", message.text());
                return Ok(());
            }
            // A pause may have calls, too. All results go back in one turn, after the message that
            // asked.
            Some(StopReason::ToolUse | StopReason::PauseTurn | StopReason::Compaction) => {
                let results: Vec<_> = message.tool_uses().map(run).collect();
                let goes_on = message.content.iter().any(|block| {
                    matches!(
                        block,
                        ContentBlock::ServerToolUse(_)
                            | ContentBlock::McpToolUse(_)
                            | ContentBlock::Compaction(_)
                    )
                });
                // The API refuses empty text, and white space at the end of the last message.
                message.content.retain(|block| {
                    let text = block.as_text();
                    text.is_none_or(|text| !text.text.trim().is_empty())
                });
                if let Some(ContentBlock::Text(last)) = message.content.last_mut() {
                    last.text.truncate(last.text.trim_end().len());
                }
                if !message.content.is_empty() {
                    params = params.message(message);
                }
                if !results.is_empty() {
                    params = params.message(MessageParam::user(results));
                } else if !goes_on {
                    // Only from what its own tools do the API goes on by itself.
                    params = params.user("Continue.");
                }
            }
            // Refused, cut off, or for a reason that is newer than this version.
            _ => return Err(format!("the model stopped: {}", message.stop_reason_str()).into()),
        }
    }
    Err(format!("the model still calls tools after {MAX_TURNS} turns").into())
}

/// Runs the tool. An error goes back to the model, which can try again.
fn run(call: &ToolUseBlock) -> anthropic::types::ContentBlock {
    println!("the model calls {} with {}", call.name, call.input);
    match call.input_as::<Place>() {
        Ok(place) => call.result(format!("{}: 12 °C, light rain", place.city)),
        Err(error) => call.error(format!("bad input: {error}")),
    }
}

/// A client of the API, or without a key of a simulator that pauses and calls the tool.
async fn client() -> Result<(Client, Option<Simulator>), Box<dyn std::error::Error>> {
    let Some(simulator) = Simulator::start_unless_keyed().await? else {
        return Ok((Client::from_env()?, None));
    };
    // Pauses in the model's text, of nothing but white space too, and beside a call of one of the
    // API's own tools.
    simulator.reply(Reply::text(" \n").pause_turn());
    let half = Reply::text("Let me look. ").with_text("\n");
    simulator.reply(half.pause_turn());
    let search = json!({
        "type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "Bern"},
    });
    let paused = Reply::new().with_block(search);
    let paused = paused.with_tool_use("get_weather", json!({"city": "Bern"}));
    simulator.reply(paused.pause_turn());
    simulator.reply(Reply::tool_use("get_weather", json!({"city": "Bern"})));
    let client = Client::builder()
        .api_key(simulator.api_key())
        .base_url(simulator.url())
        .build()?;
    Ok((client, Some(simulator)))
}
