//! How much memory is allocated, for a delta and for a request: a program of its own, because it
//! counts what the whole process allocates.

#![allow(clippy::unwrap_used, reason = "this is a test")]

use std::alloc::System;
use std::fmt::Write as _;
use std::io::Cursor;
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use anthropic::transport::{Body, HttpRequest, HttpResponse, Transport, TransportError};
use anthropic::types::{Message, MessageCreateParams};
use anthropic::{BoxFuture, Client, MessageStream};
use bytes::Bytes;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Tests run beside each other, and each counts the allocations of all.
static ALONE: Mutex<()> = Mutex::new(());

const DELTAS: usize = 20_000;
/// How much of a body comes at once.
const PIECE: usize = 4 << 10;

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
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
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

/// Responds with a message, with the events of one, or never, and keeps nothing of the request.
#[derive(Debug)]
enum Made {
    Response,
    Events,
    Nothing,
}

impl Transport for Made {
    fn send(
        &self,
        request: HttpRequest,
    ) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        drop(request);
        match self {
            Self::Nothing => Box::pin(std::future::pending()),
            Self::Response => Box::pin(async { Ok(HttpResponse::new(MESSAGE.into())) }),
            Self::Events => {
                // Pieces of one buffer, which is freed as a whole.
                let body = Bytes::from(body());
                let mut starts = (0..body.len()).step_by(PIECE);
                let read = futures_util::stream::poll_fn(move |_| {
                    let start = starts.next();
                    let end = |start: usize| (start + PIECE).min(body.len());
                    let piece = start.map(|start| body.slice(start..end(start)));
                    Poll::Ready(piece.map(Ok::<_, std::io::Error>))
                });
                let response = HttpResponse::new(Body::stream(read, None));
                Box::pin(std::future::ready(Ok(response)))
            }
        }
    }
}

const MESSAGE: &str = concat!(
    r#"{"id":"msg_1","type":"message","role":"assistant","model":"claude-opus-5-5","#,
    r#""content":[{"type":"text","text":"Rhine"}],"stop_reason":"end_turn","stop_sequence":null,"#,
    r#""usage":{"input_tokens":3,"output_tokens":1}}"#,
);

fn client(transport: Made) -> Client {
    let client = Client::builder().api_key("sk-1").transport(transport);
    client.max_retries(0).build().unwrap()
}

fn params() -> MessageCreateParams {
    MessageCreateParams::new("claude-opus-5-5", 100).user("Name a river.")
}

/// Runs in a runtime, for the timers, which is warm: what the process allocates once isn't counted.
///
/// The middle of several runs: the harness of the tests, which starts threads and prints, allocates
/// beside one or the other.
fn in_runtime<T: Ord>(run: impl AsyncFn() -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(run());
    let mut measured: Vec<T> = (0..9).map(|_| runtime.block_on(run())).collect();
    measured.sort();
    measured.swap_remove(4)
}

#[test]
fn a_request_that_waits_for_its_response_holds_few_bytes() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let client = client(Made::Nothing);
    let held = in_runtime(async || {
        let params = params();
        let region = Region::new(ALLOCATOR);
        let mut request = pin!(client.messages().stream(params).send());
        let polled = request
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(polled, Poll::Pending));
        let change = region.change();
        change.bytes_allocated - change.bytes_deallocated
    });
    assert!(held > 1_000, "something is counted: {held}");
    assert!(held <= 3_000, "{held} bytes");
}

#[test]
fn events_alone_take_no_memory_that_grows() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let client = client(Made::Events);
    let grown = |keep: bool| {
        in_runtime(async || {
            let mut kept = Vec::with_capacity(DELTAS);
            let request = client.messages().stream(params());
            let mut events = request.events().await.unwrap();
            events.try_next().await.unwrap();
            let region = Region::new(ALLOCATOR);
            for _ in 0..DELTAS {
                let event = events.try_next().await.unwrap().unwrap();
                if keep {
                    kept.push(event);
                }
            }
            let change = region.change();
            change
                .bytes_allocated
                .saturating_sub(change.bytes_deallocated)
        })
    };
    let (alone, kept) = (grown(false), grown(true));
    assert!(alone < 2 * PIECE, "{alone} bytes");
    assert!(kept > 100_000, "something is counted: {kept}");
}

#[test]
fn a_request_allocates_a_known_number_of_times() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let client = client(Made::Response);
    let allocations = in_runtime(async || {
        let params = params();
        let region = Region::new(ALLOCATOR);
        let message: Message = client.messages().create(params).await.unwrap();
        let change = region.change();
        assert_eq!(message.text(), "Rhine");
        change.allocations + change.reallocations
    });
    assert!(allocations > 10, "something is counted: {allocations}");
    assert!(allocations <= 24, "{allocations} allocations");
}

/// A file of two megabytes that begins like an image.
fn large_image() -> (std::path::PathBuf, usize) {
    const LEN: usize = 2 << 20;
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("allocations.png");
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    bytes.resize(LEN, 7);
    std::fs::write(&path, bytes).unwrap();
    (path, LEN.div_ceil(3) * 4)
}

/// What an image takes: its Base64 in the block, and once more in the body.
#[test]
fn a_large_image_is_in_memory_once_and_once_more_in_the_body() {
    const BESIDE: usize = 64 << 10;
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let client = client(Made::Nothing);
    let (path, base64) = large_image();
    let held = |region: &Region<'_, System>| {
        let change = region.change();
        change.bytes_allocated - change.bytes_deallocated
    };
    let measured = in_runtime(async || {
        let region = Region::new(ALLOCATOR);
        let image = anthropic::media::image(&path).unwrap();
        let read = held(&region);
        let params = params().user(image);
        let params_too = held(&region);

        // Everything that is allocated counts, so what is held at once is no more.
        let region = Region::new(ALLOCATOR);
        let mut request = pin!(client.messages().create(&params).send());
        let polled = request
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(polled, Poll::Pending));
        let lent = region.change().bytes_allocated;

        let region = Region::new(ALLOCATOR);
        let request = client.messages().stream(params);
        let mut request = pin!(request.send());
        let polled = request
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(polled, Poll::Pending));
        let change = region.change();
        let given = change.bytes_allocated;
        let freed = change.bytes_deallocated;
        (read.max(params_too), lent, given, freed)
    });
    let (read, lent, given, freed) = measured;
    for (bytes, most) in [
        (read, base64),
        (freed, base64),
        // A buffer that grows has up to twice what is in it.
        (lent, 2 * base64),
        (given, 2 * base64),
    ] {
        assert!(bytes >= base64, "something is counted: {bytes}");
        assert!(bytes <= most + BESIDE, "{bytes} bytes for {base64}");
    }
}
