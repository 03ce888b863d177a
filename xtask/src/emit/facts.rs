//! Sentences from the facts, for what `api/docs/` has no words of its own about.

use std::collections::{BTreeMap, BTreeSet};

use super::docs::{Docs, words};
use crate::description::{Description, Endpoint, Type};
use crate::layout::{self, Layout};
use crate::model::{Concept, Def, Field, Model, Presence, Ty};
use crate::names::{Names, bare};
use crate::words::{article, phrase, plural, sentence, spoken};

/// What is known of the concepts beside their definitions.
pub(crate) struct Facts {
    /// Where a concept is a field: its owner and the field.
    uses: BTreeMap<String, Vec<(String, String)>>,
    /// The unions that a concept is a form of, and its mark.
    forms: BTreeMap<String, (String, String)>,
    /// The calls that take a concept as their parameters: `create`, `POST /v1/agents` and the resource.
    takes: BTreeMap<String, Call>,
    /// What the endpoints answer.
    answers: BTreeMap<String, String>,
    /// What the official SDK calls it, where nobody would guess.
    officials: BTreeMap<String, BTreeSet<String>>,
    /// The beta headers without which a concept is never met.
    betas: BTreeMap<String, Vec<String>>,
}

struct Call {
    chain: String,
    http: String,
    verb: String,
    noun: String,
}

impl Facts {
    pub(crate) fn new(
        description: &Description,
        names: &Names<'_>,
        model: &Model,
        docs: &Docs,
    ) -> Self {
        let mut facts = Self {
            uses: BTreeMap::new(),
            forms: BTreeMap::new(),
            takes: BTreeMap::new(),
            answers: BTreeMap::new(),
            officials: BTreeMap::new(),
            betas: BTreeMap::new(),
        };
        for (key, betas) in layout::betas(names, model) {
            let betas = betas.into_iter().map(str::to_owned);
            facts.betas.insert(key, betas.collect());
        }
        for (key, concept) in &model.defs {
            facts.used(key, concept);
        }
        facts.called(description, names, docs);
        for official in description.types.keys() {
            let key = names.key(official);
            let class = official.rsplit('.').next().unwrap_or(official);
            let guessed = class.trim_start_matches("Beta");
            if guessed != bare(&key) && guessed.strip_suffix("Param") != Some(bare(&key)) {
                facts
                    .officials
                    .entry(key)
                    .or_default()
                    .insert(class.to_owned());
            }
        }
        facts
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

    fn called(&mut self, description: &Description, names: &Names<'_>, docs: &Docs) {
        for endpoint in &description.endpoints {
            let (resource, verb) = super::operations::split(&endpoint.id);
            let http = format!("{} {}", endpoint.method, endpoint.path);
            if let Some(params) = &endpoint.body_type {
                let call = Call {
                    chain: format!("client{}.{verb}", super::operations::chain(resource)),
                    http: http.clone(),
                    verb: verb.to_owned(),
                    noun: docs.noun(resource),
                };
                // The plain endpoints come after the beta ones.
                self.takes.insert(names.key(params), call);
            }
            if let Some(Type::Ref { to }) = &endpoint.response.r#type {
                self.answers.entry(names.key(to)).or_insert(http);
            }
        }
    }

    /// The official names by which somebody may look for a concept.
    pub(crate) fn aliases(&self, key: &str) -> impl Iterator<Item = &str> {
        let names = self.officials.get(key).into_iter().flatten();
        names.map(String::as_str).filter(|name| name.len() > 8)
    }

    /// That a concept may still change, and the header that switches it on.
    pub(crate) fn beta(&self, key: &str) -> String {
        match self.betas.get(key).map(Vec::as_slice) {
            Some(betas) if betas.len() < 3 => {
                format!("\nBeta ({}): the API may still change it.", words(betas))
            }
            _ => "\nBeta: the API may still change it.".to_owned(),
        }
    }

