//! The API's description: every operation, what it takes and what it returns, as facts to check and
//! to make values by.
//!
//! `description.json` is written by `cargo xtask generate` from `api/api.json` and is part of the
//! crate, so that the published simulator needs nothing beside itself. It is read once, when a
//! simulator first starts.

mod read;
mod routes;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::LazyLock;

use http::Method;
use serde_json::Value;

pub(crate) use routes::{Matched, Route};

static DESCRIPTION: LazyLock<Description> = LazyLock::new(|| {
    // The file is ours and the tests read it; a build in which it can't be read would describe
    // nothing.
    read::description(include_str!("description.json")).unwrap_or_default()
});

/// The description that this crate carries.
pub(crate) fn description() -> &'static Description {
    &DESCRIPTION
}

/// A type's place in the table.
pub(crate) type TypeId = usize;

#[derive(Debug, Default)]
pub(crate) struct Description {
    types: Vec<Type>,
    pub(crate) operations: Vec<Operation>,
    pub(crate) pages: HashMap<String, PageShape>,
    routes: Vec<Route>,
}

#[derive(Debug)]
pub(crate) enum Type {
    String,
    Integer,
    Number,
    Boolean,
    Datetime,
    Date,
    Any,
    File,
    Base64,
    /// Nothing but these values.
    Literal(Vec<Value>),
    /// A string, such as one of these.
    Open,
    List(TypeId),
    Map(TypeId),
    Nullable(TypeId),
    Union(Union),
    Object(Object),
}

#[derive(Debug, Default)]
pub(crate) struct Object {
    /// Whether it may have fields that it doesn't name.
    pub(crate) open: bool,
    pub(crate) fields: Vec<Field>,
    pub(crate) by_name: HashMap<String, usize>,
}

impl Object {
    fn new(open: bool, fields: Vec<Field>) -> Self {
        let names = fields.iter().enumerate();
        let by_name = names
            .map(|(index, field)| (field.name.clone(), index))
            .collect();
        Self {
            open,
            fields,
            by_name,
        }
    }

    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.get(*self.by_name.get(name)?)
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) required: bool,
    pub(crate) nullable: bool,
    pub(crate) bounds: Bounds,
    pub(crate) of: TypeId,
}

/// What a number is at least and at most, where that is known.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Bounds {
    pub(crate) least: Option<f64>,
    pub(crate) most: Option<f64>,
}

/// A choice of types. Objects are distinguished by the value of their tag.
#[derive(Debug)]
pub(crate) struct Union {
    pub(crate) tag: String,
    /// Every member, those of unions inside included.
    pub(crate) members: Vec<TypeId>,
    /// Objects by their tag's value, in order; the same tag may stand for several.
    pub(crate) tagged: Vec<(String, Vec<TypeId>)>,
    pub(crate) by_tag: HashMap<String, usize>,
    /// Objects and maps that may come without the tag.
    pub(crate) untagged: Vec<TypeId>,
}

impl Union {
    pub(crate) fn variants(&self, tag: &str) -> &[TypeId] {
        let place = self.by_tag.get(tag);
        let found = place.and_then(|place| self.tagged.get(*place));
        found.map_or(&[], |(_, variants)| variants)
    }

    pub(crate) fn variant(&self, tag: &str) -> Option<TypeId> {
        self.variants(tag).first().copied()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyKind {
    None,
    Json,
    Multipart,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AnswerKind {
    Json,
    Page,
    Binary,
    Lines,
    None,
}

/// A method of the official clients: what is sent where, and what comes back.
#[derive(Debug)]
pub(crate) struct Operation {
    /// Its name path, such as `beta.agents.create`.
    pub(crate) id: String,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) body: BodyKind,
    pub(crate) query: Object,
    pub(crate) fields: Object,
    /// The type of the whole body, where it isn't made of `fields`.
    pub(crate) whole: Option<TypeId>,
    /// Parameters of earlier versions of the API.
    pub(crate) earlier: Object,
    pub(crate) answer: AnswerKind,
    pub(crate) page: Option<String>,
    /// What it returns; an item, where that is a page.
    pub(crate) of: Option<TypeId>,
}

impl Operation {
    /// The last part of its name: `create`, `archive`.
    pub(crate) fn verb(&self) -> &str {
        self.id.rsplit('.').next().unwrap_or_default()
    }

    pub(crate) fn is_beta(&self) -> bool {
        self.id.starts_with("beta.")
    }
}

/// How a kind of page looks: its fields, and which parameter takes which field to get the next one.
#[derive(Debug)]
pub(crate) struct PageShape {
    pub(crate) fields: Vec<String>,
    pub(crate) next: Vec<(String, String)>,
}

impl Description {
    pub(crate) fn get(&self, id: TypeId) -> &Type {
        self.types.get(id).unwrap_or(&Type::Any)
    }

    /// The type behind `Nullable`.
    pub(crate) fn resolved(&self, mut id: TypeId) -> &Type {
        while let Type::Nullable(of) = self.get(id) {
            id = *of;
        }
        self.get(id)
    }

    /// Whether a form sends it as a file, or as several.
    pub(crate) fn takes_file(&self, id: TypeId) -> bool {
        match self.resolved(id) {
            Type::File => true,
            Type::List(item) => self.takes_file(*item),
            _ => false,
        }
    }

    /// The object that a type is, or that the first member of its union is.
    pub(crate) fn object(&self, id: TypeId) -> Option<&Object> {
        match self.resolved(id) {
            Type::Object(object) => Some(object),
            Type::Union(union) => union.members.iter().find_map(|member| self.object(*member)),
            _ => None,
        }
    }
}
