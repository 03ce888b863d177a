//! The rules of the API's form one by one, where another file's tests have them only together.

use serde_json::{Map, Value, json};

use super::{Form, for_strict, for_tool, lint, mended, transformed, undescribed};

/// A property of a tool's object.
fn property(schema: &Value) -> Value {
    let object = json!({"type": "object", "properties": {"it": schema}});
    for_tool(object).to_value()["properties"]["it"].clone()
}

fn strict(schema: &Value) -> Value {
    let object = json!({"type": "object", "properties": {"it": schema}});
    for_strict(object).to_value()["properties"]["it"].clone()
}

/// Each level inside the one before, by this step.
fn nested(levels: usize, inner: Value, step: fn(Value) -> Value) -> Value {
    (0..levels).fold(inner, |inner, _| step(inner))
}

const STEPS: [fn(Value) -> Value; 3] = [
    |inner| json!({"type": "array", "items": inner}),
    |inner| json!({"anyOf": [inner]}),
    |inner| json!({"type": "object", "properties": {"a": inner}}),
];

#[test]
fn a_property_is_described_by_its_type_s_description() {
    let schema = json!({
        "properties": {
            "own": {"description": "Its own."},
            "referred": {"$ref": "#/$defs/Described"},
            "chosen": {"anyOf": [{"$ref": "#/$defs/Described"}, {"type": "null"}]},
            "far": {"allOf": [{"oneOf": [{"$ref": "#/$defs/Far"}]}]},
            "blank": {"description": " "},
            "bare": {"$ref": "#/$defs/Bare"},
            "nowhere": {"$ref": "#/$defs/None"},
            "circle": {"$ref": "#/$defs/Circle"},
            "tree": {"$ref": "#/$defs/Tree"},
        },
        "$defs": {
            "Described": {"type": "string", "description": "A name."},
            "Far": {"$ref": "#/$defs/Described"},
            "Bare": {"type": "string"},
            "Circle": {"$ref": "#/$defs/Circle"},
            // There are more ways through it than can be walked.
            "Tree": {"anyOf": [{"$ref": "#/$defs/Tree"}, {"$ref": "#/$defs/Tree"}]},
        },
    });
    let mut found = undescribed(&schema);
    found.sort();
    assert_eq!(found, ["bare", "blank", "circle", "nowhere", "tree"]);
}

#[test]
fn only_schemas_are_rewritten() {
    let lists = [
        (
            json!({"anyOf": [{"type": "array", "items": [{}]}]}),
            json!({"anyOf": [{"type": "array", "prefixItems": [{}]}]}),
        ),
        (
            json!({"type": "object", "properties": {"b": {"required": true}, "c": {"required": true}}, "required": ["c"]}),
            json!({"type": "object", "properties": {"b": {}, "c": {}}, "required": ["c", "b"], "additionalProperties": false}),
        ),
    ];
    for (older, newer) in lists {
        assert_eq!(property(&older), newer);
    }
    // Values are none, whatever they look like.
    for fine in [
        json!({"default": {"items": [1], "minimum": "1"}}),
        json!({"examples": [{"items": [1]}], "enum": [{"items": []}]}),
        json!({"const": "ABC", "$comment": "Keep."}),
    ] {
        assert_eq!(property(&fine), fine);
        let object = json!({"type": "object", "properties": {"it": fine.clone()}});
        assert_eq!(mended(object).to_value()["properties"]["it"], fine);
    }
}

/// What is found of a property, and what is left of it in a schema that others wrote.
#[test]
fn lists_of_names_and_types_have_each_of_them_once() {
    for (odd, named, left) in [
        (
            json!({"required": ["b", "b"]}),
            Some("`required`"),
            json!({"required": ["b"]}),
        ),
        (
            json!({"required": ["b", 7]}),
            Some("`required`"),
            json!({"required": ["b"]}),
        ),
        (json!({"type": []}), Some("null is not a type"), json!({})),
        (
            json!({"type": ["string", 7]}),
            Some("7 is not a type"),
            json!({}),
        ),
        (json!({"type": ["string", "string"]}), None, json!({})),
    ] {
        let object = json!({"type": "object", "properties": {"it": odd}});
        let found = lint(&object, false);
        let found: Vec<&str> = found.iter().map(super::Finding::problem).collect();
        assert_eq!(found.len(), usize::from(named.is_some()), "{found:?}");
        assert!(
            found
                .iter()
                .all(|it| named.is_some_and(|named| it.contains(named)))
        );
        assert_eq!(mended(object).to_value()["properties"]["it"], left);
    }
}

