//! Where each concept is in Rust: its module, its name, and the features that switch it on.

use std::collections::{BTreeMap, BTreeSet};

use crate::description::{Endpoint, Type};
use crate::model::{Concept, Def, Field, Model, Ty, Variant};
use crate::names::{Names, bare};
use crate::overlay::{Area, Overlay, matches};

/// The area that is always there.
pub(crate) const CORE: &str = "core";

/// Features, any one of which is enough; none at all means always.
pub(crate) type Features = BTreeSet<String>;

/// All concepts with their places.
pub(crate) struct Layout<'a> {
    pub(crate) model: &'a Model,
    overlay: &'a Overlay,
    features: BTreeMap<&'a str, Features>,
}

/// The module that a key names: nothing for the core area.
pub(crate) fn module(key: &str) -> &str {
    key.rsplit_once('.').map_or("", |(module, _)| module)
}

impl<'a> Layout<'a> {
    pub(crate) fn new(
        names: &Names<'a>,
        model: &'a Model,
        overlay: &'a Overlay,
    ) -> Result<Self, String> {
        let mut reached: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (area, rules) in &overlay.areas {
            for key in reach(names, model, area, rules, overlay)? {
                reached.entry(key).or_default().insert(area);
            }
        }
        let features = reached.into_iter().map(|(key, areas)| {
            let always = areas.contains(CORE);
            let features = areas.into_iter().filter_map(|area| overlay.areas.get(area));
            let features = features.filter(|_| !always);
            (
                key,
                features.filter_map(|area| area.feature.clone()).collect(),
            )
        });
        let layout = Self {
            model,
            overlay,
            features: features.collect(),
        };
        let homeless = model
            .defs
            .keys()
            .find(|key| !layout.features.contains_key(key.as_str()));
        homeless.map_or(Ok(layout), |key| Err(format!("{key}: no area has it")))
    }

    /// The features that switch a concept on.
    pub(crate) fn features(&self, key: &str) -> Features {
        self.features.get(key).cloned().unwrap_or_default()
    }

    /// The area that an endpoint belongs to.
    pub(crate) fn area(&self, endpoint: &Endpoint) -> Result<(&'a str, &'a Area), String> {
        area(self.overlay, endpoint)
    }

    /// A concept's path below the types' crate: `Message`, `agents::Session`.
    pub(crate) fn path(key: &str) -> String {
        key.replace('.', "::")
    }

    /// The model as code in a module sees it: its own concepts by name, the others by path.
    pub(crate) fn seen_from(&self, module: &str, prefix: &str) -> Model {
        let name = |key: &str| {
            if self::module(key) == module {
                bare(key).to_owned()
            } else {
                format!("{prefix}{}", Self::path(key))
            }
        };
        let defs = self.model.defs.iter();
        let defs = defs.map(|(key, concept)| (name(key), renamed(concept, &name)));
        Model {
            defs: defs.collect(),
            problems: Vec::new(),
        }
    }
}

/// The area that an endpoint belongs to: there must be exactly one.
fn area<'o>(overlay: &'o Overlay, endpoint: &Endpoint) -> Result<(&'o str, &'o Area), String> {
    let fits = |rules: &Area| rules.endpoints.iter().any(|p| matches(p, &endpoint.id));
    let mut areas = overlay.areas.iter().filter(|(_, rules)| fits(rules));
    match (areas.next(), areas.next()) {
        (Some((name, rules)), None) => Ok((name, rules)),
        (None, _) => Err(format!("{}: no area has it", endpoint.id)),
        _ => Err(format!("{}: more than one area has it", endpoint.id)),
    }
}

/// The concepts that an area cannot do without.
fn reach<'m>(
    names: &Names<'_>,
    model: &'m Model,
    name: &str,
    rules: &Area,
    overlay: &Overlay,
) -> Result<BTreeSet<&'m str>, String> {
    let mut waiting: Vec<String> = Vec::new();
    for endpoint in &names.description.endpoints {
        if area(overlay, endpoint)?.0 == name {
            waiting.extend(concepts(names, endpoint.roots()));
        }
    }
    let owner = |key: &str| {
        let owns = |rules: &Area| rules.types.iter().any(|p| matches(p, key));
        let others = overlay.areas.iter().filter(|(other, _)| *other != CORE);
        others.into_iter().find(|(_, rules)| owns(rules))
    };
    waiting.extend(
        model
            .defs
            .keys()
            .filter(|key| match owner(key) {
                Some((owner, _)) => owner == name,
                None => name == CORE && rules.types.iter().any(|p| matches(p, key)),
            })
            .cloned(),
    );
    Ok(closure(model, waiting))
}

