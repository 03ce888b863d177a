//! Claude on Google Cloud's Vertex AI: a message, a stream, a token count.
//!
//! `cargo run -p anthropic-google --example vertex` needs no account: where the environment names
//! no project, it runs itself with a simulator's credentials. With `ANTHROPIC_VERTEX_PROJECT_ID`
//! set, it talks to Vertex AI, with application default credentials.

use std::error::Error;
use std::io::Write as _;
use std::process::Command;

use anthropic::platform::env_var;
use anthropic::types::{MessageCreateParams, Model};
use anthropic_sim::{Platform, Simulator};
use serde_json::json;

const PROJECT: &str = "ANTHROPIC_VERTEX_PROJECT_ID";
/// A key that was made for tests, and is good for nothing else.
const KEY: &str = include_str!("../tests/service-account.pem");

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let Some(project) = env_var(PROJECT)? else {
        return simulated().await;
    };
    // Application default credentials.
    let client = anthropic_google::vertex("us-central1", project)
        .load()
        .await?;

    let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024);
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

/// The same program, with a simulator in the place of Vertex AI and of the server that tokens come
/// from.
async fn simulated() -> Result<(), Box<dyn Error>> {
    let simulator = Simulator::builder();
    let simulator = simulator.platform(Platform::Vertex).start().await?;
    let account = json!({
        "type": "service_account", "project_id": "my-project", "private_key": KEY,
        "client_email": "robot@my-project.iam.gserviceaccount.com",
        "token_uri": format!("{}/token", simulator.url()),
    });
    let file = std::env::temp_dir().join(format!("vertex-{}.json", std::process::id()));
    std::fs::write(&file, account.to_string())?;
    let mut program = Command::new(std::env::current_exe()?);
    program
        .env(PROJECT, "my-project")
        .env("GOOGLE_APPLICATION_CREDENTIALS", &file)
        .env("ANTHROPIC_VERTEX_BASE_URL", simulator.base_url());
    let ran = run(program).await;
    std::fs::remove_file(file)?;
    ran
}

async fn run(mut program: Command) -> Result<(), Box<dyn Error>> {
    let status = tokio::task::spawn_blocking(move || program.status()).await??;
    if status.success() {
        return Ok(());
    }
    Err(format!("the program ended with {status}").into())
}
