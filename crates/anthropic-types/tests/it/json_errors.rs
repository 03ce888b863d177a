//! Where JSON does not fit a type.

use std::collections::HashMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use std::error::Error;

use anthropic_types::{
    ContentBlock, Json, JsonError, Message, ServerToolUseBlock, StopReason, ToolUseBlock, Usage,
};

/// Reads the text of a message that ended for this reason.
fn read<T: DeserializeOwned>(json: &str, reason: Option<&StopReason>) -> Result<T, JsonError> {
    let mut message = Message::new("msg", [ContentBlock::from(json)], "m", Usage::new(1, 1));
    message.stop_reason = reason.cloned();
    message.json()
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only read")]
struct River {
    name: String,
    places: Vec<Place>,
    #[serde(default)]
    lengths: HashMap<String, u32>,
    #[serde(default)]
    pair: (u8, u8),
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only read")]
struct Place {
    #[serde(rename = "lat")]
    latitude: f64,
}

fn path(json: &str) -> String {
    read::<River>(json, None).unwrap_err().path().to_owned()
}

#[test]
fn the_path_of_what_does_not_fit_is_found() {
    for (json, expected) in [
        (r#"{"name": 5}"#, "name"),
        (r#"{"name": {"x": 1}}"#, "name"),
        (r#"{"name": "a", "places": {}}"#, "places"),
        (
            r#"{"name": "a", "places": [{"lat": 1}, {"lat": "north"}]}"#,
            "places[1].lat",
        ),
        (
            r#"{"name": "a", "places": [{"lat": 1}, {"x": [1, {}]}]}"#,
            "places[1]",
        ),
        (r#"{"name": "a", "places": [{"lat": 1}, 7]}"#, "places[1]"),
        (
            r#"{"name": "a", "places": [], "lengths": {"k\"m": 1, "m": -1}}"#,
            "lengths.m",
        ),
        (r#"{"name": "a\"b{[", "places": [true]}"#, "places[0]"),
        (
            "{\n  \"name\": \"a\",\n  \"places\": [\n    {\"lat\": null}\n  ]\n}",
            "places[0].lat",
        ),
        (
            r#"{"name": "é水", "places": [{"lat": "é"}]}"#,
            "places[0].lat",
        ),
        (r#"{"name": "a"}"#, ""),
        // A key that is cut off is none, and neither is one whose text ends with it.
        (r#"{"name": "a", "places"#, ""),
        (r#"{"name": "a", "places": [{"lat": 1}, {"la"#, "places[1]"),
        (r#"{"name": "a", "pl\"#, ""),
        ("[]", ""),
        ("", ""),
        ("I can't help with that.", ""),
    ] {
        assert_eq!(path(json), expected, "{json}");
    }
}

/// A length, which is even: a rule of the type's own.
#[derive(Debug, Deserialize)]
#[serde(try_from = "u32")]
struct Even(#[expect(dead_code, reason = "only read")] u32);

impl TryFrom<u32> for Even {
    type Error = String;

    fn try_from(length: u32) -> Result<Self, String> {
        match length % 2 {
            0 => Ok(Self(length)),
            _ => Err(format!("{length} is odd")),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
#[expect(dead_code, reason = "only read")]
enum Way {
    Boat { length: Even },
    Foot,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only read")]
struct Tour {
    #[serde(default)]
    first: Option<Even>,
    #[serde(default)]
    stages: Vec<Stage>,
    #[serde(default)]
    all: HashMap<String, Even>,
    #[serde(default)]
    lengths: Vec<Even>,
    #[serde(default)]
    way: Option<Way>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only read")]
struct Stage {
    name: Option<String>,
    length: Even,
}

#[test]
fn the_path_of_what_a_rule_of_the_type_refuses_is_found() {
    for (json, expected) in [
        (r#"{"first": 1}"#, "first"),
        (r#"{"first": 1, "lengths": []}"#, "first"),
        ("{\n  \"lengths\": [2, 4, 5 ] \n}", "lengths[2]"),
        (r#"{"lengths": [3, 4]}"#, "lengths[0]"),
        (
            r#"{"stages": [{"length": 2}, {"length": 7}]}"#,
            "stages[1].length",
        ),
        (
            r#"{"stages": [{"length": 7, "name": "a"}]}"#,
            "stages[0].length",
        ),
        (r#"{"all": {"a": 2, "b": 3}}"#, "all.b"),
        (r#"{"way": {"by": "boat", "length": 3}}"#, "way"),
        (r#"{"way": {"by": "boat", "length": 3}, "first": 2}"#, "way"),
        // What the object or the list itself lacks.
        (r#"{"stages": [{"name": "a"}]}"#, "stages[0]"),
        (r#"{"stages": [{}]}"#, "stages[0]"),
        (
            r#"{"stages": [{"length": 2, "size": 3}]}"#,
            "stages[0].size",
        ),
        (r#"{"way": {"by": "boat"}, "first": 2}"#, "way"),
    ] {
        let error = read::<Tour>(json, None).unwrap_err();
        assert_eq!(error.path(), expected, "{json}: {error}");
    }
    let error = read::<Tour>(r#"{"first": 1}"#, None).unwrap_err();
    let line = "at `first`: 1 is odd at line 1 column 12, near `{\"first\": 1}`";
    assert_eq!(error.to_string(), line);
    // A list of which the last place is missing.
    let error = read::<[Even; 3]>("[2, 4]", None).unwrap_err();
    assert_eq!(error.path(), "", "{error}");
}

#[test]
fn a_message_without_text_is_named() {
    for text in ["", " \n"] {
        let line = read::<Tour>(text, None).unwrap_err().to_string();
        assert!(line.ends_with("; the message has no text"), "{line}");
    }
    let refused = read::<Tour>("", Some(&StopReason::Refusal)).unwrap_err();
    assert!(!refused.to_string().contains("has no text"), "{refused}");
}

#[test]
fn wherever_a_text_is_cut_an_error_is_made() {
    let json = r#"{"name": "a\"é", "places": [{"lat": 1.5}], "lengths": {"k": 1}, "pair": [1, 2]}"#;
    assert!(read::<River>(json, None).is_ok());
    for (at, _) in json.char_indices() {
        let cut = &json[..at];
        let error = read::<Value>(cut, Some(&StopReason::MaxTokens)).unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with("cut off: stop_reason is `max_tokens`"),
            "{error}"
        );
        assert!(read::<River>(cut, None).is_err());
    }
    let error = read::<Value>(&json[..35], None).unwrap_err();
    assert_eq!(error.path(), "places[0].lat");
}

#[test]
fn the_excerpt_is_one_line_around_the_place() {
    let excerpt = |json: &str| read::<River>(json, None).unwrap_err().excerpt().to_owned();
    assert_eq!(excerpt(""), "");
    assert_eq!(excerpt("{\n  \"name\":\u{7} 5\n}"), r#"{ "name": 5 }"#);
    let json = format!(
        r#"{{"name": "{}", "places": [7], "x": "{0}"}}"#,
        "水".repeat(40)
    );
    assert_eq!(
        excerpt(&json),
        r#"… 水水水水水水水水水水水", "places": [7], "x": "水水 …"#
    );
    for length in 0..json.len() {
        if json.is_char_boundary(length) {
            assert!(excerpt(&json[..length]).len() < 90);
        }
    }
}

#[test]
fn what_the_model_wrote_does_not_end_the_line() {
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Strict {}

    #[derive(Debug, Deserialize)]
    enum Kind {
        Known,
    }

    let field = read::<Strict>(r#"{"a\nb\u001b[2J": 1}"#, None).unwrap_err();
    let kind = read::<Kind>(r#""a\nb\u001b[2J""#, None).unwrap_err();
    let key = read::<Vec<u8>>("[{\"a\u{85}b\": \"x\"", None).unwrap_err();
    for error in [field, kind, key] {
        let line = error.to_string();
        assert!(!line.contains(char::is_control), "{line:?}");
    }
    assert!(read::<Kind>(r#""Known""#, None).is_ok());
}

#[test]
fn a_refusal_is_named() {
    let error = read::<River>("No.", Some(&StopReason::Refusal)).unwrap_err();
    let line = error.to_string();
    assert!(
        line.ends_with("; the model refused: stop_reason is `refusal`"),
        "{line}"
    );
    let error = read::<River>("{}", Some(&StopReason::EndTurn)).unwrap_err();
    assert!(!error.to_string().contains("stop"), "{error}");
    assert!(error.source().is_some());
}

#[test]
fn an_input_that_is_no_json_is_read_as_the_text_that_came() {
    let came = r#"{"name": "a", "places": [7"#;
    let input = Json::recover(came);
    let call = ToolUseBlock::new("t", input.clone(), "n");
    // A type that takes any text takes this one.
    assert_eq!(call.input_as::<String>().unwrap(), came);
    let error = call.input_as::<River>().unwrap_err();
    assert_eq!((error.path(), error.excerpt()), ("places[0]", came));
    let error = ServerToolUseBlock::new("t", input, "web_search").input_as::<River>();
    assert_eq!(error.unwrap_err().excerpt(), came);

    let call = ToolUseBlock::new("t", Json::recover("[1, 2]"), "n");
    assert_eq!(call.input_as::<Vec<u8>>().unwrap(), [1, 2]);
    assert!(call.input_as::<String>().is_err());
}
