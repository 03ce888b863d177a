//! `extra` that goes to a value of another type: what it notes of the first type's fields stays
//! with their keys.

use anthropic_types::{
    CacheControlEphemeral, Json, MessageCountTokensParams, MessageCreateParams, RepairKind,
    from_slice, repairs, to_vec,
};
use serde_json::{Value, json};

/// Parameters that came with these keys, too.
fn created(more: &Value) -> MessageCreateParams {
    let mut params =
        json!({"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": "Hi"}]});
    let more = more.as_object().unwrap().clone();
    params.as_object_mut().unwrap().extend(more);
    from_slice(params.to_string().as_bytes()).unwrap()
}

/// What is sent beside model and messages: after a conversion, and after `extra` was moved by hand.
fn sent(created: &MessageCreateParams) -> [Value; 2] {
    let converted = MessageCountTokensParams::from(created);
    let mut moved = MessageCountTokensParams::new("m");
    moved.extra = created.extra.clone();
    [converted, moved].map(|params| {
        let mut sent: Value = serde_json::from_slice(&to_vec(&params)).unwrap();
        let object = sent.as_object_mut().unwrap();
        assert!(object.remove("model").is_some() && object.remove("messages").is_some());
        sent
    })
}

#[test]
fn a_null_of_a_field_that_the_other_lacks_is_no_null_of_another_field() {
    for key in ["stop_sequences", "metadata", "container", "inference_geo"] {
        let created = created(&json!({key: null}));
        assert!(created.extra.was_null(key), "{key}");
        assert_eq!(sent(&created), [json!({}), json!({})], "{key}");
        let converted = MessageCountTokensParams::from(&created);
        assert!(!converted.extra.was_null(key), "{key}");
    }
}

#[test]
fn a_null_of_a_field_that_both_have_stays_one() {
    for key in ["cache_control", "context_management", "speed"] {
        let created = created(&json!({key: null, "stop_sequences": null, "brand_new": [1]}));
        let expected = json!({key: null, "brand_new": [1]});
        assert_eq!(sent(&created), [expected.clone(), expected], "{key}");
        let converted = MessageCountTokensParams::from(&created);
        assert!(converted.extra.was_null(key), "{key}");
    }
}

#[test]
fn what_did_not_fit_goes_with_its_key_or_not_at_all() {
    let created = created(&json!({
        "max_tokens": 1024.5, "top_k": "many", "cache_control": 7, "tools": "all", "brand_new": true,
    }));
    let expected = json!({"cache_control": 7, "tools": "all", "brand_new": true});
    assert_eq!(sent(&created), [expected.clone(), expected]);
    let converted = MessageCountTokensParams::from(&created);
    assert_eq!(converted.extra.repair("max_tokens"), None);
    let mistyped = Some(RepairKind::Mistyped);
    assert_eq!(converted.extra.repair("tools"), mistyped);
    let mut found: Vec<_> = repairs(&converted)
        .iter()
        .map(|it| it.path().to_owned())
        .collect();
    found.sort();
    assert_eq!(found, ["cache_control", "tools"]);
    // What is set since replaces what did not fit.
    let changed = to_vec(&converted.cache_control(CacheControlEphemeral::new()));
    let changed: Value = serde_json::from_slice(&changed).unwrap();
    assert_eq!(changed["cache_control"], json!({"type": "ephemeral"}));
    assert_eq!(changed["tools"], "all");
}

#[test]
fn what_was_set_in_place_of_a_field_goes_only_where_there_is_one() {
    let mut created = created(&json!({}));
    for key in ["temperature", "thinking", "brand_new"] {
        created.extra.insert(key, Json::new(&"set").unwrap());
    }
    let [converted, moved] = sent(&created);
    assert_eq!(converted, json!({"thinking": "set", "brand_new": "set"}));
    // Nothing is known of the type that it came from.
    let all = json!({"temperature": "set", "thinking": "set", "brand_new": "set"});
    assert_eq!(moved, all);
}
