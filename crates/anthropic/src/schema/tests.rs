//! The API's form of schemas, and what is found in them.

use serde_json::{Value, json};

use super::{for_strict, for_tool, lint};

fn strict(schema: Value) -> Value {
    for_strict(schema).to_value()
}

fn tool(schema: Value) -> Value {
    for_tool(schema).to_value()
}

/// A property of an object, in the strict form.
fn property(schema: &Value) -> Value {
    strict(json!({"type": "object", "properties": {"it": schema}}))["properties"]["it"].clone()
}

#[test]
fn noise_is_dropped_and_objects_are_closed() {
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Query", "type": "object",
        "properties": {
            "title": {"type": "string", "title": "Title"},
            "count": {"type": "integer", "format": "uint32", "minimum": 0},
            "at": {"type": "string", "format": "date-time"},
            "inner": {"$ref": "#/$defs/Inner"},
        },
        "required": ["title", "inner"],
        "$defs": {"Inner": {"title": "Inner", "type": "object", "properties": {"x": {"type": "number", "format": "double"}}}},
    });
    let expected = json!({
        "type": "object",
        "properties": {
            "title": {"type": "string"},
            "count": {"type": "integer", "minimum": 0},
            "at": {"type": "string", "format": "date-time"},
            "inner": {"$ref": "#/$defs/Inner"},
        },
        "required": ["title", "inner"],
        "additionalProperties": false,
        "$defs": {"Inner": {"type": "object", "properties": {"x": {"type": "number"}}, "additionalProperties": false}},
    });
    assert_eq!(tool(schema.clone()), expected);
    let mut guaranteed = expected;
    guaranteed["properties"]["count"] =
        json!({"type": "integer", "description": "{\"minimum\":0}"});
    assert_eq!(strict(schema), guaranteed);
    assert!(lint(&guaranteed, true).is_empty());
}

