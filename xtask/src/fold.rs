//! Folding the official definitions of one concept (GA and beta, request and response) into one.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::description::{FieldDef, Kind, Limits, Place, Type, TypeDef};
use crate::limits;
use crate::merge::Merger;
use crate::model::{Concept, Def, Field, Model, Presence, Ty};
use crate::names::Names;
use crate::overlay::{Overlay, TypeOverlay, matches};
use crate::unions::Namer;

/// What the official set of betas is called, in responses and in parameters.
const BETAS: [&str; 2] = ["AnthropicBeta", "AnthropicBetaParam"];

/// A field of one official definition.
#[expect(
    clippy::struct_excessive_bools,
    reason = "five facts of the description, each yes or no"
)]
struct Seen {
    ty: Ty,
    required: bool,
    nullable: bool,
    is_object: bool,
    is_request: bool,
    is_beta: bool,
    limits: Limits,
}

/// Folds all official types.
pub(crate) fn fold(names: &Names<'_>) -> Model {
    let Names {
        description,
        overlay,
        ..
    } = *names;
    let merger = Merger {
        names,
        description,
        absorbed: RefCell::default(),
    };
    let folder = Folder {
        merger: &merger,
        overlay,
        paths: description.params_in(&[Place::Path]),
        sent: description.params_in(&[Place::Query, Place::Body]),
    };
    let mut groups: BTreeMap<String, Vec<(&str, &TypeDef)>> = BTreeMap::new();
    for (qualified, def) in &description.types {
        if overlay.fold.exceptions.contains_key(qualified) {
            continue;
        }
        groups
            .entry(names.key(qualified))
            .or_default()
            .push((qualified, def));
    }

    let mut model = Model {
        defs: BTreeMap::new(),
        problems: Vec::new(),
    };
    let mut raw: BTreeMap<String, (Raw, bool)> = BTreeMap::new();
    for (name, officials) in groups {
        match folder.concept(&name, &officials) {
            Ok(Some(def)) => {
                let beta_only = officials.iter().all(|(_, def)| def.beta);
                raw.insert(name, (def, beta_only));
            }
            Ok(None) => {}
            Err(problem) => model.problems.push(format!("{name}: {problem}")),
        }
    }
    // What another union contains beyond the union itself belongs to that union.
    for (name, members) in merger.absorbed.borrow().iter() {
        if let Some((Raw::Alias(ty), ..)) = raw.get_mut(name) {
            let more = Ty::Union {
                tag: None,
                members: members.clone(),
            };
            if let Ok(merged) = merger.merge(ty.clone(), more) {
                *ty = merged;
            }
        }
    }
    complete_betas(names, &mut raw);
    Namer {
        names,
        overlay,
        raw,
        model,
    }
    .finish()
}

/// The official set leaves out the betas that only the official SDK's own code sends or looks for.
fn complete_betas(names: &Names<'_>, raw: &mut BTreeMap<String, (Raw, bool)>) {
    let officials = names.description.types.keys();
    let is_set = |name: &&String| BETAS.iter().any(|set| name.rsplit('.').next() == Some(set));
    for official in officials.filter(is_set) {
        if let Some((Raw::Alias(Ty::Words(words)), _)) = raw.get_mut(&names.key(official)) {
            let others = names.description.betas.iter();
            let missing: Vec<_> = others.filter(|beta| !words.contains(beta)).collect();
            words.extend(missing.into_iter().cloned());
        }
    }
}

/// A concept before its anonymous types have names.
#[derive(Debug, Clone)]
pub(crate) enum Raw {
    Struct(Vec<Field>),
    Alias(Ty),
}

struct Folder<'a> {
    merger: &'a Merger<'a>,
    overlay: &'a Overlay,
    /// The parameters that are arguments of the method, by the official type that has them.
    paths: BTreeMap<&'a str, Vec<&'a str>>,
    /// Parameters in the query and the body, by the type that holds them.
    sent: BTreeMap<&'a str, Vec<&'a str>>,
}

