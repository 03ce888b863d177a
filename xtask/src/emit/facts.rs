//! What is known of concepts and fields, as docs: our words, and sentences from the facts where
//! there are none.

use std::collections::{BTreeMap, BTreeSet};

use super::betas::{Betas, named};
use super::calls::{Calls, http};
use super::deliveries;
use super::docs::{Docs, Sentence, words};
use super::sentences::{self, Subject};
use crate::description::Endpoint;
use crate::layout::{self, Layout};
use crate::limits;
use crate::model::{Concept, Def, Field, Model, Presence, Variant};
use crate::names::{Names, bare, camel};
use crate::overlay::Overlay;
use crate::words::{
    HEADS, TAILS, article, continued, first_sentence, phrase, plural, sentence, spoken,
};

/// What is known of the concepts beside their definitions.
pub(crate) struct Facts<'a> {
    docs: &'a Docs,
    layout: &'a Layout<'a>,
    /// Where a concept is a field: its owner and the field.
    uses: BTreeMap<String, Vec<(String, String)>>,
    /// The unions that a concept is a form of, and its mark.
    forms: BTreeMap<String, (String, String)>,
    calls: Calls,
    /// What the official SDK calls it, where nobody would guess.
    officials: BTreeMap<String, BTreeSet<String>>,
    betas: Betas,
    /// What has an id: the placeholders of all paths, without `_id`.
    with_ids: BTreeSet<String>,
}

impl<'a> Facts<'a> {
    pub(crate) fn new(
        names: &Names<'_>,
        layout: &'a Layout<'a>,
        overlay: &Overlay,
        docs: &'a Docs,
    ) -> Result<Self, String> {
        let description = names.description;
        let model = layout.model;
        let betas = Betas::new(names, model, overlay)?;
        let bare_betas = betas.bare(model);
        if !bare_betas.is_empty() {
            let list = bare_betas.join("\n  ");
            return Err(format!("beta, and [betas] has no header for it:\n  {list}"));
        }
        let mut facts = Self {
            docs,
            layout,
            uses: BTreeMap::new(),
            forms: BTreeMap::new(),
            calls: Calls::new(names, docs),
            officials: BTreeMap::new(),
            betas,
            with_ids: OTHERS_WITH_IDS.iter().map(|&it| it.to_owned()).collect(),
        };
        for (key, concept) in &model.defs {
            facts.used(key, concept);
        }
        for endpoint in &description.endpoints {
            let parts = endpoint.path.split(['{', '}']);
            let ids = parts.filter_map(|part| part.strip_suffix("_id"));
            facts.with_ids.extend(ids.map(str::to_owned));
        }
        for official in description.types.keys() {
            let key = names.key(official);
            let class = official.rsplit('.').next().unwrap_or(official);
            let guessed = class.trim_start_matches("Beta");
            let stem = guessed.strip_suffix("Param").unwrap_or(guessed);
            // Of a name that only acronyms change, the official spelling is enough.
            let same = [guessed, stem]
                .into_iter()
                .find(|name| camel(name) == bare(&key));
            let is_telling = same.is_some() || class.len() > 8;
            let class = same.unwrap_or(class);
            if is_telling && class != bare(&key) {
                let known = facts.officials.entry(key).or_default();
                known.insert(class.to_owned());
            }
        }
        Ok(facts)
    }

    fn used(&mut self, key: &str, concept: &Concept) {
        match &concept.def {
            Def::Struct { fields, .. } => {
                for field in fields {
                    if let Some(inner) = named(&field.ty) {
                        let place = (key.to_owned(), field.wire.clone());
                        self.uses.entry(inner.to_owned()).or_default().push(place);
                    }
                }
            }
            Def::Union { variants, .. } | Def::Shape { variants } => {
                for variant in variants {
                    if let Some(inner) = named(&variant.ty) {
                        let mark = variant.marks.first().cloned().unwrap_or_default();
                        let form = (key.to_owned(), mark);
                        self.forms.entry(inner.to_owned()).or_insert(form);
                    }
                }
            }
            Def::Enum { .. } | Def::Set { .. } => {}
        }
    }