/// Some concepts, and all that they name.
pub(crate) fn closure(model: &Model, mut waiting: Vec<String>) -> BTreeSet<&str> {
    let mut seen = BTreeSet::new();
    while let Some(key) = waiting.pop() {
        let Some((key, concept)) = model.defs.get_key_value(&key) else {
            continue;
        };
        if seen.insert(key.as_str()) {
            named(concept, &mut waiting);
        }
    }
    seen
}

/// The betas that every way to a concept needs; none if there is a way without.
pub(crate) fn betas<'d>(names: &Names<'d>, model: &Model) -> BTreeMap<String, BTreeSet<&'d str>> {
    let mut betas: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let mut without = BTreeSet::new();
    for endpoint in &names.description.endpoints {
        let reached = closure(model, concepts(names, endpoint.roots()));
        if endpoint.betas.is_empty() {
            without.extend(reached);
            continue;
        }
        for key in reached {
            let needed = betas.entry(key.to_owned()).or_default();
            needed.extend(endpoint.betas.iter().map(String::as_str));
        }
    }
    betas.retain(|key, _| !without.contains(key.as_str()));
    betas
}

/// The concepts that endpoints reach.
pub(crate) fn reached(names: &Names<'_>, model: &Model) -> BTreeSet<String> {
    let endpoints = names.description.endpoints.iter();
    let roots = endpoints.flat_map(|endpoint| concepts(names, endpoint.roots()));
    let reached = closure(model, roots.collect()).into_iter();
    reached.map(str::to_owned).collect()
}

/// The concepts behind official names.
pub(crate) fn concepts<'a>(names: &Names<'a>, mut waiting: Vec<&'a str>) -> Vec<String> {
    let mut keys = Vec::new();
    // An alias of a list is no concept, but what it lists is.
    while let Some(official) = waiting.pop() {
        keys.push(names.key(official));
        let def = names.description.types.get(official);
        if let Some(Type::List { of }) = def.and_then(|def| def.r#type.as_ref()) {
            waiting.extend(of.refs());
        }
    }
    keys
}

/// The concepts that a concept names.
fn named(concept: &Concept, out: &mut Vec<String>) {
    fn of(ty: &Ty, out: &mut Vec<String>) {
        match ty {
            Ty::Named(key) => out.push(key.clone()),
            Ty::List(inner) | Ty::Map(inner) | Ty::Nullable(inner) => of(inner, out),
            _ => {}
        }
    }
    match &concept.def {
        Def::Struct { fields, .. } => {
            for field in fields {
                of(&field.ty, out);
            }
        }
        Def::Union { variants, .. } | Def::Shape { variants } => {
            for variant in variants {
                of(&variant.ty, out);
            }
        }
        Def::Enum { .. } | Def::Set { .. } => {}
    }
}

/// A type with other names for the concepts in it.
pub(crate) fn retype(ty: &Ty, name: &impl Fn(&str) -> String) -> Ty {
    match ty {
        Ty::Named(key) => Ty::Named(name(key)),
        Ty::List(of) => Ty::List(Box::new(retype(of, name))),
        Ty::Map(of) => Ty::Map(Box::new(retype(of, name))),
        Ty::Nullable(of) => Ty::Nullable(Box::new(retype(of, name))),
        other => other.clone(),
    }
}

/// The concepts that a concept names.
#[cfg(test)]
pub(crate) fn names_of(concept: &Concept) -> Vec<String> {
    let mut names = Vec::new();
    named(concept, &mut names);
    names
}

fn renamed(concept: &Concept, name: &impl Fn(&str) -> String) -> Concept {
    let variants = |variants: &[Variant]| {
        let renamed = variants.iter().map(|variant| Variant {
            ty: retype(&variant.ty, name),
            ..variant.clone()
        });
        renamed.collect()
    };
    let def = match &concept.def {
        Def::Struct { constants, fields } => Def::Struct {
            constants: constants.clone(),
            fields: fields
                .iter()
                .map(|field| Field {
                    ty: retype(&field.ty, name),
                    ..field.clone()
                })
                .collect(),
        },
        Def::Union {
            tag,
            variants: old,
            default,
        } => Def::Union {
            tag: tag.clone(),
            variants: variants(old),
            default: default.clone(),
        },
        Def::Shape { variants: old } => Def::Shape {
            variants: variants(old),
        },
        other => other.clone(),
    };
    Concept {
        def,
        beta_only: concept.beta_only,
    }
}

/// The attributes that make an item depend on features.
pub(crate) fn gate(features: &Features) -> String {
    if features.is_empty() {
        return String::new();
    }
    let each: Vec<String> = features
        .iter()
        .map(|name| format!("feature = {name:?}"))
        .collect();
    let condition = match each.as_slice() {
        [one] => one.clone(),
        several => format!("any({})", several.join(", ")),
    };
    format!("#[cfg({condition})]\n#[cfg_attr(docsrs, doc(cfg({condition})))]\n")
}
