//! A conversation that the API holds: each turn sends only what is new, by hand and in a run.
//!
//! `cargo run --example threads --features tools` needs no key: without one it talks to a
//! simulator.

use std::error::Error;

use anthropic::Client;
use anthropic::tools::tool_with;
use anthropic::types::{Json, MessageCreateParams, Model, Tool};
use anthropic_sim::{Reply, Simulator};
use serde_json::json;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let simulator = Simulator::start_unless_keyed().await?;
    let client = match &simulator {
        Some(simulator) => Client::builder()
            .api_key(simulator.api_key())
            .base_url(simulator.url())
            .build()?,
        None => Client::from_env()?,
    };
    let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).system("Be brief.");

    // By hand. A thread that the API has lost is begun again within the call.
    let mut thread = client.beta().messages().thread(params.clone());
    for question in ["Name three rivers.", "Which is the longest?"] {
        println!("{}", thread.send(question).await?.text());
    }
    println!("{} messages", thread.messages().len());

    // In a run.
    if let Some(simulator) = &simulator {
        simulator.reply(Reply::tool_use("length", json!({"river": "Rhine"})));
        simulator.reply(Reply::text("The Rhine has 1233 km."));
    }
    let schema = json!({"type": "object", "properties": {"river": {"type": "string"}}, "required": ["river"]});
    let definition = Tool::new(schema, "length").description("The length of a river, in km.");
    let length = tool_with(definition, |_: Json, _| async { 1233 });
    let run = client
        .beta()
        .messages()
        .run(params.user("How long is the Rhine?"));
    println!("{}", run.tools(length).thread(true).await?.text()?);

    if let Some(simulator) = &simulator {
        for request in simulator.requests() {
            let body = request.json();
            let count = body["messages"].as_array().map_or(0, Vec::len);
            println!("  sent: {} with {count} message(s)", body["thread"]["type"]);
        }
    }
    Ok(())
}
