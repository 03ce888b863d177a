//! A request as resources look at it: which object of which collection, and what is given.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use super::catalog::{Collection, Role, catalog};
use super::make::Maker;
use super::part::Part;
use super::store::{Fields, Resources, Store, segment};
use crate::base::clock::rfc3339;
use crate::base::errors::ApiError;
use crate::base::ids::Hash;
use crate::description::{BodyKind, Matched, Operation, TypeId, description};
use crate::http::call::Call;
use crate::http::multipart;

/// How long things last that expire.
const LIFETIME: Duration = Duration::from_secs(21 * 24 * 60 * 60);
/// How many objects a collection has that nobody can add to.
const SEEDS: usize = 3;

pub(super) struct Ask<'a> {
    pub(super) resources: &'a Resources,
    pub(super) call: &'a Call,
    pub(super) operation: &'static Operation,
    twin: Option<&'static Operation>,
    pub(super) role: Role,
    pub(super) collection: Option<&'static Collection>,
    params: &'a [(&'static str, String)],
    /// The path of the collection, with the ids of the parents filled in.
    pub(super) path: String,
    pub(super) now: String,
    /// When what is made now expires.
    later: String,
    /// The ids in the path.
    pub(super) ids: Fields,
    pub(super) body: Fields,
    /// The bytes of the first file that was sent.
    pub(super) content: Bytes,
    /// What an agent does after the events that are sent.
    pub(super) part: Option<Part>,
}

impl<'a> Ask<'a> {
    pub(super) fn new(
        resources: &'a Resources,
        call: &'a Call,
        matched: &'a Matched,
    ) -> Result<Self, ApiError> {
        let operation = matched.operation;
        let collection = catalog().of(operation);
        let template = collection.map_or(operation.path.as_str(), |collection| &collection.path);
        let (body, content) = given(call, operation)?;
        let ids = matched.params.iter();
        let now = resources.clock.now();
        Ok(Self {
            resources,
            call,
            operation,
            twin: matched.twin,
            role: catalog().role(operation),
            collection,
            params: &matched.params,
            path: filled(template, &matched.params),
            now: rfc3339(now),
            later: rfc3339(now.saturating_add(LIFETIME)),
            ids: ids
                .map(|(name, id)| ((*name).to_owned(), json!(id)))
                .collect(),
            body,
            content,
            part: None,
        })
    }

    /// Whether the request makes an object of a collection.
    pub(super) fn is_create(&self, path: &str) -> bool {
        self.role == Role::Create && self.operation.path == path
    }

