//! One message, with the SDK.

use anthropic::types::MessageCreateParams;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = anthropic_azure::foundry("").from_env()?.build()?;
    let params = MessageCreateParams::new("claude-opus-5-5", 1024).user("Hello");
    println!("{}", client.messages().create(params).await?.text());
    Ok(())
}
