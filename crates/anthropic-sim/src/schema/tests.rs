//! Schemas by hand with the value expected, and schemas by chance with a small validator.

use super::*;

#[test]
fn values_fit_their_schemas() {
    for (schema, value) in [
        (
            json!({"type": "string", "minLength": 20}),
            json!("simulated value....."),
        ),
        (json!({"type": "string", "maxLength": 3}), json!("sim")),
        (json!({"type": ["null", "integer"], "minimum": 5}), json!(5)),
        (json!({"type": "integer", "maximum": -3}), json!(-3)),
        (json!({"type": "integer", "multipleOf": 7}), json!(7)),
        (json!({"type": "integer", "exclusiveMinimum": 1}), json!(2)),
        (json!({"type": "integer", "minimum": 2.5}), json!(3)),
        (
            json!({"type": "integer", "minimum": 1, "exclusiveMinimum": true}),
            json!(2),
        ),
        (
            json!({"type": "integer", "minimum": i64::MAX}),
            json!(i64::MAX),
        ),
        (
            json!({"type": "number", "minimum": 0.5, "maximum": 0.75}),
            json!(0.625),
        ),
        (
            json!({"type": "number", "exclusiveMaximum": 0}),
            json!(-1.0),
        ),
        (
            json!({"type": "number", "multipleOf": 0.25, "minimum": 1.1}),
            json!(1.25),
        ),
        (json!({"enum": ["c", "f"]}), json!("c")),
        (json!({"const": null}), json!(null)),
        (json!({"const": 4}), json!(4)),
        (
            json!({"anyOf": [{"type": "null"}, {"type": "boolean"}]}),
            json!(true),
        ),
        (
            json!({"type": "array", "items": {"type": "boolean"}, "minItems": 2}),
            json!([true, true]),
        ),
        (
            json!({"type": "array", "items": {"enum": ["a", "b"]}, "minItems": 2, "uniqueItems": true}),
            json!(["a", "b"]),
        ),
        (
            json!({"type": "array", "prefixItems": [{"const": 1}, {"const": 2}]}),
            json!([1, 2]),
        ),
        (
            json!({"type": "string", "format": "date"}),
            json!("2026-11-01"),
        ),
        (
            json!({"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 1}),
            json!({"key1": 1}),
        ),
        (
            json!({"description": "Days.\n\n{minimum: 3, multipleOf: 7}", "type": "integer"}),
            json!(7),
        ),
        (json!(true), json!("simulated value")),
        (json!({}), json!("simulated value")),
    ] {
        assert_eq!(instance(&schema), value, "{schema}");
    }
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
    let fail = |what: &str| Err(format!("{value} is not {what} of {schema}"));
    if schema.get("$ref").is_some() {
        return if value.is_null() {
            Ok(())
        } else {
            fail("null, the value")
        };
    }
    if let Some(values) = list(schema, "enum") {
        return if values.contains(value) {
            Ok(())
        } else {
            fail("in the enum")
        };
    }
    if let Some(options) = list(schema, "anyOf") {
        let met = options.iter().any(|option| check(option, value).is_ok());
        return if met { Ok(()) } else { fail("an option") };
    }
    for part in list(schema, "allOf").into_iter().flatten() {
        check(part, value)?;
    }
    let limit = |name: &str| schema[name].as_f64();
    match value {
        Value::Object(fields) => {
            for name in list(schema, "required").into_iter().flatten() {
                if !fields.contains_key(name.as_str().unwrap_or_default()) {
                    return fail("complete");
                }
            }
            for (name, value) in fields {
                check(
                    schema
                        .get("properties")
                        .and_then(|all| all.get(name))
                        .unwrap_or(&json!({})),
                    value,
                )?;
            }
        }
        Value::Array(items) => {
            let count = leaf_f64(items.len());
            if count < limit("minItems").unwrap_or(0.0)
                || count > limit("maxItems").unwrap_or(f64::MAX)
            {
                return fail("as long as an array");
            }
            items
                .iter()
                .try_for_each(|item| check(&schema["items"], item))?;
        }
        Value::Number(number) => {
            let number = number.as_f64().unwrap_or(f64::NAN);
            let fits = limit("minimum").is_none_or(|least| number >= least)
                && limit("maximum").is_none_or(|most| number <= most)
                && limit("exclusiveMinimum").is_none_or(|least| number > least)
                && limit("exclusiveMaximum").is_none_or(|most| number < most)
                && limit("multipleOf").is_none_or(|step| number % step == 0.0)
                && (schema["type"] != "integer" || value.is_i64());
            if !fits {
                return fail("in the range");
            }
        }
        Value::String(text) => {
            let count = leaf_f64(text.chars().count());
            let fits = limit("minLength").is_none_or(|least| count >= least)
                && limit("maxLength").is_none_or(|most| count <= most);
            if !fits {
                return fail("as long as a string");
            }
        }
        _ => {}
    }
    let expected = schema["type"].as_str().unwrap_or_default();
    let actual = match value {
        Value::Object(_) => "object",
        Value::Array(_) => "array",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        _ => "other",
    };
    let same = expected.is_empty() || expected.replace("integer", "number") == actual;
    if same { Ok(()) } else { fail("of the type") }
}

fn leaf_f64(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}
