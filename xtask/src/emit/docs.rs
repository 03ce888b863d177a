//! Doc comments: our own words from `api/docs`, the facts where it has none.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::overlay::matches;
use crate::words::{singular, spoken};

/// Our own words about types, fields, variants and methods.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Docs {
    /// By type.
    types: BTreeMap<String, String>,
    /// By `Type.field`, or `*.field` for every type that has it.
    fields: BTreeMap<String, String>,
    /// By `Type.value`.
    variants: BTreeMap<String, String>,
    /// By endpoint id; the beta form falls back to the plain one.
    methods: BTreeMap<String, String>,
    /// By resource.
    resources: BTreeMap<String, String>,
    /// By module of types.
    modules: BTreeMap<String, String>,
    /// What one thing of a resource is called, by resource.
    nouns: BTreeMap<String, String>,
    #[serde(skip)]
    missing: std::cell::RefCell<BTreeSet<String>>,
}

impl Docs {
    /// Takes in the words of another file; a key that both have is the error.
    pub(crate) fn absorb(&mut self, other: Self) -> Result<(), String> {
        let Self {
            types,
            fields,
            variants,
            methods,
            resources,
            modules,
            nouns,
            missing: _,
        } = other;
        join(&mut self.types, types)?;
        join(&mut self.fields, fields)?;
        join(&mut self.variants, variants)?;
        join(&mut self.methods, methods)?;
        join(&mut self.resources, resources)?;
        join(&mut self.modules, modules)?;
        join(&mut self.nouns, nouns)
    }

    pub(crate) fn type_doc(&self, name: &str, facts: &str) -> String {
        self.pick(self.types.get(name), || format!("types.{name}"), facts)
    }

    /// `noun` is what the field belongs to: `{owner}` in the words stands for it.
    pub(crate) fn field_doc(&self, owner: &str, field: &str, noun: &str, facts: &str) -> String {
        let key = format!("{owner}.{field}");
        let own = self.fields.get(&key).or_else(|| {
            let fits = |pattern: &&String| pattern.contains('*') && matches(pattern, &key);
            let patterns = self.fields.keys().filter(fits);
            // The longer pattern says more.
            let best = patterns.max_by_key(|pattern| pattern.len())?;
            self.fields.get(best)
        });
        let text = self.pick(own, || format!("fields.{key}"), facts);
        text.replace("{owner}", noun)
    }

    pub(crate) fn variant_doc(&self, owner: &str, value: &str, facts: &str) -> String {
        // A variant is what its value says; words are only needed where that is not clear.
        self.variants
            .get(&format!("{owner}.{value}"))
            .map_or_else(|| facts.to_owned(), |text| text.trim().to_owned())
    }

    pub(crate) fn method_doc(&self, id: &str, facts: &str) -> String {
        let plain = id.strip_prefix("beta.").unwrap_or(id);
        let own = self.methods.get(id).or_else(|| self.methods.get(plain));
        self.pick(own, || format!("methods.{plain}"), facts)
    }

    pub(crate) fn resource_doc(&self, id: &str, facts: &str) -> String {
        let plain = id.strip_prefix("beta.").unwrap_or(id);
        let own = self.resources.get(id).or_else(|| self.resources.get(plain));
        self.pick(own, || format!("resources.{plain}"), facts)
    }

    /// What one thing of a resource is called: `session`.
    pub(crate) fn noun(&self, resource: &str) -> String {
        let plain = resource.strip_prefix("beta.").unwrap_or(resource);
        let own = self.nouns.get(plain).cloned();
        own.unwrap_or_else(|| singular(&spoken(plain.rsplit('.').next().unwrap_or(plain))))
    }

    pub(crate) fn module_doc(&self, path: &str) -> String {
        let facts = format!("The types of `{path}`.");
        self.pick(self.modules.get(path), || format!("modules.{path}"), &facts)
    }

    /// What has no words of ours yet, where the facts alone say too little: resources, modules, and
    /// everything in the core area.
    pub(crate) fn missing(&self) -> Vec<String> {
        let missing = self.missing.borrow();
        let is_core = |key: &&String| match key.split_once('.') {
            Some(("types", rest)) => !rest.contains('.'),
            Some(("fields", rest)) => rest.starts_with(char::is_uppercase),
            Some(("methods", rest)) => {
                let core = ["messages.", "models.", "files.", "skills."];
                core.iter().any(|start| rest.starts_with(start))
            }
            _ => true,
        };
        missing.iter().filter(is_core).cloned().collect()
    }

    fn pick(&self, own: Option<&String>, key: impl Fn() -> String, facts: &str) -> String {
        if own.is_none() {
            self.missing.borrow_mut().insert(key());
        }
        own.map_or_else(|| facts.to_owned(), |text| text.trim().to_owned())
    }
}

fn join(to: &mut BTreeMap<String, String>, from: BTreeMap<String, String>) -> Result<(), String> {
    for (key, text) in from {
        if to.contains_key(&key) {
            return Err(key);
        }
        to.insert(key, text);
    }
    Ok(())
}

/// Text as doc comment lines.
pub(crate) fn comment(out: &mut String, indent: &str, text: &str) {
    for line in text.lines() {
        let line = line.trim_end();
        out.push_str(indent);
        out.push_str(if line.is_empty() { "///" } else { "/// " });
        out.push_str(line);
        out.push('\n');
    }
}

/// A word list in prose: `a`, `b` or `c`.
pub(crate) fn words(values: &[String]) -> String {
    let quoted: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}
