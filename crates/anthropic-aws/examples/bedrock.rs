//! Claude on Amazon Bedrock: a message, a stream, a token count.
//!
//! `cargo run -p anthropic-aws --example bedrock` needs no account: where the environment names
//! neither a region nor a profile of AWS's, it runs itself with a simulator's credentials. With
//! `AWS_REGION` or `AWS_PROFILE` set, it talks to Bedrock.

use std::error::Error;
use std::io::Write as _;
use std::process::Command;

use anthropic::platform::env_var;
use anthropic::types::MessageCreateParams;
use anthropic_sim::{Platform, Simulator};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    if env_var("AWS_REGION")?.is_none() && env_var("AWS_PROFILE")?.is_none() {
        return simulated().await;
    }
    // Credentials as all of AWS's programs find them.
    let client = anthropic_aws::bedrock()
        .region("eu-central-1")
        .load()
        .await?;

    let params = MessageCreateParams::new("eu.anthropic.claude-opus-5-5", 1024);
    let params = params.user("Name three rivers.");
    let message = client.messages().create(params.clone()).await?;
    println!("message: {}", message.text());

    let mut stream = client.messages().stream(params.clone()).await?;
    print!("stream: ");
    while let Some(event) = stream.try_next().await? {
        print!("{}", event.text().unwrap_or_default());
        std::io::stdout().flush()?;
    }
    let message = stream.final_message().await?;
    println!("\n  {} output tokens", message.usage.output_tokens);

    let count = client.messages().count_tokens(&params).await?;
    println!("count: {} input tokens", count.input_tokens);
    Ok(())
}

/// The same program, with a simulator in Bedrock's place.
async fn simulated() -> Result<(), Box<dyn Error>> {
    let simulator = Simulator::builder();
    let simulator = simulator.platform(Platform::Bedrock).start().await?;
    let (id, secret) = simulator.access_key();
    let mut program = Command::new(std::env::current_exe()?);
    program
        .env("AWS_REGION", "eu-central-1")
        .env("AWS_ACCESS_KEY_ID", id)
        .env("AWS_SECRET_ACCESS_KEY", secret)
        .env("ANTHROPIC_BEDROCK_BASE_URL", simulator.base_url());
    run(program).await
}

async fn run(mut program: Command) -> Result<(), Box<dyn Error>> {
    let status = tokio::task::spawn_blocking(move || program.status()).await??;
    if status.success() {
        return Ok(());
    }
    Err(format!("the program ended with {status}").into())
}
