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
    let mut out = BytesMut::new();
    append(frame, &mut Vec::new(), &mut out).ok()?;
    Some(String::from_utf8(out.to_vec()).unwrap())
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
    let mut other = chunk(r#"{"type":"ping"}"#);
    other.headers.event_type = "metadata".into();
    assert_eq!(appended(&other), Some(String::new()));
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
        "",
        "{}",
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
fn a_payload_is_json_in_any_form() {
    let event = r#"{"type":"ping","t":"???>>>"}"#;
    let bytes = base64_simd::STANDARD.encode_to_string(event);
    let escaped = bytes.replace('/', r"\/");
    assert_ne!(escaped, bytes);
    let wanted = appended(&chunk(event));
    assert!(wanted.is_some());
    for payload in [
        format!(r#"{{"bytes":"{bytes}"}}"#),
        format!(r#"{{"bytes":"{bytes}","p":""}}"#),
        format!(r#"{{"bytes":"{bytes}","p":"ab\"c"}}"#),
        format!(r#"{{"bytes":"{escaped}","p":"ab"}}"#),
        format!(r#"{{ "bytes" : "{bytes}" }}"#),
        format!(r#"{{"p":"ab","bytes":"{bytes}"}}"#),
        format!(r#"{{"bytes":"{bytes}","other":[1]}}"#),
    ] {
        let mut frame = chunk(event);
        frame.payload = payload.clone().into();
        assert_eq!(appended(&frame), wanted, "{payload}");
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
    assert_eq!(data["error"]["aws_type"], "throttlingException");

    let mut frame = Frame::default();
    frame.headers.message_type = "error".into();
    frame.headers.error_code = "InternalError".into();
    frame.headers.error_message = "oh".into();
    assert!(appended(&frame).unwrap().contains(r#""type":"api_error""#));
}
