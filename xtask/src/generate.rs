//! `cargo xtask generate`: from the description to Rust.

use std::path::{Path, PathBuf};

use crate::description::Description;
use crate::emit::conformance;
use crate::emit::docs::Docs;
use crate::emit::facts::Facts;
use crate::emit::files::Files;
use crate::emit::modules;
use crate::emit::operations::{self, OperationWriter};
use crate::emit::simulator;
use crate::emit::tables;
use crate::emit::types;
use crate::fold::fold;
use crate::layout::Layout;
use crate::names::Names;
use crate::overlay::Overlay;
use crate::reach::Reach;

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
        docs: read_docs(&api.join("docs"))?,
    })
}

/// The words of every area, in one.
fn read_docs(folder: &Path) -> Result<Docs, String> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("api/docs: {error}"))?;
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        })
        .collect();
    paths.sort();
    let mut docs = Docs::default();
    for path in paths {
        let name = path.display();
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{name}: {error}"))?;
        let area: Docs = toml::from_str(&text).map_err(|error| format!("{name}: {error}"))?;
        docs.absorb(area)
            .map_err(|key| format!("{name}: `{key}` has words already"))?;
    }
    Ok(docs)
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
    let Input {
        api,
        description,
        overlay,
        docs,
    } = input;
    let mut files = Files::default();
    let names = Names::new(description, overlay);
    let model = fold(&names);
    if !model.problems.is_empty() {
        return Err(model.problems.join("\n"));
    }
    let layout = Layout::new(&names, &model, overlay)?;
    let facts = Facts::new(description, &names, &model, docs);
    let reach = Reach::new(&names, &layout)?;
    modules::write(&layout, overlay, docs, &facts, &reach, &mut files)?;
    let writer = OperationWriter {
        description,
        overlay,
        docs,
        names: &names,
        layout: &layout,
    };
    writer.write(&mut files)?;
    tables::write(&writer, &mut files)?;
    conformance::write(&writer, &mut files)?;
    simulator::write(api, overlay, &mut files)?;
    if !files.too_long.is_empty() {
        return Err(files.too_long.join("\n"));
    }
    let missing = docs.missing();
    if !missing.is_empty() {
        eprintln!("no words in api/docs for:\n  {}", missing.join("\n  "));
    }
    Ok(files)
}

/// Says of every type and endpoint whether it can be generated, or why not.
pub(crate) fn dry_run() -> Result<(), String> {
    let Input {
        description,
        overlay,
        docs,
        ..
    } = &read()?;
    let names = Names::new(description, overlay);
    let model = fold(&names);
    let mut failures = model.problems.clone();
    let layout = Layout::new(&names, &model, overlay)?;
    let operations = OperationWriter {
        description,
        overlay,
        docs,
        names: &names,
        layout: &layout,
    };
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
