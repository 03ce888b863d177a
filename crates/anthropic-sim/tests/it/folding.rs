//! A stream folds to the message that the same request gets plain, whatever is in it.

use anthropic_sim::{Citation, Reply, Simulator, When};
use serde_json::{Value, json};

use crate::client::post;
use crate::messages::{hello, hello_with};

/// Folds a stream's events by the protocol's rules alone.
fn fold(events: &[Value]) -> Value {
    let mut message = Value::Null;
    let mut input = String::new();
    for event in events {
        let index = usize::try_from(event["index"].as_u64().unwrap_or_default()).unwrap();
        match event["type"].as_str().unwrap() {
            "message_start" => message = event["message"].clone(),
            "content_block_start" => {
                assert_eq!(message["content"].as_array().unwrap().len(), index);
                message["content"]
                    .as_array_mut()
                    .unwrap()
                    .push(event["content_block"].clone());
                input.clear();
            }
            "content_block_delta" => {
                apply(&mut message["content"][index], &event["delta"], &mut input);
            }
            "content_block_stop" if !input.is_empty() => {
                message["content"][index]["input"] = serde_json::from_str(&input).unwrap();
            }
            "message_delta" => {
                for (into, from) in [("", "delta"), ("usage", "usage")] {
                    let into = if into.is_empty() {
                        &mut message
                    } else {
                        &mut message[into]
                    };
                    into.as_object_mut()
                        .unwrap()
                        .extend(event[from].as_object().unwrap().clone());
                }
                for beside in ["context_management", "input_transformations"] {
                    if let Some(value) = event.get(beside) {
                        message[beside] = value.clone();
                    }
                }
            }
            "content_block_stop" | "ping" | "message_stop" => {}
            other => panic!("unexpected event {other}"),
        }
    }
    message
}

fn apply(block: &mut Value, delta: &Value, input: &mut String) {
    let append = |slot: &mut Value, field: &str| {
        *slot = json!(slot.as_str().unwrap().to_owned() + delta[field].as_str().unwrap());
    };
    match delta["type"].as_str().unwrap() {
        "text_delta" => append(&mut block["text"], "text"),
        "thinking_delta" => append(&mut block["thinking"], "thinking"),
        "signature_delta" => block["signature"] = delta["signature"].clone(),
        "citations_delta" => block["citations"]
            .as_array_mut()
            .unwrap()
            .push(delta["citation"].clone()),
        "input_json_delta" => input.push_str(delta["partial_json"].as_str().unwrap()),
        "compaction_delta" => {
            for field in ["content", "encrypted_content"] {
                block[field] = delta[field].clone();
            }
        }
        other => panic!("unexpected delta {other}"),
    }
}

/// Asks for the message plain and as a stream, which must agree, and gives the events.
pub(crate) async fn assert_folds(simulator: &Simulator, body: &Value) -> Vec<Value> {
    let plain = post(simulator.url(), "/v1/messages?beta=true", body)
        .await
        .ok();
    let mut streamed = body.clone();
    streamed["stream"] = json!(true);
    let answer = post(simulator.url(), "/v1/messages?beta=true", &streamed).await;
    assert!(
        answer.complete
            && answer
                .header("content-type")
                .unwrap()
                .starts_with("text/event-stream")
    );
    let events = answer.events();
    assert_eq!(
        answer.chunks.len(),
        events.len(),
        "each event is a write of its own"
    );
    assert_eq!(fold(&events), plain);
    events
}

const REPLIES: u64 = 400;
const TEXTS: [&str; 6] = [
    "",
    "x",
    "Grüße 🦀🦀🦀, 日本語",
    "a longer text, which is cut into several pieces on its way",
    "\"quotes\", \\ and \u{2028}",
    "API",
];

