//! `api/api.json` as Rust data; its schema is explained in `api/extract/README.md`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The whole description.
#[derive(Debug, Deserialize)]
pub(crate) struct Description {
    pub(crate) sdk: Sdk,
    pub(crate) types: BTreeMap<String, TypeDef>,
    pub(crate) endpoints: Vec<Endpoint>,
    /// Every beta that the official SDK names, sorted.
    pub(crate) betas: Vec<String>,
    /// The models that the official SDK lists, the newest first.
    pub(crate) models: Vec<String>,
    /// The shapes of pages, by their official name.
    #[serde(default)]
    pub(crate) pages: BTreeMap<String, PageDef>,
    pub(crate) constants: Constants,
}

/// What the official SDK's code knows by heart.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Constants {
    /// Models that it warns of, with the day of their end in words.
    pub(crate) deprecated_models: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Sdk {
    pub(crate) version: String,
}

/// A class, a dictionary or an alias of the official SDK.
#[derive(Debug, Deserialize)]
pub(crate) struct TypeDef {
    pub(crate) kind: Kind,
    #[serde(default)]
    pub(crate) fields: Vec<FieldDef>,
    #[serde(default)]
    pub(crate) r#type: Option<Type>,
    /// An alias that also stands for `null`.
    #[serde(default)]
    pub(crate) nullable: bool,
    /// The type of keys that have no field, where an object may have such.
    #[serde(default)]
    pub(crate) extra: Option<Type>,
    #[serde(default)]
    pub(crate) beta: bool,
}

/// A page of a listing.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct PageDef {
    pub(crate) fields: Vec<String>,
    /// The parameters that ask for another page, each with the field that has its value.
    pub(crate) next: Vec<(String, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Model,
    Dict,
    Alias,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct FieldDef {
    pub(crate) wire: String,
    pub(crate) required: bool,
    pub(crate) nullable: bool,
    pub(crate) r#type: Type,
    #[serde(default)]
    pub(crate) local: bool,
    #[serde(default)]
    pub(crate) limits: Limits,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "k", rename_all = "lowercase")]
pub(crate) enum Type {
    String,
    Integer,
    Number,
    Boolean,
    Datetime,
    Date,
    Any,
    File,
    Binary,
    Base64,
    Literal { values: Vec<Value> },
    Open { values: Vec<Value> },
    List { of: Box<Self> },
    Map { of: Box<Self> },
    Nullable { of: Box<Self> },
    Ref { to: String },
    Union { of: Vec<Self>, tag: Option<String> },
}

impl Type {
    /// The types that this one names directly.
    pub(crate) fn refs(&self) -> Vec<&str> {
        match self {
            Self::Ref { to } => vec![to],
            Self::List { of } | Self::Map { of } | Self::Nullable { of } => of.refs(),
            Self::Union { of, .. } => of.iter().flat_map(Self::refs).collect(),
            _ => Vec::new(),
        }
    }

    /// The description's word for a type that is not made of others.
    pub(crate) fn scalar(&self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Datetime => "datetime",
            Self::Date => "date",
            Self::File => "file",
            Self::Binary => "binary",
            Self::Base64 => "base64",
            _ => "any",
        }
    }
}

/// A method of the official client that sends a request.
#[derive(Debug, Deserialize)]
pub(crate) struct Endpoint {
    pub(crate) id: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) params: Vec<Param>,
    pub(crate) body: String,
    pub(crate) body_type: Option<String>,
    pub(crate) response: Response,
    pub(crate) stream: Option<Stream>,
    #[serde(default)]
    pub(crate) betas: Vec<String>,
    #[serde(default)]
    pub(crate) beta: bool,
    #[serde(default)]
    pub(crate) files: Vec<Vec<String>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Param {
    pub(crate) name: String,
    pub(crate) wire: String,
    pub(crate) r#in: Place,
    pub(crate) r#type: Type,
    pub(crate) required: bool,
    pub(crate) nullable: bool,
    /// The parameter is the body, rather than a key of it.
    #[serde(default)]
    pub(crate) whole_body: bool,
}

/// Where a parameter goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Place {
    Path,
    Query,
    Header,
    Body,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Response {
    pub(crate) kind: String,
    pub(crate) r#type: Option<Type>,
    #[serde(default)]
    pub(crate) page: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Stream {
    pub(crate) event: Type,
}

impl Description {
    /// The names of an endpoint's parameters in some places, by the type that holds its parameters.
    pub(crate) fn params_in(&self, places: &[Place]) -> BTreeMap<&str, Vec<&str>> {
        let mut all: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for endpoint in &self.endpoints {
            let params = endpoint.params.iter();
            let found = params.filter(|param| places.contains(&param.r#in));
            if let Some(ty) = &endpoint.body_type {
                all.entry(ty)
                    .or_default()
                    .extend(found.map(|param| param.name.as_str()));
            }
        }
        all
    }
}

impl Endpoint {
    /// The types that an endpoint names.
    pub(crate) fn roots(&self) -> Vec<&str> {
        let mut roots = self.takes();
        roots.extend(self.answers());
        roots
    }

    /// Whether it streams when a parameter asks for that.
    pub(crate) fn may_stream(&self) -> bool {
        self.stream.is_some() && self.response.kind != "none"
    }

    /// What a response is, as the table has it.
    pub(crate) fn answer_kind(&self) -> &'static str {
        match self.response.kind.as_str() {
            "page" => "Page",
            "jsonl" => "Lines",
            "binary" => "Bytes",
            "none" if self.stream.is_some() => "Events",
            "none" => "Empty",
            _ => "Json",
        }
    }

    /// The types that it takes.
    pub(crate) fn takes(&self) -> Vec<&str> {
        let params = self.params.iter().flat_map(|param| param.r#type.refs());
        params.chain(self.body_type.as_deref()).collect()
    }

    /// The types of its response.
    pub(crate) fn answers(&self) -> Vec<&str> {
        let events = self.stream.iter().flat_map(|stream| stream.event.refs());
        let answer = self.response.r#type.iter().flat_map(Type::refs);
        answer.chain(events).collect()
    }
}

/// What a bound is of; `api/extract/README.md` explains them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Limit {
    Min,
    Max,
    MinLength,
    MaxLength,
    MaxBytes,
    MinItems,
    MaxItems,
    MinKeyLength,
    MaxKeyLength,
    MaxValueLength,
    Default,
}

pub(crate) type Limits = BTreeMap<Limit, Value>;
