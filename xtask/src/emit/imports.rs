//! The `use` lines of the types' files.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::across;
use super::types::TypeWriter;
use crate::model::{Concept, Def, Presence, Ty};

impl TypeWriter<'_> {
    /// The `use` lines of a file: what it names and does not define.
    pub(super) fn imports(&self, concepts: &[(&str, &Concept)]) -> String {
        let mut used = BTreeSet::new();
        for (name, concept) in concepts {
            if let Def::Union { tag, variants, .. } = &concept.def {
                let key = self.key(name);
                for ty in across::types(self.model, self.overlay, &key, tag, variants) {
                    name_types(ty, &mut used);
                }
            }
            match &concept.def {
                Def::Struct { fields, .. } => {
                    used.insert("Extra");
                    for field in fields {
                        name_types(&field.ty, &mut used);
                        if field.presence == Presence::Patch {
                            used.insert("Patch");
                        }
                    }
                }
                Def::Union { variants, .. } | Def::Shape { variants } => {
                    used.insert("Unrecognized");
                    for variant in variants {
                        name_types(&variant.ty, &mut used);
                    }
                }
                Def::Enum { .. } => {}
                Def::Set { .. } => {
                    used.insert("Cow");
                }
            }
        }
        for (name, _) in concepts {
            used.remove(name);
        }
        let mut out = String::new();
        for (path, item) in [("std::borrow", "Cow"), ("std::collections", "BTreeMap")] {
            if used.remove(item) {
                let _ = writeln!(out, "use {path}::{item};");
            }
        }
        let is_runtime = |name: &str| self.module.is_empty() || RUNTIME.contains(&name);
        let (runtime, own): (Vec<&str>, Vec<&str>) =
            used.into_iter().partition(|name| is_runtime(name));
        out.push('\n');
        for (path, names) in [("super", own), ("crate", runtime)] {
            if !names.is_empty() {
                let _ = writeln!(out, "use {path}::{{{}}};", names.join(", "));
            }
        }
        out.push('\n');
        out
    }
}

/// What the types' own runtime gives.
const RUNTIME: [&str; 5] = ["Extra", "Json", "Patch", "Timestamp", "Unrecognized"];

fn name_types<'t>(ty: &'t Ty, used: &mut BTreeSet<&'t str>) {
    match ty {
        Ty::Timestamp => {
            used.insert("Timestamp");
        }
        Ty::Json | Ty::File | Ty::Union { .. } => {
            used.insert("Json");
        }
        // What is elsewhere is named by its path.
        Ty::Named(name) if name.contains("::") => {}
        Ty::Named(name) => {
            used.insert(name);
        }
        Ty::Map(of) => {
            used.insert("BTreeMap");
            name_types(of, used);
        }
        Ty::List(of) | Ty::Nullable(of) => name_types(of, used),
        Ty::String | Ty::Words(_) | Ty::Bool | Ty::Signed | Ty::Unsigned | Ty::Float => {}
    }
}