    /// What a concept is.
    pub(crate) fn concept(&self, key: &str, concept: &Concept) -> String {
        let name = phrase(bare(key));
        if let Some(call) = self.takes.get(key) {
            return format!("The parameters of `{}` (`{}`).", call.chain, call.http);
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
                return format!("The event `{mark}`.");
            }
            Some(mark) if bare(key).ends_with("EventData") => {
                return format!("What the webhook event `{mark}` tells.");
            }
            _ => {}
        }
        if let (Some((union, mark)), None) = (self.forms.get(key), self.answers.get(key)) {
            let known = mark.chars().all(|c| !c.is_ascii_uppercase());
            return if known {
                format!("The `{mark}` kind of {}.", link(union))
            } else {
                format!("{}: a form of {}.", sentence(&article(&name)), link(union))
            };
        }
        let what = match &concept.def {
            Def::Union { variants, .. } => {
                format!(
                    "{}, in one of {} kinds",
                    sentence(&article(&name)),
                    variants.len()
                )
            }
            Def::Shape { .. } => format!("{}, in one of several forms", sentence(&article(&name))),
            _ => sentence(&article(&name)),
        };
        format!("{what}{}.", self.place(key))
    }

    /// Where a concept is met.
    fn place(&self, key: &str) -> String {
        if let Some(http) = self.answers.get(key) {
            return format!(", as `{http}` returns it");
        }
        match self.uses.get(key).map(Vec::as_slice) {
            Some([(owner, field)]) => {
                format!(": `{field}` of {}", link(owner))
            }
            Some([(owner, field), .., (last, _)]) if owner != last => {
                format!(": `{field}` of {} and others", link(owner))
            }
            Some([(owner, field), ..]) => format!(": `{field}` of {}", link(owner)),
            _ => String::new(),
        }
    }

    /// The noun for what a field belongs to: `session`.
    pub(crate) fn owner(&self, key: &str) -> String {
        if let Some(call) = self.takes.get(key) {
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
        // Of a long name the end says what it is.
        let words: Vec<&str> = name.split(' ').collect();
        match words.as_slice() {
            [.., last] if HEADS.contains(last) => (*last).to_owned(),
            [.., one, two, last] if words.len() > 3 => format!("{one} {two} {last}"),
            _ => name,
        }
    }

    /// What a method does, from its verb.
    pub(crate) fn method(endpoint: &Endpoint, docs: &Docs) -> String {
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
            other => format!("{} {one}", sentence(&spoken(other))),
        };
        format!("{text}\n(`{} {}`).", endpoint.method, endpoint.path)
    }

    /// What a field is.
    pub(crate) fn field(&self, owner: &str, field: &Field) -> String {
        let noun = self.owner(owner);
        let call = self.takes.get(owner);
        let verb = call.map_or("", |call| call.verb.as_str());
        let mut text = time(field, &noun)
            .or_else(|| flag(field))
            .or_else(|| amount(field))
            .unwrap_or_else(|| thing(field, &noun, verb));
        match field.presence {
            Presence::Patch => text.push_str("; left out, it stays as it is, and `Null` clears it"),
            Presence::RequiredOrNull if matches!(field.ty, Ty::Timestamp) => {
                text.push_str("; null while that has not happened");
            }
            Presence::RequiredOrNull => text.push_str("; null where there is none"),
            Presence::Required | Presence::Optional => {}
        }
        text.push('.');
        text
    }
}

/// Nouns that say enough by themselves.
const HEADS: [&str; 14] = [
    "event",
    "error",
    "block",
    "source",
    "result",
    "policy",
    "toolset",
    "schedule",
    "reason",
    "preview",
    "scope",
    "input",
    "configuration",
    "resource",
];

/// Whether a verb is about one thing, whose id is in the path.
fn verb_takes_id(verb: &str) -> bool {
    !matches!(verb, "list" | "create" | "add" | "send")
}

/// The concept in a type, whatever is around it.
fn named(ty: &Ty) -> Option<&str> {
    match ty {
        Ty::Named(key) => Some(key),
        Ty::List(of) | Ty::Map(of) | Ty::Nullable(of) => named(of),
        _ => None,
    }
}

/// A link to a concept, wherever it is.
fn link(key: &str) -> String {
    let name = bare(key);
    format!("[`{name}`](crate::{})", Layout::path(key))
}

/// The accepted values of a field, where they are few; `model` holds the concepts as the module sees them.
pub(crate) fn values(ty: &Ty, model: &Model) -> Option<String> {
    let Def::Enum { values } = &model.defs.get(named(ty)?)?.def else {
        return None;
    };
    (values.len() <= 8).then(|| words(values))
}

/// A point in time.
fn time(field: &Field, noun: &str) -> Option<String> {
    let wire = field.wire.as_str();
    if let Some((stem, bound)) = wire.strip_suffix(']').and_then(|wire| wire.split_once('[')) {
        let what = spoken(stem.strip_suffix("_at").unwrap_or(stem));
        let bound = match bound {
            "gt" => "after",
            "gte" => "at or after",
            "lt" => "before",
            "lte" => "at or before",
            _ => return None,
        };
        return Some(format!("Only those {what} {bound} this time (RFC 3339)"));
    }
    let stem = wire.strip_suffix("_at")?;
    let what = spoken(stem);
    Some(match stem {
        "starting" | "start" => "The beginning of the time range (RFC 3339)".to_owned(),
        "ending" | "end" => "The end of the time range (RFC 3339)".to_owned(),
        _ if stem.ends_with("ed") || stem.ends_with("sent") || stem.ends_with("seen") => {
            format!("When the {noun} was {what} (RFC 3339)")
        }
        _ if stem.ends_with('s') => format!("When the {noun} {what} (RFC 3339)"),
        _ => format!("The time of: {what} (RFC 3339)"),
    })
}

