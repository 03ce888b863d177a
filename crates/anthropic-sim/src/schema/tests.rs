//! Schemas by hand with the value expected, and schemas by chance with a small validator.

use super::*;

fn assert_made(cases: impl IntoIterator<Item = (Value, Value)>) {
    for (schema, value) in cases {
        assert_eq!(instance(&schema), value, "{schema}");
    }
}

#[test]
fn numbers_are_in_their_range() {
    let integer = |more: Value| merged(&json!({"type": "integer"}), &more, "");
    let number = |more: Value| merged(&json!({"type": "number"}), &more, "");
    assert_made([
        (json!({"type": ["null", "integer"], "minimum": 5}), json!(5)),
        (integer(json!({"maximum": -3})), json!(-3)),
        (integer(json!({"multipleOf": 7})), json!(7)),
        (integer(json!({"exclusiveMinimum": 1})), json!(2)),
        (integer(json!({"minimum": 2.5})), json!(3)),
        (
            integer(json!({"minimum": 1, "exclusiveMinimum": true})),
            json!(2),
        ),
        (integer(json!({"minimum": i64::MAX})), json!(i64::MAX)),
        (
            integer(json!({"description": "Days.\n\n{minimum: 3, multipleOf: 7}"})),
            json!(7),
        ),
        (
            number(json!({"minimum": 0.5, "maximum": 0.75})),
            json!(0.625),
        ),
        (number(json!({"exclusiveMaximum": 0})), json!(-1.0)),
        (
            number(json!({"multipleOf": 0.25, "minimum": 1.1})),
            json!(1.25),
        ),
    ]);
}

#[test]
fn values_fit_their_schemas() {
    let array = |more: Value| merged(&json!({"type": "array"}), &more, "");
    assert_made([
        (
            json!({"type": "string", "minLength": 20}),
            json!("simulated value....."),
        ),
        (json!({"type": "string", "maxLength": 3}), json!("sim")),
        (
            json!({"type": "string", "format": "date"}),
            json!("2026-11-01"),
        ),
        (json!({"enum": ["c", "f"]}), json!("c")),
        (json!({"const": null}), json!(null)),
        (json!({"const": 4}), json!(4)),
        (
            json!({"anyOf": [{"type": "null"}, {"type": "boolean"}]}),
            json!(true),
        ),
        (
            array(json!({"items": {"type": "boolean"}, "minItems": 2})),
            json!([true, true]),
        ),
        (
            array(json!({"items": {"enum": ["a", "b"]}, "minItems": 2, "uniqueItems": true})),
            json!(["a", "b"]),
        ),
        (
            array(json!({"prefixItems": [{"const": 1}, {"const": 2}]})),
            json!([1, 2]),
        ),
        (
            json!({"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 1}),
            json!({"key1": 1}),
        ),
        (json!(true), json!("simulated value")),
        (json!({}), json!("simulated value")),
    ]);
}

#[test]
fn objects_hold_what_is_required() {
    let schema = json!({
        "type": "object",
        "properties": {"city": {"type": "string"}, "unit": {"enum": ["c"]}, "place": {"$ref": "#/$defs/place"}},
        "required": ["city", "place"],
        "$defs": {"place": {"allOf": [
            {"type": "object", "properties": {"lat": {"type": "number"}}},
            {"type": "object", "properties": {"lon": {"type": "number"}}},
        ]}},
    });
    let expected = json!({"city": "simulated city", "place": {"lat": 1.0, "lon": 1.0}});
    assert_eq!(instance(&schema), expected);
}

#[test]
fn patterns_conditions_and_limits_of_objects_are_honoured() {
    assert_made([
        (
            json!({"type": "array", "minItems": 2, "uniqueItems": true, "items": {"type": "string", "pattern": "^[a-z]\\d$"}}),
            json!(["a0", "b0"]),
        ),
        (
            json!({"pattern": "^(?=x)", "type": "string"}),
            json!("simulated value, which may not match its pattern"),
        ),
        (
            json!({"type": "string", "pattern": "\\bx", "format": "date"}),
            json!("2026-11-01"),
        ),
        (
            json!({"required": ["a"], "dependentRequired": {"a": ["b"], "b": ["c"], "d": ["e"]},
                "properties": {"a": {"const": 1}, "b": {"const": 2}}}),
            json!({"a": 1, "b": 2, "c": "simulated c"}),
        ),
        (
            json!({"maxProperties": 1, "properties": {"a": {"const": 1}, "b": {"const": 2}}}),
            json!({"a": 1}),
        ),
        (
            json!({"allOf": [{"type": "object", "minProperties": 1}, {"minProperties": 2}]}),
            json!({"key1": "simulated key1", "key2": "simulated key2"}),
        ),
    ]);
}

#[test]
fn what_holds_itself_ends_where_it_may() {
    let schema = json!({
        "$ref": "#/$defs/node",
        "$defs": {"node": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]},
                "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
                "either": {"oneOf": [{"$ref": "#/$defs/wrapped"}, {"type": "integer"}]},
            },
            "required": ["name", "next", "children", "either"],
        }, "wrapped": {"type": "object", "properties": {"node": {"$ref": "#/$defs/node"}}, "required": ["node"]}},
    });
    let expected = json!({"name": "simulated name", "next": null, "children": [], "either": 1});
    assert_eq!(instance(&schema), expected);
    let optional =
        json!({"type": "object", "properties": {"me": {"$ref": "#"}, "n": {"type": "integer"}}});
    assert_eq!(instance(&optional), json!({"n": 1}));
}

