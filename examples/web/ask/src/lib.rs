use anthropic::Client;
use anthropic::types::{MessageCreateParams, Model};
use wasm_bindgen::prelude::*;

/// Streams a response, and hands each piece of it to `show`.
#[wasm_bindgen]
pub async fn ask(question: String, show: js_sys::Function) -> Result<(), JsError> {
    // A server of yours, which adds the key.
    let client = Client::builder()
        .base_url("https://example.com/claude")
        .anonymous()
        .build()?;
    let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).user(question);
    let mut stream = client.messages().stream(params).await?;
    while let Some(event) = stream.try_next().await? {
        if let Some(text) = event.text() {
            let _ = show.call1(&JsValue::NULL, &text.into());
        }
    }
    Ok(())
}