/// Yes or no.
fn flag(field: &Field) -> Option<String> {
    if !matches!(&field.ty, Ty::Bool) {
        return None;
    }
    let what = spoken(&field.wire);
    let rest = |prefix: &str| what.strip_prefix(prefix).map(str::to_owned);
    Some(if let Some(rest) = rest("include ") {
        format!("Whether to include {rest}")
    } else if let Some(rest) = rest("is ") {
        format!("Whether it is {rest}")
    } else if let Some(rest) = rest("has ") {
        format!("Whether it has {rest}")
    } else if let Some(rest) = rest("allow ") {
        format!("Whether to allow {rest}")
    } else if what.ends_with("ed") && !what.contains(' ') {
        format!("Whether it is {what}")
    } else if what.ends_with(" enabled")
        || what.ends_with(" required")
        || what.ends_with(" allowed")
    {
        let (subject, state) = what.rsplit_once(' ')?;
        format!("Whether {subject} is {state}")
    } else {
        format!("Switches on: {what}")
    })
}

/// A number with its unit.
fn amount(field: &Field) -> Option<String> {
    let is_number = |ty: &Ty| matches!(ty, Ty::Signed | Ty::Unsigned | Ty::Float);
    let inner = match &field.ty {
        Ty::Nullable(of) => of,
        other => other,
    };
    if !is_number(inner) {
        return None;
    }
    let wire = field.wire.as_str();
    for (suffix, unit) in [
        ("_ms", "milliseconds"),
        ("_seconds", "seconds"),
        ("_bytes", "bytes"),
        ("_minutes", "minutes"),
        ("_hours", "hours"),
        ("_days", "days"),
        ("_pct", "per cent"),
        ("_percent", "per cent"),
    ] {
        if let Some(stem) = wire.strip_suffix(suffix) {
            return Some(format!("{}, in {unit}", sentence(&spoken(stem))));
        }
    }
    if let Some(stem) = wire.strip_suffix("_count") {
        // `skills_used_count`: what was done stands behind what it was done to.
        let counted = spoken(stem);
        let is_done = counted.ends_with("ed") || counted.ends_with("sent");
        return Some(if is_done {
            format!("How many: {counted}")
        } else {
            format!("How many {} there are", plural(&counted))
        });
    }
    if let Some(stem) = wire.strip_prefix("max_") {
        return Some(format!("How many {} there may be", spoken(stem)));
    }
    let countable = [
        "_tokens",
        "_requests",
        "_uses",
        "_users",
        "_chars",
        "_lines",
        "_calls",
        "_messages",
    ];
    if countable.iter().any(|suffix| wire.ends_with(suffix)) {
        return Some(format!("How many {}", spoken(wire)));
    }
    wire.strip_suffix('s')
        .map(|_| format!("How many {}", spoken(wire)))
        .or_else(|| {
            wire.strip_prefix("num_")
                .map(|stem| format!("How many {}", spoken(stem)))
        })
}

/// `The session's`, `The settings'`.
fn owned(noun: &str) -> String {
    let end = if noun.ends_with('s') { "'" } else { "'s" };
    format!("The {noun}{end}")
}

/// Anything else, by its name.
fn thing(field: &Field, noun: &str, verb: &str) -> String {
    let wire = field.wire.as_str();
    let what = spoken(wire);
    let many = matches!(&field.ty, Ty::List(_));
    let subject = if let Some(stem) = wire.strip_suffix("_ids") {
        format!("ids of the {}", plural(&spoken(stem)))
    } else if let Some(stem) = wire.strip_suffix("_id") {
        format!("id of the {}", spoken(stem))
    } else if let Some(stem) = wire.strip_suffix("_url") {
        format!("URL of the {}", spoken(stem))
    } else if let Some(stem) = wire.strip_suffix("ed_by").map(|stem| format!("{stem}ed")) {
        return format!("Who or what it was {} by", spoken(&stem));
    } else if wire == "id" {
        format!("id of the {noun}")
    } else if matches!(&field.ty, Ty::Map(_)) {
        format!("{what} of the {noun}, by key")
    } else {
        what.clone()
    };
    match verb {
        "list" if many => format!("Only {} with one of these {what}", plural(noun)),
        "list" if wire.ends_with("_id") => {
            format!("Only {} with this {what}", plural(noun))
        }
        "list" if wire.ends_with("_date") || wire == "date" => {
            format!("The {what} of the report (`YYYY-MM-DD`, UTC)")
        }
        "create" | "set" | "add" if !subject.contains(" of ") => {
            format!("The {subject} of the new {noun}")
        }
        "update" if !subject.contains(" of ") => format!("{} new {subject}", owned(noun)),
        _ if subject.contains(" of ") || subject.starts_with("id") => format!("The {subject}"),
        _ if wire.ends_with("_date") || wire == "date" => {
            format!("The {subject} (`YYYY-MM-DD`)")
        }
        _ => format!("{} {subject}", owned(noun)),
    }
}
