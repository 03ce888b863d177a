//! Another model where one declines, streamed: the caller sees one message.
//!
//! `cargo run --example fallback --features tools` needs no key: without one it talks to a
//! simulator, which is scripted to refuse.

use std::error::Error;

use anthropic::fallback::RefusalFallback;
use anthropic::types::{ContentBlock, MessageCreateParams, Model};
use anthropic::{Client, RequestOptions};
use anthropic_sim::{Reply, Simulator};
use serde_json::json;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (client, _simulator) = client().await?;
    // One for each conversation: once a model has taken over, the next turns begin with it.
    let fallback = RefusalFallback::new([Model::CLAUDE_OPUS_4_8, Model::CLAUDE_SONNET_5]).sticky();
    let options = RequestOptions::new().middleware(fallback.clone());

    let mut params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024);
    for question in ["How do locks work?", "And how are they opened?"] {
        params = params.user(question);
        let request = client.beta().messages().stream(params.clone());
        let mut stream = request.options(options.clone()).await?;
        while let Some(event) = stream.try_next().await? {
            print!("{}", event.text().unwrap_or_default());
        }
        let message = stream.final_message().await?;
        println!();
        for seam in message.content.iter().filter_map(ContentBlock::as_fallback) {
            println!(
                "  [{} declined, {} went on]",
                seam.from.model, seam.to.model
            );
        }
        params = params.message(message);
    }
    println!(
        "now at {}",
        fallback.accepted().unwrap_or("the first model")
    );
    Ok(())
}

/// A client of the API, or without a key of a simulator that refuses in the middle of a message.
async fn client() -> Result<(Client, Option<Simulator>), Box<dyn Error>> {
    let Some(simulator) = Simulator::start_unless_keyed().await? else {
        return Ok((Client::from_env()?, None));
    };
    let details = json!({
        "type": "refusal", "category": "general_harms",
        "fallback_credit_token": "credit_1", "fallback_has_prefill_claim": true,
    });
    let declined = Reply::text("A lock has pins of").stop_reason("refusal");
    simulator.reply(declined.field("stop_details", details));
    simulator.reply(Reply::text(
        " several lengths, which the key brings to one height.",
    ));
    simulator.reply(Reply::text("With their key."));
    let client = Client::builder()
        .api_key(simulator.api_key())
        .base_url(simulator.url())
        .build()?;
    Ok((client, Some(simulator)))
}
