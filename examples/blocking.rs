//! The client without async: a message, a stream, a listing.
//!
//! `cargo run --example blocking --features blocking` needs no key: without one it talks to a
//! simulator.

use anthropic::Client;
use anthropic::blocking::{iter, wait};
use anthropic::types::{MessageCreateParams, Model, ModelListParams};
use anthropic_sim::Simulator;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // `wait` waits for any future; the simulator's too.
    let simulator = wait(Simulator::start_unless_keyed())??;
    let client = match &simulator {
        Some(simulator) => Client::builder()
            .api_key(simulator.api_key())
            .base_url(simulator.url())
            .build()?,
        None => Client::from_env()?,
    };
    let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).user("Name three rivers.");

    let message = client.messages().create(params.clone()).send_blocking()?;
    println!("message: {}", message.text());

    print!("stream: ");
    let mut events = iter(client.messages().stream(params).send_blocking()?)?;
    for event in &mut events {
        if let Some(text) = event?.text() {
            print!("{text}");
        }
    }
    let message = wait(events.into_inner().final_message())??;
    println!("\n  {} output tokens", message.usage.output_tokens);

    for model in iter(client.models().list(ModelListParams::new()).items())?.take(3) {
        println!("{}", model?.id);
    }
    Ok(())
}
