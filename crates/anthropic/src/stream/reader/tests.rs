use std::convert::Infallible;
use std::task::Waker;

use bytes::Bytes;
use futures_util::{StreamExt, stream};

use super::*;
use crate::transport::Body;

#[test]
fn a_large_delta_with_escapes_leaves_no_memory_behind() {
    const LENGTH: usize = 4 * KEPT_CAPACITY;
    let text = r"\n".repeat(LENGTH);
    let body = [
        r#"{"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"x","content":[],"usage":{"input_tokens":1,"output_tokens":1}}}"#,
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
        &format!(
            r#"{{"type":"content_block_delta","index":0,"delta":{{"type":"text_delta","text":"{text}"}}}}"#
        ),
        r#"{"type":"message_stop"}"#,
    ];
    let body = body.map(|data| format!("data: {data}\n\n")).concat();
    for mode in [Mode::Events, Mode::Text, Mode::Fold] {
        let mut reader = Reader::new(Feed::of_body(Body::from(body.clone())));
        let mut task = Context::from_waker(Waker::noop());
        while let Poll::Ready(Some(item)) = reader.poll_item(&mut task, mode) {
            assert!(item.is_ok());
        }
        assert_eq!(reader.accumulator.message().unwrap().text().len(), LENGTH);
        assert!(reader.scratch.capacity() <= KEPT_CAPACITY);
    }
}

const OPEN: [&[u8]; 2] = [
    b"data: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"x\",\"content\":[],\"usage\":{\"input_tokens\":1,\"output_tokens\":1}}}\n\n",
    b"data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
];
const STOP: &[u8] = b"data: {\"type\":\"message_stop\"}\n\n";

fn usual(data: &[u8]) -> Vec<u8> {
    [b"event: content_block_delta\ndata: ", data, b"\n\n"].concat()
}

fn text(index: &str, text: &[u8]) -> Vec<u8> {
    let before = format!(
        r#"{{"type":"content_block_delta","index":{index},"delta":{{"type":"text_delta","text":""#
    );
    usual(&[before.as_bytes(), text, b"\"}}"].concat())
}

/// What comes of these chunks: the items, the message's text, and what the decoder counted.
fn read(chunks: &[Vec<u8>], mode: Mode) -> (Vec<String>, String, (u64, u64)) {
    let chunks = chunks.iter().cloned().map(Bytes::from);
    let chunks: Vec<_> = chunks.map(Ok::<_, Infallible>).collect();
    let body = Body::stream(stream::iter(chunks), None);
    let mut reader = Reader::new(Feed::of_body(body).of_message());
    let mut task = Context::from_waker(Waker::noop());
    let mut items = Vec::new();
    while let Poll::Ready(Some(item)) = reader.poll_item(&mut task, mode) {
        items.push(match item {
            Ok(Item::Event(event)) => format!("{event:?}"),
            Ok(Item::Text(text)) => text,
            Err(error) => error.to_string(),
        });
    }
    let text = reader.accumulator.partial().map(|message| message.text());
    let counted = (reader.decoder.bytes(), reader.decoder.events());
    (items, text.unwrap_or_default(), counted)
}

