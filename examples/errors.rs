//! What an error contains, and what the client retries before it returns one.
//!
//! `cargo run --example errors` always talks to a simulator, because it needs errors on demand.

use std::time::Duration;

use anthropic::types::{ErrorType, MessageCreateParams, Model};
use anthropic::{Client, Error, ErrorKind};
use anthropic_sim::{Reply, Simulator};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let simulator = Simulator::start().await?;
    let client = Client::builder()
        .api_key(simulator.api_key())
        .base_url(simulator.url())
        .build()?;
    let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).user("Name a river.");

    // A request to an overloaded API is retried; the response has the number of attempts.
    let overloaded = Reply::error(529, "overloaded_error", "Overloaded");
    simulator.reply(overloaded.clone().header("retry-after-ms", "20"));
    let response = client.messages().create(&params).with_response().await?;
    println!("response after {} attempts", response.meta().attempts());

    // A server that asks for a longer delay than `max_retry_after` is not waited for.
    let limited = Reply::error(429, "rate_limit_error", "Too many tokens");
    simulator.reply(limited.header("retry-after", "300"));
    explain(client.messages().create(&params).await.err());

    // Without retries, the first failure is the last.
    simulator.reply(overloaded);
    let once = client.messages().create(params).max_retries(0);
    explain(once.await.err());

    // What no retry mends comes back at once.
    explain(client.models().retrieve("no-such-model").await.err());

    // A mistake in the request is found before anything is sent.
    explain(client.models().retrieve("..").await.err());

    // Nobody listens there.
    let lost = client.to_builder().base_url("http://127.0.0.1:9").build()?;
    let request = lost.models().retrieve("claude-opus-5-5").max_retries(0);
    explain(request.timeout(Duration::from_secs(5)).await.err());
    Ok(())
}

fn explain(error: Option<Error>) {
    let Some(error) = error else { return };
    println!("\n{error}");
    let advice = match error.kind() {
        ErrorKind::RateLimited => format!("wait {:?}", error.retry_after()),
        ErrorKind::Overloaded => "try later, or another model".to_owned(),
        ErrorKind::NotFound => "check the id".to_owned(),
        ErrorKind::Request => "nothing was sent: change the request".to_owned(),
        ErrorKind::Connect => "check the network and the base URL".to_owned(),
        other => format!("{other:?}"),
    };
    println!("  what to do: {advice}");
    println!(
        "  the API calls it {:?}",
        error.api_type().map(ErrorType::as_str)
    );
    println!(
        "  attempts: {}, request id: {:?}",
        error.attempts(),
        error.request_id()
    );
}
