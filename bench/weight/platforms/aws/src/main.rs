//! One message, with the SDK.

use anthropic::types::MessageCreateParams;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = anthropic_aws::bedrock()
        .region("eu-central-1")
        .load()
        .await?;
    let params = MessageCreateParams::new("eu.anthropic.claude-opus-5-5", 1024).user("Hello");
    println!("{}", client.messages().create(params).await?.text());
    Ok(())
}