/// Adds one block, chosen by chance.
fn with_any(reply: Reply, random: &mut fastrand::Rng) -> Reply {
    let text = TEXTS[random.usize(..TEXTS.len())];
    let input = json!({"text": text, "n": random.u64(..), "list": [1.5, null, {"deep": [text]}]});
    match random.u8(..20) {
        0 => reply.with_text(text),
        1 => reply.with_text(text.repeat(random.usize(..40))),
        2 => reply.with_thinking(text),
        3 => reply.with_signed_thinking(text, "signed"),
        4 => reply.with_redacted_thinking(text),
        5 => reply.with_tool_use("search", input),
        6 => reply.with_tool_use("empty", json!({})),
        7 => reply.with_tool_call("weather"),
        8 => reply.with_cited_text(
            text,
            [
                Citation::characters(text, 0, 0..3),
                Citation::pages(text, 1, 1..2),
            ],
        ),
        9 => reply.with_cited_text(text, [Citation::web(text).title("t")]),
        10 => reply.with_web_search(
            text,
            [("https://example.com/", "t"), ("https://example.org/", "u")],
        ),
        11 => reply.with_web_fetch("https://example.com/", text),
        12 => reply.with_code_execution("print()", text),
        13 => reply.with_bash(text, text),
        14 => reply
            .with_file_created("/a", text)
            .with_file_viewed("/a", text),
        15 => reply.with_mcp_tool("files", "read", input, text),
        16 => reply.with_tool_search(text, ["search", "weather"]),
        17 => reply.with_advice(text),
        18 => reply.with_compaction(text),
        _ => reply.with_block(json!({"type": "a_block_of_tomorrow", "anything": input})),
    }
}

/// Sets something about the message as a whole, by chance.
fn ended(reply: Reply, random: &mut fastrand::Rng) -> Reply {
    match random.u8(..9) {
        0 => reply.pause_turn(),
        1 => reply.stop_sequence("END"),
        2 => reply.stop_reason("model_context_window_exceeded"),
        3 => reply.field(
            "container",
            json!({"id": "container_1", "expires_at": "2026-11-01T00:00:00Z"}),
        ),
        4 => reply.field("context_management", json!({"applied_edits": []})),
        5 => reply.field(
            "usage",
            json!({"cache_read_input_tokens": 7, "output_tokens": 9}),
        ),
        6 => reply.field("input_transformations", json!([])),
        _ => reply,
    }
}

#[tokio::test]
async fn any_reply_streams_to_what_it_is() {
    let mut random = fastrand::Rng::with_seed(5);
    let tool = json!({"name": "weather", "input_schema": {
        "type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    }});
    let simulator = Simulator::start().await.unwrap();
    for number in 0..REPLIES {
        let blocks = random.usize(..6);
        let reply = (0..blocks).fold(Reply::new(), |reply, _| with_any(reply, &mut random));
        let said = format!("number {number}.");
        simulator.when(When::text(said.clone()).times(2), ended(reply, &mut random));
        let most = if random.bool() {
            100_000
        } else {
            random.u64(..60)
        };
        let mut fields = json!({
            "messages": [{"role": "user", "content": said}], "max_tokens": most, "tools": [tool],
        });
        if random.bool() {
            fields["stop_sequences"] = json!(["API", "日本"]);
        }
        assert_folds(&simulator, &hello_with(fields)).await;
    }
}

#[tokio::test]
async fn a_refusal_and_a_compaction_fold_too() {
    let simulator = Simulator::start().await.unwrap();
    for reply in [
        Reply::refusal("cyber", "No."),
        Reply::compaction("All was said."),
    ] {
        simulator.reply(reply.clone());
        simulator.reply(reply);
        assert_folds(&simulator, &hello()).await;
    }
}

#[tokio::test]
async fn long_texts_are_cut_into_many_pieces_with_pings_among_them() {
    let simulator = Simulator::start().await.unwrap();
    for _ in 0..2 {
        simulator.reply(Reply::text("word ".repeat(400)));
    }
    let events = assert_folds(&simulator, &hello()).await;
    let count = |kind: &str| events.iter().filter(|event| event["type"] == kind).count();
    assert!(count("content_block_delta") > 100 && count("ping") > 3);
}
