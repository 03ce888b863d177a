//! A response as a value of a type of yours, with another type in it.
//!
//! `cargo run --example typed --features schemars-1` needs no key: it talks to a simulator, which
//! makes a value that fits the schema and means nothing. Without the lines marked `simulator`, and
//! with `Client::from_env()?` as the client, these are 20 lines.

use anthropic::Client;
use anthropic::types::{MessageCreateParams, Model};
use anthropic_sim::Simulator; // simulator

#[derive(Debug, serde::Deserialize, schemars::JsonSchema)]
struct River {
    name: String,
    mouth: Place,
}

#[derive(Debug, serde::Deserialize, schemars::JsonSchema)]
struct Place {
    countries: Vec<String>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let simulator = Simulator::start().await?; // simulator
    let builder = Client::builder().api_key(simulator.api_key()); // simulator
    let client = builder.base_url(simulator.url()).build()?;

    let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024);
    let params = params.user("Which river flows through Basel?");
    let river: River = client.messages().parse(params).await?.into_output()?;
    println!("{} ends in {:?}", river.name, river.mouth.countries);
    Ok(())
}
