//! Events that are larger than the memory that a decoder keeps.

use std::io::{Cursor, Read, Result};

use anthropic::MessageStream;
use futures_util::FutureExt;

use crate::stream_support::{close, input, open, sse, start, text, text_block, tool_block};

/// Gives at most so many bytes at a time.
struct InChunks(Cursor<Vec<u8>>, usize);

impl Read for InChunks {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        let most = into.len().min(self.1);
        self.0.read(&mut into[..most])
    }
}

#[test]
fn a_large_delta_is_the_same_in_chunks_of_any_size() {
    let parts: Vec<String> = (0..40_000).map(|number| format!("{number}é")).collect();
    let long = parts.concat();
    let numbers = format!("{{\"a\":[{}1]}}", "12,".repeat(60_000));
    let events = [
        start(),
        open(0, &text_block()),
        text(0, "Before. "),
        text(0, &long),
        text(0, " After."),
        text(0, &long),
        close(0),
        open(1, &tool_block()),
        input(1, &numbers),
        close(1),
    ];
    let body = sse(&events);
    let read = |body: &str, size| {
        let reader = InChunks(Cursor::new(body.as_bytes().to_vec()), size);
        let mut stream = MessageStream::replay(reader);
        let mut seen = Vec::new();
        while let Ok(Some(event)) = stream.try_next().now_or_never().unwrap() {
            seen.push(event);
        }
        (seen, stream.snapshot().cloned())
    };
    let whole = read(&body, usize::MAX);
    assert_eq!(whole.0.len(), events.len());
    let message = whole.1.as_ref().unwrap();
    assert_eq!(message.text(), format!("Before. {long} After.{long}"));
    let returns = body.replace('\n', "\r\n");
    for size in [1_000, 1_021, 70_000, 200_000] {
        assert!(read(&body, size) == whole, "{size}");
        assert!(read(&returns, size) == whole, "{size}");
    }
}
