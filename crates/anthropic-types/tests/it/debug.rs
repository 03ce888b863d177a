//! `Debug` of what is written by hand.

use anthropic_types::{ContentBlock, Extra, Json, Secret, Unrecognized, from_slice};

#[test]
fn values_are_shown_as_they_came() {
    let json = Json::parse(r#"{"b": 1, "a": 1.50}"#).unwrap();
    assert_eq!(format!("{json:?}"), r#"Json({"b": 1, "a": 1.50})"#);
    let invalid = format!("{:?}", Json::recover("{\"a\": 1"));
    assert!(
        invalid.starts_with(r#"Json(InvalidJson { text: "{\"a\": 1", reason: ""#),
        "{invalid}"
    );

    let mut extra = Extra::new();
    extra.insert("new", json.clone());
    assert_eq!(format!("{extra:?}"), format!(r#"{{"new": {json:?}}}"#));
}

#[test]
fn what_is_not_recognized_is_shown_with_the_reason() {
    let sent = Unrecognized::from(Json::parse("[1]").unwrap());
    assert_eq!(format!("{sent:?}"), "Unrecognized { json: [1] }");
    let block: ContentBlock = from_slice(br#"{"type":7}"#).unwrap();
    let shown = format!("{block:?}");
    assert!(
        shown.starts_with("Unrecognized(Unrecognized { reason: \"type: invalid type"),
        "{shown}"
    );
    assert!(shown.ends_with(", json: {\"type\":7} })"), "{shown}");
}

#[test]
fn a_secret_is_not_shown() {
    let secret = Secret::new("sk-ant-1");
    assert_eq!(secret.expose(), "sk-ant-1");
    assert_eq!(format!("{secret:?}"), "Secret(…)");
}
