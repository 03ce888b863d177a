//! Doc comments: our own words from `api/docs`, the facts where it has none.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::overlay::matches;
use crate::words::{phrase, singular, spoken};

/// Our own words about types, fields, variants and methods.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Docs {
    /// By type.
    types: Words,
    /// By `Type.field`, or `*.field` for every type that has it.
    fields: Words,
    /// By `Type.value`, or a pattern such as `*GroupBy.product`.
    variants: Words,
    /// By endpoint id; the beta form falls back to the plain one.
    methods: Words,
    /// By resource.
    resources: Words,
    /// By module of types.
    modules: Words,
    /// What one thing of a resource is called, by resource.
    nouns: Words,
    /// How the ids of a thing start, by its noun.
    ids: Words,
    #[serde(skip)]
    missing: std::cell::RefCell<BTreeSet<String>>,
}

/// Words by key, which remember what was asked for: a key that nobody asks for is a slip of the
/// pen.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "BTreeMap<String, String>")]
struct Words {
    texts: BTreeMap<String, String>,
    used: std::cell::RefCell<BTreeSet<String>>,
}

impl From<BTreeMap<String, String>> for Words {
    fn from(texts: BTreeMap<String, String>) -> Self {
        Self {
            texts,
            ..Self::default()
        }
    }
}

impl Words {
    fn get(&self, key: &str) -> Option<&String> {
        let text = self.texts.get(key)?;
        self.used.borrow_mut().insert(key.to_owned());
        Some(text)
    }

    /// Takes in those of another file; a key that both have is the error.
    fn absorb(&mut self, other: Self) -> Result<(), String> {
        for (key, text) in other.texts {
            if self.texts.contains_key(&key) {
                return Err(key);
            }
            self.texts.insert(key, text);
        }
        Ok(())
    }

    /// The words under the longest pattern that fits: it is more precise than the shorter ones.
    fn by_pattern(&self, key: &str) -> Option<&String> {
        let fits = |pattern: &&String| pattern.contains('*') && matches(pattern, key);
        let patterns = self.texts.keys().filter(fits);
        let best = patterns.max_by_key(|pattern| pattern.len());
        best.and_then(|pattern| self.get(pattern))
    }

    fn unused(&self) -> impl Iterator<Item = &String> {
        let used = self.used.borrow();
        let unused = move |key: &&String| !used.contains(*key);
        self.texts.keys().filter(unused)
    }
}

/// A sentence from the facts, and whether it adds to the name.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sentence {
    pub(crate) text: String,
    pub(crate) informs: bool,
}

