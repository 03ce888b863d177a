//! Free JSON in the six places where raw text usually fails, and kept as sent where it can be.

use anthropic_types::{Json, ToolUseBlock, from_slice, to_vec};
use serde::{Deserialize, Serialize};

const INPUT: &str = r#"{"b": 1,  "a": [12345678901234567890123, 2.50, null, "ü\n"], "c": {}}"#;
const BLOCK: &str =
    r#"{"type":"tool_use","id":"toolu_1","name":"t","input":{"z":1,"a":[1.5,null,"é"]}}"#;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Tagged {
    Call { block: ToolUseBlock, free: Json },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Flat {
    number: u8,
    #[serde(flatten)]
    inner: Inner,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Inner {
    block: ToolUseBlock,
    free: Json,
}

fn block() -> ToolUseBlock {
    from_slice(BLOCK.as_bytes()).unwrap()
}

fn free() -> Json {
    Json::parse(r#"{"k": [1, 2.5, null, "x"]}"#).unwrap()
}

#[test]
fn text_is_kept_to_the_letter() {
    let json = format!(r#"{{"type":"tool_use","id":"toolu_1","name":"t","input":{INPUT}}}"#);
    let block: ToolUseBlock = from_slice(json.as_bytes()).unwrap();
    assert_eq!(block.input.as_str(), INPUT);
    assert!(String::from_utf8(to_vec(&block)).unwrap().contains(INPUT));
    // Through serde_json as well: it takes and gives raw text.
    let block: ToolUseBlock = serde_json::from_str(&json).unwrap();
    assert!(serde_json::to_string(&block).unwrap().contains(INPUT));
}

#[test]
fn in_a_tagged_enum() {
    let value = Tagged::Call {
        block: block(),
        free: free(),
    };
    let text = serde_json::to_string(&value).unwrap();
    assert_eq!(serde_json::from_str::<Tagged>(&text).unwrap(), value);
}

#[test]
fn under_flatten() {
    let value = Flat {
        number: 7,
        inner: Inner {
            block: block(),
            free: free(),
        },
    };
    let text = serde_json::to_string(&value).unwrap();
    assert_eq!(serde_json::from_str::<Flat>(&text).unwrap(), value);
}

#[test]
fn flattened_itself() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Outer {
        number: u8,
        #[serde(flatten)]
        block: ToolUseBlock,
    }
    let value = Outer {
        number: 7,
        block: block(),
    };
    let text = serde_json::to_string(&value).unwrap();
    assert!(
        text.starts_with(r#"{"number":7,"type":"tool_use""#),
        "{text}"
    );
    let back: Outer = serde_json::from_str(&text).unwrap();
    assert_eq!((back.number, back.block.input), (7, value.block.input));
}

#[test]
fn in_a_serde_json_value() {
    let value = serde_json::to_value(block()).unwrap();
    assert_eq!(
        value,
        serde_json::from_str::<serde_json::Value>(BLOCK).unwrap()
    );
    assert_eq!(
        serde_json::from_value::<ToolUseBlock>(value).unwrap(),
        block()
    );
}

#[test]
fn in_message_pack() {
    let bytes = rmp_serde::to_vec_named(&Inner {
        block: block(),
        free: free(),
    })
    .unwrap();
    let back: Inner = rmp_serde::from_slice(&bytes).unwrap();
    assert_eq!(
        back,
        Inner {
            block: block(),
            free: free()
        }
    );
}

#[test]
fn in_yaml() {
    let text = serde_norway::to_string(&Inner {
        block: block(),
        free: free(),
    })
    .unwrap();
    let back: Inner = serde_norway::from_str(&text).unwrap();
    assert_eq!(
        back,
        Inner {
            block: block(),
            free: free()
        }
    );
}

#[test]
fn in_cbor() {
    let mut bytes = Vec::new();
    ciborium::into_writer(
        &Inner {
            block: block(),
            free: free(),
        },
        &mut bytes,
    )
    .unwrap();
    let back: Inner = ciborium::from_reader(bytes.as_slice()).unwrap();
    assert_eq!(
        back,
        Inner {
            block: block(),
            free: free()
        }
    );
}

#[test]
fn pretty_printing_indents_nested_values() {
    let text = serde_json::to_string_pretty(&block()).unwrap();
    assert!(text.contains("\n    \"z\": 1"), "{text}");
}

#[test]
fn a_value_that_cannot_be_read_equals_its_own_text_only() {
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let deeper = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    let texts = ["null", "1e400", "2e400", r#""\ud800""#, r#""\ud801""#];
    let mut texts = texts.map(str::to_owned).to_vec();
    texts.extend([deep, deeper]);
    let values: Vec<_> = texts
        .iter()
        .map(|text| Json::parse(text).unwrap())
        .collect();
    for (place, one) in values.iter().enumerate() {
        for (other_place, other) in values.iter().enumerate() {
            assert_eq!(one == other, place == other_place, "{one} and {other}");
        }
    }
    for value in &values[3..] {
        assert!(value.try_to_value().is_err(), "{value}");
        assert_eq!(value.to_value(), value.as_str());
        assert!(*value != serde_json::Value::Null);
    }
}

#[test]
fn numbers_keep_their_digits_in_a_tagged_enum_with_arbitrary_precision() {
    // Only some program's serde_json has it: `--features serde_json/arbitrary_precision`.
    let exact = serde_json::to_string(&serde_json::from_str::<serde_json::Value>("1.50").unwrap());
    let number = exact.unwrap();
    let text = format!(r#"{{"kind":"Call","block":{BLOCK},"free":{{"x":1.50}}}}"#);
    let value: Tagged = serde_json::from_str(&text).unwrap();
    let Tagged::Call { free, .. } = &value;
    assert_eq!(free.as_str(), format!(r#"{{"x":{number}}}"#));
    assert!(
        serde_json::to_string(&value)
            .unwrap()
            .contains(free.as_str())
    );
}

#[test]
fn a_tree_becomes_json_and_json_a_tree() {
    let value = serde_json::json!({"a": [1, "b", null]});
    let json = Json::from(&value);
    assert_eq!(json.as_str(), value.to_string());
    assert_eq!(json, Json::from(value.clone()));
    assert_eq!(serde_json::Value::from(json), value);
}