    /// The id of the object that the request is about.
    pub(super) fn key(&self) -> Option<&'a str> {
        let name = self.collection?.param.as_deref()?;
        let mut params = self.params.iter();
        params
            .find(|(known, _)| *known == name)
            .map(|(_, id)| id.as_str())
    }

    /// A path of the description with this request's ids.
    pub(super) fn at(&self, template: &str) -> String {
        filled(template, self.params)
    }

    pub(super) fn maker(&self, seed: &str) -> Maker<'_> {
        Maker::new(&self.now, &self.later, seed)
    }

    /// Every object that the path goes through is there, or made where any id is one of an object.
    pub(super) fn check_parents(&self, store: &mut Store) -> Result<(), ApiError> {
        let mut template = String::new();
        let own = self.collection.map(|collection| collection.path.as_str());
        for part in self.operation.path.trim_start_matches('/').split('/') {
            let name = part
                .strip_prefix('{')
                .and_then(|part| part.strip_suffix('}'));
            let parent = catalog()
                .get(&template)
                .filter(|_| Some(template.as_str()) != own);
            if let (Some(name), Some(parent)) = (name, parent) {
                let path = self.at(&template);
                self.seed(store, parent, &path);
                let id = self
                    .ids
                    .get(name)
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                if store.item(&path, id).is_none() {
                    if !self.resources.lenient {
                        return Err(missing(id));
                    }
                    self.stand_in(store, parent, &path, id);
                }
            }
            template.push('/');
            template.push_str(part);
        }
        if let Some(own) = self.collection {
            self.seed(store, own, &self.path);
            let id = self.key().filter(|_| self.resources.lenient);
            if let Some(id) = id.filter(|id| store.item(&self.path, id).is_none()) {
                self.stand_in(store, own, &self.path, id);
            }
        }
        Ok(())
    }

    /// Makes an object under an id that nobody has created.
    fn stand_in(&self, store: &mut Store, collection: &Collection, path: &str, id: &str) {
        match collection.of {
            Some(of) => self.add_seed(store, collection, of, path, id, &format!("{path}#{id}")),
            None => store.add(path, id, self.ids.clone(), Bytes::new()),
        }
    }

    /// Gives a collection its first objects, unless they are there or others make them.
    fn seed(&self, store: &mut Store, collection: &Collection, path: &str) {
        let Some(of) = collection.of.filter(|_| collection.seeded) else {
            return;
        };
        if !collection.listed {
            // Its ids are known from elsewhere.
            let param = collection.param.as_deref();
            let id = param.and_then(|param| self.ids.get(param)?.as_str());
            if let Some(id) = id.filter(|id| store.item(path, id).is_none()) {
                self.add_seed(store, collection, of, path, id, &format!("{path}#{id}"));
            }
            return;
        }
        if store.has_collection(path) {
            return;
        }
        for index in 0..SEEDS {
            let seed = format!("{path}#{index}");
            let key = Hash::new().bytes(seed.as_bytes()).id(&collection.prefix);
            self.add_seed(store, collection, of, path, &key, &seed);
        }
    }

    fn add_seed(
        &self,
        store: &mut Store,
        collection: &Collection,
        of: TypeId,
        path: &str,
        key: &str,
        seed: &str,
    ) {
        let mut given = self.ids.clone();
        if let Some(name) = &collection.key {
            given.insert(name.clone(), json!(key));
        }
        let maker = self.maker(seed).filled();
        if let Value::Object(value) = maker.value(of, &Value::Object(given)) {
            store.add(path, key, value, Bytes::new());
        }
    }

    /// What an operation returns, of the fields of an object; seen from both APIs, if both have it.
    pub(super) fn shown(&self, fields: Fields, seed: &str) -> Value {
        let given = Value::Object(fields);
        let made = |of: TypeId| self.maker(seed).value(of, &given);
        let Some(of) = self.operation.of else {
            return given;
        };
        let mut shown = made(of);
        if let Some(Value::Object(other)) = self.twin.and_then(|twin| twin.of).map(made) {
            if let Some(shown) = shown.as_object_mut() {
                for (name, value) in other {
                    shown.entry(name).or_insert(value);
                }
            }
        }
        shown
    }

    /// What is given, over what is there.
    pub(super) fn over(&self, fields: &Fields) -> Fields {
        let mut all = self.ids.clone();
        all.extend(fields.clone());
        all
    }
}

pub(super) fn missing(id: &str) -> ApiError {
    ApiError::not_found(format!("Could not find an object with the id {id}"))
}

fn filled(template: &str, params: &[(&'static str, String)]) -> String {
    let parts = template.split('/').map(|part| {
        let name = part
            .strip_prefix('{')
            .and_then(|part| part.strip_suffix('}'));
        let param = params.iter().find(|(known, _)| Some(*known) == name);
        param.map_or_else(|| part.to_owned(), |(_, id)| segment(id))
    });
    parts.collect::<Vec<_>>().join("/")
}

/// The body's fields, whatever it came as, and the first file in it.
fn given(call: &Call, operation: &Operation) -> Result<(Fields, Bytes), ApiError> {
    let mut fields = Fields::new();
    let mut content = None;
    match operation.body {
        BodyKind::None => {}
        BodyKind::Json if call.body.is_empty() => {}
        BodyKind::Json => fields = call.json()?.as_object().cloned().unwrap_or_default(),
        BodyKind::Multipart => {
            for part in multipart::parts(call)? {
                let field = operation.fields.field(part.field());
                if field.is_some_and(|field| description().takes_file(field.of)) {
                    content.get_or_insert(part.data);
                } else {
                    fields.insert(part.field().to_owned(), json!(part.text()));
                }
            }
        }
    }
    Ok((fields, content.unwrap_or_default()))
}
