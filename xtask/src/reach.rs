//! Which types endpoints answer with, and which they take.
//!
//! Code that no endpoint needs is marked `inline`: it is compiled in the programs that use it, not in every
//! build of the types. See `macros.rs` of the crate `anthropic-types`.

use std::collections::BTreeSet;

use crate::description::{Endpoint, Type};
use crate::model::{Def, Model, Ty};
use crate::names::Names;

/// The concepts that the client reads and those that it writes.
#[derive(Debug, Default)]
pub(crate) struct Reach {
    read: BTreeSet<String>,
    written: BTreeSet<String>,
}

impl Reach {
    /// What the endpoints of a model's area reach.
    pub(crate) fn new<'a>(
        names: &Names<'_>,
        model: &Model,
        endpoints: impl Iterator<Item = &'a Endpoint>,
    ) -> Self {
        let mut read = BTreeSet::new();
        let mut written = BTreeSet::new();
        for endpoint in endpoints {
            let answers = endpoint.response.r#type.iter();
            let answers = answers.chain(endpoint.stream.iter().map(|stream| &stream.event));
            read.extend(answers.flat_map(Type::refs));
            written.extend(endpoint.params.iter().flat_map(|param| param.r#type.refs()));
            written.extend(endpoint.body_type.as_deref());
        }
        let closure = |roots: BTreeSet<&str>| {
            let roots = roots.into_iter().map(|root| resolve(names, root));
            closure(model, roots.flatten().collect())
        };
        Self {
            read: closure(read),
            written: closure(written),
        }
    }

    /// The marks behind a type's name in its declaration.
    pub(crate) fn marks(&self, name: &str) -> String {
        let mut marks = String::new();
        if !self.read.contains(name) {
            marks.push_str(" [read: inline]");
        }
        if !self.written.contains(name) {
            marks.push_str(" [write: inline]");
        }
        marks
    }
}

/// The concepts behind an official name; an alias that has no type of its own stands for what it names.
fn resolve(names: &Names<'_>, official: &str) -> Vec<String> {
    let Names { description, .. } = names;
    let mut found: Vec<String> = description
        .reachable_aliases(official)
        .into_iter()
        .map(|name| names.key(name))
        .collect();
    found.dedup();
    found
}

/// Everything that some concepts are made of, themselves included.
fn closure(model: &Model, mut waiting: Vec<String>) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    while let Some(name) = waiting.pop() {
        let Some(concept) = model.defs.get(&name) else {
            continue;
        };
        if !seen.insert(name) {
            continue;
        }
        match &concept.def {
            Def::Struct { fields, .. } => {
                for field in fields {
                    named(&field.ty, &mut waiting);
                }
            }
            Def::Union { variants, .. } | Def::Shape { variants } => {
                for variant in variants {
                    named(&variant.ty, &mut waiting);
                }
            }
            Def::Enum { .. } | Def::Set { .. } => {}
        }
    }
    seen
}

fn named(ty: &Ty, found: &mut Vec<String>) {
    match ty {
        Ty::Named(name) => found.push(name.clone()),
        Ty::List(of) | Ty::Map(of) | Ty::Nullable(of) => named(of, found),
        Ty::Union { members, .. } => members.iter().for_each(|member| named(member, found)),
        _ => {}
    }
}
