use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::tests::{check, events, joined};
use super::{HIDDEN, hidden};

/// Fields of the API's whose values are credentials.
const SECRETS: [&str; 13] = [
    "access_token",
    "authorization_token",
    "client_secret",
    "fallback_credit_token",
    "headers",
    // A piece of a text, of which nothing is known by itself.
    "partial_json",
    "refresh_token",
    "secret",
    "secret_value",
    "signing_secret",
    "token",
    "tunnel_token",
    // Of the environment's worker, beside the description.
    "environment_key",
];
/// Those that have the name of a credential, and are its id, name or type, a count, or public.
const NO_SECRETS: [&str; 51] = [
    "api_key_id",
    "api_key_ids",
    "auth",
    "budget_tokens",
    "ca_cert_pem",
    "ca_certificate_pem",
    "cache_creation_input_tokens",
    "cache_missed_input_tokens",
    "cache_read_input_tokens",
    "certificate_id",
    "cleared_input_tokens",
    "credential_id",
    "effective_external_key_id",
    "ephemeral_1h_input_tokens",
    "ephemeral_5m_input_tokens",
    "estimated_tokens",
    "external_key_id",
    "external_key_ids",
    "fallback_credit",
    "has_refresh_token",
    "header",
    "header_names",
    "hold_key",
    "individual_auth_distinct_user_count",
    "input_tokens",
    "key",
    "key_name",
    "keys",
    "kms_key_name",
    "managed_auth_distinct_user_count",
    "max_content_tokens",
    "max_input_tokens",
    "max_jwt_lifetime_seconds",
    "max_tokens",
    "oauth_scope",
    "original_input_tokens",
    "output_tokens",
    "output_tokens_details",
    "partial_key_hint",
    "retired_keys",
    "scoped_api_key_id",
    "secret_name",
    "signature",
    "signed_principal",
    "thinking_tokens",
    "token_endpoint",
    "token_endpoint_auth",
    "token_lifetime_seconds",
    "token_type",
    "total_tokens",
    "uncached_input_tokens",
];

/// The names of all fields and parameters of the API's description.
fn described() -> BTreeSet<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../api/api.json");
    let text = std::fs::read_to_string(path).unwrap();
    let mut left: Vec<Value> = vec![serde_json::from_str(&text).unwrap()];
    let mut names = BTreeSet::new();
    while let Some(value) = left.pop() {
        match value {
            Value::Array(items) => left.extend(items),
            Value::Object(fields) => {
                names.extend(
                    fields
                        .get("wire")
                        .and_then(Value::as_str)
                        .map(str::to_owned),
                );
                left.extend(fields.into_iter().map(|(_, value)| value));
            }
            _ => {}
        }
    }
    names
}

/// Whether somebody must decide about a field of this name.
fn is_suspicious(name: &str) -> bool {
    const WORDS: [&str; 14] = [
        "secret", "pass", "key", "cred", "auth", "bearer", "cookie", "sign", "assert", "token",
        "jwt", "cert", "private", "header",
    ];
    let name = name.replace("design", "").replace("assigned", "");
    WORDS
        .iter()
        .any(|word| name.to_ascii_lowercase().contains(word))
}

#[test]
fn every_field_of_the_api_is_decided_about() {
    let names = described();
    assert!(names.len() > 850, "{}", names.len());
    for name in &names {
        let is_secret = SECRETS.contains(&&**name);
        assert!(
            is_secret || NO_SECRETS.contains(&&**name) || !is_suspicious(name),
            "is {name} a secret? Put it into one of the lists"
        );
        for (value, secret) in [
            (json!("canary"), json!(HIDDEN)),
            (json!(["canary"]), json!(HIDDEN)),
            (json!({"canary": {"x": "canary"}}), json!(HIDDEN)),
            (json!(true), json!(HIDDEN)),
            (json!(5), json!(HIDDEN)),
            (json!(null), json!(null)),
        ] {
            let secret = match (&**name, &value) {
                ("headers", Value::Object(_)) => json!({"canary": HIDDEN}),
                _ => secret,
            };
            let of = |value: &Value| json!({"a": [{name: value, "z": "c"}]}).to_string();
            let expected = if is_secret { &secret } else { &value };
            check(&of(&value), &of(expected));
        }
    }
    for name in SECRETS.iter().chain(&NO_SECRETS) {
        let is_described = names.contains(*name) || *name == "environment_key";
        assert!(is_described, "{name} is none of the API's");
    }
}

#[test]
fn an_ordinary_message_is_shown_as_it_is() {
    let request = json!({
        "model": "m", "max_tokens": 1024, "stop_sequences": ["a\"b", "token:"], "stream": true,
        "system": [{"type": "text", "text": "Say \"token\", \\ and {", "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
        "thinking": {"type": "enabled", "budget_tokens": 1024},
        "metadata": {"user_id": "u"},
        "tools": [{"name": "f", "input_schema": {"type": "object", "properties": {"q": {"type": "string"}}, "required": ["q"]}}],
        "messages": [
            {"role": "user", "content": "What is at https://example.com/a/b#c? A \"secret\", maybe."},
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "hm {\"a\": [1, null]}", "signature": "EqQBCgIYAhIM1/a+b=="},
                {"type": "redacted_thinking", "data": "x/y+z=="},
                {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"q": "{\"max_tokens\": 5, \"a\": \"b\"}"}},
            ]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "C:\\new\\token", "is_error": false}]},
        ],
    });
    let response = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn", "stop_sequence": null,
        "content": [{"type": "text", "text": "done: \"x\": 5", "citations": null}],
        "container": {"id": "c", "expires_at": "2026-10-21T00:00:00Z"},
        "usage": {"input_tokens": 1, "output_tokens": 2, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
            "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
            "output_tokens_details": {"thinking_tokens": 1}, "server_tool_use": {"web_search_requests": 0}, "service_tier": "standard"},
        "prompt_tokens": 5, "completion_tokens": 7,
    });
    for message in [request, response] {
        for text in [
            message.to_string(),
            serde_json::to_string_pretty(&message).unwrap(),
        ] {
            check(&text, &text);
            let quoted = json!({"text": text}).to_string();
            check(&quoted, &quoted);
        }
        let text = message.to_string();
        for size in [1, 3, 50, 1000] {
            let chars: Vec<char> = text.chars().collect();
            let pieces: Vec<String> = chars.chunks(size).map(|it| it.iter().collect()).collect();
            let events = events("text_delta", "text", &pieces);
            let shown = hidden(&events);
            assert!(joined(&shown, "text") == text, "in pieces of {size}");
            assert_eq!(shown.lines().count(), events.lines().count());
        }
    }
}
