//! One message, with the SDK.

use anthropic::Client;
use anthropic::types::{MessageCreateParams, Model};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::from_env()?;
    let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).user("Hello");
    println!("{}", client.messages().create(params).await?.text());
    Ok(())
}
