//! Schemas by schemars 1.

use schemars::transform::RecursiveTransform;
use serde_json::{Map, Value};

use super::Schema;

/// Left out of the compiler's advice, which would name a path of schemars that may not be the
/// caller's: the message of [`Schema`] has what to do.
#[diagnostic::do_not_recommend]
impl<T: schemars::JsonSchema + ?Sized> Schema for T {
    fn schema() -> Value {
        schemars::generate::SchemaSettings::draft2020_12()
            .with_transform(RecursiveTransform(known_empty))
            .into_generator()
            .into_root_schema_for::<T>()
            .into()
    }
}

/// Gives an empty struct its empty list of properties. schemars writes nothing but its type, while
/// its maps have `additionalProperties`.
fn known_empty(schema: &mut schemars::Schema) {
    const NOTES: [&str; 6] = [
        "title",
        "description",
        "default",
        "examples",
        "deprecated",
        "$schema",
    ];
    let is_object = schema.get("type").is_some_and(|of| of == "object");
    let says_more = |key: &String| key != "type" && !NOTES.contains(&key.as_str());
    let fields = schema.as_object().filter(|_| is_object);
    if fields.is_some_and(|fields| !fields.keys().any(says_more)) {
        schema.insert("properties".to_owned(), Map::new().into());
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde_json::{Map, Value, json};

    use crate::schema::{Finding, lint, of, strict_of};

    #[derive(schemars::JsonSchema)]
    #[expect(dead_code, reason = "only its schema counts")]
    struct Order {
        /// Nothing yet.
        options: Options,
        closed: Closed,
        action: Action,
    }

    #[derive(schemars::JsonSchema)]
    struct Options {}

    #[derive(schemars::JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Closed {}

    #[derive(schemars::JsonSchema)]
    #[expect(dead_code, reason = "only its schema counts")]
    enum Action {
        Stop {},
        Go { far: bool },
    }

    #[derive(schemars::JsonSchema)]
    #[expect(dead_code, reason = "only its schema counts")]
    struct Open {
        map: HashMap<String, String>,
        json: Map<String, Value>,
        #[schemars(schema_with = "anything")]
        hint: Value,
    }

    fn anything(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "object", "minProperties": 1})
    }

    #[test]
    fn empty_structs_are_no_open_maps() {
        let schema = strict_of::<Order>().to_value();
        assert!(lint(&schema, true).is_empty(), "{:?}", lint(&schema, true));
        let empty = json!({"type": "object", "properties": {}, "additionalProperties": false});
        assert_eq!(
            schema["$defs"]["Action"]["anyOf"][0]["properties"]["Stop"],
            empty
        );
        assert_eq!(
            schema["properties"]["options"]["additionalProperties"],
            false
        );
        // A hint makes nothing empty that may be open.
        let hint = of::<Order>().to_value();
        assert!(
            hint["$defs"]["Options"]
                .get("additionalProperties")
                .is_none()
        );
        assert_eq!(hint["$defs"]["Closed"]["additionalProperties"], false);
        let findings = lint(&strict_of::<Open>().to_value(), true);
        let paths: Vec<&str> = findings.iter().map(Finding::path).collect();
        assert_eq!(
            paths,
            ["/properties/hint", "/properties/json", "/properties/map"]
        );
    }
}
