//! `cargo xtask generate`: from the description to Rust.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::description::Description;
use crate::emit::conformance;
use crate::emit::docs::Docs;
use crate::emit::files::Files;
use crate::emit::operations::{self, OperationWriter};
use crate::emit::simulator;
use crate::emit::types::{self, TypeWriter};
use crate::fold::fold;
use crate::overlay::{Area, Overlay, matches};

/// The folders that hold nothing but generated files.
const FOLDERS: &[&str] = &[types::FOLDER, operations::FOLDER, conformance::FOLDER];

/// What everything is generated from.
pub(crate) struct Input {
    /// The description as plain JSON.
    pub(crate) api: serde_json::Value,
    pub(crate) description: Description,
    pub(crate) overlay: Overlay,
    pub(crate) docs: Docs,
}

/// The workspace's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map(Path::to_owned)
        .unwrap_or_default()
}

pub(crate) fn read() -> Result<Input, String> {
    let api = root().join("api");
    let text = |name: &str| {
        std::fs::read_to_string(api.join(name)).map_err(|error| format!("api/{name}: {error}"))
    };
    let json = text("api.json")?;
    Ok(Input {
        api: serde_json::from_str(&json).map_err(|error| format!("api/api.json: {error}"))?,
        description: serde_json::from_str(&json)
            .map_err(|error| format!("api/api.json: {error}"))?,
        overlay: toml::from_str(&text("overlay.toml")?)
            .map_err(|error| format!("api/overlay.toml: {error}"))?,
        docs: toml::from_str(&text("docs.toml")?)
            .map_err(|error| format!("api/docs.toml: {error}"))?,
    })
}

/// Writes the generated files.
pub(crate) fn write() -> Result<(), String> {
    let files = generate(&read()?)?;
    files
        .write(&root(), FOLDERS)
        .map_err(|error| error.to_string())
}

/// Fails when the generated files are not what would be written.
pub(crate) fn check() -> Result<(), String> {
    let differences = generate(&read()?)?.differences(&root(), FOLDERS);
    if differences.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{}\nrun `cargo xtask generate`",
        differences.join("\n")
    ))
}

fn generate(input: &Input) -> Result<Files, String> {
    let mut files = Files::default();
    let area = input
        .overlay
        .areas
        .get("core")
        .ok_or("the overlay has no area `core`")?;
    let selected = select(&input.description, area);
    let model = fold(&input.description, &input.overlay, &selected, true);
    if !model.problems.is_empty() {
        return Err(model.problems.join("\n"));
    }
    let writer = TypeWriter {
        model: &model,
        overlay: &input.overlay,
        docs: &input.docs,
    };
    writer.write("core", &mut files)?;
    let modules = "mod core;\n\npub use self::core::*;\n";
    files.add(
        format!("{}/mod.rs", types::FOLDER),
        "The types of the API, by area.",
        modules,
    )?;
    let writer = OperationWriter {
        description: &input.description,
        overlay: &input.overlay,
        docs: &input.docs,
        model: &model,
    };
    writer.write("core", &mut files)?;
    conformance::write(&writer, area, &selected, &mut files)?;
    simulator::write(&input.api, &input.overlay, &mut files)?;
    let modules = "pub(crate) mod core;\n";
    let about = "The resources of the API, by area.";
    files.add(format!("{}/mod.rs", operations::FOLDER), about, modules)?;
    let missing = input.docs.missing();
    if !missing.is_empty() {
        eprintln!("no words in api/docs.toml for:\n  {}", missing.join("\n  "));
    }
    Ok(files)
}

/// The official types of an area: what its endpoints reach and what it names.
pub(crate) fn select<'a>(description: &'a Description, area: &Area) -> BTreeSet<&'a str> {
    let endpoints = description
        .endpoints
        .iter()
        .filter(|endpoint| {
            area.endpoints
                .iter()
                .any(|pattern| matches(pattern, &endpoint.id))
        })
        .flat_map(|endpoint| endpoint.roots());
    let named = description
        .types
        .keys()
        .map(String::as_str)
        .filter(|qualified| {
            let name = qualified.rsplit('.').next().unwrap_or(qualified);
            let parts: Vec<&str> = qualified.split('.').collect();
            let is_flat = matches!(
                parts.as_slice(),
                ["types", _, _] | ["types", "beta" | "shared", _, _]
            );
            is_flat && area.types.iter().any(|pattern| matches(pattern, name))
        });
    description.reachable(endpoints.chain(named))
}

/// Says of every type and endpoint whether it can be generated, or why not.
pub(crate) fn dry_run() -> Result<(), String> {
    let input = read()?;
    let description = &input.description;
    let all: BTreeSet<&str> = description.types.keys().map(String::as_str).collect();
    let model = fold(description, &input.overlay, &all, false);
    let Input { overlay, docs, .. } = &input;
    let operations = OperationWriter {
        description,
        overlay,
        docs,
        model: &model,
    };
    let mut failures = model.problems.clone();
    let mut endpoints = 0;
    for endpoint in &description.endpoints {
        match operations.method(endpoint) {
            Ok(_) => endpoints += 1,
            Err(problem) => failures.push(format!("{}: {problem}", endpoint.id)),
        }
    }
    println!("anthropic {}", description.sdk.version);
    println!(
        "{} types fold into {} concepts",
        description.types.len(),
        model.defs.len()
    );
    println!(
        "{endpoints} of {} endpoints can be generated",
        description.endpoints.len()
    );
    println!("{} cannot:", failures.len());
    for failure in &failures {
        println!("  {failure}");
    }
    Ok(())
}
