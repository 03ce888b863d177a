use serde_json::json;

use super::*;

fn operation(method: &Method, path: &str, beta: bool) -> &'static Operation {
    description().matched(method, path, beta).unwrap().operation
}

const STRICT: Checker = Checker {
    extras: false,
    any_number: false,
    later: None,
};

/// The refusal of a body, without the simulator around it.
fn refusal(path: &str, beta: bool, body: &Value) -> String {
    let operation = operation(&Method::POST, path, beta);
    let fields = body.as_object().unwrap();
    let answer = STRICT.fields(&[&operation.fields], fields, Place::Body);
    answer.err().map(|error| error.message).unwrap_or_default()
}

fn message(fields: &Value) -> Value {
    let mut body = json!({
        "model": "claude-opus-5-5", "max_tokens": 10, "messages": [{"role": "user", "content": "x"}],
    });
    let given = fields.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(given);
    body
}

fn content(block: &Value) -> Value {
    json!({"messages": [{"role": "user", "content": [block]}]})
}

#[test]
fn refusals_name_the_place() {
    assert_refused(&[
        (json!({}), ""),
        (
            json!({"max_tokens": null}),
            "max_tokens: Input should be a valid integer",
        ),
        (
            json!({"max_tokens": 1.5}),
            "max_tokens: Input should be a valid integer",
        ),
        (json!({"max_tokens": 10.0}), ""),
        (
            json!({"max_tokens": true}),
            "max_tokens: Input should be a valid integer",
        ),
        (
            json!({"temperature": 1}),
            "temperature: Extra inputs are not permitted",
        ),
        (
            json!({"stream": "yes"}),
            "stream: Input should be a valid boolean",
        ),
        (
            json!({"system": 5}),
            "system: Input should be a valid string or a valid list",
        ),
    ]);
}

#[test]
fn refusals_name_the_place_inside() {
    assert_refused(&[
        (
            json!({"system": [{"type": "text", "text": 5}]}),
            "system.0.text: Input should be a valid string",
        ),
        (
            json!({"stop_sequences": ["a", 1]}),
            "stop_sequences.1: Input should be a valid string",
        ),
        (
            json!({"metadata": []}),
            "metadata: Input should be a valid dictionary",
        ),
        (
            json!({"metadata": {"user": 1}}),
            "metadata.user: Extra inputs are not permitted",
        ),
        (
            json!({"service_tier": "gold"}),
            "service_tier: Input should be 'auto' or 'standard_only'",
        ),
        (
            json!({"messages": {}}),
            "messages: Input should be a valid list",
        ),
        (
            json!({"messages": ["x"]}),
            "messages.0: Input should be a valid dictionary",
        ),
        (
            json!({"messages": [{"role": "user"}]}),
            "messages.0.content: Field required",
        ),
    ]);
}

fn assert_refused(cases: &[(Value, &str)]) {
    for (fields, expected) in cases {
        let refusal = refusal("/v1/messages", false, &message(fields));
        assert_eq!(&refusal, expected, "{fields}");
    }
}

#[test]
fn members_of_unions_are_found_by_their_tag() {
    let source = json!({"type": "image", "source": {"type": "base64", "media_type": "image/bmp", "data": ""}});
    let result = json!({"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text"}]});
    for (fields, expected) in [
        (
            content(&json!({"type": "text"})),
            "messages.0.content.0.text.text: Field required",
        ),
        (
            content(&json!({})),
            "messages.0.content.0.type: Field required",
        ),
        (
            content(&json!({"type": 5})),
            "messages.0.content.0.type: Input should be a valid string",
        ),
        (
            content(&json!(5)),
            "messages.0.content.0: Input should be a valid dictionary",
        ),
        (
            content(&source),
            "messages.0.content.0.image.source.base64.media_type: Input should be 'image/jpeg', ",
        ),
        (
            content(&result),
            "messages.0.content.0.tool_result.content.0.text.text: Field required",
        ),
        (
            content(&json!({"type": "hologram"})),
            "messages.0.content.0: Input tag 'hologram' found using 'type' does not match any of the expected tags: 'text', ",
        ),
        (
            json!({"tools": [{"name": "t"}]}),
            "tools.0.custom.input_schema: Field required",
        ),
        (
            json!({"tools": [{"name": "t", "input_schema": {"type": "object", "properties": {}, "x-y": 1}}]}),
            "",
        ),
        (
            json!({"tools": [{"type": "laser_20260101", "name": "laser"}]}),
            "tools.0: Input tag 'laser_20260101' found using 'type'",
        ),
        (
            json!({"thinking": {"type": "enabled"}}),
            "thinking.enabled.budget_tokens: Field required",
        ),
    ] {
        let refusal = refusal("/v1/messages", false, &message(&fields));
        let right = if expected.is_empty() {
            refusal.is_empty()
        } else {
            refusal.starts_with(expected)
        };
        assert!(right, "{fields}: {refusal}");
    }
}

