//! How often the SDK allocates for a delta, in each way of reading: `allocations URL`.
//!
//! The difference between a long and a short stream, divided by the difference of their deltas: what a
//! stream costs as such is in neither.

use std::alloc::{GlobalAlloc, Layout, System};
use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};

use anthropic::types::{MessageCreateParams, Model};
use anthropic::{Client, MessageStream};

struct Counting;

static COUNT: AtomicU64 = AtomicU64::new(0);

// SAFETY: every call goes on to the system's allocator unchanged. Only here is `unsafe` allowed, because
// there is no other way to count allocations from within.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::Relaxed);
        unsafe { System.realloc(at, layout, size) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

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
            let before = COUNT.load(Ordering::Relaxed);
            read(client.messages().stream(params).await?, mode).await?;
            counts.push(COUNT.load(Ordering::Relaxed) - before);
        }
        let per_delta = (counts[1] - counts[0]) as f64 / (LONG - SHORT) as f64;
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
