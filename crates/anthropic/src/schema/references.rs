//! References within a schema: those that lead nowhere, and those that lead back.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::lint::{Findings, MAX_DEPTH, Step, inner};

/// Where named schemas are.
const SECTIONS: [&str; 2] = ["$defs", "definitions"];

/// A reference, with the place where it stands.
struct Reference {
    path: String,
    target: String,
}

/// What each schema that is referred to refers to itself.
#[derive(Default)]
struct References(BTreeMap<String, BTreeSet<String>>);

/// Finds references to what is not in the schema, and schemas that contain themselves, which the
/// API takes nowhere where it guarantees one.
pub(super) fn check(root: &Value, found: &mut Findings) {
    let mut references = References::default();
    let mut open = starts(root);
    while let Some(from) = open.pop() {
        if references.0.contains_key(&from) {
            continue;
        }
        let mut targets = BTreeSet::new();
        for Reference { path, target } in within(root, &from) {
            if root.pointer(&target).is_none() {
                found.add(&path, format!("`#{target}` is not defined in the schema"));
                continue;
            }
            open.push(target.clone());
            targets.insert(target);
        }
        references.0.insert(from, targets);
    }
    for path in references.circles() {
        let name = path.rsplit('/').next().unwrap_or_default();
        let what = match name {
            "" => "the schema".to_owned(),
            name => format!("`{}`", name.replace("~1", "/").replace("~0", "~")),
        };
        found.add(
            &path,
            format!("{what} contains itself, and a strict schema can't be recursive; write out as many levels as are needed"),
        );
    }
}

/// The named schemas at the root that it leads to, such as `/$defs/A`.
pub(super) fn reached(root: &Value) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let sections = root.as_object().into_iter().flatten();
    let mut open: Vec<&Value> = sections
        .filter(|(key, _)| !SECTIONS.contains(&key.as_str()))
        .map(|(_, value)| value)
        .collect();
    // The root itself may be nothing but a reference.
    let mut name = root.get("$ref");
    loop {
        if let Some(target) = name.and_then(Value::as_str).and_then(named) {
            if let Some(schema) = root.pointer(&target) {
                if reached.insert(target) {
                    open.push(schema);
                }
            }
        }
        let Some(next) = open.pop() else {
            return reached;
        };
        match next {
            Value::Object(fields) => open.extend(fields.values()),
            Value::Array(list) => open.extend(list),
            _ => {}
        }
        name = next.get("$ref");
    }
}

/// The named schemas that a value refers to.
pub(super) fn named_in(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![value];
    while let Some(next) = open.pop() {
        match next {
            Value::Object(fields) => open.extend(fields.values()),
            Value::Array(list) => open.extend(list),
            _ => {}
        }
        let reference = next.get("$ref").and_then(Value::as_str);
        found.extend(reference.and_then(named));
    }
    found
}

/// The section of a named schema, and its name.
pub(super) fn parts(place: &str) -> Option<(String, String)> {
    let (section, name) = place.strip_prefix('/')?.split_once('/')?;
    Some((
        section.to_owned(),
        name.replace("~1", "/").replace("~0", "~"),
    ))
}

/// Drops the named schemas at the root that nothing refers to.
pub(super) fn prune(root: &mut Value) {
    let reached = reached(root);
    let Value::Object(schema) = root else {
        return;
    };
    for section in SECTIONS {
        if let Some(Value::Object(named)) = schema.get_mut(section) {
            named.retain(|name, _| reached.contains(&place(section, name)));
        }
    }
    schema.retain(|key, value| {
        let is_empty = value.as_object().is_some_and(Map::is_empty);
        !(is_empty && SECTIONS.contains(&key.as_str()))
    });
}