#[test]
fn parameters_of_the_beta_need_a_beta() {
    let body = message(&json!({"mcp_servers": []}));
    let refused = "mcp_servers: Extra inputs are not permitted";
    assert_eq!(refusal("/v1/messages", false, &body), refused);
    assert_eq!(refusal("/v1/messages", true, &body), "");
}

#[test]
fn queries_are_checked() {
    let known = &operation(&Method::GET, "/v1/sessions", false).query;
    let given = |name: &str, value: &str| [(name.to_owned(), value.to_owned())];
    for (name, value, expected) in [
        ("limit", "5", ""),
        (
            "limit",
            "five",
            "limit: Input should be a valid integer, unable to parse string as an integer",
        ),
        (
            "include_archived",
            "maybe",
            "include_archived: Input should be a valid boolean, unable to interpret input",
        ),
        ("order", "up", "order: Input should be 'asc' or 'desc'"),
        ("statuses[]", "idle", ""),
        ("created_at[gte]", "2026-10-21T00:00:00Z", ""),
        ("colour", "blue", "colour: Extra inputs are not permitted"),
    ] {
        let checked = text::query(&given(name, value), known, STRICT);
        let message = checked.err().map(|error| error.message).unwrap_or_default();
        assert_eq!(message, expected, "{name}={value}");
    }
    let known = &operation(&Method::GET, "/v1/organizations/analytics/summaries", false).query;
    let lenient = Checker {
        extras: true,
        ..STRICT
    };
    let missing = text::query(&[], known, lenient).unwrap_err().message;
    assert_eq!(missing, "starting_date: Field required");
}

/// Whatever an operation takes, it takes nothing else, and wants what it needs.
#[test]
fn every_operation_refuses_what_is_unknown_or_missing() {
    let mut bodies = 0;
    for operation in &description().operations {
        let given = [("no_such_parameter".to_owned(), "x".to_owned())];
        let required = |object: &Object| object.fields.iter().find(|field| field.required).cloned();
        let expected = match required(&operation.query) {
            Some(field) => format!("{}: Field required", field.name),
            None => "no_such_parameter: Extra inputs are not permitted".to_owned(),
        };
        let refusal = text::query(&given, &operation.query, STRICT).unwrap_err();
        assert_eq!(refusal.message, expected, "{}", operation.id);
        if operation.body != BodyKind::Json || operation.whole.is_some() {
            continue;
        }
        let body = json!({"no_such_parameter": 1});
        let expected = match required(&operation.fields) {
            Some(field) => format!("{}: Field required", field.name),
            None => "no_such_parameter: Extra inputs are not permitted".to_owned(),
        };
        let fields = body.as_object().unwrap();
        let refusal = STRICT.fields(&[&operation.fields], fields, Place::Body);
        assert_eq!(refusal.unwrap_err().message, expected, "{}", operation.id);
        bodies += 1;
    }
    assert!(bodies > 90, "{bodies}");
}

/// Numbers have the bounds of the description, in queries and in bodies, at every depth.
#[test]
fn numbers_have_bounds() {
    let least = "limit: Input should be greater than or equal to 1";
    let most = "limit: Input should be less than or equal to 1000";
    let known = &operation(&Method::GET, "/v1/models", false).query;
    for (limit, expected) in [
        ("1", ""),
        ("1000", ""),
        ("0", least),
        ("-1", least),
        ("1001", most),
    ] {
        let given = [("limit".to_owned(), limit.to_owned())];
        let checked = text::query(&given, known, STRICT);
        let message = checked.err().map(|error| error.message);
        assert_eq!(message.unwrap_or_default(), expected, "{limit}");
        let any = Checker {
            any_number: true,
            ..STRICT
        };
        assert!(text::query(&given, known, any).is_ok());
    }
    let outcome = |most: i64| {
        let rubric = json!({"type": "text", "content": "It rhymes."});
        json!({"events": [{"type": "user.define_outcome", "description": "A poem.", "rubric": rubric, "max_iterations": most}]})
    };
    let path = "/v1/sessions/sess_1/events";
    assert_eq!(refusal(path, true, &outcome(20)), "");
    assert_eq!(
        refusal(path, true, &outcome(21)),
        "events.0.user.define_outcome.max_iterations: Input should be less than or equal to 20"
    );
}
