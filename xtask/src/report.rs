//! What changed between two descriptions, for a reader who decides what to do about it.
//!
//! Nothing here knows the description's sections by name, so that none can be left out: whatever
//! differs is a line. What is a list of named things (fields, parameters, endpoints) is compared by
//! name, TYPEs as types.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Map, Value};

/// The differences in words; two equal descriptions have one line, with their versions.
pub(crate) fn report(before: &Value, after: &Value) -> String {
    let version = |value: &Value| value["sdk"]["version"].as_str().unwrap_or("?").to_owned();
    let mut out = format!("anthropic {} → {}\n", version(before), version(after));
    let sections = keys(before).into_iter().chain(keys(after));
    let sections: BTreeSet<&str> = sections.filter(|section| *section != "sdk").collect();
    for section in sections {
        let written = out.len();
        let entries = (entries(&before[section]), entries(&after[section]));
        write_section(&mut out, section, &entries.0, &entries.1);
        if out.len() == written && before[section] != after[section] {
            let _ = writeln!(out, "{section}: in another order");
        }
    }
    out
}

fn write_section(
    out: &mut String,
    section: &str,
    before: &BTreeMap<String, &Value>,
    after: &BTreeMap<String, &Value>,
) {
    let only = |these: &BTreeMap<String, &Value>, others: &BTreeMap<String, &Value>| {
        let names = these.iter().filter(|(name, _)| !others.contains_key(*name));
        names
            .map(|(name, value)| format!("{name}{}", about(value)))
            .collect::<Vec<_>>()
    };
    write_list(out, &format!("{section} gained"), &only(after, before));
    write_list(out, &format!("{section} lost"), &only(before, after));
    let both = before
        .iter()
        .filter_map(|(name, old)| Some((name, *old, *after.get(name)?)));
    let changed: Vec<String> = both
        .filter(|(_, old, new)| old != new)
        .map(|(name, old, new)| {
            let mut lines = Vec::new();
            compare(&mut lines, "", old, new);
            match lines.as_slice() {
                [line] if !old.is_object() => format!("{name}: {line}"),
                _ => format!("{name}\n    {}", lines.join("\n    ")),
            }
        })
        .collect();
    write_list(out, &format!("{section} changed"), &changed);
}

fn write_list(out: &mut String, title: &str, items: &[String]) {
    if items.is_empty() {
        return;
    }
    let _ = writeln!(out, "{title}: {}", items.len());
    for item in items {
        let _ = writeln!(out, "  {item}");
    }
}

/// The entries of a section by name.
fn entries(section: &Value) -> BTreeMap<String, &Value> {
    match section {
        Value::Object(map) => map
            .iter()
            .map(|(name, value)| (name.clone(), value))
            .collect(),
        Value::Array(items) => items.iter().map(|item| (name_of(item), item)).collect(),
        _ => BTreeMap::new(),
    }
}

/// What an item of a list is called: an endpoint's id, a field's name, an error's status and code.
fn name_of(item: &Value) -> String {
    let named = ["id", "wire", "name"]
        .iter()
        .find_map(|key| item[*key].as_str());
    match (item, named) {
        (Value::String(text), _) => text.clone(),
        (_, Some(name)) => name.to_owned(),
        (Value::Object(map), None) if map.contains_key("status") => {
            let code = item["error_code"].as_str().unwrap_or_default();
            format!("{} {code}", item["status"]).trim_end().to_owned()
        }
        _ => short(item),
    }
}

/// What to print beside the name of an entry that came or went.
fn about(entry: &Value) -> String {
    match (entry["method"].as_str(), entry["path"].as_str()) {
        (Some(method), Some(path)) => format!(" ({method} {path})"),
        _ => String::new(),
    }
}

fn keys(value: &Value) -> Vec<&str> {
    let map = value.as_object().into_iter();
    map.flat_map(|map| map.keys().map(String::as_str)).collect()
}

/// Adds a line for each place at which two values differ; at least one, if they do.
fn compare(lines: &mut Vec<String>, at: &str, before: &Value, after: &Value) {
    if before == after {
        return;
    }
    match (before, after) {
        (Value::Object(old), Value::Object(new)) if is_type(old) && is_type(new) => {
            compare_types(lines, at, before, after);
        }
        (Value::Object(old), Value::Object(new)) => compare_objects(lines, at, old, new),
        (Value::Array(old), Value::Array(new)) => compare_lists(lines, at, old, new),
        _ => lines.push(found(at, &format!("{} → {}", short(before), short(after)))),
    }
}

