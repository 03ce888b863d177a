//! One event of 16 MiB, again and again, in chunks of one size and without a network. Size 0 is
//! what comes before it.

use anthropic::Client;
use anthropic::sse::Decoder;
use anthropic::transport::{Body, HttpRequest, HttpResponse, Transport, TransportError};
use anthropic::{BoxFuture, MessageStream};
use bytes::Bytes;
use futures_util::stream;

use crate::{Result, open};

const EVENT: usize = 16 << 20;
/// How many are read one after the other; measure.py divides by it.
const EVENTS: usize = 16;

const START: &str = concat!(
    "event: message_start\n",
    r#"data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","#,
    r#""model":"claude-opus-5-5","content":[],"stop_reason":null,"stop_sequence":null,"#,
    r#""usage":{"input_tokens":1,"output_tokens":1}}}"#,
    "\n\n"
);
const STOP: &str = concat!(
    "event: content_block_stop\n",
    "data: {\"type\":\"content_block_stop\",\"index\":0}\n\n",
    "event: message_delta\n",
    r#"data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":9}}"#,
    "\n\n",
    "event: message_stop\n",
    "data: {\"type\":\"message_stop\"}\n\n"
);

/// The event that has it all.
fn delta(kind: &str) -> String {
    let (delta, key, piece) = match kind {
        "text" => (
            "text_delta",
            "text",
            "The river that flows through the old town. ",
        ),
        _ => (
            "input_json_delta",
            "partial_json",
            r#"{\"name\":\"river\",\"towns\":[1,2,3]}, "#,
        ),
    };
    let text = piece.repeat(EVENT / piece.len());
    format!(
        "event: content_block_delta\ndata: {{\"type\":\"content_block_delta\",\"index\":0,\
         \"delta\":{{\"type\":\"{delta}\",\"{key}\":\"{text}\"}}}}\n\n"
    )
}

/// The bytes in chunks; what is fed is shared, not copied.
fn chunks(body: &Bytes, size: usize) -> impl Iterator<Item = Bytes> + use<> {
    let body = body.clone();
    (0..body.len())
        .step_by(size)
        .map(move |start| body.slice(start..body.len().min(start + size)))
}

/// The decoder alone.
pub fn decoded(size: usize) -> Result<u64> {
    let body = Bytes::from(delta("text"));
    let mut total = 0;
    for _ in 0..if size == 0 { 0 } else { EVENTS } {
        let mut decoder = Decoder::new();
        for chunk in chunks(&body, size) {
            decoder.feed(chunk);
            if let Some(event) = decoder.next_event() {
                total += event?.data().len();
            }
        }
    }
    Ok(total as u64)
}

/// The event as a program gets it: typed, from a message stream whose body lies in memory.
pub async fn read(size: usize, kind: &str) -> Result<u64> {
    let block = match kind {
        "text" => r#"{"type":"text","text":""}"#,
        _ => r#"{"type":"tool_use","id":"toolu_1","name":"find","input":{}}"#,
    };
    let block = format!(
        "event: content_block_start\n\
         data: {{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{block}}}\n\n"
    );
    let body = Bytes::from([START, &block, &delta(kind), STOP].concat());
    let transport = InMemory {
        body,
        size: size.max(1),
    };
    let client = Client::builder()
        .api_key("sk-bench")
        .transport(transport)
        .build()?;
    let mut total = 0;
    for _ in 0..if size == 0 { 0 } else { EVENTS } {
        total += length(open(&client).await?).await?;
    }
    Ok(total as u64)
}

/// So many small text deltas from memory, in chunks of 16 KiB: as the API writes them, or with the
/// blanks of Python's `json`. Counted by callgrind, they are what a delta costs without a network.
pub async fn deltas(count: usize, is_spaced: bool) -> Result<u64> {
    let block = concat!(
        "event: content_block_start\n",
        r#"data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
        "\n\n"
    );
    let delta = concat!(
        "event: content_block_delta\n",
        r#"data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" river"}}"#,
        "\n\n"
    );
    let delta = if is_spaced {
        delta.replace(r#"":"#, r#"": "#).replace(r#",""#, r#", ""#)
    } else {
        delta.to_owned()
    };
    let body = Bytes::from([START, block, &delta.repeat(count), STOP].concat());
    let transport = InMemory {
        body,
        size: 16 << 10,
    };
    let client = Client::builder()
        .api_key("sk-bench")
        .transport(transport)
        .build()?;
    Ok(length(open(&client).await?).await? as u64)
}

async fn length(mut stream: MessageStream) -> Result<usize> {
    let mut length = 0;
    while let Some(event) = stream.try_next().await? {
        length += event.text().or(event.partial_json()).map_or(0, str::len);
    }
    Ok(length)
}

/// Responds to every request with the same bytes.
#[derive(Debug)]
struct InMemory {
    body: Bytes,
    size: usize,
}

impl Transport for InMemory {
    fn send(
        &self,
        _: HttpRequest,
    ) -> BoxFuture<'static, std::result::Result<HttpResponse, TransportError>> {
        let chunks = chunks(&self.body, self.size).map(Ok::<_, std::io::Error>);
        let mut response = HttpResponse::new(Body::stream(stream::iter(chunks), None));
        if let Ok(media) = "text/event-stream".parse() {
            response.headers_mut().insert("content-type", media);
        }
        Box::pin(std::future::ready(Ok(response)))
    }
}
