//! How often the SDK allocates for a delta, in each way of reading: `allocations URL`.
//!
//! The difference between a long and a short stream, divided by the difference of their deltas:
//! what a stream costs as such is in neither.

use std::alloc::System;
use std::error::Error;

use anthropic::types::{MessageCreateParams, Model};
use anthropic::{Client, MessageStream};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const SHORT: u64 = 10_000;
const LONG: u64 = 110_000;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).ok_or("usage: allocations URL")?;
    for mode in ["final_message", "events", "text_stream"] {
        let mut counts = Vec::new();
        for deltas in [SHORT, LONG] {
            let url = format!("{url}/text/{deltas}");
            let client = Client::builder()
                .api_key("sk-bench")
                .base_url(url)
                .build()?;
            let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).user("Hello");
            let region = Region::new(ALLOCATOR);
            read(client.messages().stream(params).await?, mode).await?;
            let change = region.change();
            counts.push(change.allocations + change.reallocations);
        }
        let per_delta = (counts[1] as f64 - counts[0] as f64) / (LONG - SHORT) as f64;
        println!("| {mode} | {per_delta:.3} |");
    }
    Ok(())
}

async fn read(mut stream: MessageStream, mode: &str) -> anthropic::Result<()> {
    match mode {
        "events" => while stream.try_next().await?.is_some() {},
        "text_stream" => {
            let mut text = stream.text_stream();
            while text.try_next().await?.is_some() {}
        }
        _ => drop(stream.final_message().await?),
    }
    Ok(())
}
