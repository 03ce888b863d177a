//! `cargo xtask generate`: from the description to Rust.

use std::path::{Path, PathBuf};

use crate::description::Description;
use crate::emit::conformance;
use crate::emit::described;
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
use crate::models::{self, Former};
use crate::names::Names;
use crate::overlay::Overlay;
use crate::reach::Reach;

/// The folders that hold nothing but generated files.
const FOLDERS: &[&str] = &[types::FOLDER, operations::FOLDER, conformance::FOLDER];

/// What everything is generated from.
pub(crate) struct Input {
    pub(crate) description: Description,
    pub(crate) overlay: Overlay,
    pub(crate) docs: Docs,
    pub(crate) former_models: Vec<Former>,
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
    let mut overlay = read_overlay()?;
    overlay.aliases = serde_json::from_str(&text("aliases.json")?)
        .map_err(|error| format!("api/aliases.json: {error}"))?;
    Ok(Input {
        description: serde_json::from_str(&json)
            .map_err(|error| format!("api/api.json: {error}"))?,
        overlay,
        docs: read_docs(&api.join("docs"))?,
        former_models: serde_json::from_str(&text("models.json")?)
            .map_err(|error| format!("api/models.json: {error}"))?,
    })
}

/// Our decisions, the aliases aside.
pub(crate) fn read_overlay() -> Result<Overlay, String> {
    let text = std::fs::read_to_string(root().join("api").join("overlay.toml"));
    text.map_err(|error| error.to_string())
        .and_then(|text| toml::from_str(&text).map_err(|error| error.to_string()))
        .map_err(|error| format!("api/overlay.toml: {error}"))
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

/// What stands above the list of missing words.
const UNSAID: &str = "api/docs has no words, or only those of the name, for:";

/// Writes the generated files.
pub(crate) fn write() -> Result<(), String> {
    let (mut files, missing) = generate(&read()?)?;
    files.format()?;
    if !missing.is_empty() {
        eprintln!("{UNSAID}\n  {}", missing.join("\n  "));
    }
    files
        .write(&root(), FOLDERS)
        .map_err(|error| error.to_string())
}

/// Fails when the generated files are not what would be written, and when words are missing that
/// must be there.
pub(crate) fn check() -> Result<(), String> {
    let (mut files, missing) = generate(&read()?)?;
    files.format()?;
    verdict(&files.differences(&root(), FOLDERS), &missing)
}

/// What is wrong, if anything is.
fn verdict(differences: &[String], missing: &[String]) -> Result<(), String> {
    let mut problems = Vec::new();
    if !differences.is_empty() {
        let list = differences.join("\n");
        problems.push(format!("{list}\nrun `cargo xtask generate`"));
    }
    if !missing.is_empty() {
        let list = missing.join("\n  ");
        problems.push(format!("{UNSAID}\n  {list}"));
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems.join("\n"))
    }
}

/// Lists what has neither words nor facts beyond its name.
pub(crate) fn words() -> Result<(), String> {
    let (_, missing) = generate(&read()?)?;
    for key in &missing {
        println!("{key}");
    }
    println!("{} docs repeat a name", missing.len());
    Ok(())
}

/// The generated files, not formatted yet, and what has no words yet.
pub(crate) fn generate(input: &Input) -> Result<(Files, Vec<String>), String> {
    let Input {
        description,
        overlay,
        docs,
        former_models,
    } = input;
    let mut files = Files::default();
    let names = Names::new(description, overlay);
    let mut model = fold(&names);
    model.add_former(former_models);
    if !model.problems.is_empty() {
        return Err(model.problems.join("\n"));
    }
    let layout = Layout::new(&names, &model, overlay)?;
    let facts = Facts::new(&names, &layout, overlay, docs)?;
    let reach = Reach::new(&names, &layout)?;
    let ends = models::ends(description, former_models)?;
    let writing = modules::Writing {
        layout: &layout,
        overlay,
        docs,
        facts: &facts,
        reach: &reach,
        ends: &ends,
    };
    modules::write(&writing, &mut files)?;
    let writer = OperationWriter {
        description,
        overlay,
        docs,
        names: &names,
        layout: &layout,
    };
    writer.write(&mut files)?;
    described::write(&writer, &facts, &mut files)?;
    tables::write(&writer, &mut files)?;
    conformance::write(&writer, &mut files)?;
    simulator::write(description, overlay, &mut files)?;
    let unused = docs.unused();
    if !unused.is_empty() {
        let unused = unused.join("\n  ");
        return Err(format!(
            "words in api/docs for what doesn't exist:\n  {unused}"
        ));
    }
    Ok((files, docs.missing()))
}

/// Reports of every type and endpoint whether it can be generated, or why not.
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
    if failures.is_empty() {
        return Ok(());
    }
    Err(format!("these cannot:\n  {}", failures.join("\n  ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_words_fail_the_check() {
        let mut input = read().unwrap();
        let (_, missing) = generate(&input).unwrap();
        assert_eq!(missing, Vec::<String>::new());
        assert_eq!(verdict(&[], &missing), Ok(()));
        input.docs = Docs::default();
        let (_, missing) = generate(&input).unwrap();
        let has = |keys: &[String], key: &str| keys.iter().any(|it| it == key);
        for key in [
            "types.Message",
            "fields.Message.content",
            "methods.messages.count_tokens",
            "modules.agents",
            "resources.agents",
            "fields.agents.Agent.name",
            "variants.ContentBlock.text",
            "variants.Effort.high",
        ] {
            assert!(has(&missing, key), "{key}");
        }
        let problem = verdict(&[], &missing).unwrap_err();
        assert!(problem.contains("types.Message"), "{problem}");
    }
}
