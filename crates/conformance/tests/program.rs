//! The program's protocol: one line in, one line out, in order, and no end at an error.
#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::thread;

use serde_json::{Value, json};

const EVENTS: &str = "\
data: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":1,\"output_tokens\":0}}}\n\n\
data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n\
data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"hi\"}}\n\n";
const END: &str = "\
data: {\"type\":\"content_block_stop\",\"index\":0}\n\n\
data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":1}}\n\n\
data: {\"type\":\"message_stop\"}\n\n";
const ERROR: &str = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"broke\"}}\n\n";

/// What is answered to a request whose text contains some letters.
fn respond(request: &str) -> (u16, &'static str, String) {
    match request {
        r if r.contains("/v1/models/none") => {
            let error =
                json!({"type": "error", "error": {"type": "not_found_error", "message": "no"}});
            (404, "application/json", error.to_string())
        }
        r if r.contains("/content") => (200, "application/binary", String::from("a\u{fc}")),
        r if r.contains("/v1/models") => {
            let page =
                json!({"data": [], "has_more": false, "first_id": null, "last_id": null, "x": 1});
            (200, "application/json", page.to_string())
        }
        r if r.contains("/v1/sessions/") => {
            let event = json!({"type": "session.of_tomorrow", "id": "e", "n": null});
            let text = format!("event: {}\ndata: {event}\n\n", event["type"]);
            (200, "text/event-stream", text)
        }
        r if r.contains("broken") => (200, "text/event-stream", format!("{EVENTS}{ERROR}")),
        _ => (200, "text/event-stream", format!("{EVENTS}{END}")),
    }
}

fn serve(mut stream: TcpStream) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    // The bodies of these tests end with the last brace of their JSON.
    loop {
        let count = stream.read(&mut buffer)?;
        request.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&request);
        let is_whole = text.starts_with("GET") && text.ends_with("\r\n\r\n") || text.ends_with('}');
        if count == 0 || is_whole {
            break;
        }
    }
    let (status, content_type, body) = respond(&String::from_utf8_lossy(&request));
    write!(
        stream,
        "HTTP/1.1 {status} -\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// Runs the program over some lines and answers its lines.
fn run(lines: &[&str]) -> Vec<Value> {
    run_bytes(lines.join("\n").as_bytes())
}

fn run_bytes(input: &[u8]) -> Vec<Value> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            serve(stream.unwrap()).unwrap();
        }
    });
    let mut program = Command::new(env!("CARGO_BIN_EXE_conformance"))
        .env("ANTHROPIC_API_KEY", "key")
        .env("ANTHROPIC_BASE_URL", url)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    program.stdin.take().unwrap().write_all(input).unwrap();
    let output = program.wait_with_output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn values_are_decoded_and_encoded_again() {
    let answers = run(&[
        r#"{"module":"types.text_block","type":"TextBlock","value":{"type":"text","text":"x","citations":null}}"#,
        r#"{"module":"types.text_block","type":"TextBlock","value":{"type":"text","text":"x","n":1},"via":"yaml"}"#,
        r#"{"module":"types.text_block","type":"TextBlock","value":{"type":"text"}}"#,
        r#"{"module":"types.text_block","type":"TextBlock","value":{"type":"song"}}"#,
    ]);
    assert_eq!(
        answers[0],
        json!({"ok": true, "value": {"type": "text", "text": "x", "citations": null}})
    );
    assert_eq!(
        answers[1],
        json!({"ok": true, "value": {"type": "text", "text": "x", "n": 1}})
    );
    assert_eq!(answers[2], json!({"ok": true, "value": {"type": "text"}}));
    assert_eq!(
        answers[3],
        json!({"ok": false, "error": "missing field `text`"})
    );
}

