//! The arguments of a tool's function.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::{Attribute, Error, Meta, Pat, PatType, Result, Type};

use crate::description;
use crate::fault::Faults;
use crate::types::{self, ContextArgument};

/// What is passed to the function in one place.
pub(crate) enum Argument {
    Parameter(Box<Parameter>),
    Context(ContextArgument),
}

/// An argument that the model fills in.
pub(crate) struct Parameter {
    /// Those of the field that it is decoded into: its docs, and what serde and schemars read.
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) name: Ident,
    pub(crate) ty: Type,
}

impl Parameter {
    /// Whether other keys of the input are this one's.
    pub(crate) fn is_flattened(&self) -> bool {
        has_option(&self.attributes, &["flatten"])
    }

    /// Whether an attribute gives the schema, and not the type.
    pub(crate) fn has_own_schema(&self) -> bool {
        has_option(
            &self.attributes,
            &[
                "with",
                "schema_with",
                "flatten",
                "skip",
                "skip_deserializing",
            ],
        )
    }

    /// Whether it has a description of its own, or needs none.
    pub(crate) fn is_described_here(&self) -> bool {
        description::of(&self.attributes).is_some()
            || has_option(&self.attributes, &["description", "flatten", "skip"])
    }

    fn is_described(&self) -> bool {
        self.is_described_here() || types::may_describe_itself(&self.ty)
    }
}

/// Reads an argument. The attributes that are not the compiler's are taken off it.
pub(crate) fn read(argument: &mut PatType, faults: &mut Faults) -> Option<Argument> {
    let attributes = take_attributes(&mut argument.attrs, faults);
    if let Some(context) = types::context(&argument.ty) {
        return Some(Argument::Context(context));
    }
    let name = faults.keep(name(&argument.pat));
    faults.keep(types::check(&argument.ty))?;
    let parameter = Parameter {
        attributes,
        name: name?,
        ty: (*argument.ty).clone(),
    };
    if !parameter.is_described() {
        let name = &parameter.name;
        let fault = format!(
            "the argument `{name}` has no description, by which the model fills it in: write a doc \
             comment above it, such as `/// A city, in English.`"
        );
        faults.at(name, fault);
    }
    Some(Argument::Parameter(Box::new(parameter)))
}

/// The name in a pattern, which is nothing else.
fn name(pattern: &Pat) -> Result<Ident> {
    match pattern {
        Pat::Ident(pattern) if pattern.by_ref.is_none() && pattern.subpat.is_none() => {
            Ok(pattern.ident.clone())
        }
        Pat::Wild(wild) => {
            let fault = "the argument needs a name, which the model sees";
            Err(Error::new_spanned(wild, fault))
        }
        pattern => {
            let fault = "an argument of a tool is a plain name, which the model sees; take it apart in \
                         the body";
            Err(Error::new_spanned(pattern, fault))
        }
    }
}

/// Takes off what belongs to the field; the compiler's lints stay.
fn take_attributes(attributes: &mut Vec<Attribute>, faults: &mut Faults) -> Vec<Attribute> {
    let mut field = Vec::new();
    let mut rest = Vec::new();
    for attribute in attributes.drain(..) {
        let path = attribute.path();
        let is = |names: &[&str]| names.iter().any(|name| path.is_ident(name));
        if is(&["doc", "serde", "schemars"]) {
            field.push(attribute);
        } else if is(&["allow", "expect", "warn", "deny", "forbid"]) {
            rest.push(attribute);
        } else {
            let fault =
                "an argument of a tool takes doc comments, `#[serde(…)]` and `#[schemars(…)]`";
            faults.at(&attribute, fault);
        }
    }
    *attributes = rest;
    field
}

/// Whether an attribute of serde or schemars has one of these options.
fn has_option(attributes: &[Attribute], names: &[&str]) -> bool {
    let lists = attributes
        .iter()
        .filter_map(|attribute| match &attribute.meta {
            Meta::List(list) if !list.path.is_ident("doc") => Some(list.tokens.clone()),
            _ => None,
        });
    let mut tokens = lists.flat_map(TokenStream::into_iter);
    tokens.any(|token| match token {
        TokenTree::Ident(ident) => names.iter().any(|name| ident == name),
        _ => false,
    })
}