impl Sentence {
    pub(crate) fn fact(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            informs: true,
        }
    }

    /// The name in other words, which is better than nothing.
    pub(crate) fn name(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            informs: false,
        }
    }
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
            ids,
            missing: _,
        } = other;
        self.types.absorb(types)?;
        self.fields.absorb(fields)?;
        self.variants.absorb(variants)?;
        self.methods.absorb(methods)?;
        self.resources.absorb(resources)?;
        self.modules.absorb(modules)?;
        self.nouns.absorb(nouns)?;
        self.ids.absorb(ids)
    }

    /// The keys that nothing in the generated code has asked for.
    pub(crate) fn unused(&self) -> Vec<String> {
        let sections = [
            ("types", &self.types),
            ("fields", &self.fields),
            ("variants", &self.variants),
            ("methods", &self.methods),
            ("resources", &self.resources),
            ("modules", &self.modules),
            ("nouns", &self.nouns),
            ("ids", &self.ids),
        ];
        let unused = sections
            .iter()
            .flat_map(|(section, words)| words.unused().map(move |key| format!("{section}.{key}")));
        unused.collect()
    }

    /// The words about a type, if there are any.
    pub(crate) fn type_words(&self, key: &str) -> Option<&str> {
        self.types.get(key).map(|text| text.trim())
    }

    pub(crate) fn type_doc(&self, key: &str, facts: &Sentence) -> String {
        let own = self.types.get(key);
        self.judge("types", key, own, &type_name(key), "");
        self.pick(own, || format!("types.{key}"), facts)
    }

    /// The form of a thing's ids, to stand behind the word, if it is known.
    fn id_form(&self, noun: &str) -> String {
        let start = self.ids.get(noun);
        start.map_or(String::new(), |start| format!(" (`{start}…`)"))
    }

    /// `noun` is what the field belongs to: `{owner}` in the words stands for it, `{form}` for the
    /// form of its ids.
    pub(crate) fn field_doc(
        &self,
        owner: &str,
        field: &str,
        noun: &str,
        facts: &Sentence,
    ) -> String {
        let key = format!("{owner}.{field}");
        let place = format!("{noun} {}", type_name(owner));
        if let Some(own) = self.fields.get(&key) {
            self.judge("fields", &key, Some(own), field, &place);
            return own.trim().replace("{owner}", noun);
        }
        let Some(text) = self.fields.by_pattern(&key) else {
            return self.pick(None, || format!("fields.{key}"), facts);
        };
        let text = text.trim().replace("{owner}", noun);
        let text = if text.contains("{form}") {
            text.replace("{form}", &self.id_form(noun))
        } else {
            text
        };
        // The words are for many types, and may be no more than the name of some.
        if !is_core(&format!("fields.{key}")) && facts.informs && restates(&text, field, noun) {
            return facts.text.clone();
        }
        self.judge("fields", &key, Some(&text), field, &place);
        text
    }

    pub(crate) fn variant_doc(&self, owner: &str, value: &str, facts: &Sentence) -> String {
        let key = format!("{owner}.{value}");
        let own = self.variants.get(&key);
        let own = own.or_else(|| self.variants.by_pattern(&key));
        self.judge("variants", &key, own, value, &type_name(owner));
        match own {
            Some(text) if !restates(text, value, "") => text.trim().to_owned(),
            _ => {
                if !facts.informs {
                    self.missing.borrow_mut().insert(format!("variants.{key}"));
                }
                facts.text.clone()
            }
        }
    }

    pub(crate) fn method_doc(&self, id: &str, facts: &Sentence) -> String {
        let plain = id.strip_prefix("beta.").unwrap_or(id);
        let own = self.methods.get(id).or_else(|| self.methods.get(plain));
        self.judge("methods", plain, own, &spoken(plain), "");
        self.pick(own, || format!("methods.{plain}"), facts)
    }

    pub(crate) fn resource_doc(&self, id: &str, facts: &str) -> String {
        let plain = id.strip_prefix("beta.").unwrap_or(id);
        let own = self.resources.get(id).or_else(|| self.resources.get(plain));
        self.judge("resources", plain, own, &spoken(plain), &self.noun(plain));
        self.pick(own, || format!("resources.{plain}"), &Sentence::name(facts))
    }

    /// What one thing of a resource is called: `session`.
    pub(crate) fn noun(&self, resource: &str) -> String {
        let plain = resource.strip_prefix("beta.").unwrap_or(resource);
        let own = self.nouns.get(plain).cloned();
        own.unwrap_or_else(|| singular(&spoken(plain.rsplit('.').next().unwrap_or(plain))))
    }

    pub(crate) fn module_doc(&self, path: &str) -> String {
        let facts = format!("The types of `{path}`.");
        let key = || format!("modules.{path}");
        let own = self.modules.get(path);
        self.judge("modules", path, own, &spoken(path), "");
        self.pick(own, key, &Sentence::name(facts))
    }

    /// What has no words of ours yet, as keys of `api/docs`: all of the core area, whatever else
    /// the facts alone add nothing to the name of, and what has words that add nothing to it.
    pub(crate) fn missing(&self) -> Vec<String> {
        self.missing.borrow().iter().cloned().collect()
    }

    /// Reports our own words that have none beside those of the name and of what it belongs to.
    fn judge(&self, section: &str, key: &str, own: Option<&String>, name: &str, place: &str) {
        if own.is_some_and(|own| restates(own, name, place)) {
            self.missing.borrow_mut().insert(format!("{section}.{key}"));
        }
    }

    fn pick(&self, own: Option<&String>, key: impl Fn() -> String, facts: &Sentence) -> String {
        if let Some(own) = own {
            return own.trim().to_owned();
        }
        let key = key();
        if !facts.informs || is_core(&key) {
            self.missing.borrow_mut().insert(key);
        }
        facts.text.clone()
    }
}

/// Whether something must have words of its own.
fn is_core(key: &str) -> bool {
    match key.split_once('.') {
        Some(("types", rest)) => !rest.contains('.'),
        Some(("fields", rest)) => rest.starts_with(char::is_uppercase),
        Some(("methods", rest)) => {
            let core = ["messages.", "models.", "files.", "skills."];
            core.iter().any(|start| rest.starts_with(start))
        }
        _ => true,
    }
}

/// A type's key as words: `agents.sessions.SessionThread` → `agents sessions session thread`.
fn type_name(key: &str) -> String {
    let (module, name) = key.rsplit_once('.').unwrap_or(("", key));
    format!("{} {}", spoken(module), phrase(name))
}

/// Whether a sentence has no word beside those of the name and of what it belongs to. The form of
/// an id, such as `user_…`, is more than the name.
pub(crate) fn restates(text: &str, field: &str, noun: &str) -> bool {
    const SMALL: [&str; 12] = [
        "the", "a", "an", "of", "it", "is", "this", "that", "new", "to", "in", "for",
    ];
    let words = |text: &str| -> BTreeSet<String> {
        let text = text.to_lowercase().replace("'s", "");
        let words = text.split(|c: char| !c.is_ascii_alphanumeric());
        let words = words.map(|word| word.trim_end_matches('s').to_owned());
        words.filter(|word| !word.is_empty()).collect()
    };
    if text.contains("_…`") {
        return false;
    }
    let names = words(&format!("{field} {noun} {}", spoken(field)));
    let small = words(&SMALL.join(" "));
    words(text)
        .difference(&small)
        .all(|word| names.contains(word))
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
