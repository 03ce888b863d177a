//! The frames of events, as servers and gateways may write them: every transcript is the same in
//! all of these forms, however it is asked for.

use anthropic::types::{Message, StreamEvent};
use anthropic::{ErrorKind, MessageStream};
use futures_util::FutureExt;
use serde_json::{Value, json};

use crate::stream_support::{EVENT_STREAM, TRANSCRIPTS, answer, drain, params, replayed, sse};
use crate::support::{Reply, Script, client};

/// An event's name and its data.
type Named = (String, String);

fn events(body: &str) -> Vec<Named> {
    let frames = body.split("\n\n").filter_map(|frame| {
        let line = |start: &str| frame.lines().find_map(|line| line.strip_prefix(start));
        Some((line("event: ")?.to_owned(), line("data: ")?.to_owned()))
    });
    frames.collect()
}

/// The data over several lines.
fn lines(data: &str) -> String {
    let value: Value = serde_json::from_str(data).unwrap();
    let text = serde_json::to_string_pretty(&value).unwrap();
    let lines = text.lines().map(|line| format!("data: {line}\n"));
    lines.collect()
}

/// The data with another type, or with none where it is empty.
fn typed(data: &str, json: &str) -> String {
    let mut value: Value = serde_json::from_str(data).unwrap();
    let fields = value.as_object_mut().unwrap();
    fields.remove("type");
    if !json.is_empty() {
        let json = serde_json::from_str(json).unwrap();
        fields.insert("type".to_owned(), json);
    }
    value.to_string()
}

