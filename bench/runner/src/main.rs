//! Conversations in which the model calls a tool in each of so many turns: `bench-runner run URL
//! TURNS CONVERSATIONS`, or `loop` for the same by hand. `bench-runner serve` is the server, which
//! prints its URL. The text of the last message has the number of turns and the bytes of the last
//! request, which must be the same for both.

mod server;

use anthropic::types::{ContentBlock, MessageCreateParams, MessageParam, Model, StopReason};
use anthropic::{Client, Error, ErrorKind, tool};
use serde::Deserialize;

/// The weather in a city, now.
#[tool]
async fn weather(
    /// A city, such as "Oslo".
    city: String,
) -> String {
    format!("{city}: 8 °C, light rain")
}

#[derive(Deserialize)]
struct Place {
    city: String,
}

fn main() -> Result<(), Error> {
    let mut args = std::env::args().skip(1);
    let way = args.next().expect("a way");
    if way == "serve" {
        server::serve();
    }
    let url = args.next().expect("a URL");
    let mut number = || args.next()?.parse::<u32>().ok();
    let turns = number().expect("a number of turns");
    let conversations = number().expect("a number of conversations");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    println!(
        "{}",
        runtime.block_on(talk(&way, &url, turns, conversations))?
    );
    eprintln!("{}", peak().unwrap_or_default());
    Ok(())
}

/// The most memory that this process has had, in KiB. What its parent counts begins with the
/// parent's own.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

async fn talk(way: &str, url: &str, turns: u32, conversations: u32) -> Result<String, Error> {
    let client = Client::builder()
        .api_key("sk-bench")
        .base_url(format!("{url}/{turns}"))
        .build()?;
    let mut last = String::new();
    for _ in 0..conversations {
        let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024)
            .user("What is the weather in Oslo, again and again?");
        last = match way {
            "run" => run(&client, params, turns).await?,
            "loop" => by_hand(&client, params, turns).await?,
            _ => panic!("no such way"),
        };
    }
    Ok(last)
}

async fn run(client: &Client, params: MessageCreateParams, turns: u32) -> Result<String, Error> {
    let run = client.messages().run(params).tools([weather::tool()]);
    let outcome = run.max_turns(turns + 1).max_calls(turns + 1).await?;
    outcome.text()
}

/// The README's loop, which handles every stop reason.
async fn by_hand(
    client: &Client,
    params: MessageCreateParams,
    turns: u32,
) -> Result<String, Error> {
    let mut params = params.tools(weather::tool().iter().map(|tool| tool.definition()));
    for _ in 0..=turns {
        let mut message = client.messages().create(&params).await?;
        match message.stop_reason {
            Some(StopReason::EndTurn | StopReason::StopSequence) => return Ok(message.text()),
            Some(StopReason::ToolUse | StopReason::PauseTurn | StopReason::Compaction) => {
                let mut results = Vec::new();
                for call in message.tool_uses() {
                    results.push(match call.input_as::<Place>() {
                        Ok(place) => call.result(weather(place.city).await),
                        Err(error) => call.error(error.to_string()),
                    });
                }
                let goes_on = message.content.iter().any(|block| {
                    matches!(
                        block,
                        ContentBlock::ServerToolUse(_)
                            | ContentBlock::McpToolUse(_)
                            | ContentBlock::Compaction(_)
                    )
                });
                message.content.retain(|block| {
                    let text = block.as_text();
                    text.is_none_or(|text| !text.text.trim().is_empty())
                });
                if let Some(ContentBlock::Text(last)) = message.content.last_mut() {
                    last.text.truncate(last.text.trim_end().len());
                }
                if !message.content.is_empty() {
                    params = params.message(message);
                }
                if !results.is_empty() {
                    params = params.message(MessageParam::user(results));
                } else if !goes_on {
                    params = params.user("Continue.");
                }
            }
            _ => {
                return Err(Error::new(
                    ErrorKind::NoAnswer,
                    message.stop_reason_str().to_owned(),
                ));
            }
        }
    }
    Err(Error::new(
        ErrorKind::NoAnswer,
        "the model still calls tools",
    ))
}
