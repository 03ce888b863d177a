//! The descriptions of what operations take: parameters, and the types that they are made of.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::docs::Sentence;
use super::facts::Facts;
use super::files::Files;
use super::operations::{FOLDER, Method, OperationWriter, split};
use crate::description::{Endpoint, Param, Place, Type};
use crate::layout::{CORE, Layout, closure, module};
use crate::merge::Merger;
use crate::model::{Concept, Def, Model, Presence, Ty, Variant};
use crate::names::{bare, snake};

/// Lines of a file, of which each holds a parameter, a field or a variant.
const LINES: usize = 1_200;
const SKIP: &str = "#[rustfmt::skip]\n";

/// Writes the descriptions.
pub(crate) fn write(
    operations: &OperationWriter<'_>,
    facts: &Facts<'_>,
    files: &mut Files,
) -> Result<(), String> {
    let mut writer = Writer {
        operations,
        facts,
        seen: BTreeMap::new(),
        names: BTreeMap::new(),
    };
    let mut waiting = Vec::new();
    for endpoint in &operations.description.endpoints {
        for param in &endpoint.params {
            writer.named_in(&writer.lower(&param.r#type), &mut waiting);
        }
    }
    for id in operations.undescribed() {
        let own = operations.overlay.operations.get(id);
        let params = own.and_then(|own| own.params.as_ref());
        let concept = params.and_then(|key| operations.layout.model.defs.get(key));
        if let Some(Def::Struct { fields, .. }) = concept.map(|concept| &concept.def) {
            for field in fields {
                writer.named_in(&field.ty, &mut waiting);
            }
        }
    }
    let keys: BTreeSet<String> = closure(operations.layout.model, waiting)
        .into_iter()
        .map(str::to_owned)
        .collect();
    writer.place(&keys)?;
    let mut modules = writer.types(&keys, files);
    modules.push_str(&writer.parameters(files)?);
    let about = "What operations take: parameters, and the types that they are made of.";
    files.add(format!("{FOLDER}/described/mod.rs"), about, &modules);
    Ok(())
}

struct Writer<'a> {
    operations: &'a OperationWriter<'a>,
    facts: &'a Facts<'a>,
    /// The concepts as each module sees them.
    seen: BTreeMap<String, Model>,
    /// The static of each concept.
    names: BTreeMap<String, String>,
}

impl Writer<'_> {
    fn lower(&self, ty: &Type) -> Ty {
        let merger = Merger {
            names: self.operations.names,
            description: self.operations.description,
            absorbed: std::cell::RefCell::default(),
        };
        merger.lower(ty)
    }

    /// The concepts that a type names.
    fn named_in(&self, ty: &Ty, found: &mut Vec<String>) {
        match ty {
            Ty::Named(key) if self.operations.layout.model.defs.contains_key(key) => {
                found.push(key.clone());
            }
            Ty::List(of) | Ty::Map(of) | Ty::Nullable(of) => self.named_in(of, found),
            Ty::Union { members, .. } => {
                for member in members {
                    self.named_in(member, found);
                }
            }
            _ => {}
        }
    }

    /// Gives each concept its static.
    fn place(&mut self, keys: &BTreeSet<String>) -> Result<(), String> {
        let mut taken = BTreeSet::new();
        for key in keys {
            let name = snake(&key.replace('.', "_")).to_uppercase();
            if !taken.insert(name.clone()) {
                return Err(format!("{key}: another type's description is {name}, too"));
            }
            self.names.insert(key.clone(), name);
        }
        let modules: BTreeSet<&str> = keys.iter().map(|key| module(key)).collect();
        let params = self.operations.layout.model.defs.keys();
        for path in modules.into_iter().chain(params.map(|key| module(key))) {
            if !self.seen.contains_key(path) {
                let model = self.operations.layout.seen_from(path, "crate::");
                self.seen.insert(path.to_owned(), model);
            }
        }
        Ok(())
    }

    /// Writes the types; returns the lines that declare their modules.
    fn types(&self, keys: &BTreeSet<String>, files: &mut Files) -> String {
        let mut chunks: Vec<String> = Vec::new();
        let mut lines = usize::MAX;
        for key in keys {
            let code = self.type_code(key);
            let count = code.lines().count();
            if lines.saturating_add(count) > LINES {
                chunks.push(String::from(
                    "use super::*;\nuse crate::operations::described::{FieldInfo, TypeInfo, TypeKind, TypeRef, VariantInfo};\n\n",
                ));
                lines = 0;
            }
            lines += count;
            if let Some(chunk) = chunks.last_mut() {
                chunk.push_str(&code);
            }
        }
        let mut modules = String::new();
        for (number, code) in chunks.iter().enumerate() {
            let name = format!("types_{}", number + 1);
            let about = "Types that operations take.";
            files.add(format!("{FOLDER}/described/{name}.rs"), about, code);
            let _ = writeln!(modules, "mod {name};\nuse {name}::*;");
        }
        modules
    }

    fn type_code(&self, key: &str) -> String {
        let Some(concept) = self.operations.layout.model.defs.get(key) else {
            return String::new();
        };
        let name = self.names.get(key).map_or("", String::as_str);
        let doc = plain(&self.facts.type_text(key, concept));
        let mut out = format!("{SKIP}pub(super) static {name}: TypeInfo = TypeInfo {{\n");
        let _ = writeln!(out, "name: {:?}, doc: {doc:?},", Layout::path(key));
        let _ = match &concept.def {
            Def::Struct { constants, fields } => {
                let _ = writeln!(
                    out,
                    "kind: TypeKind::Object {{ constants: &{constants:?}, fields: &["
                );
                for (at, field) in fields.iter().enumerate() {
                    let _ = writeln!(
                        out,
                        "FieldInfo {{ name: {:?}, ty: {}, flags: {}, doc: {:?} }},",
                        field.wire,
                        self.ty(&field.ty),
                        flags(field.presence),
                        self.field_doc(key, at)
                    );
                }
                writeln!(out, "] }},")
            }
            Def::Union { tag, variants, .. } => {
                let _ = writeln!(out, "kind: TypeKind::Union {{ tag: {tag:?}, variants: &[");
                self.variants(&mut out, variants);
                writeln!(out, "] }},")
            }
            Def::Shape { variants } => {
                let _ = writeln!(out, "kind: TypeKind::Shapes {{ variants: &[");
                self.variants(&mut out, variants);
                writeln!(out, "] }},")
            }
            Def::Enum { values } | Def::Set { values } => {
                writeln!(out, "kind: TypeKind::Values {{ values: &{values:?} }},")
            }
        };
        out.push_str("};\n\n");
        out
    }

    fn variants(&self, out: &mut String, variants: &[Variant]) {
        for variant in variants {
            let _ = writeln!(
                out,
                "VariantInfo {{ values: &{:?}, ty: {} }},",
                variant.marks,
                self.ty(&variant.ty)
            );
        }
    }

    /// The docs of a concept's field, by its number.
    fn field_doc(&self, key: &str, number: usize) -> String {
        let Some(model) = self.seen.get(module(key)) else {
            return String::new();
        };
        let concept = model.defs.get(bare(key));
        let Some(Concept {
            def: Def::Struct { fields, .. },
            ..
        }) = concept
        else {
            return String::new();
        };
        let (Some(concept), Some(field)) = (concept, fields.get(number)) else {
            return String::new();
        };
        plain(&self.facts.field_text(key, concept, field, model).brief())
    }

    /// A type as the table writes it.
    fn ty(&self, ty: &Ty) -> String {
        let of = |kind: &str, of: &Ty| format!("TypeRef::{kind}(&{})", self.ty(of));
        match ty {
            Ty::String => "TypeRef::String".to_owned(),
            Ty::Bool => "TypeRef::Bool".to_owned(),
            Ty::Signed | Ty::Unsigned => "TypeRef::Integer".to_owned(),
            Ty::Float => "TypeRef::Number".to_owned(),
            Ty::Timestamp => "TypeRef::Timestamp".to_owned(),
            Ty::Json => "TypeRef::Json".to_owned(),
            Ty::File => "TypeRef::File".to_owned(),
            Ty::List(item) => of("List", item),
            Ty::Map(value) => of("Map", value),
            Ty::Nullable(inner) => of("Nullable", inner),
            Ty::Words(values) => format!("TypeRef::Values(&{values:?})"),
            Ty::Union { members, .. } => {
                let members: Vec<String> = members.iter().map(|member| self.ty(member)).collect();
                format!("TypeRef::OneOf(&[{}])", members.join(", "))
            }
            Ty::Named(key) => match self.names.get(key) {
                Some(name) => format!("TypeRef::Named(&{name})"),
                None => "TypeRef::Json".to_owned(),
            },
        }
    }

    /// Writes the parameters of each area; returns what declares them.
    fn parameters(&self, files: &mut Files) -> Result<String, String> {
        let mut chunks: BTreeMap<String, (String, String)> = BTreeMap::new();
        let mut numbers: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for endpoint in &self.operations.description.endpoints {
            let method = self.operations.method(endpoint)?;
            let (area, _) = self.operations.layout.area(endpoint)?;
            let code = self.operation(endpoint, &method);
            let (number, lines) = numbers.entry(area).or_insert((1, 0));
            *lines += code.lines().count();
            if *lines > LINES {
                *number += 1;
                *lines = code.lines().count();
            }
            let gate = self.operations.cfg(area);
            let name = format!("{area}_{number}");
            chunks
                .entry(name)
                .or_insert_with(|| (gate, String::new()))
                .1
                .push_str(&code);
        }
        let resources = self.operations.resources()?;
        for id in self.operations.undescribed() {
            let area = resources.get(split(id).0).map_or(CORE, |own| own.area);
            let gate = self.operations.cfg(area);
            let (number, _) = numbers.get(area).copied().unwrap_or((1, 0));
            let chunk = chunks.entry(format!("{area}_{number}"));
            let (_, code) = chunk.or_insert_with(|| (gate, String::new()));
            code.push_str(&self.undescribed(id));
        }
        let mut out = String::new();
        for (name, (gate, code)) in &chunks {
            let about = "What operations take.";
            let code = format!(
                "use super::*;\nuse crate::operation::Place;\n\
                 use crate::operations::described::{{Described, ParameterInfo, TypeRef}};\n\n\
                 {SKIP}pub(super) static OPERATIONS: &[Described] = &[\n{code}];\n"
            );
            files.add(format!("{FOLDER}/described/{name}.rs"), about, &code);
            let _ = writeln!(out, "{gate}mod {name};");
        }
        out.push_str(
            "\npub(crate) static TABLES: &[&[crate::operations::described::Described]] = &[\n",
        );
        for (name, (gate, _)) in &chunks {
            let _ = writeln!(out, "{gate}{name}::OPERATIONS,");
        }
        out.push_str("];\n");
        Ok(out)
    }

    fn operation(&self, endpoint: &Endpoint, method: &Method<'_>) -> String {
        let doc = plain(
            &self
                .operations
                .docs
                .method_doc(&endpoint.id, &Facts::method(endpoint, self.operations.docs)),
        );
        let mut out = format!(
            "Described {{ id: {:?}, doc: {doc:?}, parameters: &[\n",
            endpoint.id
        );
        for param in &endpoint.params {
            let (place, wire) = match param.r#in {
                Place::Path => ("Path", param.wire.clone()),
                Place::Query => ("Query", param.wire.clone()),
                Place::Header => ("Header", param.wire.to_lowercase()),
                Place::Body => ("Body", param.wire.clone()),
            };
            let flags = u8::from(param.required)
                | u8::from(param.nullable) << 1
                | u8::from(param.whole_body) << 2;
            let _ = writeln!(
                out,
                "ParameterInfo {{ name: {:?}, wire: {wire:?}, place: Place::{place}, ty: {}, flags: {flags}, doc: {:?} }},",
                param.name,
                self.ty(&self.lower(&param.r#type)),
                self.parameter_doc(param, method)
            );
        }
        out.push_str("] },\n");
        out
    }

    /// An operation of the overlay's: the fields of its parameters' type, and `stream`.
    fn undescribed(&self, id: &str) -> String {
        let doc = plain(&self.operations.docs.method_doc(id, &Sentence::name(id)));
        let mut out = format!("Described {{ id: {id:?}, doc: {doc:?}, parameters: &[\n");
        let own = self.operations.overlay.operations.get(id);
        let key = own
            .and_then(|own| own.params.as_deref())
            .unwrap_or_default();
        let concept = self.operations.layout.model.defs.get(key);
        if let Some(Def::Struct { fields, .. }) = concept.map(|concept| &concept.def) {
            for (at, field) in fields.iter().enumerate() {
                let _ = writeln!(
                    out,
                    "ParameterInfo {{ name: {wire:?}, wire: {wire:?}, place: Place::Body, ty: {}, flags: {}, doc: {:?} }},",
                    self.ty(&field.ty),
                    flags(field.presence),
                    self.field_doc(key, at),
                    wire = field.wire
                );
            }
            out.push_str(
                "ParameterInfo { name: \"stream\", wire: \"stream\", place: Place::Body, ty: TypeRef::Bool, \
                 flags: 0, doc: \"Whether the response is streamed.\" },\n",
            );
        }
        out.push_str("] },\n");
        out
    }

    fn parameter_doc(&self, param: &Param, method: &Method<'_>) -> String {
        let params = method.params.as_deref().unwrap_or_default();
        let concept = self.operations.layout.model.defs.get(params);
        if let Some(Concept {
            def: Def::Struct { fields, .. },
            ..
        }) = concept
        {
            let wires = [&param.name, &param.wire];
            let found = fields.iter().position(|field| wires.contains(&&field.wire));
            if let Some(number) = found.filter(|_| !param.whole_body) {
                return self.field_doc(params, number);
            }
        }
        match param.name.as_str() {
            "betas" => "Beta headers to send.".to_owned(),
            "workspace_id" if param.r#in == Place::Header => {
                "The workspace in which the request runs.".to_owned()
            }
            "user_profile_id" if param.r#in == Place::Header => {
                "The user profile on whose behalf the request is made.".to_owned()
            }
            "file" | "archive" => "The file to upload.".to_owned(),
            "files" => "The files to upload.".to_owned(),
            "stream" => "Whether the response is streamed.".to_owned(),
            name => match name.strip_suffix("_id") {
                Some(stem) => format!("The id of the {}.", stem.replace('_', " ")),
                None => format!("The {}.", name.replace('_', " ")),
            },
        }
    }
}

