//! Which beta headers a type or a field needs: the overlay's table, the endpoints, and what follows
//! from both.

use std::collections::{BTreeMap, BTreeSet};

use super::docs::words;
use crate::layout;
use crate::model::{Concept, Def, Field, Model, Ty};
use crate::names::{Names, bare};
use crate::overlay::{Overlay, matches};

/// Headers, any one of which is enough; none at all means that the beta endpoints need none.
type Headers = BTreeSet<String>;

/// The headers of everything that is met only with one.
pub(crate) struct Betas {
    types: BTreeMap<String, Headers>,
    /// By concept and field.
    fields: BTreeMap<(String, String), Headers>,
    /// The headers under which the API leaves a field out.
    absent: BTreeMap<(String, String), Headers>,
}

/// Where a concept is named: the concept that names it, and the field if there is one.
type Places<'m> = BTreeMap<&'m str, Vec<(&'m str, Option<&'m Field>)>>;

impl Betas {
    pub(crate) fn new(names: &Names<'_>, model: &Model, overlay: &Overlay) -> Result<Self, String> {
        let mut betas = Self {
            types: BTreeMap::new(),
            fields: BTreeMap::new(),
            absent: BTreeMap::new(),
        };
        betas.decided(model, overlay)?;
        for (key, found) in layout::betas(names, model) {
            let found = || found.iter().map(|&beta| beta.to_owned()).collect();
            betas.types.entry(key).or_insert_with(found);
        }
        let places = places(model);
        // Each round follows one step further from what is known; there are only so many steps.
        while betas.inherit(model, &places) {}
        // What is left is on the beta side, and asks for no header there.
        for key in layout::reached(names, model) {
            let is_beta = model.defs.get(&key).is_some_and(|it| it.beta_only);
            if is_beta && !layout::module(&key).is_empty() {
                betas.types.entry(key).or_default();
            }
        }
        Ok(betas)
    }

    /// Reads the overlay's tables; a pattern that fits nothing is a mistake.
    fn decided(&mut self, model: &Model, overlay: &Overlay) -> Result<(), String> {
        for (pattern, headers) in &overlay.betas {
            let headers: Headers = headers.iter().cloned().collect();
            let mut fits = false;
            for (key, concept) in &model.defs {
                if is_type(pattern) && matches(pattern, key) {
                    fits = true;
                    // The longer pattern is more precise, and comes later.
                    self.types.insert(key.clone(), headers.clone());
                }
                for field in fields(concept).filter(|it| fits_field(pattern, key, it)) {
                    fits = true;
                    let place = (key.clone(), field.wire.clone());
                    self.fields.insert(place, headers.clone());
                }
            }
            if !fits {
                return Err(format!("[betas] {pattern:?} fits nothing"));
            }
        }
        for (pattern, headers) in &overlay.absent {
            let mut fits = false;
            for (key, concept) in &model.defs {
                for field in fields(concept).filter(|it| fits_field(pattern, key, it)) {
                    fits = true;
                    let place = (key.clone(), field.wire.clone());
                    self.absent.insert(place, headers.iter().cloned().collect());
                }
            }
            if !fits {
                return Err(format!("[absent] {pattern:?} fits nothing"));
            }
        }
        Ok(())
    }

    /// A type that is only reached from where a header is needed needs it too.
    fn inherit(&mut self, model: &Model, places: &Places<'_>) -> bool {
        let mut found = Vec::new();
        for (key, concept) in &model.defs {
            if !concept.beta_only || self.types.contains_key(key) {
                continue;
            }
            let Some(places) = places.get(key.as_str()) else {
                continue;
            };
            let headers: Option<Vec<&Headers>> = places
                .iter()
                // A union that contains itself adds nothing.
                .filter(|(owner, _)| owner != key)
                .map(|(owner, field)| {
                    let own = field.and_then(|it| self.fields.get(&place(owner, it)));
                    own.or_else(|| self.types.get(*owner))
                })
                .collect();
            match headers {
                Some(headers) if !headers.is_empty() => {
                    let all = headers.into_iter().flatten().cloned().collect();
                    found.push((key.clone(), all));
                }
                _ => {}
            }
        }
        let any = !found.is_empty();
        self.types.extend(found);
        any
    }