#[test]
fn keywords_move_into_the_description_as_json() {
    let moved = property(
        &json!({"type": "string", "pattern": "^a", "default": null, "description": "A name."}),
    );
    assert_eq!(
        moved,
        json!({"type": "string", "description": "A name.\n\n{\"pattern\":\"^a\"}"})
    );
    let moved = property(
        &json!({"type": "array", "items": {"type": "boolean"}, "minItems": 2, "default": [true]}),
    );
    assert_eq!(moved["description"], r#"{"default":[true],"minItems":2}"#);
    let kept = json!({"type": "array", "items": {"type": "boolean"}, "minItems": 1});
    assert_eq!(property(&kept), kept);
    assert_eq!(
        property(&json!({"type": "string", "format": "uuid"}))["format"],
        "uuid"
    );
    assert!(
        property(&json!({"type": "string", "format": "phone"}))
            .get("format")
            .is_none()
    );
}

#[test]
fn choices_are_written_in_one_way() {
    assert_eq!(
        property(&json!({"type": ["string", "null"], "maxLength": 5, "description": "D."})),
        json!({
            "anyOf": [{"type": "string", "description": "{\"maxLength\":5}"}, {"type": "null"}],
            "description": "D.",
        })
    );
    assert_eq!(
        property(
            &json!({"oneOf": [{"const": "a", "type": "string"}, {"const": "b", "type": "string"}]})
        ),
        json!({"anyOf": [{"const": "a", "type": "string"}, {"const": "b", "type": "string"}]})
    );
    assert_eq!(
        property(&json!({"type": ["string", "null"], "enum": ["a", null]})),
        json!({"enum": ["a", null]})
    );
    assert_eq!(
        property(&json!({"type": ["integer"]})),
        json!({"type": "integer"})
    );
    // A tool's schema is a hint, and stays as it is.
    let list = json!({"type": "object", "properties": {"it": {"type": ["string", "null"]}}});
    assert_eq!(
        tool(list)["properties"]["it"]["type"],
        json!(["string", "null"])
    );
}

#[test]
fn a_description_beside_a_reference_is_kept() {
    let schema = strict(json!({
        "type": "object",
        "properties": {
            "described": {"$ref": "#/$defs/Node", "description": "The first."},
            "plain": {"$ref": "#/$defs/Node", "default": null},
        },
        "$defs": {"Node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}}, "description": "A node."}},
    }));
    assert_eq!(
        schema["properties"]["described"],
        json!({
            "type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}},
            "description": "The first.", "additionalProperties": false,
        })
    );
    assert_eq!(
        schema["properties"]["plain"],
        json!({"$ref": "#/$defs/Node"})
    );
    let found = lint(&schema, true);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        found[0].to_string(),
        "at `/$defs/Node`: `Node` contains itself, and a strict schema can't be recursive; write out as many \
         levels as are needed"
    );
}

#[test]
fn types_that_refer_to_themselves_or_often_to_each_other_stay_small() {
    let described = |to: &str| json!({"$ref": format!("#/$defs/{to}"), "description": "d"});
    let recursive = strict(json!({
        "type": "object", "properties": {"it": described("Expr")},
        "$defs": {"Expr": {"type": "object", "properties": {"l": described("Expr"), "r": described("Expr")}}},
    }));
    let bare = json!({"$ref": "#/$defs/Expr"});
    assert_eq!(
        recursive["properties"]["it"]["properties"],
        json!({"l": bare, "r": bare})
    );
    assert_eq!(
        recursive["$defs"]["Expr"]["properties"],
        json!({"l": bare, "r": bare})
    );
    assert_eq!(lint(&recursive, true).len(), 1);
    let mut defs = serde_json::Map::new();
    for level in 0..40 {
        let next = described(&format!("T{}", level + 1));
        let of = json!({"type": "object", "properties": {"a": next, "b": next}});
        defs.insert(format!("T{level}"), of);
    }
    defs.insert("T40".to_owned(), json!({"type": "string"}));
    let graph = json!({"type": "object", "properties": {"it": described("T0")}, "$defs": defs});
    assert!(strict(graph).to_string().len() < 1 << 20);
}

#[test]
fn an_object_out_of_several_parts_is_closed_as_one() {
    // As schemars writes an enum with a tag, whose variant is a struct.
    let shape = json!({
        "oneOf": [{
            "$ref": "#/$defs/Circle", "type": "object",
            "properties": {"kind": {"type": "string", "const": "Circle"}}, "required": ["kind"],
        }],
    });
    let schema = json!({
        "type": "object", "properties": {"shape": shape},
        "$defs": {"Circle": {"type": "object", "properties": {"radius": {"type": "number"}}, "required": ["radius"]}},
    });
    for (schema, key) in [(strict(schema.clone()), "anyOf"), (tool(schema), "oneOf")] {
        let circle = &schema["properties"]["shape"][key][0];
        assert_eq!(circle["required"], json!(["kind", "radius"]));
        assert_eq!(circle["properties"]["radius"], json!({"type": "number"}));
        assert_eq!(circle["additionalProperties"], json!(false));
        assert_eq!(circle.get("$ref"), None);
    }
    // As it writes such an enum that is flattened into a struct.
    let flat = json!({
        "type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"],
        "oneOf": [{"type": "object", "properties": {"x": {"type": "number"}}, "required": ["x"]}],
    });
    let loose = tool(json!({"type": "object", "properties": {"it": flat.clone()}}));
    let loose = &loose["properties"]["it"];
    assert_eq!(loose.get("additionalProperties"), None);
    assert_eq!(loose["oneOf"][0].get("additionalProperties"), None);
    let guaranteed = property(&flat);
    assert_eq!(
        guaranteed,
        json!({"anyOf": [{
            "type": "object", "additionalProperties": false, "required": ["x", "name"],
            "properties": {"x": {"type": "number"}, "name": {"type": "string"}},
        }]})
    );
    let parts = tool(json!({"type": "object", "properties": {"it": {"allOf": [
        {"type": "object", "properties": {"x": {}}}, {"type": "object", "properties": {"y": {}}},
    ], "not": {"type": "object", "properties": {"z": {}}}}}}));
    assert!(
        !parts["properties"]["it"]
            .to_string()
            .contains("additionalProperties")
    );
}

#[test]
fn references_with_escapes_are_found() {
    let schema = tool(json!({
        "$ref": "#/$defs/Gr%C3%B6%C3%9Fe",
        "$defs": {"Größe": {"type": "object", "properties": {"x": {"type": "number"}}}},
    }));
    assert_eq!(schema["properties"]["x"], json!({"type": "number"}));
}

#[test]
fn a_reference_at_the_root_is_resolved_and_a_circle_of_them_ends() {
    let schema = tool(json!({
        "$ref": "#/$defs/A",
        "$defs": {"A": {"$ref": "#/$defs/B"}, "B": {"type": "object", "properties": {}}},
    }));
    assert_eq!(schema["type"], "object");
    assert!(lint(&schema, false).is_empty());
    let circle = json!({"$ref": "#/$defs/A", "$defs": {"A": {"$ref": "#/$defs/B"}, "B": {"$ref": "#/$defs/A"}}});
    assert!(!lint(&tool(circle), false).is_empty());
}

