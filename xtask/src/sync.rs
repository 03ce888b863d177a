//! `cargo xtask sync`: from the official SDK on PyPI to `api/api.json`, and what changed.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::generate::root;

/// Extracts the description anew from a version of the official SDK, and reports what it gained and lost.
pub(crate) fn sync(version: &str) -> Result<(), String> {
    let is_version = version
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || c == '.');
    if version.is_empty() || !is_version {
        return Err(format!("{version:?} is no version, such as 2.11.0"));
    }
    let root = root();
    let api = root.join("api");
    let before = read(&api)?;
    let environment = root.join("target").join("sync").join(version);
    let python = environment.join("bin").join("python");
    if !python.exists() {
        run(Command::new("python3")
            .args(["-m", "venv"])
            .arg(&environment))?;
    }
    let package = format!("anthropic=={version}");
    run(Command::new(&python).args(["-m", "pip", "install", "--quiet", &package]))?;
    let requirements = api.join("extract").join("requirements.txt");
    std::fs::write(&requirements, format!("{package}\n")).map_err(|error| error.to_string())?;
    run(Command::new(&python)
        .args(["-m", "extract", "--out", "api.json"])
        .current_dir(&api))?;
    let after = read(&api)?;
    print!("{}", report(&before, &after));
    if before == after {
        println!("nothing changed");
        return Ok(());
    }
    println!("Next: read the report, decide in api/overlay.toml, then `cargo xtask generate`.");
    Ok(())
}

fn read(api: &Path) -> Result<Value, String> {
    let text = std::fs::read_to_string(api.join("api.json")).map_err(|error| error.to_string())?;
    serde_json::from_str(&text).map_err(|error| format!("api/api.json: {error}"))
}

fn run(command: &mut Command) -> Result<(), String> {
    let status = command
        .status()
        .map_err(|error| format!("{command:?}: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{command:?} failed"))
    }
}

/// What one description has and the other has not.
fn report(before: &Value, after: &Value) -> String {
    let version = |value: &Value| value["sdk"]["version"].as_str().unwrap_or("?").to_owned();
    let mut out = format!("anthropic {} → {}\n", version(before), version(after));
    section(
        &mut out,
        "types",
        &keys(&before["types"]),
        &keys(&after["types"]),
    );
    let changed = changed(&before["types"], &after["types"]);
    list(&mut out, "types changed", &changed);
    let ids = |value: &Value| {
        let endpoints = value["endpoints"].as_array().into_iter().flatten();
        endpoints
            .filter_map(|endpoint| endpoint["id"].as_str().map(str::to_owned))
            .collect()
    };
    section(&mut out, "endpoints", &ids(before), &ids(after));
    for words in ["betas", "models"] {
        section(
            &mut out,
            words,
            &strings(&before[words]),
            &strings(&after[words]),
        );
    }
    out
}

fn keys(value: &Value) -> BTreeSet<String> {
    value
        .as_object()
        .into_iter()
        .flat_map(|map| map.keys().cloned())
        .collect()
}

fn strings(value: &Value) -> BTreeSet<String> {
    let values = value.as_array().into_iter().flatten();
    values
        .filter_map(|value| value.as_str().map(str::to_owned))
        .collect()
}

/// The types that both have, with another definition, and which of their fields differ.
fn changed(before: &Value, after: &Value) -> Vec<String> {
    let both = keys(before)
        .intersection(&keys(after))
        .cloned()
        .collect::<Vec<_>>();
    let differing = both.into_iter().filter(|name| before[name] != after[name]);
    differing
        .map(|name| format!("{name}{}", fields(&before[&name], &after[&name])))
        .collect()
}

fn fields(before: &Value, after: &Value) -> String {
    let by_name = |value: &Value| -> Vec<(String, Value)> {
        let fields = value["fields"].as_array().into_iter().flatten();
        fields
            .map(|field| {
                (
                    field["wire"].as_str().unwrap_or("?").to_owned(),
                    field.clone(),
                )
            })
            .collect()
    };
    let (old, new) = (by_name(before), by_name(after));
    let find = |fields: &[(String, Value)], name: &str| {
        fields
            .iter()
            .find(|(other, _)| other == name)
            .map(|(_, field)| field.clone())
    };
    let mut parts = Vec::new();
    for (name, field) in &new {
        match find(&old, name) {
            None => parts.push(format!("+{name}")),
            Some(other) if other != *field => parts.push(format!("~{name}")),
            Some(_) => {}
        }
    }
    parts.extend(
        old.iter()
            .filter(|(name, _)| find(&new, name).is_none())
            .map(|(name, _)| format!("-{name}")),
    );
    if parts.is_empty() {
        String::new()
    } else {
        format!(" ({})", parts.join(", "))
    }
}

fn section(out: &mut String, what: &str, before: &BTreeSet<String>, after: &BTreeSet<String>) {
    list(
        out,
        &format!("{what} gained"),
        &after.difference(before).cloned().collect::<Vec<_>>(),
    );
    list(
        out,
        &format!("{what} lost"),
        &before.difference(after).cloned().collect::<Vec<_>>(),
    );
}

fn list(out: &mut String, title: &str, items: &[String]) {
    if items.is_empty() {
        return;
    }
    let _ = writeln!(out, "{title}: {}", items.len());
    for item in items {
        let _ = writeln!(out, "  {item}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_report_names_what_came_what_went_and_what_changed() {
        let field = |name: &str, required: bool| json!({"wire": name, "required": required});
        let before = json!({"sdk": {"version": "1"}, "betas": ["a"], "models": [], "endpoints": [{"id": "x.old"}],
            "types": {"A": {"fields": [field("kept", true), field("gone", true)]}, "Old": {}}});
        let after = json!({"sdk": {"version": "2"}, "betas": ["a", "b"], "models": [], "endpoints": [{"id": "x.new"}],
            "types": {"A": {"fields": [field("kept", false), field("came", true)]}, "New": {}}});
        let report = report(&before, &after);
        for line in [
            "anthropic 1 → 2",
            "types gained: 1\n  New",
            "types lost: 1\n  Old",
            "A (~kept, +came, -gone)",
            "endpoints gained: 1\n  x.new",
            "betas gained: 1\n  b",
        ] {
            assert!(report.contains(line), "{line} is not in:\n{report}");
        }
    }
}
