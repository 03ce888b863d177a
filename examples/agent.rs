//! An agent with three tools: the run calls them until the model is done.
//!
//! `cargo run --example agent --features macros` needs no key: without one it talks to a simulator,
//! which is scripted to call the tools.

#![expect(clippy::unused_async, reason = "tools that do more wait for something")]

use anthropic::tools::ToolError;
use anthropic::types::{MessageCreateParams, Model};
use anthropic::{Client, tool};
use anthropic_sim::{Reply, Simulator};
use serde_json::json;

/// The weather in a city, now.
#[tool]
async fn weather(
    /// A city, such as "Oslo".
    city: String,
) -> Result<&'static str, ToolError> {
    match city.as_str() {
        "Oslo" => Ok("8 °C, light rain"),
        "Bern" => Ok("12 °C, sunny"),
        city => Err(ToolError::new(format!("there is no station in {city}"))),
    }
}

/// The mean of temperatures.
#[tool]
async fn mean(
    /// In degrees Celsius.
    celsius: Vec<f64>,
) -> Result<f64, ToolError> {
    let count = u32::try_from(celsius.len())?;
    Ok(celsius.iter().sum::<f64>() / f64::from(count.max(1)))
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
        .user("Note the mean temperature of Oslo, Bern and Atlantis.");
    let run = client.messages().run(params);
    let run = run.tools([weather::tool(), mean::tool(), note::tool()]);
    let outcome = run.max_turns(8).await?;
    println!("{}", outcome.text()?);
    println!("{} calls", outcome.transcript().calls());
    Ok(())
}

/// A client of the API, or without a key of a simulator that calls the tools.
async fn client() -> Result<(Client, Option<Simulator>), Box<dyn std::error::Error>> {
    let Some(simulator) = Simulator::start_unless_keyed().await? else {
        return Ok((Client::from_env()?, None));
    };
    let cities = ["Oslo", "Bern", "Atlantis"];
    let asked = cities
        .iter()
        .fold(Reply::text("Let me look."), |reply, city| {
            reply.with_tool_use("weather", json!({"city": city}))
        });
    simulator.reply(asked);
    simulator.reply(Reply::tool_use("mean", json!({"celsius": [8, 12]})));
    simulator.reply(Reply::tool_use(
        "note",
        json!({"text": "Oslo and Bern: 10 °C."}),
    ));
    simulator.reply(Reply::text(
        "The mean of Oslo and Bern is 10 °C; Atlantis has no station.",
    ));
    let client = Client::builder()
        .api_key(simulator.api_key())
        .base_url(simulator.url())
        .build()?;
    Ok((client, Some(simulator)))
}