#[test]
fn open_maps_stay_open_and_are_reported_where_they_can_not_be() {
    for open in [json!(true), json!({"type": "integer"})] {
        let schema = json!({"type": "object", "properties": {"map": {"type": "object", "additionalProperties": open}}});
        let loose = tool(schema.clone());
        assert_eq!(loose["properties"]["map"]["additionalProperties"], open);
        assert!(lint(&loose, false).is_empty());
        let findings = lint(&strict(schema), true);
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert_eq!(findings[0].path(), "/properties/map");
        assert!(
            findings[0].to_string().contains("open map"),
            "{}",
            findings[0]
        );
    }
    // Keys of other types than strings.
    let ages = json!({"type": "object", "patternProperties": {"^\\d+$": {"type": "integer"}}, "additionalProperties": false});
    for schema in [
        ages.clone(),
        json!({"type": "object", "properties": {"ages": ages}}),
    ] {
        let findings = lint(&strict(schema), true);
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(
            findings[0].to_string().contains("open map"),
            "{}",
            findings[0]
        );
    }
    // A part that takes anything.
    let schema = json!({"type": "object", "properties": {"any": true, "more": {}}});
    for finding in lint(&strict(schema), true) {
        let problem = finding.problem();
        assert!(
            problem.ends_with("or a string that has its JSON"),
            "{problem}"
        );
    }
    // What takes anything.
    for any in [json!(true), json!({}), json!({"description": "Anything."})] {
        assert_eq!(tool(any.clone())["additionalProperties"], true);
        assert!(lint(&tool(any.clone()), false).is_empty());
        assert!(lint(&strict(any), true)[0].to_string().contains("open map"));
    }
    // What a flattened choice adds is not among the properties.
    let flattened = json!({"type": "object", "properties": {"a": {"type": "string"}}, "anyOf": [{"required": ["a"]}]});
    assert!(tool(flattened).get("additionalProperties").is_none());
}

#[test]
fn roots_that_the_api_refuses_are_found() {
    for (schema, problem) in [
        (json!({"type": "string"}), "not `object`"),
        (
            json!({"type": ["object", "null"], "properties": {}}),
            "not `object`",
        ),
        (
            json!({"type": "object", "properties": {}, "oneOf": [{}]}),
            "`oneOf`",
        ),
        (
            json!({"type": "object", "properties": {}, "allOf": [{}]}),
            "`allOf`",
        ),
        (json!({"anyOf": [{"type": "object"}]}), "not `object`"),
        (json!(7), ""),
    ] {
        let findings = lint(&schema, false);
        assert!(
            findings.iter().any(|it| it.to_string().contains(problem)),
            "{schema}: {findings:?}"
        );
    }
    for anything in [json!({}), json!(true), json!({"description": "Nothing."})] {
        let schema = tool(anything);
        assert_eq!(schema["type"], "object");
        assert!(lint(&schema, false).is_empty(), "{schema}");
    }
}

#[test]
fn too_many_optional_parameters_and_unions_are_found() {
    let many = |count: usize, property: &Value, required: bool| {
        let names: Vec<String> = (0..count).map(|index| format!("p{index}")).collect();
        let properties: serde_json::Map<String, Value> = names
            .iter()
            .map(|name| (name.clone(), property.clone()))
            .collect();
        let required: Vec<String> = if required { names } else { Vec::new() };
        strict(json!({"type": "object", "properties": properties, "required": required}))
    };
    let string = json!({"type": "string"});
    let union = json!({"type": ["string", "null"]});
    assert!(lint(&many(24, &string, false), true).is_empty());
    assert_eq!(lint(&many(25, &string, false), true).len(), 1);
    assert!(lint(&many(25, &string, false), false).is_empty());
    assert!(lint(&many(16, &union, true), true).is_empty());
    assert_eq!(lint(&many(17, &union, true), true).len(), 1);
}

#[test]
fn no_schema_makes_it_panic_and_the_form_is_stable() {
    let leaves = [
        json!(null),
        json!(true),
        json!(7),
        json!("x"),
        json!([]),
        json!({}),
        json!([1, "a", null]),
        json!({"$ref": 7}),
        json!({"type": 7}),
        json!({"type": [7]}),
        json!({"type": []}),
        json!({"required": {}}),
        json!({"properties": []}),
        json!({"anyOf": {}}),
        json!({"enum": 1}),
        json!({"$defs": [1]}),
    ];
    let keys = [
        "type",
        "properties",
        "items",
        "anyOf",
        "oneOf",
        "allOf",
        "$ref",
        "$defs",
        "additionalProperties",
        "enum",
        "const",
        "description",
        "required",
        "format",
        "minItems",
        "not",
        "title",
    ];
    for key in keys {
        for leaf in &leaves {
            for schema in [
                json!({key: leaf}),
                json!({"type": "object", key: leaf}),
                json!({"type": "object", "properties": {"a": {key: leaf}}}),
                json!({"type": ["object", "null"], key: leaf, "oneOf": [{key: leaf}]}),
            ] {
                for once in [tool(schema.clone()), strict(schema.clone())] {
                    lint(&once, true);
                    lint(&once, false);
                }
                let once = tool(schema);
                assert_eq!(tool(once.clone()), once);
            }
        }
    }
}

