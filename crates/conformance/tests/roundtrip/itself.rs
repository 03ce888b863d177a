//! Types that go on detours themselves, not as the text that they give serde.

use std::fmt::Debug;

use anthropic::types::{ContentBlock, Message, Model, StopReason, SystemPrompt};

use conformance::{Via, pass};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The driver sends JSON text on detours, since that is what every type gives serde. Here one
/// type of each of the declarations that types are made by goes itself.
fn goes<T: Serialize + DeserializeOwned + Clone + PartialEq + Debug>(json: &str) {
    let value: T = serde_json::from_str(json).unwrap();
    for via in Via::DETOURS {
        assert_eq!(pass(value.clone(), json, via).unwrap(), value, "{via:?}");
    }
}

#[test]
fn types_of_every_declaration_go_themselves() {
    goes::<Message>(
        r#"{"id":"m","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"x",
        "citations":null}],"stop_reason":null,"stop_sequence":null,"more":{"b":[1.5,null],"a":true},
        "usage":{"input_tokens":1,"output_tokens":1}}"#,
    );
    goes::<ContentBlock>(r#"{"type":"text","text":"x","citations":null}"#);
    goes::<ContentBlock>(r#"{"type":"song","notes":["c","d"]}"#);
    goes::<SystemPrompt>(r#""plain""#);
    goes::<SystemPrompt>(r#"[{"type":"text","text":"x"}]"#);
    goes::<StopReason>(r#""end_turn""#);
    goes::<Model>(r#""a-model-to-come""#);
}
