//! `api/overlay.toml`: the decisions that the description cannot make for us.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::aliases::Alias;

/// Our decisions; each table is explained in the file itself.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Overlay {
    pub(crate) areas: BTreeMap<String, Area>,
    pub(crate) modules: Vec<ModuleRule>,
    pub(crate) fold: Fold,
    pub(crate) numbers: Numbers,
    pub(crate) types: BTreeMap<String, TypeOverlay>,
    pub(crate) across: Across,
    pub(crate) files: Vec<FileRule>,
    pub(crate) operations: BTreeMap<String, OperationOverlay>,
    /// The beta headers of types and fields, any one of which is enough.
    pub(crate) betas: BTreeMap<String, Vec<String>>,
    /// The beta headers under which the API leaves a field out.
    pub(crate) absent: BTreeMap<String, Vec<String>>,
    /// Names that vanished upstream, from `api/aliases.json`.
    #[serde(skip)]
    pub(crate) aliases: Vec<Alias>,
}

/// Which endpoints and types belong together.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Area {
    /// The cargo feature that switches it on; the core area is always there.
    pub(crate) feature: Option<String>,
    #[serde(default)]
    pub(crate) endpoints: Vec<String>,
    /// The concepts that belong to it whether or not an endpoint names them.
    #[serde(default)]
    pub(crate) types: Vec<String>,
}

/// Where the types of an official folder go whose names match; the first rule that fits wins.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModuleRule {
    pub(crate) folder: String,
    pub(crate) types: Vec<String>,
    /// The module; `=` is the official folder, nothing is the crate's root.
    pub(crate) module: String,
    /// What the module's name makes superfluous at the beginning of the types' names.
    #[serde(default)]
    pub(crate) strip: String,
}

/// What is one concept and what it is called.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fold {
    pub(crate) names: BTreeMap<String, String>,
    pub(crate) rename: BTreeMap<String, String>,
    pub(crate) separate: Vec<String>,
    pub(crate) replaced: Vec<String>,
    pub(crate) json: Vec<String>,
    /// The union that others contain, and from how many members on one that does is the same union.
    pub(crate) absorbing: Absorbing,
    pub(crate) sets: Vec<String>,
    pub(crate) options: Vec<String>,
    pub(crate) patch: Vec<String>,
    /// Official types that are no type here, and why.
    pub(crate) exceptions: BTreeMap<String, String>,
}

/// A union that takes in the members of the unions that contain it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Absorbing {
    pub(crate) union: String,
    pub(crate) from: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Numbers {
    pub(crate) unsigned: Vec<String>,
}

/// What is read across the variants of a union.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Across {
    /// The fields that are, even where a single variant has them.
    pub(crate) always: Vec<String>,
}

/// Decisions about one type.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TypeOverlay {
    /// The required fields that `new` takes, in that order; the others are set later.
    pub(crate) new: Option<Vec<String>>,
    /// A type from which this one is converted: it has all of its fields.
    pub(crate) from: Option<String>,
    /// Fields that are not part of the type here.
    pub(crate) drop: Vec<String>,
    /// Fields whose value is kept behind a box.
    pub(crate) boxed: Vec<String>,
    /// Fields that are set by their own type only, and by nothing that becomes one: beside another
    /// text they could be swapped unnoticed.
    pub(crate) exact: Vec<String>,
    /// Rust names of variants, by tag or JSON shape.
    pub(crate) variants: BTreeMap<String, String>,
    /// Of a union, the fields whose types differ between its variants: the tag of the one whose
    /// type is read across them, or nothing where a method by hand reads the field.
    pub(crate) across: BTreeMap<String, String>,
    /// Fields that the description does not have.
    pub(crate) add: Vec<AddedField>,
    /// For a type that the description does not have at all.
    pub(crate) constants: BTreeMap<String, String>,
    /// The values of a set of strings that the description does not have.
    pub(crate) values: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddedField {
    pub(crate) name: String,
    pub(crate) r#type: String,
    #[serde(default)]
    pub(crate) required: bool,
    #[serde(default)]
    pub(crate) nullable: bool,
}

/// Where the types go whose names match.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileRule {
    /// The module below whose folder the file is; nothing is the core area.
    #[serde(default)]
    pub(crate) module: String,
    pub(crate) file: String,
    pub(crate) about: String,
    pub(crate) types: Vec<String>,
}

/// Decisions about one endpoint.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct OperationOverlay {
    /// Where the operation is that is written by hand, with its method.
    pub(crate) by_hand: Option<String>,
    /// The type of the parameters, of an operation that the description does not have.
    pub(crate) params: Option<String>,
    /// The parameters of the method's example.
    pub(crate) example: Option<String>,
    /// Another Rust name for the method.
    pub(crate) method: Option<String>,
}

impl Overlay {
    pub(crate) fn type_overlay(&self, name: &str) -> Option<&TypeOverlay> {
        self.types.get(name)
    }
}

/// Whether a name matches a pattern with at most a few `*`.
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((head, tail)) => {
            let Some(rest) = name.strip_prefix(head) else {
                return false;
            };
            (0..=rest.len())
                .filter(|at| rest.is_char_boundary(*at))
                .any(|at| matches(tail, &rest[at..]))
        }
    }
}
