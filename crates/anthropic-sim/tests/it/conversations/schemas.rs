//! Schemas of structured output and of strict tools.

use serde_json::{Map, Value, json};

use super::{Case, blocks, case};

const PLACE: &str = "output_config.format.schema";

fn output(schema: &Value) -> Value {
    json!({"output_config": {"format": {"type": "json_schema", "schema": schema}}})
}

fn of(property: Value) -> Value {
    let properties = json!({"it": property});
    output(
        &json!({"type": "object", "properties": properties, "required": ["it"], "additionalProperties": false}),
    )
}

fn strict(additional: bool) -> Value {
    let schema = json!({"type": "object", "properties": {}, "additionalProperties": additional});
    json!({"tools": [{"name": "look", "strict": true, "input_schema": schema}]})
}

/// An object with so many optional properties.
fn optional(count: usize) -> Value {
    let named = (0..count).map(|number| (format!("p{number}"), json!({"type": "string"})));
    let properties: Map<String, Value> = named.collect();
    output(&json!({"type": "object", "properties": properties, "additionalProperties": false}))
}

pub(super) fn cases() -> Vec<Case> {
    let number = |more: Value| {
        let mut number = json!({"type": "integer"});
        number
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        of(number)
    };
    let object = |more: Value| {
        let mut object = json!({"type": "object", "properties": {}});
        object
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        output(&object)
    };
    let closed = || object(json!({"additionalProperties": false}));
    let list = |keyword: &str, value: u64| {
        of(json!({"type": "array", "items": {"type": "string"}, keyword: value}))
    };
    let cited = |enabled: bool| {
        let source = json!({"type": "text", "media_type": "text/plain", "data": "Once."});
        let document =
            json!({"type": "document", "source": source, "citations": {"enabled": enabled}});
        let mut body = closed();
        body["messages"] = blocks(&[document])["messages"].clone();
        body
    };
    vec![
        case(
            "output-schema",
            format!(
                "{PLACE}: For 'object' type, 'additionalProperties' must be explicitly set to false"
            ),
            object(json!({})),
            closed(),
        ),
        case(
            "output-schema",
            format!(
                "{PLACE}: For 'object' type, 'additionalProperties: true' is not supported. Please set \
                 'additionalProperties' to false"
            ),
            object(json!({"additionalProperties": true})),
            closed(),
        ),
        case(
            "output-schema",
            "tools.0.custom: For 'object' type, 'additionalProperties: true' is not supported. Please set \
             'additionalProperties' to false",
            strict(true),
            strict(false),
        ),
        case(
            "output-schema",
            format!("{PLACE}: For 'integer' type, property 'minimum' is not supported"),
            number(json!({"minimum": 3})),
            number(json!({"enum": [3]})),
        ),
        case(
            "output-schema",
            format!("{PLACE}: For 'integer' type, properties maximum, minimum are not supported"),
            number(json!({"minimum": 3, "maximum": 4})),
            number(json!({})),
        ),
        case(
            "output-schema",
            format!("{PLACE}: For 'array' type, property 'maxItems' is not supported"),
            list("maxItems", 3),
            list("minItems", 1),
        ),
        case(
            "output-schema",
            format!(
                "{PLACE}: For 'array' type, 'minItems' values other than 0 or 1 are not supported"
            ),
            list("minItems", 2),
            list("minItems", 0),
        ),
        case(
            "output-optional",
            "Schemas contains too many optional parameters (25), which would make grammar compilation inefficient. Reduce \
             the number of optional parameters in your tool schemas (limit: 24).",
            optional(25),
            optional(24),
        ),
        case(
            "output-citations",
            "citations: citations may not be enabled when an output format is given",
            cited(true),
            cited(false),
        ),
    ]
}
