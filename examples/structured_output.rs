//! A response in a shape of yours: the request has a JSON schema, the response is decoded.
//!
//! `cargo run --example structured_output` needs no key: without one it talks to a simulator, which
//! makes JSON that fits the schema and means nothing.

use anthropic::Client;
use anthropic::types::{JsonOutputFormat, MessageCreateParams, Model, OutputConfig};
use anthropic_sim::Simulator;
use serde::Deserialize;
use serde_json::json;

/// What is asked for.
#[derive(Debug, Deserialize)]
struct River {
    name: String,
    length_km: u32,
    countries: Vec<String>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let simulator = Simulator::start_unless_keyed().await?;
    let client = match &simulator {
        Some(simulator) => Client::builder()
            .api_key(simulator.api_key())
            .base_url(simulator.url())
            .build()?,
        None => Client::from_env()?,
    };

    // The same shape as `River`. Crates that derive schemas from types make a value that goes in
    // here as it is.
    let schema = json!({
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "length_km": {"type": "integer"},
            "countries": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["name", "length_km", "countries"],
        "additionalProperties": false,
    });
    let format = OutputConfig::new().format(JsonOutputFormat::new(schema));
    let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024)
        .output_config(format)
        .user("Which river flows through Basel?");
    let message = client.messages().create(params).await?;

    // A refusal, or a response that was cut, is no JSON of that shape: the error names the stop
    // reason.
    let river: River = message.json()?;
    println!("{}: {} km", river.name, river.length_km);
    println!("through {}", river.countries.join(", "));
    Ok(())
}
