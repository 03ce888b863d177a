//! A long stream, for measuring.

use anthropic::Client;

use crate::support::{Failed, KEY, failed, hello};

pub async fn read(base_url: &str, deltas: u32) -> Result<u32, Failed> {
    let client = Client::builder()
        .api_key(KEY)
        .base_url(base_url)
        .dangerous_allow_browser()
        .build()?;
    let mut stream = client.messages().stream(hello()).await?;
    let mut seen = 0;
    while let Some(event) = stream.try_next().await? {
        seen += u32::from(event.text().is_some());
    }
    let message = stream.final_message().await?;
    if message.text().len() != "of words ".len() * deltas as usize {
        return failed("the message has not all of it");
    }
    Ok(seen)
}
