use super::*;

fn chunk(data: &str) -> Frame {
    let bytes = base64_simd::STANDARD.encode_to_string(data);
    let mut frame = Frame::default();
    frame.headers.message_type = "event".into();
    frame.headers.event_type = "chunk".into();
    frame.payload = json!({"bytes": bytes, "p": "abcd"}).to_string().into();
    frame
}

fn appended(frame: &Frame) -> Option<String> {
    let mut out = Vec::new();
    append(frame, &mut Vec::new(), &mut out).ok()?;
    Some(String::from_utf8(out).unwrap())
}

#[test]
fn an_event_has_the_name_of_its_type() {
    let event = r#"{"type":"ping"}"#;
    let wanted = format!("event: ping\ndata: {event}\n\n");
    assert_eq!(appended(&chunk(event)), Some(wanted));
    let event = r#"{"index":0, "type":"p\u0069ng"}"#;
    let wanted = format!("event: ping\ndata: {event}\n\n");
    assert_eq!(appended(&chunk(event)), Some(wanted));
}

#[test]
fn data_in_several_lines_stays_one_event() {
    let written = appended(&chunk("{\"type\":\n\"ping\"}\r\n")).unwrap();
    assert_eq!(
        written,
        "event: ping\ndata: {\"type\":\ndata: \"ping\"}\ndata: \ndata: \n\n"
    );
}