fn compare_objects(
    lines: &mut Vec<String>,
    at: &str,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
) {
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for key in keys {
        let place = below(at, key);
        match (before.get(key), after.get(key)) {
            (Some(old), Some(new)) => compare(lines, &place, old, new),
            (None, Some(new)) => lines.push(format!("+{place}: {}", short(new))),
            (Some(old), None) => lines.push(format!("-{place}: {}", short(old))),
            (None, None) => {}
        }
    }
}

/// Two TYPEs: of the same kind, what they hold; otherwise one and the other.
fn compare_types(lines: &mut Vec<String>, at: &str, before: &Value, after: &Value) {
    let is_set = |of: &Value| matches!(of["k"].as_str(), Some("literal" | "open"));
    if is_set(before) && is_set(after) {
        let (old, new) = (list(&before["values"]), list(&after["values"]));
        compare_lists(lines, &below(at, "values"), old, new);
    }
    if before["k"] != after["k"] {
        if is_set(before) && is_set(after) {
            compare(lines, &below(at, "k"), &before["k"], &after["k"]);
        } else {
            lines.push(found(at, &format!("{} → {}", short(before), short(after))));
        }
        return;
    }
    let rest = |of: &Value| -> Map<String, Value> {
        let map = of.as_object().into_iter().flatten();
        map.filter(|(key, _)| !(is_set(of) && *key == "values"))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    };
    if let [Some(old), Some(new)] = [before, after].map(|of| of["to"].as_str()) {
        if old != new {
            lines.push(found(at, &format!("{old} → {new}")));
        }
        return;
    }
    compare_objects(lines, at, &rest(before), &rest(after));
}

/// Two lists: items that are called something by name, others by what they are; then their order.
fn compare_lists(lines: &mut Vec<String>, at: &str, before: &[Value], after: &[Value]) {
    let count = lines.len();
    let (old, new) = (named(before), named(after));
    for (name, item) in &new {
        match old.iter().find(|(other, _)| other == name) {
            None => lines.push(found(at, &format!("+{name}{}", what(item)))),
            Some((_, other)) => {
                let mut inner = Vec::new();
                compare(&mut inner, "", other, item);
                lines.extend(
                    inner
                        .iter()
                        .map(|line| found(at, &format!("~{name} {line}"))),
                );
            }
        }
    }
    let gone = old
        .iter()
        .filter(|(name, _)| !new.iter().any(|(other, _)| other == name));
    lines.extend(gone.map(|(name, _)| found(at, &format!("-{name}"))));
    if lines.len() == count {
        lines.push(found(at, "in another order"));
    }
}