#[test]
fn endless_schemas_end() {
    let looping = json!({"$ref": "#"});
    assert_eq!(instance(&looping), Value::Null);
    let wide = json!({"type": "array", "minItems": 1_000, "items": {"$ref": "#"}});
    assert!(instance(&wide).to_string().len() < MAX_SIZE);
    let heavy = json!({"type": "array", "minItems": 900, "items": {"const": "x".repeat(100_000)}});
    assert!(instance(&heavy).to_string().len() < MAX_SIZE);
    let long = json!({"type": "string", "minLength": 1_000_000_000_000_u64});
    assert_eq!(instance(&long).as_str().map(str::len), Some(MAX_LENGTH));
    let nested = (0..100).fold(json!({}), |inner, _| json!({"allOf": [inner]}));
    instance(&nested);
    let defs: Map<String, Value> = (0..5_000)
        .map(|number| {
            (
                format!("d{number}"),
                json!({"$ref": format!("#/$defs/d{}", number + 1)}),
            )
        })
        .collect();
    instance(&json!({"anyOf": [{"$ref": "#/$defs/d0"}], "$defs": defs}));
    let costly = json!({"anyOf": [{"const": 1, "description": "x".repeat(1_000_000)}]});
    instance(&json!({"type": "array", "minItems": 1_000, "items": costly}));
}

#[test]
fn values_fit_schemas_made_by_chance() {
    let mut random = fastrand::Rng::with_seed(11);
    for _ in 0..3_000 {
        let schema = any(&mut random, 4);
        let value = instance(&schema);
        if let Err(problem) = check(&schema, &value) {
            panic!("{problem}\nschema: {schema}\nvalue: {value}");
        }
    }
}

/// A schema that can be met.
fn any(random: &mut fastrand::Rng, depth: usize) -> Value {
    let (least, span) = (random.i64(-50..50), random.i64(1..50));
    match random.u8(if depth == 0 { 4..10 } else { 0..10 }) {
        0 | 1 => {
            let names = ["a", "b", "c", "d"];
            let properties: Map<String, Value> = names
                .iter()
                .take(random.usize(..5))
                .map(|name| ((*name).to_owned(), any(random, depth - 1)))
                .collect();
            let required: Vec<&str> = names.into_iter().filter(|_| random.bool()).collect();
            json!({"type": "object", "properties": properties, "required": required})
        }
        2 => {
            let items = any(random, depth - 1);
            json!({"type": "array", "items": items, "minItems": random.u8(..4), "maxItems": random.u8(4..6)})
        }
        3 => match random.u8(..3) {
            0 => json!({"anyOf": [any(random, depth - 1), any(random, depth - 1)]}),
            1 => json!({"$ref": "#/$defs/gone", "description": "nothing is there"}),
            _ => {
                json!({"allOf": [{"type": "object", "properties": {"x": any(random, depth - 1)}, "required": ["x"]},
                {"properties": {"y": any(random, depth - 1)}, "required": ["y"]}]})
            }
        },
        4 => json!({"type": "integer", "minimum": least, "maximum": least + span}),
        5 => {
            json!({"type": "integer", "exclusiveMinimum": least, "exclusiveMaximum": least + span + 1})
        }
        6 => json!({"type": "number", "exclusiveMinimum": least, "maximum": least + span}),
        7 => json!({"type": "integer", "minimum": least, "multipleOf": span}),
        8 => {
            json!({"type": "string", "minLength": random.u8(..30), "maxLength": random.u8(30..40)})
        }
        _ => json!({"enum": [least, "x", null]}),
    }
}

/// A validator of what [`any`] makes.
fn check(schema: &Value, value: &Value) -> Result<(), String> {
    let met = |holds: bool| {
        if holds {
            Ok(())
        } else {
            Err(format!("{value} does not fit {schema}"))
        }
    };
    if schema.get("$ref").is_some() {
        return met(value.is_null());
    }
    if let Some(values) = list(schema, "enum") {
        return met(values.contains(value));
    }
    if let Some(options) = list(schema, "anyOf") {
        return met(options.iter().any(|option| check(option, value).is_ok()));
    }
    for part in list(schema, "allOf").into_iter().flatten() {
        check(part, value)?;
    }
    let kind = schema["type"].as_str().unwrap_or_default();
    let inside = match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let property = schema.get("properties").and_then(|all| all.get(name));
                property.map_or(Ok(()), |property| check(property, value))?;
            }
            let mut required = list(schema, "required").into_iter().flatten();
            required.all(|name| value.get(name.as_str().unwrap_or_default()).is_some())
                && matches!(kind, "object" | "")
        }
        Value::Array(items) => {
            items
                .iter()
                .try_for_each(|item| check(&schema["items"], item))?;
            counts(schema, items.len(), "minItems", "maxItems") && matches!(kind, "array" | "")
        }
        Value::Number(_) => {
            is_in_range(schema, value)
                && (kind == "number" || (kind == "integer" && value.is_i64()) || kind.is_empty())
        }
        Value::String(text) => {
            counts(schema, text.chars().count(), "minLength", "maxLength")
                && matches!(kind, "string" | "")
        }
        _ => kind.is_empty(),
    };
    met(inside)
}

fn is_in_range(schema: &Value, value: &Value) -> bool {
    let number = value.as_f64().unwrap_or(f64::NAN);
    let limit = |name: &str| schema[name].as_f64();
    limit("minimum").is_none_or(|least| number >= least)
        && limit("maximum").is_none_or(|most| number <= most)
        && limit("exclusiveMinimum").is_none_or(|least| number > least)
        && limit("exclusiveMaximum").is_none_or(|most| number < most)
        && limit("multipleOf").is_none_or(|step| (number % step).abs() < f64::EPSILON)
}

fn counts(schema: &Value, count: usize, least: &str, most: &str) -> bool {
    leaf::bound(schema, least).is_none_or(|least| count >= least)
        && leaf::bound(schema, most).is_none_or(|most| count <= most)
}
