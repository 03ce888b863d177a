//! An agent with three tools: the run calls them until the model is done.
//!
//! `cargo run --example agent --features tools,schemars-1` needs no key: without one it talks to a
//! simulator, which is scripted to call the tools.

use std::sync::{Arc, Mutex, PoisonError};

use anthropic::Client;
use anthropic::tools::{ToolError, tool_fn};
use anthropic::types::{MessageCreateParams, Model};
use anthropic_sim::{Reply, Simulator};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize, JsonSchema)]
struct Place {
    /// A city, such as "Oslo".
    city: String,
}

#[derive(Deserialize, JsonSchema)]
struct Temperatures {
    /// In degrees Celsius.
    celsius: Vec<f64>,
}

#[derive(Deserialize, JsonSchema)]
struct Note {
    /// One sentence.
    text: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (client, _simulator) = client().await?;

    let weather = tool_fn(
        "weather",
        "The weather in a city, now.",
        |place: Place, _| async move {
            match place.city.as_str() {
                "Oslo" => Ok("8 °C, light rain"),
                "Bern" => Ok("12 °C, sunny"),
                city => Err(ToolError::new(format!("there is no station in {city}"))),
            }
        },
    );
    let mean = tool_fn(
        "mean",
        "The mean of temperatures.",
        |given: Temperatures, _| async move {
            let count = u32::try_from(given.celsius.len())?;
            Ok::<_, ToolError>(given.celsius.iter().sum::<f64>() / f64::from(count.max(1)))
        },
    );
    let notes = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&notes);
    let note = tool_fn(
        "note",
        "Keeps a sentence for later.",
        move |note: Note, _| {
            kept.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(note.text);
            async {}
        },
    );

    let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024)
        .user("Note the mean temperature of Oslo, Bern and Atlantis.");
    let run = client
        .messages()
        .run(params)
        .tools((weather, mean, note.sequential()));
    let outcome = run.max_turns(8).await?;
    println!("{}", outcome.text()?);
    println!(
        "noted: {:?}",
        notes.lock().unwrap_or_else(PoisonError::into_inner)
    );
    println!(
        "{} calls, {} output tokens",
        outcome.transcript().calls(),
        outcome.usage().output_tokens
    );
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