/// Whether a field is required, and whether it takes `null`, as the table writes it.
fn flags(presence: Presence) -> u8 {
    match presence {
        Presence::Optional => 0,
        Presence::Required => 1,
        Presence::Patch => 2,
        Presence::RequiredOrNull => 3,
    }
}

/// Docs as plain text: their first paragraph, without links.
fn plain(text: &str) -> String {
    let first = text.split("\n\n").next().unwrap_or_default();
    let mut out = String::new();
    let mut rest = first;
    while let Some(open) = rest.find('[') {
        let (before, from) = rest.split_at(open);
        out.push_str(before);
        let inner = from.get(1..).unwrap_or_default();
        let Some((label, after)) = inner.split_once(']') else {
            rest = from;
            break;
        };
        let target = after.strip_prefix('(').and_then(|it| it.split_once(')'));
        if target.is_none() && !label.starts_with('`') {
            out.push('[');
            out.push_str(label);
            out.push(']');
        } else {
            out.push_str(label);
        }
        rest = target.map_or(after, |(_, rest)| rest);
    }
    out.push_str(rest);
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn links_become_their_labels() {
        assert_eq!(
            plain("A [`Tool`](crate::Tool),\nor [`Model`]. See [docs](https://x).\n\nMore."),
            "A `Tool`, or `Model`. See docs."
        );
        assert_eq!(plain("a list `key[]` and [x]"), "a list `key[]` and [x]");
    }
}