    /// What is beta and has no header: every type, and the fields of the core area.
    pub(crate) fn bare(&self, model: &Model) -> Vec<String> {
        let mut bare = Vec::new();
        for (key, concept) in &model.defs {
            if concept.beta_only {
                if !self.types.contains_key(key) {
                    bare.push(key.clone());
                }
            } else if layout::module(key).is_empty() {
                let news = fields(concept).filter(|field| field.beta_only);
                let news = news.filter(|field| self.of_field(key, field).is_none());
                bare.extend(news.map(|field| format!("{key}.{}", field.wire)));
            }
        }
        bare
    }

    fn of_field(&self, key: &str, field: &Field) -> Option<&Headers> {
        let own = self.fields.get(&place(key, field));
        own.or_else(|| self.types.get(named(&field.ty)?))
    }

    /// That a concept may still change, and the header that switches it on.
    pub(crate) fn type_text(&self, key: &str) -> String {
        let headers: Vec<String> = self.types.get(key).into_iter().flatten().cloned().collect();
        if headers.is_empty() {
            "On the beta side of the API, without a header of its own: the API may still change it."
                .to_owned()
        } else {
            format!("Beta ({}): the API may still change it.", words(&headers))
        }
    }

    /// The header that a field needs, unless its words name it, and those under which it is
    /// missing.
    pub(crate) fn field_text(
        &self,
        key: &str,
        concept: &Concept,
        field: &Field,
        text: &str,
    ) -> String {
        let mut out = Vec::new();
        let place = place(key, field);
        let own = self.fields.get(&place);
        let is_news = field.beta_only && !concept.beta_only;
        if let Some(headers) = own.or_else(|| self.of_field(key, field).filter(|_| is_news)) {
            let headers: Vec<String> = headers.iter().cloned().collect();
            if headers.is_empty() {
                out.push("Only the beta endpoints have it.".to_owned());
            } else if !headers.iter().any(|header| text.contains(header.as_str())) {
                out.push(format!("Beta ({}).", words(&headers)));
            }
        } else if is_news {
            out.push("Only the beta endpoints have it.".to_owned());
        }
        let is_said = |header: &String| text.contains(header.as_str());
        let absent = self.absent.get(&place);
        if let Some(headers) = absent.filter(|headers| !headers.iter().any(is_said)) {
            let headers: Vec<String> = headers.iter().cloned().collect();
            out.push(format!("Absent under the beta {}.", words(&headers)));
        }
        out.join(" ")
    }
}

fn place(key: &str, field: &Field) -> (String, String) {
    (key.to_owned(), field.wire.clone())
}

/// `Fallback*` is about types, `ErrorDetails.plugin_id` about a field.
fn is_type(pattern: &str) -> bool {
    let last = bare(pattern);
    last.starts_with(|c: char| c.is_ascii_uppercase() || c == '*')
}

fn fits_field(pattern: &str, key: &str, field: &Field) -> bool {
    let Some((owner, wire)) = pattern.rsplit_once('.') else {
        return false;
    };
    !is_type(pattern) && wire == field.wire && matches(owner, key)
}

fn fields(concept: &Concept) -> impl Iterator<Item = &Field> {
    let fields = match &concept.def {
        Def::Struct { fields, .. } => fields.as_slice(),
        _ => &[],
    };
    fields.iter()
}

fn places(model: &Model) -> Places<'_> {
    let mut places: Places<'_> = BTreeMap::new();
    for (key, concept) in &model.defs {
        match &concept.def {
            Def::Struct { fields, .. } => {
                for field in fields {
                    if let Some(inner) = named(&field.ty) {
                        places.entry(inner).or_default().push((key, Some(field)));
                    }
                }
            }
            Def::Union { variants, .. } | Def::Shape { variants } => {
                for variant in variants {
                    if let Some(inner) = named(&variant.ty) {
                        places.entry(inner).or_default().push((key, None));
                    }
                }
            }
            Def::Enum { .. } | Def::Set { .. } => {}
        }
    }
    places
}

/// The concept in a type, whatever is around it.
pub(crate) fn named(ty: &Ty) -> Option<&str> {
    match ty {
        Ty::Named(key) => Some(key),
        Ty::List(of) | Ty::Map(of) | Ty::Nullable(of) => named(of),
        _ => None,
    }
}
