//! What of our public API a new description would take away or change, for those who use it.
//!
//! Both descriptions are folded by today's rules, so that what is reported follows from the API and
//! not from a decision of ours. What is merely new breaks nobody: types and sets are
//! `#[non_exhaustive]`.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::aliases::Renamed;
use crate::description::{Description, Endpoint, Place, Type};
use crate::emit::operations::split;
use crate::fold::fold;
use crate::merge::Merger;
use crate::model::{Def, Field, Presence, Variant, rust};
use crate::names::Names;
use crate::overlay::Overlay;

/// What a description becomes here: types and methods by name.
pub(crate) struct Surface {
    types: BTreeMap<String, Def>,
    methods: BTreeMap<String, Signature>,
}

/// What a method takes and returns.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Signature {
    http: String,
    path: Vec<String>,
    params: Option<String>,
    files: Vec<String>,
    answer: String,
}

/// What a new description would break.
#[derive(Debug, PartialEq, Eq, Default)]
pub(crate) struct Breaks {
    /// A line for each.
    pub(crate) lines: Vec<String>,
    /// What has another name and is the same otherwise.
    pub(crate) renamed: Renamed,
}

impl Surface {
    /// Folds a description; what cannot be folded yet is reported by `cargo xtask generate`, and
    /// left out here.
    pub(crate) fn new(description: &Description, overlay: &Overlay) -> Self {
        let names = Names::new(description, overlay);
        let model = fold(&names);
        let merger = Merger {
            names: &names,
            description,
            absorbed: RefCell::default(),
        };
        let methods = description.endpoints.iter();
        let methods = methods.map(|it| (it.id.clone(), signature(it, &names, &merger)));
        Self {
            methods: methods.collect(),
            types: model
                .defs
                .into_iter()
                .map(|(key, concept)| (key, concept.def))
                .collect(),
        }
    }
}

