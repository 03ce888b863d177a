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

/// A named schema with too many optional properties, and whether another that is named refers to
/// it.
fn named(is_reached: bool) -> Value {
    let mut schema = object(1, "it", json!({"$ref": "#/$defs/Near"}), true);
    let far = if is_reached { "Far" } else { "Other" };
    schema["$defs"] = json!({
        "Near": object(1, "n", json!({"$ref": format!("#/$defs/{far}")}), true),
        "Other": object(0, "", json!({}), false),
        "Far": object(25, "o", json!({"type": "string"}), false),
    });
    output(&schema)
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

/// Types of several, and what is in an `enum`.
fn types() -> Vec<Case> {
    let nullable = |of: &str, keyword: &str, value: Value| {
        let mut schema = json!({"type": [of, "null"]});
        schema[keyword] = value;
        self::of(schema)
    };
    let plain = || of(json!({"type": ["string", "null"]}));
    vec![
        case(
            "output-schema",
            format!("{PLACE}: For 'integer' type, property 'minimum' is not supported"),
            nullable("integer", "minimum", json!(3)),
            nullable("integer", "description", json!("Three or more.")),
        ),
        case(
            "output-schema",
            format!(
                "{PLACE}: For 'object' type, 'additionalProperties' must be explicitly set to false"
            ),
            nullable("object", "properties", json!({})),
            nullable("object", "additionalProperties", json!(false)),
        ),
        case(
            "output-schema",
            format!(
                "{PLACE}: Invalid schema: Enum value 'low' does not match declared type '['string', 'null']'"
            ),
            nullable("string", "enum", json!(["low", null])),
            of(json!({"enum": ["low", null]})),
        ),
        case(
            "output-schema",
            format!(
                "{PLACE}: Invalid schema: Enum value 'None' does not match declared type 'string'"
            ),
            of(json!({"type": "string", "enum": ["low", null]})),
            of(json!({"type": "string", "enum": ["low"]})),
        ),
        case(
            "output-schema",
            format!(
                "{PLACE}: Invalid schema: Enum value '{{'a': [1, True]}}' does not match declared type 'integer'"
            ),
            of(json!({"type": "integer", "enum": [1, {"a": [1, true]}]})),
            of(json!({"type": "integer", "enum": [1, 2.0]})),
        ),
        case(
            "output-schema",
            format!(
                "{PLACE}: Empty schema ({{}}) that accepts any JSON value is not supported. Please specify a concrete type."
            ),
            of(json!({})),
            plain(),
        ),
        case(
            "output-schema",
            format!("{PLACE}: Schema type 'oneOf' is not supported"),
            of(json!({"oneOf": [{"type": "string"}]})),
            of(json!({"anyOf": [{"type": "string"}]})),
        ),
        case(
            "output-schema",
            format!("{PLACE}: Schema keyword 'not' is not supported"),
            of(json!({"type": "string", "not": {"const": "a"}})),
            plain(),
        ),
        case(
            "output-schema",
            format!(
                "{PLACE}: Invalid schema: Array types must be specified with a single object schema for 'items'."
            ),
            of(json!({"type": "array", "items": [{"type": "string"}]})),
            of(json!({"type": "array", "items": {"type": "string"}})),
        ),
    ]
}

/// What schemas refer to, and complex values.
fn features() -> Vec<Case> {
    let defined = |property: Value, definitions: Value| {
        let mut body = of(property);
        body["output_config"]["format"]["schema"]["$defs"] = definitions;
        body
    };
    let node = |next: &str| {
        json!({
            "type": "object", "additionalProperties": false,
            "properties": {"next": {"anyOf": [{"$ref": next}, {"type": "null"}]}}, "required": ["next"],
        })
    };
    let to = |name: &str| json!({"$ref": format!("#/$defs/{name}")});
    let leaf = json!({"type": "string"});
    // Two ways to one definition are no circle.
    let twice = || {
        defined(
            json!({"anyOf": [to("A"), to("B")]}),
            json!({"A": node("#/$defs/B"), "B": node("#/$defs/C"), "C": leaf}),
        )
    };
    let circular = |place: &str, circle: &str| {
        format!(
            "{place}: Circular reference detected in schema definitions: {circle}. Self-referencing or mutually-referencing \
             definitions are not supported."
        )
    };
    let tool = |next: &str| {
        let mut schema = node(next);
        schema["$defs"] = json!({"A": leaf});
        json!({"tools": [{"name": "look", "strict": true, "input_schema": schema}]})
    };
    vec![
        case(
            "output-recursion",
            circular(PLACE, "A -> A"),
            defined(to("A"), json!({"A": node("#/$defs/A")})),
            defined(to("A"), json!({"A": node("#/$defs/B"), "B": leaf})),
        ),
        case(
            "output-recursion",
            circular(PLACE, "B -> C -> B"),
            defined(
                to("A"),
                json!({"A": node("#/$defs/B"), "B": node("#/$defs/C"), "C": node("#/$defs/B")}),
            ),
            twice(),
        ),
        case(
            "output-recursion",
            circular("tools.0.custom", "# -> #"),
            tool("#"),
            tool("#/$defs/A"),
        ),
        case(
            "output-features",
            format!("{PLACE}: External '$ref' is not supported: 'https://example.com/a.json'"),
            of(json!({"$ref": "https://example.com/a.json"})),
            twice(),
        ),
        case(
            "output-features",
            format!("{PLACE}: 'allOf' with '$ref' is not supported"),
            defined(json!({"allOf": [to("A")]}), json!({"A": leaf})),
            defined(json!({"allOf": [leaf]}), json!({})),
        ),
        case(
            "output-features",
            format!("{PLACE}: Complex types within 'enum' are not supported"),
            of(json!({"enum": ["a", {"b": 1}]})),
            of(json!({"enum": ["a", 1, true, null]})),
        ),
    ]
}

fn strict_tools(count: usize) -> Value {
    let tool = |number| json!({"name": format!("t{number}"), "strict": true, "input_schema": object(0, "", json!({}), true)});
    let mut tools: Vec<Value> = (0..count).map(tool).collect();
    tools.push(json!({"name": "loose", "input_schema": {"type": "object"}}));
    json!({"tools": tools})
}

pub(super) fn cases() -> Vec<Case> {
    [keywords(), types(), features()]
        .into_iter()
        .flatten()
        .collect()
}

fn keywords() -> Vec<Case> {
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
            "output-schema",
            format!(
                "{PLACE}: For 'string' type, properties maxLength, minLength are not supported"
            ),
            of(json!({"type": "string", "minLength": 1, "maxLength": 9})),
            of(json!({"type": "string", "pattern": "^a"})),
        ),
        case(
            "output-schema",
            format!(
                "{PLACE}: For 'object' type, 'additionalProperties: object' is not supported. Please set \
                 'additionalProperties' to false"
            ),
            open(json!({"additionalProperties": {"type": "string"}})),
            closed(),
        ),
        case(
            "output-schema",
            format!("{PLACE}: For 'object' type, property 'propertyNames' is not supported"),
            open(json!({"additionalProperties": false, "propertyNames": {"type": "string"}})),
            closed(),
        ),
        case(
            "output-optional",
            "Schemas contains too many optional parameters (25), which would make grammar compilation inefficient. Reduce \
             the number of optional parameters in your tool schemas (limit: 24).",
            optional(25),
            optional(24),
        ),
        // Named schemas count where something leads to them.
        case(
            "output-optional",
            "Schemas contains too many optional parameters (25), which would make grammar compilation inefficient. Reduce \
             the number of optional parameters in your tool schemas (limit: 24).",
            named(true),
            named(false),
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