    /// The official names by which somebody may look for a concept.
    pub(crate) fn aliases(&self, key: &str) -> impl Iterator<Item = &str> {
        let names = self.officials.get(key).into_iter().flatten();
        names.map(String::as_str)
    }

    /// The docs of a type: what it is, where it goes, what switches it on.
    pub(crate) fn type_text(&self, key: &str, concept: &Concept) -> String {
        let words = self.docs.type_words(key);
        let mut text = self.docs.type_doc(key, &self.concept(key, concept));
        let mut about = match words {
            Some(_) => self.calls.text(key),
            None => Vec::new(),
        };
        let is_called = self.calls.takes(key).is_some() || !self.calls.answers(key).is_empty();
        if is_called {
            let features: Vec<String> = self.layout.features(key).into_iter().collect();
            if !features.is_empty() {
                about.push(format!(
                    "Needs the crate feature {}.",
                    super::docs::words(&features)
                ));
            }
        }
        if concept.beta_only {
            about.push(self.betas.type_text(key));
        }
        about.retain(|line| !line.is_empty());
        if !about.is_empty() {
            text = format!("{text}\n\n{}", about.join("\n"));
        }
        text
    }

    /// The docs of a field; `model` holds the concepts as the module sees them.
    pub(crate) fn field_text(
        &self,
        key: &str,
        concept: &Concept,
        field: &Field,
        model: &Model,
    ) -> FieldText {
        let noun = self.owner(key);
        let values = values(field, model);
        let found = self.field(key, field, values);
        let mut text = self.docs.field_doc(key, &field.wire, &noun, &found);
        let unsaid = |values: &[String]| {
            values
                .iter()
                .any(|value| !text.contains(&format!("`{value}`")))
        };
        if !values.is_empty() && values.len() <= 8 && unsaid(values) {
            let known = words(values);
            text = format!("{text} Known: {known}.");
        }
        let mut bounds = limits::sentence(&field.limits, &text).unwrap_or_default();
        if field.presence == Presence::Patch {
            bounds.push_str(patch(&format!("{text} {bounds}")));
        }
        let betas = self.betas.field_text(key, concept, field, &text);
        FieldText {
            words: text,
            bounds: bounds.trim().to_owned(),
            betas,
        }
    }

    /// What a variant of a union is: the first sentence about its type, and the values of the tag.
    pub(crate) fn variant(&self, variant: &Variant, module: &str) -> Sentence {
        let marks = words(&variant.marks);
        let about = named(&variant.ty).and_then(|path| {
            let key = key_of(path, module);
            let words = self.docs.type_words(&key).map(str::to_owned);
            words.or_else(|| {
                let found = self.concept(&key, self.layout.model.defs.get(&key)?);
                found.informs.then_some(found.text)
            })
        });
        let Some(about) = about else {
            return Sentence::name(format!("{marks}."));
        };
        let about = first_sentence(&about);
        if variant
            .marks
            .iter()
            .all(|mark| about.contains(&format!("`{mark}`")))
        {
            return Sentence::fact(format!("{about}."));
        }
        Sentence::fact(format!("{marks}: {}.", continued(&about)))
    }

    /// What a concept is.
    pub(crate) fn concept(&self, key: &str, concept: &Concept) -> Sentence {
        let name = phrase(bare(key));
        if let Some(text) = self.calls.params_text(key) {
            return Sentence::fact(text);
        }
        let mark = match &concept.def {
            Def::Struct { constants, .. } => constants
                .iter()
                .find(|(key, _)| key == "type")
                .map(|(_, value)| value.as_str()),
            _ => None,
        };
        match mark {
            Some(mark) if bare(key).ends_with("Event") => {
                return Sentence::name(format!("The event `{mark}`."));
            }
            Some(mark) if bare(key).ends_with("EventData") => {
                return Sentence::fact(deliveries::delivered(mark));
            }
            _ => {}
        }
        if let (Some((union, mark)), true) =
            (self.forms.get(key), self.calls.answers(key).is_empty())
        {
            let known = mark.chars().all(|c| !c.is_ascii_uppercase());
            return Sentence::name(if known {
                format!("The `{mark}` kind of {}.", link(union))
            } else {
                format!("{}: a form of {}.", sentence(&article(&name)), link(union))
            });
        }
        let what = sentence(&article(&name));
        if let Some(answer) = self.calls.answer_text(key) {
            return Sentence::fact(format!("{what}, {answer}."));
        }
        match (&concept.def, self.place(key)) {
            (Def::Union { variants, .. }, Some(place)) => {
                let kinds = variants.len();
                Sentence::fact(format!("What {place} may be: one of {kinds} kinds."))
            }
            (Def::Union { variants, .. }, None) => {
                Sentence::fact(format!("{what}, in one of {} kinds.", variants.len()))
            }
            (Def::Enum { .. } | Def::Shape { .. }, Some(place)) => {
                Sentence::fact(format!("What {place} may be."))
            }
            (_, Some(place)) => Sentence::name(format!("{what}: {place}.")),
            (_, None) => Sentence::name(format!("{what}.")),
        }
    }

