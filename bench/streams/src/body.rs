//! The bodies that the server sends, rendered before they are asked for as far as memory allows.
//!
//! A body is a head, a block that is repeated, and a tail, so that a million lines need no
//! gigabyte.

use std::fmt::Write as _;

/// How many events or lines the repeated block has.
const BLOCK: usize = 1000;

/// What tokens look like: short words, now and then an escape or a letter beyond ASCII.
const PIECES: [&str; 12] = [
    "The",
    " river",
    " that",
    " flows",
    " through",
    " the",
    " old",
    " town",
    ",",
    " caf\u{e9}",
    " quietly",
    ".\\n",
];

pub struct Body {
    pub head: Vec<u8>,
    pub block: Vec<u8>,
    pub repeat: usize,
    pub tail: Vec<u8>,
}

impl Body {
    pub fn parts(&self) -> impl Iterator<Item = &[u8]> {
        std::iter::once(self.head.as_slice())
            .chain(std::iter::repeat_n(self.block.as_slice(), self.repeat))
            .chain(std::iter::once(self.tail.as_slice()))
    }
}

fn event(name: &str, data: &str) -> String {
    format!("event: {name}\ndata: {data}\n\n")
}

pub fn start(block: &str) -> String {
    let message = r#"{"type":"message_start","message":{"id":"msg_01","type":"message","role":"assistant","model":"claude-opus-5-5","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":12,"output_tokens":1}}}"#;
    let block = format!(r#"{{"type":"content_block_start","index":0,"content_block":{block}}}"#);
    event("message_start", message) + &event("content_block_start", &block)
}

pub fn end(stop_reason: &str) -> String {
    let delta = format!(
        r#"{{"type":"message_delta","delta":{{"stop_reason":"{stop_reason}","stop_sequence":null}},"usage":{{"output_tokens":9}}}}"#
    );
    event(
        "content_block_stop",
        r#"{"type":"content_block_stop","index":0}"#,
    ) + &event("message_delta", &delta)
        + &event("message_stop", r#"{"type":"message_stop"}"#)
}

pub const TEXT_BLOCK: &str = r#"{"type":"text","text":""}"#;

/// One text delta; `piece` is JSON already.
pub fn text_delta(number: usize) -> String {
    let piece = PIECES[number % PIECES.len()];
    let data = format!(
        r#"{{"type":"content_block_delta","index":0,"delta":{{"type":"text_delta","text":"{piece}"}}}}"#
    );
    event("content_block_delta", &data)
}

/// A message that isn't streamed, with its head.
pub fn message() -> String {
    let body = concat!(
        r#"{"id":"msg_01","type":"message","role":"assistant","model":"claude-opus-5-5","content":[{"type":"text","#,
        r#""text":"The river flows through the old town, caf\u00e9 by caf\u00e9.\nIt is quiet."}],"stop_reason":"end_turn","#,
        r#""stop_sequence":null,"usage":{"input_tokens":12,"output_tokens":9}}"#
    );
    let length = body.len();
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nrequest-id: req_01\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

fn repeated(head: String, count: usize, item: impl Fn(usize) -> String, tail: &str) -> Body {
    let block: String = (0..BLOCK).map(&item).collect();
    let rest: String = (0..count % BLOCK).map(&item).collect();
    Body {
        head: head.into_bytes(),
        block: block.into_bytes(),
        repeat: count / BLOCK,
        tail: (rest + tail).into_bytes(),
    }
}

pub fn text(deltas: usize) -> Body {
    repeated(start(TEXT_BLOCK), deltas, text_delta, &end("end_turn"))
}

pub fn lines(count: usize) -> Body {
    let line = |number: usize| {
        format!(
            concat!(
                r#"{{"custom_id":"request-{:06}","result":{{"type":"succeeded","message":{{"id":"msg_{:06}","#,
                r#""type":"message","role":"assistant","model":"claude-opus-5-5","content":[{{"type":"text","#,
                r#""text":"The river flows through the old town, caf\u00e9 by caf\u00e9.\nIt is quiet."}}],"#,
                r#""stop_reason":"end_turn","stop_sequence":null,"usage":{{"input_tokens":12,"#,
                r#""cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":9,"#,
                r#""service_tier":"batch"}}}}}}}}"#,
                "\n"
            ),
            number, number
        )
    };
    repeated(String::new(), count, line, "")
}

/// A tool input of about `size` bytes, in deltas of 12 characters.
pub fn tool(size: usize) -> Body {
    let mut input = String::from("{\"rows\": [");
    let mut id = 0;
    while input.len() < size {
        let comma = if id == 0 { "" } else { ", " };
        write!(
            input,
            r#"{comma}{{"id": {id}, "name": "row {id}", "score": 0.{id}5, "tags": ["old", "town"], "note": "A \"note\" on the river, caf\u00e9.\nSecond line."}}"#,
        )
        .expect("a string takes everything");
        id += 1;
    }
    input.push_str("]}");
    let characters: Vec<char> = input.chars().collect();
    let mut events = String::new();
    for piece in characters.chunks(12) {
        let piece: String = piece.iter().collect();
        let piece = serde_json::to_string(&piece).expect("a string is JSON");
        let data = format!(
            r#"{{"type":"content_block_delta","index":0,"delta":{{"type":"input_json_delta","partial_json":{piece}}}}}"#
        );
        events.push_str(&event("content_block_delta", &data));
    }
    let block = r#"{"type":"tool_use","id":"toolu_01","name":"store","input":{}}"#;
    Body {
        head: start(block).into_bytes(),
        block: events.into_bytes(),
        repeat: 1,
        tail: end("tool_use").into_bytes(),
    }
}