/// No parser goes as deep.
#[test]
fn what_is_too_deep_stays_as_it_is_and_is_found() {
    let inner = || json!({"type": "array", "items": [], "title": "Deep"});
    for step in STEPS {
        for (levels, is_rewritten) in [(100, true), (300, false)] {
            let deep = nested(levels, inner(), step);
            for form in [Form::Tool, Form::Strict] {
                let text = transformed(deep.clone(), form).to_string();
                assert_eq!(!text.contains("\"items\":[]"), is_rewritten, "{levels}");
                assert_eq!(!text.contains("\"title\""), is_rewritten, "{levels}");
            }
        }
    }
    let closed = |inner| json!({"type": "object", "properties": {"a": inner}, "additionalProperties": false, "required": ["a"]});
    let fine = nested(100, json!({"type": "string"}), closed);
    assert!(lint(&fine, true).is_empty());
    let deep = nested(300, json!({"type": "string"}), closed);
    let found = lint(&deep, true);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].path(), "/properties/a".repeat(128));
}

fn optional(count: usize, required: &[&str]) -> Value {
    let names = (0..count).map(|index| format!("p{index}"));
    let properties: Map<String, Value> = names
        .map(|name| (name, json!({"type": "string"})))
        .collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

#[test]
fn parameters_of_what_is_part_of_the_schema_count() {
    let within = |inner: Value| {
        let properties = json!({"it": inner});
        json!({"type": "object", "properties": properties, "required": ["it"], "additionalProperties": false})
    };
    let with = |defs: Value, mut schema: Value| {
        schema["$defs"] = defs;
        schema
    };
    let to_a = || within(json!({"$ref": "#/$defs/A"}));
    for (schema, count) in [
        (optional(25, &["p3"]), None),
        (optional(26, &["p3"]), Some(25)),
        (optional(27, &["p3", "p4"]), Some(25)),
        (within(optional(25, &[])), Some(25)),
        (with(json!({"A": optional(25, &[])}), to_a()), Some(25)),
        // Nothing refers to it.
        (
            with(json!({"A": optional(25, &[])}), optional(1, &[])),
            None,
        ),
    ] {
        let found = lint(&schema, true);
        let found: Vec<&str> = found.iter().map(super::Finding::problem).collect();
        let expected: Vec<String> = count
            .map(|count| format!("strict schemas have {count} optional parameters, and"))
            .into_iter()
            .collect();
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (found, expected) in found.iter().zip(&expected) {
            assert!(found.starts_with(expected), "{found}");
        }
    }
}

#[test]
fn a_moved_keyword_needs_no_words_before_it() {
    for description in [json!(""), json!(null)] {
        let schema = json!({"type": "string", "maxLength": 5, "description": description});
        assert_eq!(strict(&schema)["description"], "{\"maxLength\":5}");
    }
}

#[test]
fn what_a_moved_list_refers_to_goes_with_it() {
    let not = json!({"anyOf": [{"$ref": "#/$defs/A"}, {"enum": [1]}]});
    let schema = json!({
        "type": "object",
        "properties": {"it": {"type": "integer", "not": not}},
        "$defs": {"A": {"const": 2}},
    });
    let schema = for_strict(schema).to_value();
    let moved = schema["properties"]["it"]["description"].as_str().unwrap();
    let moved: Value = serde_json::from_str(moved).unwrap();
    assert_eq!(moved, json!({"not": not, "$defs": {"A": {"const": 2}}}));
}

#[test]
fn a_root_becomes_an_object_only_where_it_may_be_one() {
    let empty = json!({"type": "object", "properties": {}, "additionalProperties": false});
    for (root, expected) in [
        (json!({"type": "object"}), empty),
        (json!({"type": "string"}), json!({"type": "string"})),
        (
            json!({"anyOf": [{"type": "string"}]}),
            json!({"anyOf": [{"type": "string"}]}),
        ),
        (
            json!({"type": "object", "anyOf": [{"type": "string"}]}),
            json!({"type": "object", "anyOf": [{"type": "string"}]}),
        ),
    ] {
        assert_eq!(for_tool(root).to_value(), expected);
    }
}

/// Only properties and required ones are of both.
#[test]
fn what_stands_beside_a_reference_counts_more_than_what_it_refers_to() {
    let beside = json!({
        "$ref": "#/$defs/A", "properties": {"b": {}}, "required": ["b"],
        "default": {"b": 1}, "examples": [1],
    });
    let schema = json!({
        "type": "object",
        "properties": {"it": beside},
        "$defs": {"A": {
            "type": "object", "properties": {"a": {}}, "required": ["a"],
            "default": {"a": 2}, "examples": [2], "deprecated": true,
        }},
    });
    let schema = for_tool(schema).to_value();
    let expected = json!({
        "type": "object", "properties": {"a": {}, "b": {}}, "required": ["b", "a"],
        "default": {"b": 1}, "examples": [1], "deprecated": true, "additionalProperties": false,
    });
    assert_eq!(schema["properties"]["it"], expected);
}

/// A model has no use for how many bits a number has.
#[test]
fn formats_of_numbers_are_dropped_and_those_of_texts_stay() {
    for (of, stays) in [
        (json!("integer"), false),
        (json!("number"), false),
        (json!(["integer", "null"]), false),
        (json!("string"), true),
        (json!(["string", "integer"]), true),
        (json!(["string", "null"]), true),
        (json!("array"), true),
    ] {
        let schema = property(&json!({"type": of, "format": "x"}));
        assert_eq!(schema.get("format").is_some(), stays, "{schema}");
    }
}
