//! The endpoints as methods: what each takes, what it returns, and where it is.

use std::collections::BTreeMap;

use super::docs::Docs;
use crate::description::{Description, Endpoint, Place, Type};
use crate::layout::{CORE, Layout, retype};
use crate::merge::Merger;
use crate::model::{Def, rust};
use crate::names::{Names, pascal};
use crate::overlay::{Area, Overlay, matches};

/// Where the generated resources live.
pub(crate) const FOLDER: &str = "crates/anthropic/src/generated";

/// Reads endpoints as methods, and writes the resources that have them.
pub(crate) struct OperationWriter<'a> {
    pub(crate) description: &'a Description,
    pub(crate) overlay: &'a Overlay,
    pub(crate) docs: &'a Docs,
    pub(crate) names: &'a Names<'a>,
    pub(crate) layout: &'a Layout<'a>,
}

/// What a method needs to know of its endpoint.
pub(crate) struct Method<'a> {
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) name: String,
    /// The names of the path's parameters, in its order.
    pub(crate) path: Vec<String>,
    /// The concept of the parameters that are not files, if there are any.
    pub(crate) params: Option<String>,
    /// The files of a multipart body: the part's name and whether there may be several.
    pub(crate) files: Vec<(String, bool)>,
    pub(crate) by_hand: Option<String>,
    /// The type of the response, below the types' crate.
    pub(crate) answer: String,
    /// Beside a body: the keys of the parameters that go into the query.
    pub(crate) query: Vec<String>,
    /// The keys of the parameters that go into headers, and the headers.
    pub(crate) headers: Vec<(String, String)>,
}

impl Method<'_> {
    /// The parameters that don't go where the others go, as the table writes them.
    pub(crate) fn places(&self) -> Vec<String> {
        let query = self.query.iter().map(|wire| (wire, "Query", wire.as_str()));
        let headers = self.headers.iter();
        let headers = headers.map(|(key, wire)| (key, "Header", wire.as_str()));
        let placed = query.chain(headers).map(|(key, place, wire)| {
            let wire = match place {
                "Header" => wire.to_lowercase(),
                _ => wire.to_owned(),
            };
            format!("Placed {{ key: {key:?}, place: Place::{place}, wire: {wire:?} }},")
        });
        placed.collect()
    }
}

/// A resource: its area and its methods. One without methods only leads to others.
#[derive(Default)]
pub(crate) struct Resource<'a> {
    pub(crate) area: &'a str,
    pub(crate) methods: Vec<Method<'a>>,
}

