//! How often memory is allocated for a delta: a program of its own, because it counts those of the
//! whole process.

#![allow(clippy::unwrap_used, reason = "this is a test")]

use std::alloc::System;
use std::fmt::Write as _;
use std::io::Cursor;

use anthropic::MessageStream;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const DELTAS: usize = 20_000;

/// A whole answer in that many deltas, as the API writes them.
fn body() -> Vec<u8> {
    let mut body = String::from(concat!(
        r#"data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","#,
        r#""model":"claude-opus-5-5","content":[],"stop_reason":null,"usage":{"input_tokens":3,"output_tokens":1}}}"#,
        "\n\n",
        r#"data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
        "\n\n",
    ));
    for number in 0..DELTAS {
        // Every other one has an escape, which can't be borrowed from the body.
        let escape = if number % 2 == 0 { "" } else { r"\n" };
        let delta = format!(r#""delta":{{"type":"text_delta","text":" word {number}{escape}"}}"#);
        writeln!(
            body,
            "data: {{\"type\":\"content_block_delta\",\"index\":0,{delta}}}\n"
        )
        .unwrap();
    }
    body.push_str("data: {\"type\":\"content_block_stop\",\"index\":0}\n\n");
    body.push_str("data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":9}}\n\n");
    body.push_str("data: {\"type\":\"message_stop\"}\n\n");
    body.into_bytes()
}

/// The allocations that a way of reading takes for each delta, those that make a buffer larger
/// included.
fn allocations(read: impl AsyncFnOnce(MessageStream)) -> f64 {
    let stream = MessageStream::replay(Cursor::new(body()));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let region = Region::new(ALLOCATOR);
    runtime.block_on(read(stream));
    let change = region.change();
    let count = u32::try_from(change.allocations + change.reallocations).unwrap();
    f64::from(count) / f64::from(u32::try_from(DELTAS).unwrap())
}

#[test]
fn a_delta_takes_at_most_the_allocation_that_it_is_handed_out_in() {
    // A recording is read in pieces, each of which is an allocation too.
    const PIECES: f64 = 0.03;
    let folded = allocations(async |stream| {
        stream.final_message().await.unwrap();
    });
    assert!(folded < PIECES, "the message alone: {folded}");
    let events =
        allocations(async |mut stream| while stream.try_next().await.unwrap().is_some() {});
    assert!(events < 1.0 + PIECES, "events: {events}");
    let text = allocations(async |mut stream| {
        let mut text = stream.text_stream();
        while text.try_next().await.unwrap().is_some() {}
    });
    assert!(text < 1.0 + PIECES, "text: {text}");
    assert!(
        events > 0.9 && text > 0.9,
        "something is counted: {events}, {text}"
    );
}
