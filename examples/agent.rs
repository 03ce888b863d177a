//! An agent with three tools: the run calls them until the model is done.
//!
//! `cargo run --example agent --features macros` needs no key: without one it talks to a simulator,
//! which is scripted to call the tools. Without the lines marked `simulator`, and with
//! `Client::from_env()?` where the client is made, these are 30 lines, the docs that the model sees
//! among them.

#![expect(clippy::unused_async, reason = "tools that do more wait for something")]

use anthropic::types::{MessageCreateParams, Model};
use anthropic::{Client, tool};
use anthropic_sim::{Reply, Simulator}; // simulator
use serde_json::json; // simulator

/// The city in which the user is.
#[tool]
async fn place() -> &'static str {
    "Oslo"
}

/// The weather in a city, now.
#[tool]
async fn weather(
    /// A city, such as "Oslo".
    city: String,
) -> String {
    format!("It is 8 °C in {city}, with light rain.")
}

/// What the user can put on.
#[tool]
async fn wardrobe() -> [&'static str; 3] {
    ["a shirt", "a woollen hat", "a raincoat"]
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (client, _server) = client().await?;
    let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).user("What do I put on?");
    let tools = [place::tool(), weather::tool(), wardrobe::tool()];
    let outcome = client.messages().run(params).tools(tools).await?;
    println!("{}", outcome.text()?);
    Ok(())
}

// simulator, to the end

/// A client of the API, or without a key of a simulator that calls the tools.
async fn client() -> Result<(Client, Option<Simulator>), Box<dyn std::error::Error>> {
    let Some(simulator) = Simulator::start_unless_keyed().await? else {
        return Ok((Client::from_env()?, None));
    };
    let looks = Reply::text("Let me see where you are, and what you have.");
    let looks = looks.with_tool_use("place", json!({}));
    simulator.reply(looks.with_tool_use("wardrobe", json!({})));
    simulator.reply(Reply::tool_use("weather", json!({"city": "Oslo"})));
    simulator.reply(Reply::text(
        "It rains in Oslo: take the raincoat, and the hat.",
    ));
    let client = Client::builder()
        .api_key(simulator.api_key())
        .base_url(simulator.url())
        .build()?;
    Ok((client, Some(simulator)))
}