impl<'a> OperationWriter<'a> {
    /// All resources by their official name, those that only lead to others included.
    pub(crate) fn resources(&self) -> Result<BTreeMap<String, Resource<'a>>, String> {
        let mut resources: BTreeMap<String, Resource<'a>> = BTreeMap::new();
        for endpoint in &self.description.endpoints {
            let (area, _) = self.layout.area(endpoint)?;
            let method = self.method(endpoint)?;
            Self::resource(&mut resources, &endpoint.id, area);
            let (resource, _) = split(&endpoint.id);
            resources
                .entry(resource.to_owned())
                .or_default()
                .methods
                .push(method);
        }
        for id in self.undescribed() {
            let fits = |rules: &Area| rules.endpoints.iter().any(|p| matches(p, id));
            let area = self.overlay.areas.iter().find(|(_, rules)| fits(rules));
            let (area, _) = area.ok_or_else(|| format!("{id}: no area has it"))?;
            Self::resource(&mut resources, id, area);
        }
        Ok(resources)
    }

    /// Adds the resource of an operation, and those that lead to it.
    fn resource(resources: &mut BTreeMap<String, Resource<'a>>, id: &str, area: &'a str) {
        let mut name = split(id).0;
        while !name.is_empty() && name != "beta" {
            let resource = resources.entry(name.to_owned()).or_default();
            // Of several areas the core is the one that is always there.
            if resource.area.is_empty() || area == CORE {
                resource.area = area;
            }
            name = split(name).0;
        }
    }

    /// The operations that the description does not have.
    pub(crate) fn undescribed(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let (overlay, description) = (self.overlay, self.description);
        let ids = overlay
            .operations
            .iter()
            .filter(|(_, own)| own.by_hand.is_some());
        ids.map(|(id, _)| id.as_str()).filter(|id| {
            !description
                .endpoints
                .iter()
                .any(|endpoint| endpoint.id == *id)
        })
    }

    /// What is needed of an endpoint.
    pub(crate) fn method(&self, endpoint: &'a Endpoint) -> Result<Method<'a>, String> {
        let (_, name) = split(&endpoint.id);
        let overlay = self.overlay.operations.get(&endpoint.id);
        let path = endpoint
            .path
            .split('{')
            .skip(1)
            .filter_map(|part| part.split_once('}').map(|(name, _)| name.to_owned()))
            .collect();
        let files = endpoint
            .files
            .iter()
            .filter_map(|path| path.first().map(|name| (name.clone(), path.len() > 1)))
            .collect();
        let params = self.params(endpoint);
        let of = |place: Place| {
            let options = &self.overlay.fold.options;
            let all = endpoint
                .params
                .iter()
                .filter(move |param| param.r#in == place);
            all.filter(move |param| place != Place::Header || !options.contains(&param.name))
        };
        Ok(Method {
            endpoint,
            name: overlay
                .and_then(|own| own.method.clone())
                .unwrap_or_else(|| name.to_owned()),
            path,
            query: match endpoint.body.as_str() {
                "none" => Vec::new(),
                _ => of(Place::Query).map(|param| param.wire.clone()).collect(),
            },
            headers: of(Place::Header)
                .filter(|_| params.is_some())
                .map(|param| (param.name.clone(), param.wire.clone()))
                .collect(),
            params,
            files,
            by_hand: overlay.and_then(|own| own.by_hand.clone()),
            answer: self.answer(endpoint)?,
        })
    }

    /// The parameters' concept, if anything is left in it.
    fn params(&self, endpoint: &Endpoint) -> Option<String> {
        let whole = endpoint.params.iter().find(|param| param.whole_body);
        if let Some(Type::Ref { to }) = whole.map(|param| &param.r#type) {
            return Some(self.names.key(to));
        }
        let concept = self.names.key(endpoint.body_type.as_deref()?);
        match self
            .layout
            .model
            .defs
            .get(&concept)
            .map(|concept| &concept.def)
        {
            Some(Def::Struct { fields, .. }) if !fields.is_empty() => Some(concept),
            _ => None,
        }
    }

    /// A type of the description as one of ours, by its path below the types' crate.
    pub(crate) fn rust(&self, ty: &Type) -> String {
        let merger = Merger {
            names: self.names,
            description: self.description,
            absorbed: std::cell::RefCell::default(),
        };
        rust(&retype(&merger.lower(ty), &|key| Layout::path(key)))
    }

    fn answer(&self, endpoint: &Endpoint) -> Result<String, String> {
        let item = || {
            let ty = endpoint.response.r#type.as_ref();
            ty.map(|ty| self.rust(ty))
                .ok_or_else(|| format!("{}: no response type", endpoint.id))
        };
        Ok(match (endpoint.response.kind.as_str(), &endpoint.stream) {
            ("json", _) => item()?,
            ("page", _) => format!("Page<{}>", item()?),
            ("jsonl", _) => format!("JsonLines<{}>", item()?),
            ("binary", _) => "Body".to_owned(),
            ("none", Some(stream)) => format!("EventStream<{}>", self.rust(&stream.event)),
            ("none", None) => "()".to_owned(),
            (other, _) => return Err(format!("{}: a response of kind {other}", endpoint.id)),
        })
    }

    /// The attributes' condition of an area.
    pub(crate) fn features(&self, area: &str) -> crate::layout::Features {
        let rules = self.overlay.areas.get(area);
        rules
            .and_then(|rules| rules.feature.clone())
            .into_iter()
            .collect()
    }
}

/// `beta.messages.create` → `beta.messages`, `create`.
pub(crate) fn split(id: &str) -> (&str, &str) {
    id.rsplit_once('.').unwrap_or(("", id))
}

/// `beta.messages` → `.beta().messages()`.
pub(crate) fn chain(resource: &str) -> String {
    resource
        .split('.')
        .fold(String::new(), |chain, part| chain + "." + part + "()")
}

/// `beta.messages.batches` → `beta_messages_batches`; what is called like its area is the `root`.
pub(crate) fn module(area: &str, resource: &str) -> String {
    if area == resource {
        "root".to_owned()
    } else {
        resource.replace('.', "_")
    }
}

/// `skills.versions` → `SkillsVersions`, `beta.messages` → `BetaMessages`.
pub(crate) fn handle(resource: &str) -> String {
    pascal(resource)
}
