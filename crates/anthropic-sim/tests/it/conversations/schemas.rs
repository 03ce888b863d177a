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
    output(&object(count, "o", json!({"type": "string"}), false))
}

fn object(count: usize, prefix: &str, property: Value, required: bool) -> Value {
    let named = (0..count).map(|number| (format!("{prefix}{number}"), property.clone()));
    let properties: Map<String, Value> = named.collect();
    let required: Vec<&String> = properties.keys().filter(|_| required).collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

/// So many properties of two types: some nullable, some within a list, some of a strict tool, which
/// have a choice of types. The required ones are no optional ones.
fn unions(nullable: usize, listed: usize, chosen: usize) -> Value {
    let null = json!({"type": ["string", "null"]});
    let choice = json!({"anyOf": [{"type": "string"}, {"type": "integer"}]});
    let mut schema = object(nullable, "n", null.clone(), true);
    let list = json!({"type": "array", "items": object(listed, "l", null, true)});
    schema["properties"]["list"] = list;
    schema["required"]
        .as_array_mut()
        .unwrap()
        .push(json!("list"));
    let mut body = output(&schema);
    let loose = json!({"type": "object", "properties": {"it": choice}});
    body["tools"] = json!([
        {"name": "look", "strict": true, "input_schema": object(chosen, "c", choice, true)},
        // Of a tool that is not strict nothing is counted.
        {"name": "loose", "input_schema": loose},
    ]);
    body
}

fn strict_tools(count: usize) -> Value {
    let tool = |number| json!({"name": format!("t{number}"), "strict": true, "input_schema": object(0, "", json!({}), true)});
    let mut tools: Vec<Value> = (0..count).map(tool).collect();
    tools.push(json!({"name": "loose", "input_schema": {"type": "object"}}));
    json!({"tools": tools})
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
    let open = |more: Value| {
        let mut object = json!({"type": "object", "properties": {}});
        object
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        output(&object)
    };
    let closed = || open(json!({"additionalProperties": false}));
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
            open(json!({})),
            closed(),
        ),
        case(
            "output-schema",
            format!(
                "{PLACE}: For 'object' type, 'additionalProperties: true' is not supported. Please set \
                 'additionalProperties' to false"
            ),
            open(json!({"additionalProperties": true})),
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
            "output-unions",
            "Schemas contains too many parameters with union types (17 parameters with type arrays or anyOf). This causes \
             exponential compilation cost. Reduce the number of nullable or union-typed parameters (limit: 16 parameters \
             with unions).",
            unions(9, 5, 3),
            unions(9, 5, 2),
        ),
        case(
            "strict-tools",
            "Too many strict tools (21). The maximum number of strict tools supported is 20. Try reducing the number of \
             tools marked as strict.",
            strict_tools(21),
            strict_tools(20),
        ),
        case(
            "output-citations",
            "Citations cannot be enabled when output format is set. Please disable citations on uploaded document blocks.",
            cited(true),
            cited(false),
        ),
    ]
}