    /// Where a concept is met.
    fn place(&self, key: &str) -> Option<String> {
        match self.uses.get(key)?.as_slice() {
            [(owner, field), .., (last, _)] if owner != last => {
                Some(format!("`{field}` of {} and others", link(owner)))
            }
            [(owner, field), ..] => Some(format!("`{field}` of {}", link(owner))),
            [] => None,
        }
    }

    /// The noun for what a field belongs to: `session`.
    pub(crate) fn owner(&self, key: &str) -> String {
        if let Some(call) = self.calls.takes(key) {
            return call.noun.clone();
        }
        let name = bare(key);
        let name = name
            .strip_prefix("Deleted")
            .filter(|it| !it.is_empty())
            .unwrap_or(name);
        let stem = ["Response", "Resource", "Info", "Params", "Object"]
            .iter()
            .find_map(|suffix| name.strip_suffix(suffix));
        let name = phrase(stem.filter(|stem| !stem.is_empty()).unwrap_or(name));
        let mut words: Vec<&str> = name.split(' ').collect();
        // What is done with it, and how it is, is nothing about what it is.
        while words.len() > 1 && words.last().is_some_and(|last| TAILS.contains(last)) {
            words.pop();
        }
        // The end of a long name is what it is.
        match words.as_slice() {
            [.., "by"] => "actor".to_owned(),
            [.., last] if HEADS.contains(last) => (*last).to_owned(),
            [.., one, last] if words.len() > 3 => format!("{one} {last}"),
            words => words.join(" "),
        }
    }

    /// What a method does, from its verb.
    pub(crate) fn method(endpoint: &Endpoint, docs: &Docs) -> Sentence {
        let (resource, verb) = super::operations::split(&endpoint.id);
        let noun = docs.noun(resource);
        let above = super::operations::split(resource).0;
        // Only what the path names is a part of something.
        let is_part = endpoint.path.matches('{').count() > usize::from(verb_takes_id(verb));
        let above = (is_part && !matches!(above, "" | "beta")).then(|| article(&docs.noun(above)));
        let of = |word: &str| {
            above
                .as_ref()
                .map_or(String::new(), |above| format!(" {word} {above}"))
        };
        let one = if noun.contains("settings") {
            format!("the {noun}")
        } else {
            article(&noun)
        };
        let mut informs = true;
        let text = match verb {
            "list" => format!("Lists {}{}", plural(&noun), of("of")),
            "create" => format!("Creates {one}{}", of("in")),
            "retrieve" => format!("Looks up {one}{}", of("of")),
            "update" => format!("Changes {one}{}; what is left out stays as it is", of("of")),
            "delete" => format!("Deletes {one}{}", of("of")),
            "archive" => format!("Archives {one}{}", of("of")),
            "add" => format!("Adds {one}{}", of("to")),
            "remove" => format!("Removes {one}{}", of("from")),
            "set" => format!("Sets {one}{}", of("of")),
            other => {
                informs = false;
                format!("{} {one}", sentence(&spoken(other)))
            }
        };
        let text = format!("{text}\n(`{}`).", http(endpoint));
        Sentence { text, informs }
    }

