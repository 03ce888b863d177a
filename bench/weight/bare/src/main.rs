//! One message, on bare reqwest: no retries, no typed errors, nothing kept.

use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct Request<'a> {
    model: &'a str,
    max_tokens: u32,
    messages: [Turn<'a>; 1],
}

#[derive(Serialize)]
struct Turn<'a> {
    role: &'a str,
    content: &'a str,
}

#[derive(Deserialize)]
struct Message {
    content: Vec<Block>,
}

#[derive(Deserialize)]
struct Block {
    #[serde(default)]
    text: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let turn = Turn { role: "user", content: "Hello" };
    let body = Request { model: "claude-opus-5-5", max_tokens: 1024, messages: [turn] };
    let response = reqwest::Client::new()
        .post("https://api.anthropic.com/v1/messages")
        .bearer_auth(std::env::var("ANTHROPIC_API_KEY")?)
        .header("anthropic-version", "2026-10-21")
        .json(&body)
        .send()
        .await?
        .error_for_status()?;
    let message: Message = response.json().await?;
    for block in message.content {
        print!("{}", block.text);
    }
    println!();
    Ok(())
}