#[test]
fn no_line_ends_the_program() {
    let lines = [
        "what",
        "{}",
        r#"{"call":"messages.sing"}"#,
        r#"{"module":"types.nothing","type":"Nothing","value":1}"#,
        r#"{"call":"models.retrieve","args":{}}"#,
        r#"{"call":"models.list","args":{"limit":"many"}}"#,
        r#"{"call":"models.list","args":{"colour":"red"}}"#,
        r#"{"call":"models.retrieve","args":{"model_id":"m","colour":"red"}}"#,
        r#"{"stream":"models.list","args":{}}"#,
        r#"{"module":"types.text_block","type":"TextBlock","value":null}"#,
        r#"{"call":"models.list","args":[]}"#,
        "",
    ];
    let mut input = lines.join("\n").into_bytes();
    // Neither these bytes nor an empty line nor a last line without an end are the program's end.
    input.extend_from_slice(b"\n{\"call\":\"\xff\xfe\"}\n\xff\n\n{}");
    let answers = run_bytes(&input);
    let errors: Vec<&str> = answers
        .iter()
        .map(|answer| answer["error"].as_str().unwrap())
        .collect();
    assert_eq!(answers.len(), 16);
    assert!(answers.iter().all(|answer| answer["ok"] == false));
    assert!(errors[0].starts_with("line: "), "{errors:?}");
    assert_eq!(
        errors[1],
        "line: neither a type and a value, nor a call, nor a stream"
    );
    assert_eq!(errors[2], "there is no call `messages.sing`");
    assert_eq!(errors[3], "there is no type `types.nothing.Nothing`");
    assert_eq!(errors[4], "argument `model_id` is missing");
    assert!(errors[5].starts_with("arguments: limit: "), "{errors:?}");
    assert_eq!(errors[6], "there is no argument `colour`");
    assert_eq!(errors[7], "there is no argument `colour`");
    assert_eq!(errors[8], "`models.list` does not stream");
    assert!(errors[9].contains("null, expected an object"), "{errors:?}");
    assert!(errors[10].starts_with("line: "), "{errors:?}");
    assert!(errors[11].starts_with("line: "), "{errors:?}");
    for at in [12, 13] {
        assert!(errors[at].starts_with("line: invalid utf-8"), "{errors:?}");
    }
    assert_eq!(errors[15], errors[1]);
}

#[test]
fn calls_answer_what_they_decode_or_the_error() {
    let answers = run(&[
        r#"{"call":"models.list","args":{}}"#,
        r#"{"call":"models.retrieve","args":{"model_id":"none"}}"#,
        r#"{"call":"files.download","args":{"file_id":"f"}}"#,
    ]);
    assert_eq!(
        answers[0],
        json!({"ok": true, "value": {"data": [], "has_more": false, "x": 1}})
    );
    let error = json!({"kind": "NotFound", "status": 404, "type": "not_found_error", "code": null, "message": "no"});
    assert_eq!(answers[1], json!({"ok": false, "error": error}));
    assert_eq!(
        answers[2],
        json!({"ok": true, "value": {"content": "a\u{fc}"}})
    );
}

#[test]
fn streams_answer_their_events_and_the_message() {
    let line = |id: &str| {
        let messages = json!([{"role": "user", "content": id}]);
        let args = json!({"model": "m", "max_tokens": 1, "messages": messages});
        json!({"stream": "messages.create", "args": args}).to_string()
    };
    let mut other: Value = serde_json::from_str(&line("whole")).unwrap();
    other["call"] = other["stream"].take();
    other["stream"] = true.into();
    let answers = run(&[&line("whole"), &line("broken"), &other.to_string()]);

    let events = answers[0]["value"].as_array().unwrap();
    assert_eq!(events.len(), 7);
    assert_eq!(events[2]["delta"]["text"], "hi");
    assert_eq!(
        events[6]["final"]["content"],
        json!([{"type": "text", "text": "hi"}])
    );

    assert_eq!(answers[1]["ok"], false);
    assert_eq!(answers[1]["error"]["message"], "broke");
    assert_eq!(answers[1]["events"].as_array().unwrap().len(), 3);
    assert_eq!(answers[2], answers[0]);
}

#[test]
fn streams_of_a_session_end_with_nothing() {
    let args = r#"{"session_id":"s"}"#;
    let answers = run(&[
        &format!(r#"{{"stream":"beta.sessions.events.stream","args":{args}}}"#),
        &format!(r#"{{"call":"beta.sessions.events.stream","args":{args}}}"#),
    ]);
    let event = json!({"type": "session.of_tomorrow", "id": "e", "n": null});
    assert_eq!(
        answers[0],
        json!({"ok": true, "value": [event, {"final": null}]})
    );
    assert_eq!(answers[1], answers[0]);
}

#[test]
fn runs_encode_how_they_end() {
    let script = json!({"params": {"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": "hi"}]}});
    let mut streamed = script.clone();
    streamed["stream"] = true.into();
    streamed["read"] = true.into();
    let mut unknown = script.clone();
    unknown["colour"] = "red".into();
    let mut twice = streamed.clone();
    let tool = json!({"name": "clock", "does": {"return": "12:00"}, "definition":
        {"name": "clock", "description": "The time.", "input_schema": {"type": "object", "properties": {}}}});
    twice["tools"] = json!([tool, tool]);
    let lines = [streamed, unknown, twice].map(|script| json!({"run": script}).to_string());
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let answers = run(&lines);
    assert_eq!(
        answers[0]["value"],
        json!({"outcome": "answer", "stop_reason": "end_turn", "calls": []})
    );
    let error = answers[1]["error"].as_str().unwrap();
    assert!(error.starts_with("run: unknown field `colour`"), "{error}");
    assert_eq!(answers[2]["value"]["outcome"], "error");
}