    /// What a field is.
    pub(crate) fn field(&self, key: &str, field: &Field, values: &[String]) -> Sentence {
        let call = self.calls.takes(key);
        let answers = self.calls.answers(key);
        let placeholder = format!("{{{}}}/", field.wire);
        let about = named(&field.ty).map(|path| key_of(path, layout::module(key)));
        let is_list = matches!(
            field.ty,
            crate::model::Ty::List(_) | crate::model::Ty::Map(_)
        );
        let about = about.and_then(|about| self.docs.type_words(&about));
        let concept = self.layout.model.defs.get(key).map(|concept| &concept.def);
        let has_id = match concept {
            Some(Def::Struct { fields, .. }) => fields.iter().any(|field| field.wire == "id"),
            _ => false,
        };
        let subject = Subject {
            noun: &self.owner(key),
            verb: call.map_or("", |call| call.verb.as_str()),
            is_report: call.is_some_and(|call| REPORTS.iter().any(|it| call.path.ends_with(it))),
            values,
            about: about.filter(|_| !is_list),
            type_name: named(&field.ty).map_or("", |path| bare_path(path)),
            has_id: &|stem: &str| self.with_ids.contains(stem),
            is_below: has_id && answers.iter().any(|call| call.path.contains(&placeholder)),
        };
        sentences::field(&subject, field)
    }
}

/// The docs of a field, in parts.
pub(crate) struct FieldText {
    words: String,
    /// Bounds, the default, and what `null` does.
    bounds: String,
    betas: String,
}

impl FieldText {
    /// All of it.
    pub(crate) fn all(&self) -> String {
        let text = spaced(&self.words, &self.bounds);
        if self.betas.is_empty() {
            return text;
        }
        format!("{text}\n\n{}", self.betas)
    }

    /// The first paragraph, with the bounds.
    pub(crate) fn brief(&self) -> String {
        let first = self.words.split("\n\n").next().unwrap_or_default();
        spaced(first, &self.bounds)
    }
}

fn spaced(text: &str, more: &str) -> String {
    format!("{text} {more}").trim().to_owned()
}

/// What counts rather than lists.
const REPORTS: [&str; 4] = ["/cost", "/usage", "_report", "/analytics/users"];

/// What has an id beside what paths name.
const OTHERS_WITH_IDS: [&str; 14] = [
    "actor",
    "channel",
    "claude_tag_user",
    "connector",
    "event",
    "organization",
    "outcome",
    "project",
    "role",
    "slack_channel",
    "slack_workspace",
    "tool_use",
    "user",
    "workflow_run",
];

/// Whether a verb is about one thing, whose id is in the path.
fn verb_takes_id(verb: &str) -> bool {
    !matches!(verb, "list" | "create" | "add" | "send")
}

/// A link to a concept, wherever it is.
fn link(key: &str) -> String {
    let name = bare(key);
    format!("[`{name}`](crate::{})", Layout::path(key))
}

/// What the words about a field of an update leave unsaid. What `null` does there only words can
/// describe.
fn patch(words: &str) -> &'static str {
    let words = words.to_lowercase().replace('\n', " ");
    match (words.contains("null"), words.contains("left out")) {
        (true, _) => "",
        (false, true) => " `Null` sends `null`.",
        (false, false) => " Left out, it stays as it is; `Null` sends `null`.",
    }
}

/// The key of a concept that is named by its path where it is elsewhere.
fn key_of(path: &str, module: &str) -> String {
    match path.strip_prefix("crate::") {
        Some(path) => path.replace("::", "."),
        None if module.is_empty() => path.to_owned(),
        None => format!("{module}.{path}"),
    }
}

/// `crate::agents::Session` → `Session`
fn bare_path(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}

/// The values that a field may have, if they are a closed set.
pub(crate) fn values<'m>(field: &Field, model: &'m Model) -> &'m [String] {
    let concept = named(&field.ty).and_then(|key| model.defs.get(key));
    match concept.map(|concept| &concept.def) {
        Some(Def::Enum { values }) => values,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::patch;

    #[test]
    fn an_update_says_what_its_words_leave_out() {
        let both = " Left out, it stays as it is; `Null` sends `null`.";
        assert_eq!(patch("The new name."), both);
        assert_eq!(
            patch("The new name. Left\nout, it stays."),
            " `Null` sends `null`."
        );
        assert_eq!(patch("The new name; `Null` takes it away."), "");
    }
}