#[test]
fn a_chunk_that_is_one_piece_is_read_as_by_the_decoder() {
    let more: [Vec<Vec<u8>>; 16] = [
        vec![
            text("0", b"a"),
            text("0", br"\u00e9\n"),
            text("0", "\u{1F600}".as_bytes()),
        ],
        vec![text("0", b""), text("0", b"a")],
        vec![text("1", b"a"), text("0", b"b"), text("01", b"c")],
        vec![
            text("0", br"\ud83d"),
            text("0", br"\ude00"),
            text("0", b"a"),
        ],
        // What the chunk before has left open, or left to be settled.
        vec![b"event: ping\r".to_vec(), text("0", b"a")],
        vec![b"data: {}\n".to_vec(), text("0", b"a")],
        vec![b": note\n\r".to_vec(), text("0", b"a")],
        vec![b"id: \xFF\n".to_vec(), text("0", b"a"), text("0", b"b")],
        vec![
            b"id: \xFF\n".to_vec(),
            b": note\n".to_vec(),
            text("0", b"a"),
        ],
        // What is no piece.
        vec![text("0", b"a\nb"), text("0", b"c")],
        vec![text("0", b"a\rb")],
        vec![text("0", b"\xFF")],
        vec![usual(b"{}"), usual(b""), text("0", b"a")],
        vec![text("0", b"a").repeat(2), text("0", b"b")],
        vec![
            b"event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
                .to_vec(),
            text("0", b"a"),
        ],
        vec![STOP.to_vec(), text("0", b"a")],
    ];
    for more in more {
        let mut chunks: Vec<Vec<u8>> = OPEN.map(Vec::from).into();
        chunks.extend(more);
        chunks.push(STOP.to_vec());
        // No chunk of these is an event as a whole.
        let halves = |chunk: &Vec<u8>| {
            let (first, rest) = chunk.split_at(chunk.len() / 2);
            [first.to_vec(), rest.to_vec()]
        };
        let cut: Vec<Vec<u8>> = chunks.iter().flat_map(halves).collect();
        for mode in [Mode::Events, Mode::Text, Mode::Fold] {
            let shown = String::from_utf8_lossy(&chunks.concat()).into_owned();
            assert_eq!(read(&chunks, mode), read(&cut, mode), "{shown}");
        }
    }
}

#[test]
fn only_the_whole_of_a_usual_event_that_fits_is_read_past_the_decoder() {
    let event = text("0", b"a");
    let decoder = || {
        let mut decoder = Decoder::new();
        decoder.push(b": the beginning\n");
        assert!(decoder.next_event().is_none());
        decoder
    };
    assert!(decoder().usual_data(&event).is_some());
    assert!(Decoder::new().usual_data(&event).is_none());
    assert!(decoder().usual_data(&event[..event.len() - 1]).is_none());
    assert!(decoder().usual_data(&event[1..]).is_none());
    let limited = decoder().max_event_bytes(event.len() - 1);
    assert!(limited.usual_data(&event).is_none());
}

/// A reader of a body that comes in chunks, and goes on without an end.
fn waiting(body: &[u8], size: usize) -> Reader {
    let chunks = body.chunks(size).map(Bytes::copy_from_slice);
    let chunks: Vec<_> = chunks.map(Ok::<_, Infallible>).collect();
    let body = Body::stream(stream::iter(chunks).chain(stream::pending()), None);
    Reader::new(Feed::of_body(body))
}

#[test]
fn a_large_delta_is_whole_and_a_wait_behind_it_holds_no_memory_for_it() {
    let plain = "x".repeat(4 * KEPT_CAPACITY);
    for (written, meant) in [
        (plain.clone(), plain.clone()),
        (format!(r"{plain}\n"), format!("{plain}\n")),
    ] {
        let body = [OPEN.concat(), text("0", written.as_bytes())].concat();
        for size in [1 << 10, body.len()] {
            for mode in [Mode::Events, Mode::Text, Mode::Fold] {
                let mut reader = waiting(&body, size);
                let mut task = Context::from_waker(Waker::noop());
                let mut texts = Vec::new();
                while let Poll::Ready(item) = reader.poll_item(&mut task, mode) {
                    match item.unwrap().unwrap() {
                        Item::Text(text) => texts.push(text),
                        Item::Event(event) => texts.extend(event.text().map(str::to_owned)),
                    }
                }
                let is_shown = mode != Mode::Fold;
                assert!(texts.concat() == meant || !is_shown, "in chunks of {size}");
                assert_eq!(texts.is_empty(), !is_shown);
                assert!(reader.accumulator.message().unwrap().text() == meant);
                assert!(reader.scratch.capacity() <= KEPT_CAPACITY);
                assert!(reader.decoder.is_used_up());
            }
        }
    }
}

#[test]
fn so_many_events_are_held_back_before_the_first_content() {
    for count in [MAX_HELD - 1, MAX_HELD] {
        let unknown = b"data: {\"type\":\"progress\"}\n\n".repeat(count - 1);
        let mut reader = waiting(&[OPEN[0], &unknown].concat(), 1 << 20);
        let mut task = Context::from_waker(Waker::noop());
        let mut seen = 0;
        while reader.poll_item(&mut task, Mode::Events).is_ready() {
            seen += 1;
        }
        assert_eq!(seen, if count < MAX_HELD { 0 } else { count });
    }
}
