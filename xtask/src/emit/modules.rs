//! The modules of the types' crate: which file each concept goes to, and who sees it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::aliases;
use super::conversions;
use super::docs::Docs;
use super::facts::Facts;
use super::files::Files;
use super::types::{FOLDER, TypeWriter};
use crate::aliases::Alias;
use crate::layout::{CORE, Features, Layout, gate, module};
use crate::models::Ends;
use crate::names::bare;
use crate::overlay::{FileRule, Overlay, matches};
use crate::reach::Reach;

/// One module: its files and the modules below it.
#[derive(Default)]
struct Module<'a> {
    files: BTreeMap<&'a str, Vec<&'a str>>,
    children: BTreeSet<&'a str>,
    /// The features of everything in it; `None` is what is always there.
    features: Option<Features>,
}

/// What types are written from.
pub(crate) struct Writing<'a> {
    pub(crate) layout: &'a Layout<'a>,
    pub(crate) overlay: &'a Overlay,
    pub(crate) docs: &'a Docs,
    pub(crate) facts: &'a Facts<'a>,
    pub(crate) reach: &'a Reach,
    /// The deprecated models.
    pub(crate) ends: &'a Ends,
}

/// Writes all types.
pub(crate) fn write(writing: &Writing<'_>, files: &mut Files) -> Result<(), String> {
    let Writing {
        layout,
        overlay,
        docs,
        facts,
        reach,
        ends,
    } = *writing;
    let modules = modules(layout, overlay)?;
    for (path, found) in &modules {
        let model = layout.seen_from(path, "crate::");
        let writer = TypeWriter {
            model: &model,
            module: path,
            overlay,
            docs,
            facts,
            reach,
            ends,
        };
        for (file, keys) in &found.files {
            let concepts = keys.iter().filter_map(|key| {
                let concept = model.defs.get(bare(key))?;
                Some((bare(key), concept))
            });
            let code = writer.file(&concepts.collect::<Vec<_>>());
            let code = code + &conversions::write(layout.model, overlay, keys)?;
            let about = rule(overlay, path, file).map_or("", |rule| rule.about.as_str());
            let about = if about.is_empty() {
                format!("The types of `{}`.", Layout::path(path))
            } else {
                about.to_owned()
            };
            files.add(format!("{}/{file}.rs", folder(path)), &about, &code);
        }
        if !path.is_empty() {
            let about = docs.module_doc(path);
            files.add(
                format!("{}/mod.rs", folder(path)),
                &about,
                &declarations(layout, &overlay.aliases, &modules, path, found)?,
            );
        }
    }
    root(layout, &overlay.aliases, &modules, files)
}

/// The crate's root: the core area's files, and the modules beside it.
fn root(
    layout: &Layout<'_>,
    aliases: &[Alias],
    modules: &BTreeMap<&str, Module<'_>>,
    files: &mut Files,
) -> Result<(), String> {
    let Some(top) = modules.get("") else {
        return Err("there is no core area".to_owned());
    };
    let code = declarations(
        layout,
        aliases,
        &BTreeMap::new(),
        "",
        &Module {
            files: top.files.clone(),
            ..Module::default()
        },
    )?;
    files.add(
        format!("{FOLDER}/{CORE}/mod.rs"),
        "The types of the core area.",
        &code,
    );
    let mut code = String::from("mod core;\n");
    code.push_str(&children(modules, &top.children, None));
    code.push_str("\npub use self::core::*;\n");
    files.add(
        format!("{FOLDER}/mod.rs"),
        "The types of the API, by area.",
        &code,
    );
    Ok(())
}

fn modules<'a>(
    layout: &'a Layout<'_>,
    overlay: &'a Overlay,
) -> Result<BTreeMap<&'a str, Module<'a>>, String> {
    let mut modules: BTreeMap<&str, Module<'_>> = BTreeMap::new();
    for key in layout.model.defs.keys() {
        let path = module(key);
        let rules = overlay.files.iter().filter(|rule| rule.module == path);
        let file = rules
            .into_iter()
            .find(|rule| rule.types.iter().any(|p| matches(p, bare(key))))
            .map_or("types", |rule| rule.file.as_str());
        if path.is_empty() && file == "types" {
            return Err(format!("{key}: no rule has the file it goes to"));
        }
        let features = layout.features(key);
        let mut below = path;
        modules
            .entry(below)
            .or_default()
            .files
            .entry(file)
            .or_default()
            .push(key);
        loop {
            let entry = modules.entry(below).or_default();
            entry.features = Some(match entry.features.take() {
                None => features.clone(),
                Some(before) if before.is_empty() || features.is_empty() => Features::new(),
                Some(before) => before.union(&features).cloned().collect(),
            });
            if below.is_empty() {
                break;
            }
            let above = module(below);
            modules.entry(above).or_default().children.insert(below);
            below = above;
        }
    }
    Ok(modules)
}

/// The lines of a module that name its files and the modules below it.
fn declarations(
    layout: &Layout<'_>,
    aliases: &[Alias],
    modules: &BTreeMap<&str, Module<'_>>,
    path: &str,
    found: &Module<'_>,
) -> Result<String, String> {
    let own = found.features.clone().unwrap_or_default();
    let mut mods = String::new();
    let mut uses = String::new();
    for (file, keys) in &found.files {
        let mut features: BTreeSet<Features> =
            keys.iter().map(|key| layout.features(key)).collect();
        let one = features.pop_first().unwrap_or_default();
        if !features.is_empty() {
            return Err(format!(
                "{path}/{file}: its types depend on different features: {}",
                keys.iter()
                    .map(|key| format!("{key}: {:?}", layout.features(key)))
                    .collect::<Vec<_>>()
                    .join(", ")
            ));
        }
        let gate = if one == own {
            String::new()
        } else {
            gate(&one)
        };
        let cfg = gate.lines().next().unwrap_or_default();
        let _ = writeln!(mods, "{cfg}\nmod {file};");
        let _ = writeln!(uses, "{gate}pub use {file}::*;");
    }
    let children = children(modules, &found.children, Some(&own));
    let version = env!("CARGO_PKG_VERSION");
    aliases::check_members(layout, aliases, version)?;
    let aliases = aliases::types(layout, aliases, path, version)?;
    Ok(format!("{mods}{children}\n{uses}{aliases}"))
}

fn children(
    modules: &BTreeMap<&str, Module<'_>>,
    children: &BTreeSet<&str>,
    own: Option<&Features>,
) -> String {
    let mut out = String::new();
    for child in children {
        let features = modules
            .get(child)
            .and_then(|module| module.features.clone());
        let features = features.unwrap_or_default();
        if own != Some(&features) {
            out.push_str(&gate(&features));
        }
        let _ = writeln!(out, "pub mod {};", bare(child));
    }
    out
}

fn rule<'o>(overlay: &'o Overlay, module: &str, file: &str) -> Option<&'o FileRule> {
    overlay
        .files
        .iter()
        .find(|rule| rule.module == module && rule.file == file)
}

/// The folder of a module.
fn folder(path: &str) -> String {
    let below = if path.is_empty() { CORE } else { path };
    format!("{FOLDER}/{}", below.replace('.', "/"))
}
