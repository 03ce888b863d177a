//! The types of an area as Rust.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::across;
use super::aliases::{constant, members};
use super::docs::{Docs, Sentence, comment};
use super::facts::Facts;
use crate::model::{Concept, Def, Field, Model, Presence, Ty, Variant, rust};
use crate::models::Ends;
use crate::names::{ident, pascal, snake};
use crate::overlay::Overlay;
use crate::reach::Reach;

/// Where the generated types live.
pub(crate) const FOLDER: &str = "crates/anthropic-types/src/generated";

/// Writes the types of an area.
pub(crate) struct TypeWriter<'a> {
    /// The concepts as the module sees them.
    pub(crate) model: &'a Model,
    pub(crate) module: &'a str,
    pub(crate) overlay: &'a Overlay,
    pub(crate) docs: &'a Docs,
    pub(crate) facts: &'a Facts<'a>,
    pub(crate) reach: &'a Reach,
    /// The deprecated models.
    pub(crate) ends: &'a Ends,
}

impl TypeWriter<'_> {
    /// The code of one file.
    pub(crate) fn file(&self, concepts: &[(&str, &Concept)]) -> String {
        let mut code = String::new();
        for (name, concept) in concepts {
            self.concept(&mut code, name, concept);
            let how = |field: &Field| self.how(name, field);
            let (aliases, key) = (&self.overlay.aliases, self.key(name));
            code.push_str(&members(aliases, &key, name, &concept.def, how));
        }
        format!("{}{code}", self.imports(concepts))
    }

    /// What the overlay and the docs call a concept.
    pub(super) fn key(&self, name: &str) -> String {
        if self.module.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.module)
        }
    }

    fn concept(&self, out: &mut String, name: &str, concept: &Concept) {
        match &concept.def {
            Def::Struct { constants, fields } => {
                self.structure(out, name, concept, constants, fields);
            }
            Def::Union {
                tag,
                variants,
                default,
            } => {
                self.union(out, name, concept, tag, variants, default.as_deref());
            }
            Def::Shape { variants } => self.shape(out, name, concept, variants),
            Def::Enum { values } => self.string_enum(out, name, concept, values),
            Def::Set { values } => self.string_set(out, name, concept, values),
        }
    }

    fn head(&self, out: &mut String, name: &str, concept: &Concept) {
        let key = self.key(name);
        comment(out, "", &self.facts.type_text(&key, concept));
        for alias in self.facts.aliases(&key) {
            let _ = writeln!(out, "#[doc(alias = {alias:?})]");
        }
    }

    fn structure(
        &self,
        out: &mut String,
        name: &str,
        concept: &Concept,
        constants: &[(String, String)],
        fields: &[Field],
    ) {
        self.head(out, name, concept);
        let has_default = fields
            .iter()
            .all(|field| field.presence != Presence::Required);
        let default = if has_default { ", Default" } else { "" };
        let _ = writeln!(
            out,
            "#[derive(Debug, Clone, PartialEq{default})]\n#[non_exhaustive]"
        );
        let _ = writeln!(out, "pub struct {name} {{");
        for field in fields {
            let key = self.key(name);
            let text = self.facts.field_text(&key, concept, field, self.model);
            comment(out, "    ", &text.all());
            let rust = self.field_type(name, field);
            let _ = writeln!(out, "    pub {}: {rust},", ident(&field.wire));
        }
        let _ = writeln!(
            out,
            "    /// Unknown fields, kept as they came.\n    pub extra: Extra,\n}}\n"
        );
        let constants: Vec<String> = constants
            .iter()
            .map(|(key, value)| format!("{key:?} = {value:?}"))
            .collect();
        let marks = self.reach.marks(&self.key(name));
        let is_answer = self.reach.is_answer(&self.key(name));
        let side = if is_answer { " in answers" } else { "" };
        let constants = constants.join(", ");
        let _ = writeln!(out, "object! {{\n    {name}({constants}){side}{marks} {{");
        for field in self.ordered(name, fields) {
            let rule = self.rule(name, field);
            let how = self.how(name, field);
            let key = &field.wire;
            let _ = writeln!(
                out,
                "        {rule} {} = {key:?}: {how}, {:?};",
                ident(key),
                self.setter_text(name, concept, field),
            );
        }
        out.push_str("    }\n}\n\n");
    }

    /// The docs of a setter: its field's first paragraph and bounds, and a link to the rest.
    fn setter_text(&self, name: &str, concept: &Concept, field: &Field) -> String {
        let key = self.key(name);
        let text = self.facts.field_text(&key, concept, field, self.model);
        let ident = ident(&field.wire);
        let place = ident.trim_start_matches("r#");
        format!(
            "{}\n\nSets [`{place}`](Self#structfield.{place}).",
            text.brief()
        )
    }

    /// The fields in the order in which `new` takes them: the overlay's, then the others.
    fn ordered<'f>(&self, name: &str, fields: &'f [Field]) -> Vec<&'f Field> {
        let new = self
            .overlay
            .type_overlay(&self.key(name))
            .and_then(|overlay| overlay.new.as_ref());
        let Some(new) = new else {
            return fields.iter().collect();
        };
        let mut ordered: Vec<&Field> = new
            .iter()
            .filter_map(|wire| fields.iter().find(|field| field.wire == *wire))
            .collect();
        ordered.extend(fields.iter().filter(|field| !new.contains(&field.wire)));
        ordered
    }

    fn rule(&self, name: &str, field: &Field) -> &'static str {
        let new = self
            .overlay
            .type_overlay(&self.key(name))
            .and_then(|overlay| overlay.new.as_ref());
        match field.presence {
            Presence::Required if new.is_some_and(|new| !new.contains(&field.wire)) => "late",
            Presence::Required => "req",
            Presence::RequiredOrNull => "nul",
            Presence::Optional if field.null_sent => "null",
            Presence::Optional => "opt",
            Presence::Patch => "patch",
        }
    }

    fn is_boxed(&self, name: &str, field: &Field) -> bool {
        let overlay = self.overlay.type_overlay(&self.key(name));
        overlay.is_some_and(|overlay| overlay.boxed.contains(&field.wire))
    }

    fn is_exact(&self, name: &str, field: &Field) -> bool {
        let overlay = self.overlay.type_overlay(&self.key(name));
        overlay.is_some_and(|overlay| overlay.exact.contains(&field.wire))
    }

    fn how(&self, name: &str, field: &Field) -> String {
        match &field.ty {
            ty if field.presence == Presence::Patch => format!("into {}", rust(ty)),
            Ty::Bool | Ty::Signed | Ty::Unsigned | Ty::Float => {
                format!("plain {}", rust(&field.ty))
            }
            ty if self.is_exact(name, field) => format!("plain {}", rust(ty)),
            Ty::List(of) => format!("list {}", rust(of)),
            Ty::Map(of) => format!("map {}", rust(of)),
            ty if self.is_boxed(name, field) => format!("boxed {}", rust(ty)),
            Ty::Json if field.is_object && field.presence == Presence::Required => {
                format!("dict {}", rust(&field.ty))
            }
            ty => format!("into {}", rust(ty)),
        }
    }

    fn field_type(&self, name: &str, field: &Field) -> String {
        let mut ty = rust(&field.ty);
        if self.is_boxed(name, field) {
            ty = format!("Box<{ty}>");
        }
        match field.presence {
            Presence::Required => ty,
            Presence::RequiredOrNull | Presence::Optional => format!("Option<{ty}>"),
            Presence::Patch => format!("Patch<{ty}>"),
        }
    }

    fn union(
        &self,
        out: &mut String,
        name: &str,
        concept: &Concept,
        tag: &str,
        variants: &[Variant],
        default: Option<&str>,
    ) {
        self.head(out, name, concept);
        let _ = writeln!(out, "#[derive(Debug, Clone, PartialEq)]\n#[non_exhaustive]");
        let _ = writeln!(out, "pub enum {name} {{");
        for variant in variants {
            let facts = self.facts.variant(variant, self.module);
            let first = variant.marks.first().map_or("", String::as_str);
            let text = self.docs.variant_doc(&self.key(name), first, &facts);
            comment(out, "    ", &text);
            let ty = rust(&variant.ty);
            let ty = if variant.is_boxed {
                format!("Box<{ty}>")
            } else {
                ty
            };
            let _ = writeln!(out, "    {}({ty}),", variant.name);
        }
        comment(
            out,
            "    ",
            "An unknown variant, or one whose body does not fit, kept as it came.",
        );
        out.push_str("    Unrecognized(Unrecognized),\n}\n\n");
        let default = variants
            .iter()
            .position(|variant| Some(variant.name.as_str()) == default);
        let default = default.map_or_else(String::new, |number| format!(" else {number}"));
        let marks = self.reach.marks(&self.key(name));
        let _ = writeln!(out, "union! {{\n    {name} by {tag:?}{default}{marks} {{");
        for (number, variant) in variants.iter().enumerate() {
            let how = if variant.is_boxed { "boxed" } else { "plain" };
            let marks: Vec<String> = variant
                .marks
                .iter()
                .map(|mark| format!("{mark:?}"))
                .collect();
            let _ = writeln!(
                out,
                "        {number}: {}[{how}]({}) = {}, as_{name} as_{name}_mut;",
                variant.name,
                rust(&variant.ty),
                marks.join(" | "),
                name = snake(&variant.name)
            );
        }
        out.push_str("    }\n}\n\n");
        let key = self.key(name);
        out.push_str(&across::write(
            self.model,
            self.overlay,
            &key,
            name,
            tag,
            variants,
        ));
    }

    fn shape(&self, out: &mut String, name: &str, concept: &Concept, variants: &[Variant]) {
        self.head(out, name, concept);
        let _ = writeln!(out, "#[derive(Debug, Clone, PartialEq)]\n#[non_exhaustive]");
        let _ = writeln!(out, "pub enum {name} {{");
        for variant in variants {
            let kind = variant
                .marks
                .first()
                .map_or("", String::as_str)
                .to_lowercase();
            let facts = Sentence::name(format!("As a JSON {kind}."));
            comment(
                out,
                "    ",
                &self
                    .docs
                    .variant_doc(&self.key(name), &variant.name, &facts),
            );
            let _ = writeln!(out, "    {}({}),", variant.name, rust(&variant.ty));
        }
        comment(
            out,
            "    ",
            "An unknown variant, or one whose body does not fit, kept as it came.",
        );
        out.push_str("    Unrecognized(Unrecognized),\n}\n\n");
        let marks = self.reach.marks(&self.key(name));
        let _ = writeln!(out, "shape! {{\n    {name}{marks} {{");
        for variant in variants {
            let kind = variant.marks.first().map_or("", String::as_str);
            let from = if variant.ty == Ty::String {
                "text"
            } else {
                "from"
            };
            let _ = writeln!(
                out,
                "        {}({}) = {kind}, {from};",
                variant.name,
                rust(&variant.ty)
            );
        }
        out.push_str("    }\n}\n\n");
    }

    fn string_enum(&self, out: &mut String, name: &str, concept: &Concept, values: &[String]) {
        self.head(out, name, concept);
        let _ = writeln!(out, "#[derive(Debug, Clone)]\n#[non_exhaustive]");
        let _ = writeln!(out, "pub enum {name} {{");
        for value in values {
            comment(
                out,
                "    ",
                &self.docs.variant_doc(
                    &self.key(name),
                    value,
                    &Sentence::name(format!("`{value}`")),
                ),
            );
            let _ = writeln!(out, "    {},", pascal(value));
        }
        comment(out, "    ", "An unknown value.");
        out.push_str("    Unrecognized(String),\n}\n\n");
        let marks = self.reach.marks(&self.key(name));
        let _ = writeln!(out, "string_enum! {{\n    {name}{marks} {{");
        for (number, value) in values.iter().enumerate() {
            let _ = writeln!(out, "        {number}: {} = {value:?},", pascal(value));
        }
        out.push_str("    }\n}\n\n");
    }

    fn string_set(&self, out: &mut String, name: &str, concept: &Concept, values: &[String]) {
        self.head(out, name, concept);
        let _ = writeln!(
            out,
            "#[derive(Debug, Clone)]\npub struct {name}(Cow<'static, str>);\n"
        );
        let marks = self.reach.marks(&self.key(name));
        let _ = writeln!(out, "string_set! {{\n    {name}{marks} {{");
        for value in values {
            let own = self.docs.variant_doc(
                &self.key(name),
                value,
                &Sentence::name(format!("`{value}`")),
            );
            match self.ends.get(value) {
                Some(end) => {
                    let (text, note) = deprecation(&own, end.as_deref());
                    comment(out, "        ", &text);
                    let _ = writeln!(out, "        #[deprecated(note = {note:?})]");
                }
                None => comment(out, "        ", &own),
            }
            let _ = writeln!(out, "        {} = {value:?},", constant(value));
        }
        out.push_str("    }\n}\n\n");
        self.ends_of(out, name, values);
    }

    /// The table of the deprecated ones among the values.
    fn ends_of(&self, out: &mut String, name: &str, values: &[String]) {
        let deprecated = |(id, _): &(&String, _)| values.contains(id);
        let rows: Vec<_> = self.ends.iter().filter(deprecated).collect();
        if rows.is_empty() {
            return;
        }
        let table = snake(name).to_uppercase();
        let _ = writeln!(
            out,
            "/// The deprecated ones, sorted, with the day of their end where that is known.\n\
             pub(crate) const {table}_ENDS: &[(&str, Option<&str>)] = &["
        );
        for (id, end) in rows {
            let _ = writeln!(out, "    ({id:?}, {end:?}),");
        }
        out.push_str("];\n\n");
    }
}

/// What the docs and the compiler report of a deprecated value.
fn deprecation(own: &str, end: Option<&str>) -> (String, String) {
    match end {
        Some(day) => (
            format!("{own}\n\nEnd of life: {day}."),
            format!("end of life {day}; use a newer model"),
        ),
        None => (
            format!("{own}\n\nPast its end of life, whose day is not known here."),
            "past its end of life; use a newer model".to_owned(),
        ),
    }
}

/// The names that code mentions outside its comments.
pub(crate) fn identifiers(code: &str) -> BTreeSet<&str> {
    code.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'))
        .collect()
}