/// A reference without the escapes of URLs, which some writers use for names that are not ASCII.
pub(super) fn unescaped(reference: &str) -> String {
    let mut bytes = Vec::with_capacity(reference.len());
    let mut rest = reference.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let escaped = digits.and_then(|two| u8::from_str_radix(two, 16).ok());
        if let Some(escaped) = escaped.filter(|_| *byte == b'%') {
            bytes.push(escaped);
            rest = after.get(2..).unwrap_or_default();
        } else {
            bytes.push(*byte);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The named schema that a reference leads to or into.
fn named(reference: &str) -> Option<String> {
    let target = unescaped(reference.strip_prefix('#')?);
    let (section, rest) = target.strip_prefix('/')?.split_once('/')?;
    let name = rest.split('/').next()?;
    SECTIONS
        .contains(&section)
        .then(|| format!("/{section}/{name}"))
}

/// Where a named schema is.
fn place(section: &str, name: &str) -> String {
    let name = name.replace('~', "~0").replace('/', "~1");
    format!("/{section}/{name}")
}

/// The whole, and each named schema.
fn starts(root: &Value) -> Vec<String> {
    let mut starts = vec![String::new()];
    for section in SECTIONS {
        let named = root.get(section).and_then(Value::as_object);
        for name in named.into_iter().flat_map(Map::keys) {
            starts.push(place(section, name));
        }
    }
    // Findings are in the order of the document.
    starts.reverse();
    starts
}

/// The references in the schema at a place, without those of the schemas that it names.
fn within(root: &Value, place: &str) -> Vec<Reference> {
    let mut references = Vec::new();
    if let Some(Value::Object(schema)) = root.pointer(place) {
        collect(schema, place, MAX_DEPTH, &mut references);
    }
    references
}

fn collect(schema: &Map<String, Value>, path: &str, depth: usize, found: &mut Vec<Reference>) {
    if depth == 0 {
        return;
    }
    let reference = schema.get("$ref").and_then(Value::as_str);
    if let Some(target) = reference.and_then(|it| it.strip_prefix('#')) {
        found.push(Reference {
            path: path.to_owned(),
            target: unescaped(target),
        });
    }
    inner(schema, |step, value| {
        let is_name = matches!(step, Step::Named("$defs" | "definitions", _));
        if let Some(schema) = value.as_object().filter(|_| !is_name) {
            collect(schema, &format!("{path}/{step}"), depth - 1, found);
        }
    });
}

impl References {
    /// The schemas that contain themselves, one of each circle.
    fn circles(&self) -> Vec<String> {
        let mut circles = Vec::new();
        let mut seen = BTreeSet::new();
        for start in self.0.keys() {
            let reached = self.reached(start);
            if !reached.contains(start) {
                continue;
            }
            if !seen.contains(start) {
                circles.push(start.clone());
            }
            seen.extend(reached);
        }
        circles
    }

    /// Everything that a schema leads to.
    fn reached<'a>(&'a self, start: &str) -> BTreeSet<&'a String> {
        let mut reached = BTreeSet::new();
        let mut open: Vec<&String> = self.0.get(start).into_iter().flatten().collect();
        while let Some(next) = open.pop() {
            if reached.insert(next) {
                open.extend(self.0.get(next).into_iter().flatten());
            }
        }
        reached
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::schema::{Finding, lint};

    #[test]
    fn a_strict_schema_contains_itself_nowhere() {
        let of = |defs: Value, root: Value| {
            let object = |properties: Value| json!({"type": "object", "properties": properties, "additionalProperties": false});
            let defs = defs.as_object().unwrap().iter();
            let defs = defs.map(|(name, properties)| (name.clone(), object(properties.clone())));
            let mut schema = object(root);
            schema["$defs"] = Value::Object(defs.collect());
            schema
        };
        let to = |name: &str| json!({"$ref": format!("#/$defs/{name}")});
        let list = |name: &str| json!({"type": "array", "items": to(name)});
        for (schema, paths) in [
            // Twice the same is no circle.
            (
                of(json!({"A": {}}), json!({"a": to("A"), "b": list("A")})),
                vec![],
            ),
            (
                of(json!({"A": {"a": list("A")}}), json!({"a": to("A")})),
                vec!["/$defs/A"],
            ),
            (
                of(
                    json!({"A": {"b": to("B")}, "B": {"a": to("A")}, "C": {"a": to("A")}}),
                    json!({"c": to("C")}),
                ),
                vec!["/$defs/A"],
            ),
            (
                of(json!({"A/1": {"a": to("A~11")}}), json!({})),
                vec!["/$defs/A~11"],
            ),
            (of(json!({}), json!({"next": {"$ref": "#"}})), vec![""]),
            (of(json!({}), json!({"a": to("A")})), vec!["/properties/a"]),
        ] {
            let found = lint(&schema, true);
            let found: Vec<&str> = found.iter().map(Finding::path).collect();
            assert_eq!(found, paths, "{schema:#}");
            assert!(lint(&schema, false).is_empty(), "a hint may do it");
        }
    }
}