/// The data with its type behind everything else.
fn type_last(data: &str) -> String {
    let value: Value = serde_json::from_str(data).unwrap();
    let rest = typed(data, "");
    let comma = if rest == "{}" { "" } else { "," };
    let rest = rest.strip_suffix('}').unwrap();
    format!(r#"{rest}{comma}"type":{}}}"#, value["type"])
}

/// The data in ASCII.
fn escaped(data: &str) -> String {
    let mut out = String::new();
    for character in data.chars() {
        if character.is_ascii() {
            out.push(character);
        } else {
            let mut units = [0; 2];
            let units = character.encode_utf16(&mut units);
            out.extend(units.iter().map(|unit| format!("\\u{unit:04X}")));
        }
    }
    out
}

/// The frame of an event in each form.
const FORMS: [fn(&str, &str) -> String; 24] = [
    |name, data| format!("event: {name}\ndata: {data}\n\n"),
    |name, data| format!("event:{name}\ndata:{data}\n\n"),
    |name, data| format!("data: {data}\nevent: {name}\n\n"),
    |name, data| format!("event: x\nevent: {name}\ndata: {data}\n\n"),
    |name, data| format!(": a\nevent: {name}\n: b\n:\ndata: {data}\n: c\n\n: d\n\n"),
    |name, data| format!("id: 7\nretry: 100\nevent: {name}\ndata: {data}\nid\nretry\nx: y\nx\n\n"),
    |name, data| format!("event: {name}\ndata:   {data}  \n\n\n\n"),
    |name, data| format!("event: {name} \ndata: {data}\n\n"),
    |name, data| format!("event: {name}\n{}\n", lines(data)),
    |name, data| format!("event: {name}\ndata:\ndata: {data}\ndata:\n\n"),
    |_, data| format!("data: {data}\n\n"),
    |_, data| format!("event:\ndata: {data}\n\n"),
    |_, data| format!("event: message\ndata: {data}\n\n"),
    |_, data| format!("event: ping\ndata: {data}\n\n"),
    |_, data| format!("event: something\ndata: {data}\n\n"),
    |_, data| format!("data: {}\n\n", type_last(data)),
    |_, data| format!("data: {}\n\n", escaped(data)),
    |name, data| format!("event: {name}\ndata: {}\n\n", typed(data, "")),
    |name, data| format!("event: {name}\ndata: {}\n\n", typed(data, "null")),
    |name, data| format!("event: {name}\ndata: {}\n\n", typed(data, "7")),
    |name, data| format!("event: {name}\ndata: {}\n\n", typed(data, "[]")),
    |name, data| format!("event: {name}\ndata: {}\n\n", typed(data, r#""""#)),
    |_, data| {
        format!("event: ping\ndata: {{}}\n\ndata: {data}\n\nevent: ping\n\ndata:\n\ndata: null\n\n")
    },
    |_, data| format!("data: {{\"type\": \"ping\"}}\n\ndata: {data}\n\nevent: ping\ndata: x\n\n"),
];

/// What a body gives: the message, its events, and how many of them it has no place for.
fn read(body: &str) -> (Message, Vec<StreamEvent>, usize) {
    let mut stream = MessageStream::replay(std::io::Cursor::new(body.to_owned()));
    let (events, error) = drain(&mut stream).now_or_never().unwrap();
    assert!(error.is_none(), "{error:?} in {body}");
    let count = stream.unfolded().len();
    let message = stream.final_message().now_or_never().unwrap().unwrap();
    (message, events, count)
}

#[tokio::test]
async fn every_form_of_a_frame_is_read_alike() {
    for transcript in TRANSCRIPTS {
        let events = events(transcript.lf());
        let whole = read(transcript.lf());
        for (number, form) in FORMS.iter().enumerate() {
            let frames = events.iter().map(|(name, data)| form(name, data));
            let body: String = frames.collect();
            let ends = ["\n", "\r\n", "\r"].map(|end| body.replace('\n', end));
            for body in ends.iter().chain([
                &format!("\u{feff}{body}"),
                &format!("\n\n{body}"),
                &format!("{body}data: [DONE]\n\n"),
                &format!("{body}data: [DONE]"),
                &body.trim_end().to_owned(),
            ]) {
                assert!(read(body) == whole, "{} in form {number}", transcript.name);
            }
            let labels = [
                EVENT_STREAM,
                EVENT_STREAM,
                ("content-type", "application/json"),
            ];
            let replies = labels.map(|label| Reply::new(200, &[label], body.clone()));
            let client = client(&Script::new(replies));
            let mut alone = client.messages().stream(params()).events().await.unwrap();
            let mut seen = Vec::new();
            while let Some(event) = alone.try_next().await.unwrap() {
                seen.push(event);
            }
            assert!(seen == whole.1, "{} in form {number}", transcript.name);
            for _ in 1..labels.len() {
                let message = client.messages().create(params()).await.unwrap();
                assert!(message == whole.0, "{} in form {number}", transcript.name);
            }
        }
    }
}

/// What one more frame makes of a stream: the events that come of it, or the kind of the error.
fn with_frame(frame: &str) -> Result<Vec<Value>, ErrorKind> {
    let events = answer("so far");
    let (before, after) = events.split_at(3);
    let (read, error) = replayed(format!("{}{frame}\n\n{}", sse(before), sse(after)));
    let count = read.len().saturating_sub(answer("").len());
    let read = read.iter().skip(before.len());
    match error {
        Some(error) => Err(error.kind()),
        None => Ok(read
            .take(count)
            .map(|event| serde_json::to_value(event).unwrap())
            .collect()),
    }
}

#[test]
fn an_error_is_one_under_any_name_and_in_any_style() {
    for frame in [
        r#"data: {"error":{"code":429,"message":"m"}}"#,
        r#"data: {"type":"","error":{"code":429,"message":"m"}}"#,
        r#"data: [{"error":{"code":429,"message":"m"}}]"#,
        r#"data: {"type":"err\u006fr","error":{"type":"rate_limit_error","message":"m"}}"#,
        "event: ping\ndata: {\"error\":{\"code\":429,\"message\":\"m\"}}",
        "event: content_block_delta\ndata: {\"error\":{\"code\":429,\"message\":\"m\"}}",
        "event: message_stop\ndata: {\"type\":\"\",\"error\":{\"code\":429,\"message\":\"m\"}}",
    ] {
        assert_eq!(with_frame(frame), Err(ErrorKind::RateLimited), "{frame}");
    }
    // By its name alone, whatever is in it.
    let delta =
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"x"}}"#;
    let frame = format!("event: error\ndata: {delta}");
    assert_eq!(with_frame(&frame), Err(ErrorKind::Api));
}

#[test]
fn what_is_no_error_passes_under_any_name_and_in_any_style() {
    for frame in [
        r#"data: {"n":1,"type":"ping"}"#,
        r#"data: {"type":"pin\u0067"}"#,
        r#"data: {"type":"ping", what else}"#,
        "event: ping\ndata: {\"ok\":false,\"detail\":\"still waiting\"}",
        "event: ping\ndata: {\"ok\":false,\"message\":\"still waiting\"}",
        "event: ping\ndata: {\"error\":null}",
    ] {
        assert_eq!(with_frame(frame), Ok(vec![]), "{frame}");
    }
    let list = with_frame("event: weather\ndata: [1,2]").unwrap();
    assert_eq!(list, [json!({"type": "weather", "data": [1, 2]})]);
    let frame = "event: content_block_delta\ndata: {\"error\":null,\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"x\"}}";
    let [delta] = &with_frame(frame).unwrap()[..] else {
        panic!("one event");
    };
    assert_eq!(delta["delta"], json!({"type": "text_delta", "text": "x"}));
}