fn named(items: &[Value]) -> Vec<(String, &Value)> {
    items.iter().map(|item| (name_of(item), item)).collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// What a field or a parameter is that came.
fn what(item: &Value) -> String {
    if item["type"].is_null() {
        return String::new();
    }
    let mut text = format!(": {}", short(&item["type"]));
    for key in ["required", "nullable"] {
        if item[key] == true {
            let _ = write!(text, ", {key}");
        }
    }
    if let Some(place) = item["in"].as_str() {
        let _ = write!(text, ", in {place}");
    }
    text
}

fn is_type(map: &Map<String, Value>) -> bool {
    map.contains_key("k")
}

fn below(at: &str, key: &str) -> String {
    if at.is_empty() {
        key.to_owned()
    } else {
        format!("{at}.{key}")
    }
}

fn found(at: &str, text: &str) -> String {
    if at.is_empty() {
        text.to_owned()
    } else {
        format!("{at}: {text}")
    }
}

/// A value in a few letters: TYPEs as one would write them, everything else as JSON.
fn short(value: &Value) -> String {
    let Some(kind) = value["k"].as_str() else {
        return value.to_string();
    };
    let all = |items: &Value| {
        let items: Vec<String> = list(items).iter().map(short).collect();
        items.join(" | ")
    };
    match kind {
        "literal" => all(&value["values"]),
        "open" => format!("{} | …", all(&value["values"])),
        "list" => format!("[{}]", short(&value["of"])),
        "map" => format!("{{{}}}", short(&value["of"])),
        "nullable" => format!("{} | null", short(&value["of"])),
        "union" => all(&value["of"]),
        "ref" => value["to"].as_str().unwrap_or("?").to_owned(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// A description with everything that a real one has, once.
    fn small() -> Value {
        json!({
            "sdk": {"package": "anthropic", "version": "1"},
            "counts": {"models": 1},
            "types": {
                "types.a.A": {"kind": "model", "fields": [
                    {"name": "kept", "wire": "kept", "required": true, "nullable": false, "type": {"k": "string"}},
                    {"name": "many", "wire": "many", "required": false, "nullable": true,
                        "type": {"k": "list", "of": {"k": "ref", "to": "types.b.B"}}},
                ]},
                "types.b.B": {"kind": "alias", "type": {"k": "literal", "values": ["x", "y"]}},
                "types.c.C": {"kind": "alias", "type": {"k": "union", "tag": "type", "of": [
                    {"k": "ref", "to": "types.a.A"}, {"k": "nullable", "of": {"k": "integer"}}]}},
            },
            "endpoints": [{
                "id": "as.create", "method": "POST", "path": "/v1/as", "body": "json", "files": [["file"]],
                "params": [{"name": "n", "wire": "n", "in": "body", "required": true, "nullable": false, "type": {"k": "integer"}}],
                "betas": ["a-2026-01-01"], "headers": {}, "errors": ["NotFound"],
                "response": {"kind": "page", "type": {"k": "ref", "to": "types.a.A"}, "page": "Page"},
                "stream": {"event": {"k": "ref", "to": "types.c.C"}, "param": "stream"},
            }],
            "helpers": [{"id": "as.parse", "why": "it parses"}],
            "betas": ["a-2026-01-01"],
            "models": ["claude"],
            "errors": [{"status": 404, "error_code": "gone", "class": "GoneError", "parent": "NotFound", "details": null}],
            "status_errors": [{"status": 404, "class": "NotFound"}],
            "error_types": ["api_error"],
            "pages": {"Page": {"fields": ["data"], "items": "data", "next": [["after", "last"]], "stops": true}},
            "constants": {"default_max_retries": 2, "deprecated_models": {"old": "2026"}},
        })
    }

    /// The report on the small description and a changed one.
    fn after(change: impl FnOnce(&mut Value)) -> String {
        let mut other = small();
        change(&mut other);
        report(&small(), &other)
    }

    fn says(report: &str, lines: &[&str]) {
        for line in lines {
            assert!(report.contains(line), "{line} is not in:\n{report}");
        }
    }

    #[test]
    fn equal_descriptions_have_nothing_to_report() {
        assert_eq!(after(|_| {}), "anthropic 1 → 1\n");
    }

    #[test]
    fn what_came_and_what_went_is_named() {
        let report = after(|api| {
            api["sdk"]["version"] = "2".into();
            api["types"]["types.d.D"] = json!({"kind": "dict", "fields": []});
            api["types"].as_object_mut().unwrap().remove("types.b.B");
            api["endpoints"][0]["id"] = "as.make".into();
            api["helpers"] = json!([]);
            api["betas"] = json!(["a-2026-01-01", "b-2026-01-01"]);
            api["errors"][0]["error_code"] = "went".into();
            api["error_types"] = json!(["api_error", "new_error"]);
            api["pages"]["Other"] = json!({});
            api["constants"]["more"] = 1.into();
        });
        let lines = [
            "anthropic 1 → 2\n",
            "types gained: 1\n  types.d.D\n",
            "types lost: 1\n  types.b.B\n",
            "endpoints gained: 1\n  as.make (POST /v1/as)\n",
            "endpoints lost: 1\n  as.create (POST /v1/as)\n",
            "helpers lost: 1\n  as.parse\n",
            "betas gained: 1\n  b-2026-01-01\n",
            "errors gained: 1\n  404 went\n",
            "errors lost: 1\n  404 gone\n",
            "error_types gained: 1\n  new_error\n",
            "pages gained: 1\n  Other\n",
            "constants gained: 1\n  more\n",
        ];
        says(&report, &lines);
    }

    #[test]
    fn of_a_field_what_changed_is_said() {
        let report = after(|api| {
            let fields = &mut api["types"]["types.a.A"]["fields"];
            fields[0]["required"] = false.into();
            fields[0]["type"] = json!({"k": "integer"});
            fields[1] = json!({"name": "came", "wire": "came", "required": true, "nullable": true,
                "type": {"k": "map", "of": {"k": "boolean"}}});
        });
        let lines = [
            "types changed: 1\n  types.a.A\n",
            "    fields: ~kept required: true → false\n",
            "    fields: ~kept type: string → integer\n",
            "    fields: +came: {boolean}, required, nullable\n",
            "    fields: -many\n",
        ];
        says(&report, &lines);
    }

    #[test]
    fn of_sets_and_unions_what_they_hold_is_said() {
        let report = after(|api| {
            api["types"]["types.b.B"]["type"] = json!({"k": "open", "values": ["y", "z"]});
            api["types"]["types.c.C"]["type"]["tag"] = Value::Null;
            api["types"]["types.c.C"]["type"]["of"][1] = json!({"k": "ref", "to": "types.b.B"});
            api["types"]["types.a.A"]["fields"][1]["type"]["of"]["to"] = "types.c.C".into();
        });
        let lines = [
            "    fields: ~many type.of: types.b.B → types.c.C\n",
            "    type.values: +z\n",
            "    type.values: -x\n",
            "    type.k: \"literal\" → \"open\"\n",
            "    type.of: +types.b.B\n",
            "    type.of: -integer | null\n",
            "    type.tag: \"type\" → null\n",
        ];
        says(&report, &lines);
    }

    #[test]
    fn of_an_endpoint_everything_is_compared() {
        let report = after(|api| {
            let endpoint = &mut api["endpoints"][0];
            endpoint["method"] = "PUT".into();
            endpoint["path"] = "/v2/as".into();
            endpoint["betas"] = json!([]);
            endpoint["params"][0]["in"] = "query".into();
            endpoint["response"]["page"] = "PageCursor".into();
            endpoint["response"]["type"] = json!({"k": "any"});
            endpoint["stream"] = Value::Null;
        });
        let lines = [
            "endpoints changed: 1\n  as.create\n",
            "    method: \"POST\" → \"PUT\"\n",
            "    path: \"/v1/as\" → \"/v2/as\"\n",
            "    betas: -a-2026-01-01\n",
            "    params: ~n in: \"body\" → \"query\"\n",
            "    response.page: \"Page\" → \"PageCursor\"\n",
            "    response.type: types.a.A → any\n",
            "    stream: {",
        ];
        says(&report, &lines);
    }

    #[test]
    fn of_the_rest_what_changed_is_said() {
        let report = after(|api| {
            api["errors"][0]["details"] = "types.a.A".into();
            api["constants"]["default_max_retries"] = 3.into();
            api["constants"]["deprecated_models"]["older"] = "2027".into();
            api["pages"]["Page"]["next"] = json!([["page", "next"]]);
            api["models"] = json!(["claude", "claude-2"]);
            api["betas"] = json!(["a-2026-01-01", "a-2026-01-01"]);
            api["counts"]["models"] = 2.into();
        });
        let lines = [
            "errors changed: 1\n  404 gone\n    details: null → \"types.a.A\"\n",
            "  default_max_retries: 2 → 3\n",
            "  deprecated_models\n    +older: \"2027\"\n",
            "pages changed: 1\n  Page\n    next: +[\"page\",\"next\"]\n",
            "models gained: 1\n  claude-2\n",
            "betas: in another order\n",
            "counts changed: 1\n  models: 1 → 2\n",
        ];
        says(&report, &lines);
    }

    /// Changes every value in turn, turns every list around, and wants a line for it.
    #[test]
    fn nothing_that_changes_goes_unreported() {
        fn places(value: &Value, at: &str, found: &mut Vec<String>) {
            match value {
                Value::Object(map) => {
                    for (key, inner) in map {
                        let key = key.replace('/', "~1");
                        places(inner, &format!("{at}/{key}"), found);
                    }
                }
                Value::Array(items) => {
                    for (index, inner) in items.iter().enumerate() {
                        places(inner, &format!("{at}/{index}"), found);
                    }
                }
                _ => found.push(at.to_owned()),
            }
        }
        let mut found = Vec::new();
        places(&small(), "", &mut found);
        assert!(found.len() > 60);
        for place in found.iter().filter(|place| !place.starts_with("/sdk")) {
            let report = after(|api| *api.pointer_mut(place).unwrap() = "changed".into());
            assert!(report.lines().count() > 1, "{place}");
        }
        for place in [
            "/types/types.a.A/fields",
            "/types/types.b.B/type/values",
            "/types/types.c.C/type/of",
        ] {
            let report = after(|api| {
                let items = api.pointer_mut(place).unwrap().as_array_mut().unwrap();
                items.reverse();
            });
            assert!(report.contains("in another order"), "{place}: {report}");
        }
    }
}
