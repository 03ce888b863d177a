//! What is generated: concepts, folded from the official SDK's definitions.

use std::collections::BTreeMap;

use crate::description::Limits;

/// The type of a field.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ty {
    String,
    Bool,
    Signed,
    Unsigned,
    Float,
    Timestamp,
    Json,
    File,
    List(Box<Self>),
    Map(Box<Self>),
    Nullable(Box<Self>),
    Named(String),
    /// Strings with known values, not yet named.
    Words(Vec<String>),
    /// Several types, not yet named.
    Union {
        tag: Option<String>,
        members: Vec<Self>,
    },
}

/// How often a field is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    Required,
    /// Always written, `null` where it has no value.
    RequiredOrNull,
    Optional,
    /// Left out, `null` and a value mean three things.
    Patch,
}

#[derive(Debug, Clone, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four facts of the description, each yes or no"
)]
pub(crate) struct Field {
    pub(crate) wire: String,
    pub(crate) ty: Ty,
    pub(crate) presence: Presence,
    /// In no definition outside the beta resources.
    pub(crate) beta_only: bool,
    /// In no definition of a request, though the concept has one.
    pub(crate) response_only: bool,
    /// Requests may have `null` in its place.
    pub(crate) null_sent: bool,
    /// Free JSON that is an object by every definition.
    pub(crate) is_object: bool,
    /// Its bounds and its default, where the description has them.
    pub(crate) limits: Limits,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Variant {
    pub(crate) name: String,
    /// What distinguishes it from the others: values of the tag, or a JSON shape.
    pub(crate) marks: Vec<String>,
    pub(crate) ty: Ty,
    pub(crate) is_boxed: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Def {
    Struct {
        constants: Vec<(String, String)>,
        fields: Vec<Field>,
    },
    /// Structs found apart by a tag; `default` is the variant without one.
    Union {
        tag: String,
        variants: Vec<Variant>,
        default: Option<String>,
    },
    Shape {
        variants: Vec<Variant>,
    },
    Enum {
        values: Vec<String>,
    },
    Set {
        values: Vec<String>,
    },
}

/// All concepts of an area, by name.
pub(crate) struct Model {
    pub(crate) defs: BTreeMap<String, Concept>,
    /// What could not be generated, and why.
    pub(crate) problems: Vec<String>,
}

#[derive(Debug, Clone)]
pub(crate) struct Concept {
    pub(crate) def: Def,
    pub(crate) beta_only: bool,
}

/// A type as Rust writes it.
pub(crate) fn rust(ty: &Ty) -> String {
    match ty {
        Ty::String | Ty::Words(_) => "String".to_owned(),
        Ty::Bool => "bool".to_owned(),
        Ty::Signed => "i64".to_owned(),
        Ty::Unsigned => "u64".to_owned(),
        Ty::Float => "f64".to_owned(),
        Ty::Timestamp => "Timestamp".to_owned(),
        Ty::Json | Ty::File | Ty::Union { .. } => "Json".to_owned(),
        Ty::List(of) => format!("Vec<{}>", rust(of)),
        Ty::Map(of) => format!("BTreeMap<String, {}>", rust(of)),
        Ty::Nullable(of) => format!("Option<{}>", rust(of)),
        Ty::Named(name) => name.clone(),
    }
}
