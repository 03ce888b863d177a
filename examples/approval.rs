//! A call that needs somebody's approval: the run ends, its state is stored, and another process
//! goes on with it.
//!
//! `cargo run --example approval --features tools` needs no key: without one it talks to a
//! simulator, which is scripted to call the tool.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anthropic::Client;
use anthropic::tools::{Approval, FunctionTool, Outcome, ToolCall, Waiting, tool_with};
use anthropic::types::{MessageCreateParams, Model, Tool};
use anthropic_sim::{Reply, Simulator};
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
struct Refund {
    order: String,
    euros: u32,
}

/// The tool, the same in both processes.
fn refund() -> FunctionTool {
    let schema = json!({
        "type": "object",
        "properties": {"order": {"type": "string"}, "euros": {"type": "integer"}},
        "required": ["order", "euros"],
    });
    let definition = Tool::new(schema, "refund").description("Pays back money for an order.");
    let refund = |refund: Refund, _| async move {
        println!("  paying back {} € for {}", refund.euros, refund.order);
        "paid"
    };
    tool_with(definition, refund).needs_approval()
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    match env::args().nth(1) {
        Some(state) => second_process(Path::new(&state)).await,
        None => first_process().await,
    }
}

async fn first_process() -> Result<(), Box<dyn Error>> {
    let simulator = Simulator::start_unless_keyed().await?;
    let mut second = Command::new(env::current_exe()?);
    let client = match &simulator {
        Some(simulator) => {
            simulator.reply(Reply::tool_use(
                "refund",
                json!({"order": "A-17", "euros": 20}),
            ));
            simulator.reply(Reply::text("The 20 € for A-17 are paid back."));
            second.env("ANTHROPIC_API_KEY", simulator.api_key());
            second.env("ANTHROPIC_BASE_URL", simulator.url());
            Client::builder()
                .api_key(simulator.api_key())
                .base_url(simulator.url())
                .build()?
        }
        None => Client::from_env()?,
    };
    let params =
        MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).user("Refund 20 € for order A-17.");
    let outcome = client.messages().run(params).tools(refund()).await?;
    let Outcome::Waiting(waiting) = outcome else {
        return Err("the model did not call the tool".into());
    };
    let state = store(&waiting)?;
    println!("first process: {} call waits", waiting.calls().count());

    second.arg(&state);
    let resumed = tokio::task::spawn_blocking(move || second.status()).await??;
    if !resumed.success() {
        return Err("the second process failed".into());
    }
    // Whoever comes later finds that the state is taken: no refund is paid twice.
    match take(&state) {
        Err(error) => println!("a second resume is refused: {}", error.kind()),
        Ok(_) => return Err("the state could be resumed twice".into()),
    }
    fs::remove_dir_all(state.parent().unwrap_or(Path::new(".")))?;
    Ok(())
}

async fn second_process(state: &Path) -> Result<(), Box<dyn Error>> {
    let waiting: Waiting = serde_json::from_str(&take(state)?)?;
    let approvals: Vec<Approval> = waiting.calls().map(decide).collect();
    let run = Client::from_env()?
        .messages()
        .resume(waiting, approvals)
        .tools(refund());
    println!("second process: {}", run.await?.text()?);
    Ok(())
}

/// What somebody decides who sees the call. The approval is of this input and of no other.
fn decide(call: &ToolCall) -> Approval {
    println!("second process: {} with {}", call.name(), call.input());
    match call.input_as::<Refund>() {
        Ok(refund) if refund.euros <= 50 => call.approve(),
        _ => call.deny("refunds above 50 € are not paid"),
    }
}

/// Stores a state: a file for each version.
fn store(waiting: &Waiting) -> Result<PathBuf, Box<dyn Error>> {
    let folder = env::temp_dir().join(format!("anthropic-run-{}", waiting.id()));
    fs::create_dir_all(&folder)?;
    let path = folder.join(format!("{}.json", waiting.version()));
    fs::write(&path, serde_json::to_vec(waiting)?)?;
    Ok(path)
}

/// Takes a version, which succeeds once. In a database: `UPDATE … WHERE version = …`.
fn take(state: &Path) -> std::io::Result<String> {
    let taken = state.with_extension("taken");
    fs::rename(state, &taken)?;
    fs::read_to_string(taken)
}