#[test]
fn a_type_cannot_end_the_line_that_it_is_in() {
    let written = appended(&chunk(r#"{"type":"a\ndata: x"}"#)).unwrap();
    assert_eq!(written, "data: {\"type\":\"a\\ndata: x\"}\n\n");
}

#[test]
fn what_is_no_event_is_left_out() {
    assert_eq!(appended(&chunk("{}")), Some(String::new()));
    assert_eq!(appended(&chunk(r#"{"type":null}"#)), Some(String::new()));
    for payload in ["", "{}", r#"{"bytes":null}"#, r#"{"p":"abc"}"#] {
        let mut frame = chunk("{}");
        frame.payload = payload.into();
        assert_eq!(appended(&frame), Some(String::new()), "{payload}");
    }
    let mut other = chunk(r#"{"type":"ping"}"#);
    other.headers.event_type = "metadata".into();
    assert_eq!(appended(&other), Some(String::new()));
}

#[test]
fn a_chunk_in_another_form_is_not_lost() {
    let whole = appended(&chunk(r#"{"type":"ping"}"#));
    let mut untyped = chunk(r#"{"type":"ping"}"#);
    untyped.headers.message_type = "".into();
    assert_eq!(appended(&untyped), whole);
    let mut bare = chunk("{}");
    bare.payload = r#"{"type":"ping"}"#.into();
    assert_eq!(appended(&bare), whole);
    // What it is nobody knows.
    let mut other = chunk("{}");
    other.payload = r#"{"Bytes":"e30="}"#.into();
    assert_eq!(appended(&other), None);
}

#[test]
fn data_that_is_no_json_is_passed_on() {
    assert_eq!(
        appended(&chunk("[DONE]")).as_deref(),
        Some("data: [DONE]\n\n")
    );
}

#[test]
fn what_cannot_be_read_is_an_error() {
    for payload in [
        "{",
        "7",
        r#"{"bytes":"?"}"#,
        r#"{"bytes":7}"#,
        r#"{"bytes":"e30=""#,
        r#"{"bytes":"e30=","p":"ab}"#,
        r#"{"bytes":"e30=","p":"ab"c"}"#,
        r#"{"bytes":"e30=","p":}"#,
        r#"{"bytes":"e30="}}"#,
    ] {
        let mut frame = chunk("{}");
        frame.payload = payload.into();
        assert_eq!(appended(&frame), None, "{payload}");
    }
}

#[test]
fn exceptions_are_errors_of_the_api() {
    let mut frame = Frame::default();
    frame.headers.message_type = "exception".into();
    frame.headers.exception_type = "throttlingException".into();
    frame.payload = r#"{"message":"slow \"down\""}"#.into();
    let written = appended(&frame).unwrap();
    let data = written.strip_prefix("event: error\ndata: ").unwrap();
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    assert_eq!(data["error"]["type"], "rate_limit_error");
    assert_eq!(data["error"]["message"], "slow \"down\"");
    assert_eq!(data["error"]["aws_type"], "ThrottlingException");

    // Without a name it has a message nevertheless.
    let mut frame = Frame::default();
    frame.headers.message_type = "exception".into();
    frame.payload = r#"{"Message":"cap"}"#.into();
    let written = appended(&frame).unwrap();
    assert!(written.contains(r#""message":"cap""#), "{written}");
    assert!(written.contains("UnknownException"), "{written}");

    let mut frame = Frame::default();
    frame.headers.message_type = "error".into();
    frame.headers.error_code = "InternalError".into();
    frame.headers.error_message = "oh".into();
    assert!(appended(&frame).unwrap().contains(r#""type":"api_error""#));
}

/// What a payload is as JSON, whose members may be in any order and written in any way.
fn by_json(payload: &[u8]) -> Option<Vec<u8>> {
    let payload: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(payload).ok()?;
    base64_simd::STANDARD
        .decode_to_vec(payload.get("bytes")?.as_str()?)
        .ok()
}

#[test]
fn a_payload_is_read_as_json_however_it_is_written() {
    let base64 = base64_simd::STANDARD.encode_to_string(r#"{"type":"ping","a":"?>?>"}"#);
    let escaped = base64.replacen('e', r"\u0065", 1).replace('/', r"\/");
    let bare = base64.trim_end_matches('=');
    let broken = base64.replacen('e', r"\q", 1);
    let mut payloads = Vec::new();
    for bytes in [&*base64, &escaped, bare, &broken, "", "%", "ey\n", "é"] {
        for (before, between, after) in [
            ("{", ":", "}"),
            (" {\n\t", " : ", " }\r\n"),
            (r#"{"p":"abc","#, ":", "}"),
            ("{", ":", r#","p":"abc"}"#),
            ("{", ":", r#","p":""}"#),
            ("{", ":", r#","p":"a\"}"#),
            ("{", ":", r#","p":"a","q":"}"}"#),
            ("{", ":", r#","p":1}"#),
            ("{", ":", r#","other":[1]}"#),
            ("{", ":", r#","p":"a"}}"#),
            ("{", ":", "} x"),
            ("{", ":", ""),
        ] {
            payloads.push(format!(r#"{before}"bytes"{between}"{bytes}"{after}"#));
        }
    }
    for (number, payload) in payloads.iter().enumerate() {
        let (mut data, mut out) = (Vec::new(), Vec::new());
        let read = append_chunk(payload.as_bytes(), &mut data, &mut out);
        let read = read.ok().map(|()| data);
        assert_eq!(read, by_json(payload.as_bytes()), "{number}: {payload}");
    }
    assert!(
        payloads
            .iter()
            .filter_map(|it| by_json(it.as_bytes()))
            .count()
            > 20
    );
}

#[test]
fn an_event_that_is_no_text_is_left_to_its_reader() {
    let mut frame = chunk("");
    let bytes = base64_simd::STANDARD.encode_to_string(b"{\"type\":\"p\xffng\"}");
    frame.payload = json!({"bytes": bytes}).to_string().into();
    let mut out = Vec::new();
    assert!(append(&frame, &mut Vec::new(), &mut out).is_ok());
    assert_eq!(&out[..], b"data: {\"type\":\"p\xffng\"}\n\n");
}

#[test]
fn the_usual_event_is_written_as_any_other() {
    for event in [
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}"#,
        r#"{"type":"content_block_delta"}"#,
        "{\"type\":\"content_block_delta\",\r\n\"index\":0}",
        r#"{"type":"content_block_delta_2","index":0}"#,
    ] {
        let mut wanted = Vec::new();
        let event_type = event_type(event.as_bytes()).unwrap();
        append_event(event_type.as_deref(), event.as_bytes(), &mut wanted);
        // Behind another one, which stays as it is.
        let mut out = b"data: 1\n\n".to_vec();
        assert!(append(&chunk(event), &mut Vec::new(), &mut out).is_ok());
        assert_eq!(out.strip_prefix(b"data: 1\n\n"), Some(&*wanted));
    }
    let mut broken = chunk("");
    broken.payload = r#"{"bytes":"eyJ0?"}"#.into();
    let mut out = b"data: 1\n\n".to_vec();
    assert!(append(&broken, &mut Vec::new(), &mut out).is_err());
    assert_eq!(out, b"data: 1\n\n");
}
