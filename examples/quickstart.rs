//! The first ten minutes: a message, a stream, a token count, and a batch.
//!
//! `cargo run --example quickstart` needs no key and no network: without a key it talks to a
//! simulator in the same process. With `ANTHROPIC_API_KEY` (or `ANTHROPIC_AUTH_TOKEN`) set, the
//! same code talks to the Claude API.

use std::io::Write as _;
use std::time::Duration;

use anthropic::Client;
use anthropic::types::{BatchRequest, MessageBatchResult, MessageCreateParams, Model};
use anthropic_sim::Simulator;

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

    // A message.
    let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024);
    let message = client
        .messages()
        .create(params.clone().user("Name three rivers."))
        .await?;
    println!("message: {}", message.text());

    // A stream: the text as it arrives, then the whole message.
    let conversation = params
        .clone()
        .user("Name three rivers.")
        .message(message)
        .user("And a lake?");
    let mut stream = client.messages().stream(conversation.clone()).await?;
    print!("stream: ");
    while let Some(event) = stream.try_next().await? {
        if let Some(text) = event.text() {
            print!("{text}");
            std::io::stdout().flush()?;
        }
    }
    let message = stream.final_message().await?;
    println!("\n  {} output tokens", message.usage.output_tokens);

    // A count, of the same conversation.
    let count = client.messages().count_tokens(&conversation).await?;
    println!("count: {} input tokens", count.input_tokens);

    // A batch of two requests: created, waited for, read.
    let batches = client.messages().batches();
    let batch = batches
        .create([
            BatchRequest::new("river", params.clone().user("Name a river.")),
            BatchRequest::new("lake", params.user("Name a lake.")),
        ])
        .await?;
    let every = if simulator.is_some() {
        Duration::from_millis(50)
    } else {
        Duration::from_secs(10)
    };
    let batch = batches.poll(&batch.id).every(every).await?;
    println!("batch: {}", batch.processing_status);
    let mut results = batches.results(&batch.id).await?;
    while let Some(line) = results.try_next().await? {
        match &line.result {
            MessageBatchResult::Succeeded(result) => {
                println!("  {}: {}", line.custom_id, result.message.text());
            }
            other => println!("  {}: {}", line.custom_id, other.type_name()),
        }
    }
    Ok(())
}
