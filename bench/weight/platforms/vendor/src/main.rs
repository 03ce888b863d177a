//! One message, with AWS's own SDK.

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::types::{ContentBlock, ConversationRole, Message};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let config = aws_config::from_env().region("eu-central-1").load().await;
    let client = Client::new(&config);
    let message = Message::builder()
        .role(ConversationRole::User)
        .content(ContentBlock::Text("Hello".to_owned()))
        .build()?;
    let request = client.converse().model_id("eu.anthropic.claude-opus-5-5");
    let output = request.messages(message).send().await?.output;
    let message = output.as_ref().and_then(|it| it.as_message().ok());
    for block in message.iter().flat_map(|it| it.content()) {
        println!("{}", block.as_text().map_or("", String::as_str));
    }
    Ok(())
}
