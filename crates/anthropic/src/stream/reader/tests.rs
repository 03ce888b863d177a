use std::task::Waker;

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
