//! What each operation does to which collection, found out from paths and verbs.
//!
//! A path that lists, or that stands before an id, is a collection; its objects are known by the
//! field that is named like the id, or by `id`. Nothing here is written per endpoint, besides which
//! collections fill by themselves.

use std::collections::HashMap;
use std::sync::LazyLock;

use http::Method;

use super::names;
use crate::description::{AnswerKind, Description, Operation, TypeId, description};

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| Catalog::new(description()));

/// Collections that nobody adds to directly: what happens elsewhere fills them.
const FILLED: [&str; 6] = [
    "/v1/agents/{agent_id}/versions",
    "/v1/deployment_runs",
    "/v1/environments/{environment_id}/work",
    "/v1/memory_stores/{memory_store_id}/memory_versions",
    "/v1/sessions/{session_id}/threads",
    "/v1/sessions/{session_id}/threads/{thread_id}/events",
];
/// Verbs that make an object under an id that the caller chose.
const PUTTING: [&str; 2] = ["add", "set"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    List,
    Create,
    Read,
    Update,
    /// An update that makes the object if it isn't there.
    Put,
    Remove,
    /// A verb on an object.
    Act,
    /// The next object that waits to be taken.
    Poll,
    Download,
    Stream,
    /// One value at a path, without an id.
    Single,
    Change,
    /// A response that leaves nothing behind.
    Compute,
}

#[derive(Debug, Default)]
pub(crate) struct Collection {
    /// Its path, with the names of its parents' ids.
    pub(crate) path: String,
    /// What paths call the id of its objects.
    pub(crate) param: Option<String>,
    /// The field with that id.
    pub(crate) key: Option<String>,
    pub(crate) of: Option<TypeId>,
    pub(crate) prefix: String,
    /// Whether it has objects from the start, since no operation makes any.
    pub(crate) seeded: bool,
    /// Whether an operation lists it. Where none does, and none makes its objects, any id is one of
    /// an object.
    pub(crate) listed: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Catalog {
    collections: HashMap<String, Collection>,
    roles: HashMap<String, Role>,
}

pub(crate) fn catalog() -> &'static Catalog {
    &CATALOG
}

/// The path without its last segment, and that segment.
pub(crate) fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

fn param(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

impl Catalog {
    fn new(description: &Description) -> Self {
        let mut catalog = Self::default();
        for operation in &description.operations {
            let (parent, last) = split(&operation.path);
            if let Some(param) = param(last) {
                let collection = catalog.collection(parent);
                collection.param = Some(param.to_owned());
            } else if operation.answer == AnswerKind::Page {
                catalog.collection(&operation.path);
            }
        }
        for collection in catalog.collections.values_mut() {
            collection.complete(description);
        }
        for operation in &description.operations {
            let role = catalog.find_role(description, operation);
            catalog.roles.insert(operation.id.clone(), role);
        }
        catalog
    }

    fn collection(&mut self, path: &str) -> &mut Collection {
        let collection = self.collections.entry(path.to_owned()).or_default();
        path.clone_into(&mut collection.path);
        collection
    }

    fn find_role(&self, description: &Description, operation: &Operation) -> Role {
        let (parent, last) = split(&operation.path);
        let post = operation.method == Method::POST;
        if param(last).is_some() {
            return match operation.method {
                Method::GET => Role::Read,
                Method::DELETE => Role::Remove,
                _ if PUTTING.contains(&operation.verb()) => Role::Put,
                _ => Role::Update,
            };
        }
        let has_get = || {
            let mut others = description.operations.iter();
            others.any(|other| other.path == operation.path && other.method == Method::GET)
        };
        match operation.answer {
            AnswerKind::None => Role::Stream,
            AnswerKind::Binary => Role::Download,
            AnswerKind::Page => Role::List,
            _ if operation.verb() == "poll" => Role::Poll,
            _ if !post => Role::Single,
            _ if self.collections.contains_key(&operation.path) => Role::Create,
            _ if has_get() => Role::Change,
            _ if param(split(parent).1).is_some() => Role::Act,
            _ => Role::Compute,
        }
    }

    pub(crate) fn role(&self, operation: &Operation) -> Role {
        let role = self.roles.get(&operation.id);
        role.copied().unwrap_or(Role::Compute)
    }

    pub(crate) fn get(&self, path: &str) -> Option<&Collection> {
        self.collections.get(path)
    }

    /// The collection that an operation is about.
    pub(crate) fn of(&self, operation: &Operation) -> Option<&Collection> {
        let (parent, last) = split(&operation.path);
        let path = match self.role(operation) {
            Role::List | Role::Create => &operation.path,
            Role::Read | Role::Update | Role::Put | Role::Remove | Role::Poll => parent,
            Role::Act | Role::Download | Role::Stream if param(last).is_none() => split(parent).0,
            _ => return None,
        };
        self.get(path)
    }
}

impl Collection {
    fn complete(&mut self, description: &Description) {
        let mut makes = FILLED.contains(&self.path.as_str());
        // The types of its objects, the most precise one last.
        let mut types: [Option<TypeId>; 4] = [None; 4];
        for operation in &description.operations {
            let (parent, last) = split(&operation.path);
            let post = operation.method == Method::POST;
            let rank = if operation.path == self.path {
                makes |= post;
                self.listed |= operation.method == Method::GET;
                if post { 1 } else { 2 }
            } else if parent == self.path && param(last).is_some() {
                makes |= PUTTING.contains(&operation.verb());
                match operation.method {
                    Method::GET => 3,
                    Method::POST => 0,
                    _ => continue,
                }
            } else {
                continue;
            };
            if let Some(place) = types.get_mut(rank) {
                // The beta's type is at least as precise as the general one.
                *place = place.filter(|_| !operation.is_beta()).or(operation.of);
            }
        }
        self.seeded = !makes;
        self.of = types.into_iter().flatten().next_back();
        let object = self.of.and_then(|of| description.object(of));
        let has = |name: &str| object.is_some_and(|object| object.field(name).is_some());
        let named = self.param.as_deref().filter(|param| has(param));
        self.key = if has("id") { Some("id") } else { named }.map(str::to_owned);
        self.prefix = names::prefix(&self.path, self.param.as_deref());
    }
}