#[test]
fn types_and_required_names_that_do_not_exist_are_found() {
    for (property, place, problem) in [
        (
            json!({"type": "int"}),
            "/properties/a",
            "\"int\" is not a type",
        ),
        (
            json!({"type": ["string", "nil"]}),
            "/properties/a",
            "\"nil\" is not a type",
        ),
        (
            json!({"type": "array", "items": {"type": 7}}),
            "/properties/a/items",
            "7 is not a type",
        ),
        (
            json!({"type": "object", "properties": {"b": {"type": "null"}}, "required": ["b", "c"]}),
            "/properties/a",
            "`c` is required and not among the properties",
        ),
    ] {
        let schema = tool(json!({"type": "object", "properties": {"a": property}}));
        let found = lint(&schema, false);
        assert_eq!(found.len(), 1, "{schema:#}: {found:?}");
        assert_eq!(found[0].path(), place);
        assert!(found[0].problem().starts_with(problem), "{found:?}");
        assert!(!lint(&strict(schema), true).is_empty());
    }
    // What is open may have it.
    let open = json!({"type": "object", "properties": {}, "required": ["a"], "additionalProperties": true});
    assert!(lint(&tool(open), false).is_empty());
}

#[test]
fn names_of_parameters_are_those_that_the_api_takes() {
    let long = "x".repeat(65);
    let named = |name: &str| json!({"type": "object", "properties": {name: {"type": "string"}}});
    for name in ["filter[id]", "$top", "größe", "", &*long] {
        let found = lint(&named(name), false);
        assert_eq!(found.len(), 1, "{name}: {found:?}");
        assert_eq!(found[0].path(), format!("/properties/{name}"));
        // Within another value it may be any.
        let within = json!({"type": "object", "properties": {"a": named(name)}});
        assert!(lint(&within, false).is_empty());
    }
    for name in ["a.b-c_D9", &long[1..]] {
        assert!(lint(&named(name), false).is_empty());
    }
}

#[test]
fn a_schema_that_is_too_deep_is_found() {
    let deep = (0..1000).fold(
        json!({"type": "string"}),
        |inner, _| json!({"type": "array", "items": inner}),
    );
    let deep = json!({"type": "object", "properties": {"a": deep}});
    // No reader takes a document as deep as this one.
    assert!(!lint(&tool(deep.clone()), false).is_empty());
    assert!(!lint(&deep, true).is_empty());
}

#[cfg(feature = "schemars-1")]
mod schemars {
    use std::collections::BTreeMap;

    use schemars::JsonSchema;
    use serde_json::json;

    use crate::schema::{lint, of, strict_of};

    /// A unit of temperature.
    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only described")]
    enum Unit {
        Celsius,
        Fahrenheit,
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only described")]
    struct Query {
        /// A city, such as "Oslo".
        city: String,
        /// Celsius by default.
        unit: Option<Unit>,
        days: Vec<u8>,
        near: Option<Box<Self>>,
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only described")]
    struct Open {
        map: BTreeMap<String, u8>,
    }

    #[test]
    fn a_type_s_schema_passes() {
        let schema = of::<Query>().to_value();
        assert!(lint(&schema, false).is_empty());
        assert_eq!(
            schema["properties"]["city"],
            json!({"type": "string", "description": "A city, such as \"Oslo\"."})
        );
        assert_eq!(schema["required"], json!(["city", "days"]));
        assert_eq!(schema["additionalProperties"], false);
        assert!(schema.get("$schema").is_none() && schema.get("title").is_none());
        let schema = strict_of::<Query>().to_value();
        // The API can't guarantee a type that contains itself.
        let found = lint(&schema, true);
        assert_eq!(found.len(), 1, "{schema:#}: {found:?}");
        assert!(
            found[0].problem().starts_with("the schema contains itself"),
            "{found:?}"
        );
        assert_eq!(
            schema["properties"]["unit"]["description"],
            "Celsius by default."
        );
        assert_eq!(lint(&strict_of::<Open>().to_value(), true).len(), 1);
        assert!(lint(&of::<Open>().to_value(), false).is_empty());
    }

    #[test]
    fn a_schema_goes_into_a_tool_as_it_is() {
        let tool = anthropic_types::Tool::new(::schemars::schema_for!(Query), "query");
        assert_eq!(tool.input_schema.to_value()["title"], "Query");
    }
}