fn signature(endpoint: &Endpoint, names: &Names<'_>, merger: &Merger<'_>) -> Signature {
    let of = |ty: &Type| rust(&merger.lower(ty));
    let options = &names.overlay.fold.options;
    let in_params = |place: Place| matches!(place, Place::Query | Place::Body);
    let has_params = endpoint
        .params
        .iter()
        .any(|it| in_params(it.r#in) && !options.contains(&it.name));
    let item = endpoint.response.r#type.as_ref().map(of);
    let event = endpoint.stream.as_ref().map(|stream| of(&stream.event));
    let parts = [Some(endpoint.response.kind.clone()), item, event];
    let placeholders = endpoint.path.split('{').skip(1);
    Signature {
        http: format!("{} {}", endpoint.method, endpoint.path),
        path: placeholders
            .filter_map(|part| Some(part.split_once('}')?.0.to_owned()))
            .collect(),
        params: endpoint
            .body_type
            .as_deref()
            .filter(|_| has_params)
            .map(|to| names.key(to)),
        files: endpoint
            .files
            .iter()
            .filter_map(|path| path.first().cloned())
            .collect(),
        answer: parts.into_iter().flatten().collect::<Vec<_>>().join(" "),
    }
}

/// What users of one surface would have to change for the other.
pub(crate) fn breaks(before: &Surface, after: &Surface) -> Breaks {
    let mut found = Breaks::default();
    types(&mut found, before, after);
    methods(&mut found, before, after);
    found
}

fn types(found: &mut Breaks, before: &Surface, after: &Surface) {
    let successors = successors(&before.types, &after.types);
    for (key, old) in &before.types {
        if let Some(new) = after.types.get(key) {
            found.definition(key, old, new);
        } else if let Some(new) = successors.get(key) {
            found.push(format!("type renamed: {key} → {new}"));
            found.renamed.types.push((key.clone(), (*new).clone()));
        } else {
            found.push(format!("type removed: {key}"));
        }
    }
}

type Types = BTreeMap<String, Def>;

/// What has become of the types that are gone: first those that are the same under another name,
/// then those that have got more fields besides.
fn successors<'t>(before: &'t Types, after: &'t Types) -> BTreeMap<&'t String, &'t String> {
    let mut found = BTreeMap::new();
    for is_successor in [<Def as PartialEq>::eq, has_grown] {
        let gone = before.iter();
        let gone = gone.filter(|(key, _)| !after.contains_key(*key) && !found.contains_key(key));
        let gone: Vec<_> = gone.collect();
        let taken: BTreeSet<_> = found.values().copied().collect();
        let new = after.iter();
        let new = new.filter(|(key, _)| !before.contains_key(*key) && !taken.contains(key));
        let new: Vec<_> = new.collect();
        for (key, old) in &gone {
            let mut fitting = new.iter().filter(|(_, new)| is_successor(old, new));
            // Of several that are alike, none is it for sure.
            let (Some((other, new)), None) = (fitting.next(), fitting.next()) else {
                continue;
            };
            if gone.iter().filter(|(_, it)| is_successor(it, new)).count() == 1 {
                found.insert(*key, *other);
            }
        }
    }
    found
}

/// Whether a struct has all fields of another, and beside them only some that may be left out.
fn has_grown(old: &Def, new: &Def) -> bool {
    let (
        Def::Struct {
            constants: before,
            fields: old,
        },
        Def::Struct {
            constants: after,
            fields: new,
        },
    ) = (old, new)
    else {
        return false;
    };
    let same =
        |one: &Field, other: &Field| one.wire == other.wire && written(one) == written(other);
    // Without any fields it would be part of every other one.
    !old.is_empty()
        && before == after
        && old.iter().all(|field| new.iter().any(|it| same(field, it)))
        && new.iter().all(|field| {
            field.presence != Presence::Required || old.iter().any(|it| same(field, it))
        })
}

fn methods(found: &mut Breaks, before: &Surface, after: &Surface) {
    for (id, old) in &before.methods {
        if let Some(new) = after.methods.get(id) {
            found.signature(id, old, new);
            continue;
        }
        let is_beta = |id: &str| id.starts_with("beta.");
        let same = after.methods.iter().find(|(other, new)| {
            !before.methods.contains_key(*other)
                && is_beta(other) == is_beta(id)
                && new.http == old.http
        });
        match same {
            Some((other, new)) => {
                found.push(format!("method renamed: {id} → {other}"));
                found.signature(other, old, new);
                // A method of another handle has no place for an alias.
                if split(id).0 == split(other).0 {
                    found.renamed.methods.push((id.clone(), other.clone()));
                }
            }
            None => found.push(format!("method removed: {id} ({})", old.http)),
        }
    }
}

impl Breaks {
    fn push(&mut self, line: String) {
        self.lines.push(line);
    }

    /// A line where two texts differ.
    fn changed(&mut self, what: &str, old: &str, new: &str) {
        if old != new {
            self.push(format!("{what}: {old} → {new}"));
        }
    }

    /// Notes that a type's member has another name.
    fn member(&mut self, key: &str, old: &str, new: &str) {
        let pair = (format!("{key}::{old}"), format!("{key}::{new}"));
        self.renamed.members.push(pair);
    }

    fn definition(&mut self, key: &str, old: &Def, new: &Def) {
        let is_set = matches!(new, Def::Set { .. });
        match (old, new) {
            (Def::Struct { fields: old, .. }, Def::Struct { fields: new, .. }) => {
                self.fields(key, old, new);
            }
            (
                Def::Union { variants: old, .. } | Def::Shape { variants: old },
                Def::Union { variants: new, .. } | Def::Shape { variants: new },
            ) => self.variants(key, old, new),
            (
                Def::Enum { values: old } | Def::Set { values: old },
                Def::Enum { values: new } | Def::Set { values: new },
            ) => {
                for value in old.iter().filter(|value| !new.contains(value)) {
                    self.push(format!("value removed: {key}.{value}"));
                    // A set's constant stays; models stay for good.
                    if is_set && key != "Model" {
                        let gone = (format!("{key}::{value}"), String::new());
                        self.renamed.members.push(gone);
                    }
                }
            }
            _ => self.changed(
                &format!("another kind of type: {key}"),
                kind(old),
                kind(new),
            ),
        }
    }

    fn fields(&mut self, key: &str, old: &[Field], new: &[Field]) {
        let mut taken = BTreeSet::new();
        for field in old {
            let name = format!("{key}.{}", field.wire);
            let Some(other) = new.iter().find(|other| other.wire == field.wire) else {
                match successor(field, old, new) {
                    Some(other) => {
                        taken.insert(&other.wire);
                        self.push(format!("field renamed: {name} → {}", other.wire));
                        self.member(key, &field.wire, &other.wire);
                    }
                    None => self.push(format!("field removed: {name}")),
                }
                continue;
            };
            self.changed(
                &format!("field has another type: {name}"),
                &written(field),
                &written(other),
            );
        }
        let is_new = |field: &&Field| {
            !taken.contains(&field.wire) && !old.iter().any(|other| other.wire == field.wire)
        };
        let is_required = |field: &&Field| field.presence == Presence::Required;
        for field in new.iter().filter(is_new).filter(is_required) {
            self.push(format!("`new` takes one more: {key}.{}", field.wire));
        }
    }

    fn variants(&mut self, key: &str, old: &[Variant], new: &[Variant]) {
        for variant in old {
            let name = format!("{key}::{}", variant.name);
            match new.iter().find(|other| other.name == variant.name) {
                None => {
                    let has = |name: &str| old.iter().any(|other| other.name == name);
                    let same = new
                        .iter()
                        .filter(|it| it.ty == variant.ty && !has(&it.name));
                    match same.collect::<Vec<_>>().as_slice() {
                        [other] => {
                            self.push(format!("variant renamed: {name} → {}", other.name));
                            self.member(key, &variant.name, &other.name);
                        }
                        _ => self.push(format!("variant removed: {name}")),
                    }
                }
                Some(other) => self.changed(
                    &format!("variant holds another type: {name}"),
                    &rust(&variant.ty),
                    &rust(&other.ty),
                ),
            }
        }
    }

    fn signature(&mut self, id: &str, old: &Signature, new: &Signature) {
        let params = |it: &Signature| it.params.clone().unwrap_or_else(|| "none".to_owned());
        let list = |items: &[String]| format!("({})", items.join(", "));
        self.changed(
            &format!("method's path arguments: {id}"),
            &list(&old.path),
            &list(&new.path),
        );
        self.changed(
            &format!("method's parameters: {id}"),
            &params(old),
            &params(new),
        );
        self.changed(
            &format!("method's files: {id}"),
            &list(&old.files),
            &list(&new.files),
        );
        self.changed(
            &format!("method returns something else: {id}"),
            &old.answer,
            &new.answer,
        );
    }
}

/// The field that another one has become: the only new one of its type, where it is the only one of
/// that type that is gone.
fn successor<'n>(field: &Field, old: &[Field], new: &'n [Field]) -> Option<&'n Field> {
    fn only<'f>(field: &Field, of: &'f [Field], without: &[Field]) -> Option<&'f Field> {
        let fits = |it: &&Field| {
            written(it) == written(field) && !without.iter().any(|other| other.wire == it.wire)
        };
        let mut all = of.iter().filter(fits);
        all.next().filter(|_| all.next().is_none())
    }
    only(field, old, new)?;
    only(field, new, old)
}

/// A field's type as the struct has it.
fn written(field: &Field) -> String {
    let ty = rust(&field.ty);
    match field.presence {
        Presence::Required => ty,
        Presence::RequiredOrNull | Presence::Optional => format!("Option<{ty}>"),
        Presence::Patch => format!("Patch<{ty}>"),
    }
}

fn kind(def: &Def) -> &'static str {
    match def {
        Def::Struct { .. } => "struct",
        Def::Union { .. } => "union by tag",
        Def::Shape { .. } => "union by shape",
        Def::Enum { .. } => "enum of strings",
        Def::Set { .. } => "set of strings",
    }
}

/// The report, as text; nothing where nothing breaks.
pub(crate) fn render(breaks: &Breaks) -> String {
    if breaks.lines.is_empty() {
        return String::new();
    }
    let count = breaks.lines.len();
    format!(
        "would break users: {count}\n  {}\n",
        breaks.lines.join("\n  ")
    )
}

#[cfg(test)]
mod tests;
