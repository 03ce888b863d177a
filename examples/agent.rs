//! An agent with three tools: the run calls them until the model is done.
//!
//! `cargo run --example agent --features macros` needs no key: without one it talks to a simulator,
//! which is scripted to call the tools. With `Client::from_env()` in that one's place, these are 30
//! lines of code.

#![expect(clippy::unused_async, reason = "tools that do more wait for something")]

use anthropic::types::{MessageCreateParams, Model};
use anthropic::{Client, tool};
use anthropic_sim::{Reply, Simulator};
use serde_json::json;

/// The weather in a city, now.
#[tool]
async fn weather(
    /// A city, such as "Oslo".
    city: String,
) -> String {
    format!("It is 8 °C in {city}, with light rain.")
}

/// The mean of temperatures.
#[tool]
async fn mean(
    /// In degrees Celsius.
    celsius: Vec<f32>,
) -> f32 {
    celsius.iter().sum::<f32>() / celsius.iter().map(|_| 1.0).sum::<f32>()
}

/// Keeps a sentence for later.
#[tool(sequential)]
async fn note(
    /// One sentence.
    text: String,
) {
    println!("noted: {text}");
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (client, _simulator) = client().await?;
    let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024)
        .user("Note the mean temperature of Oslo and Bern.");
    let tools = [weather::tool(), mean::tool(), note::tool()];
    let outcome = client.messages().run(params).tools(tools).await?;
    println!("{}", outcome.text()?);
    Ok(())
}

/// A client of the API, or without a key of a simulator that calls the tools.
async fn client() -> Result<(Client, Option<Simulator>), Box<dyn std::error::Error>> {
    let Some(simulator) = Simulator::start_unless_keyed().await? else {
        return Ok((Client::from_env()?, None));
    };
    let asked = ["Oslo", "Bern"].map(|city| json!({"city": city}));
    let asked = asked
        .into_iter()
        .fold(Reply::text("Let me look."), |reply, input| {
            reply.with_tool_use("weather", input)
        });
    simulator.reply(asked);
    simulator.reply(Reply::tool_use("mean", json!({"celsius": [8, 8]})));
    simulator.reply(Reply::tool_use(
        "note",
        json!({"text": "Oslo and Bern: 8 °C."}),
    ));
    simulator.reply(Reply::text(
        "The mean of Oslo and Bern is 8 °C; I noted it.",
    ));
    let client = Client::builder()
        .api_key(simulator.api_key())
        .base_url(simulator.url())
        .build()?;
    Ok((client, Some(simulator)))
}