impl Folder<'_> {
    fn concept(&self, name: &str, officials: &[(&str, &TypeDef)]) -> Result<Option<Raw>, String> {
        if self.overlay.fold.json.iter().any(|json| json == name) {
            return Ok(None);
        }
        let (structs, aliases): (Vec<_>, Vec<_>) = officials
            .iter()
            .partition(|(_, def)| def.kind != Kind::Alias);
        let is_replaced = |qualified: &str| {
            let official = qualified.rsplit('.').next().unwrap_or(qualified);
            self.overlay
                .fold
                .replaced
                .iter()
                .any(|pattern| matches(pattern, official))
        };
        // The plain definitions first: their order is the one that readers know.
        let mut aliases = aliases;
        aliases.sort_by_key(|(qualified, def)| (def.beta, *qualified));
        // An alias that only renames a struct, or holds several forms of one, is that struct.
        let mut alias: Option<Ty> = None;
        for (qualified, def) in aliases {
            let Some(ty) = &def.r#type else { continue };
            let lowered = self.merger.lower(ty);
            let is_rename = matches!(&lowered, Ty::Named(other) if other == name);
            let is_forms = matches!(&lowered, Ty::Union { members, .. }
                if members.iter().all(|m| matches!(m, Ty::Named(other) if other == name)));
            if is_rename || is_forms || is_replaced(qualified) {
                continue;
            }
            if !matches!(lowered, Ty::Union { .. } | Ty::Words(_)) {
                continue;
            }
            alias = Some(match alias.take() {
                None => lowered,
                Some(before) => self.merger.merge(before, lowered)?,
            });
        }
        match (structs.is_empty(), alias) {
            (true, Some(ty)) => Ok(Some(Raw::Alias(without_self(ty, name)))),
            (true, None) => Ok(None),
            (false, None) => self
                .structure(name, &structs)
                .map(|fields| Some(Raw::Struct(fields))),
            (false, Some(_)) => Err("both a struct and a union".to_owned()),
        }
    }

    fn structure(&self, name: &str, officials: &[(&str, &TypeDef)]) -> Result<Vec<Field>, String> {
        let overlay = self.overlay.type_overlay(name);
        let mut order: Vec<String> = Vec::new();
        let mut seen: BTreeMap<String, Vec<Seen>> = BTreeMap::new();
        // The plain definitions first: their order of fields is the one that readers know.
        let mut sorted: Vec<_> = officials.iter().collect();
        sorted.sort_by_key(|(qualified, def)| (def.beta, def.kind == Kind::Dict, *qualified));
        for (qualified, def) in sorted {
            for field in def.fields.iter().filter(|field| !field.local) {
                let is_dropped = overlay.is_some_and(|own| own.drop.contains(&field.wire));
                if is_dropped || self.is_elsewhere(name, qualified, &field.wire) {
                    continue;
                }
                if !order.contains(&field.wire) {
                    order.push(field.wire.clone());
                }
                let seen = seen.entry(field.wire.clone()).or_default();
                seen.push(self.seen(def, field));
            }
        }
        let all = officials.len();
        let has_request = officials.iter().any(|(_, def)| def.kind == Kind::Dict);
        let has_plain = officials.iter().any(|(_, def)| !def.beta);
        let mut fields = Vec::new();
        for wire in order {
            let Some(seen) = seen.remove(&wire) else {
                continue;
            };
            let patches = self.overlay.fold.patch.iter().any(|p| matches(p, name));
            let presence = presence(patches, &seen, all);
            let beta_only = has_plain && seen.iter().all(|seen| seen.is_beta);
            let response_only = has_request && !seen.iter().any(|seen| seen.is_request);
            let null_sent = seen.iter().any(|seen| seen.is_request && seen.nullable);
            let is_object = seen.iter().all(|seen| seen.is_object);
            let limits = limits::merge(seen.iter().map(|seen| &seen.limits));
            let mut types = seen.into_iter().map(|seen| seen.ty);
            let first = types.next().unwrap_or(Ty::Json);
            let ty = types
                .try_fold(first, |a, b| self.merger.merge(a, b))
                .map_err(|problem| format!("{wire}: {problem}"))?;
            // Files are arguments of the method: only it can read them.
            if ty == Ty::File || ty == Ty::List(Box::new(Ty::File)) {
                continue;
            }
            let ty = self.number(&wire, ty);
            fields.push(Field {
                wire,
                ty,
                presence,
                beta_only,
                response_only,
                null_sent,
                is_object,
                limits,
            });
        }
        fields.extend(added(overlay)?);
        Ok(fields)
    }

    fn seen(&self, def: &TypeDef, field: &FieldDef) -> Seen {
        Seen {
            ty: self.merger.lower(&field.r#type),
            required: field.required,
            nullable: field.nullable,
            is_object: is_object(&field.r#type),
            is_request: def.kind == Kind::Dict,
            is_beta: def.beta,
            limits: field.limits.clone(),
        }
    }

    /// Whether a parameter is an argument of the method, or an option of every request. Some send
    /// in the body what others have as a header.
    fn is_elsewhere(&self, name: &str, qualified: &str, wire: &str) -> bool {
        let has = |params: &BTreeMap<&str, Vec<&str>>| {
            params
                .get(qualified)
                .is_some_and(|names| names.contains(&wire))
        };
        let options = &self.overlay.fold.options;
        let is_option = name.ends_with("Params") && options.iter().any(|option| option == wire);
        has(&self.paths) || (is_option && !has(&self.sent))
    }

    /// Counts and sizes cannot be negative.
    fn number(&self, wire: &str, ty: Ty) -> Ty {
        match ty {
            Ty::Signed
                if self
                    .overlay
                    .numbers
                    .unsigned
                    .iter()
                    .any(|p| matches(p, wire)) =>
            {
                Ty::Unsigned
            }
            Ty::List(of) => Ty::List(Box::new(self.number(wire, *of))),
            Ty::Nullable(of) => Ty::Nullable(Box::new(self.number(wire, *of))),
            other => other,
        }
    }
}

/// Whether a type is an object whose keys and values are free.
fn is_object(ty: &Type) -> bool {
    matches!(ty, Type::Map { of } if matches!(**of, Type::Any))
}

/// The fields that the overlay adds.
pub(crate) fn added(overlay: Option<&TypeOverlay>) -> Result<Vec<Field>, String> {
    let added = overlay
        .map(|overlay| overlay.add.as_slice())
        .unwrap_or_default();
    added
        .iter()
        .map(|field| {
            let presence = match (field.required, field.nullable) {
                (true, true) => Presence::RequiredOrNull,
                (true, false) => Presence::Required,
                (false, _) => Presence::Optional,
            };
            Ok(Field {
                wire: field.name.clone(),
                ty: parse_type(&field.r#type)?,
                presence,
                beta_only: false,
                response_only: false,
                null_sent: field.nullable,
                is_object: false,
                limits: Limits::new(),
            })
        })
        .collect()
}

/// A type as the overlay writes it: `string`, `number`, `list string`, `Metadata`.
fn parse_type(text: &str) -> Result<Ty, String> {
    Ok(match text {
        "string" => Ty::String,
        "bool" => Ty::Bool,
        "unsigned" => Ty::Unsigned,
        "signed" => Ty::Signed,
        "number" => Ty::Float,
        "json" => Ty::Json,
        "timestamp" => Ty::Timestamp,
        other => match other.split_once(' ') {
            Some(("list", of)) => Ty::List(Box::new(parse_type(of)?)),
            Some(_) => return Err(format!("the overlay's type {text:?} is not understood")),
            None => Ty::Named(other.to_owned()),
        },
    })
}

fn presence(patches: bool, seen: &[Seen], definitions: usize) -> Presence {
    let everywhere = seen.len() == definitions;
    let always_nullable = seen.iter().all(|seen| seen.nullable);
    if always_nullable && seen.iter().any(|seen| seen.required) {
        return Presence::RequiredOrNull;
    }
    if everywhere && seen.iter().all(|seen| seen.required && !seen.nullable) {
        return Presence::Required;
    }
    if patches && seen.iter().all(|seen| seen.nullable && seen.is_request) {
        return Presence::Patch;
    }
    Presence::Optional
}

/// A union does not contain itself.
fn without_self(ty: Ty, name: &str) -> Ty {
    match ty {
        Ty::Union { tag, mut members } => {
            members.retain(|member| *member != Ty::Named(name.to_owned()));
            Ty::Union { tag, members }
        }
        other => other,
    }
}

/// Concepts that only the overlay knows.
pub(crate) fn overlay_only(overlay: &Overlay, model: &mut Model) {
    for (name, own) in &overlay.types {
        if model.defs.contains_key(name) || (own.constants.is_empty() && own.values.is_empty()) {
            continue;
        }
        let def = if own.values.is_empty() {
            match added(Some(own)) {
                Ok(fields) => Def::Struct {
                    constants: own
                        .constants
                        .iter()
                        .filter(|(key, _)| !key.is_empty())
                        .map(|(key, value)| (key.clone(), value.clone()))
                        .collect(),
                    fields,
                },
                Err(problem) => {
                    model.problems.push(format!("{name}: {problem}"));
                    continue;
                }
            }
        } else {
            Def::Enum {
                values: own.values.clone(),
            }
        };
        let concept = Concept {
            def,
            beta_only: false,
        };
        model.defs.insert(name.clone(), concept);
    }
}
