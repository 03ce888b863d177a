//! Values for examples: what compiles for a parameter of any type.

use crate::layout::Layout;
use crate::model::{Def, Field, Model, Presence, Ty};
use crate::overlay::Overlay;

/// Makes up values.
pub(crate) struct Sampler<'a> {
    pub(crate) model: &'a Model,
    pub(crate) overlay: &'a Overlay,
}

impl Sampler<'_> {
    /// A value of a concept, as Rust that has the types' crate in scope.
    pub(crate) fn concept(&self, key: &str) -> String {
        self.named(key, "", 0)
    }

    fn named(&self, key: &str, field: &str, depth: usize) -> String {
        let path = Layout::path(key);
        match self.model.defs.get(key).map(|concept| &concept.def) {
            Some(Def::Struct { fields, .. }) => {
                let arguments: Vec<String> = self
                    .arguments(key, fields)
                    .into_iter()
                    .map(|field| self.value(&field.ty, &field.wire, depth + 1))
                    .collect();
                format!("{path}::new({})", arguments.join(", "))
            }
            Some(Def::Union { variants, .. }) => {
                // Text is what people write; else the shortest one reads best.
                let text = variants.iter().find(|variant| variant.marks == ["text"]);
                if let Some(Ty::Named(key)) = text.map(|variant| &variant.ty) {
                    return self.named(key, field, depth + 1);
                }
                let bodies = variants.iter().filter_map(|variant| match &variant.ty {
                    Ty::Named(key) if depth < 8 => Some(self.named(key, field, depth + 1)),
                    _ => None,
                });
                let shortest = bodies.min_by_key(String::len);
                shortest.unwrap_or_else(|| "Default::default()".to_owned())
            }
            Some(Def::Shape { variants }) => {
                let text = variants.iter().find(|variant| variant.ty == Ty::String);
                match text.or_else(|| variants.first()).map(|variant| &variant.ty) {
                    Some(Ty::List(of)) => format!("vec![{}]", self.exact(of, field, depth + 1)),
                    Some(Ty::Named(inner)) => {
                        let value = self.value(&Ty::Named(inner.clone()), field, depth + 1);
                        match self.model.defs.get(inner).map(|concept| &concept.def) {
                            Some(Def::Enum { .. } | Def::Set { .. }) => {
                                format!("{}::from({value})", Layout::path(inner))
                            }
                            _ => value,
                        }
                    }
                    Some(other) => self.value(other, field, depth + 1),
                    None => "Default::default()".to_owned(),
                }
            }
            Some(Def::Set { .. }) if key == "Model" => "Model::CLAUDE_OPUS_5_5".to_owned(),
            Some(Def::Enum { values } | Def::Set { values }) => {
                format!("{:?}", values.first().map_or("value", String::as_str))
            }
            None => format!("{field:?}"),
        }
    }

    /// The fields that `new` takes, in its order.
    fn arguments<'f>(&self, key: &str, fields: &'f [Field]) -> Vec<&'f Field> {
        let required = fields
            .iter()
            .filter(|field| field.presence == Presence::Required);
        match self
            .overlay
            .type_overlay(key)
            .and_then(|own| own.new.as_ref())
        {
            None => required.collect(),
            Some(new) => {
                let required: Vec<&Field> = required.collect();
                let find = |wire: &String| required.iter().find(|field| field.wire == *wire);
                new.iter().filter_map(find).copied().collect()
            }
        }
    }

    /// What a setter takes.
    fn value(&self, ty: &Ty, field: &str, depth: usize) -> String {
        match ty {
            Ty::Bool => "true".to_owned(),
            Ty::Signed | Ty::Unsigned => "1".to_owned(),
            Ty::Float => "0.5".to_owned(),
            Ty::String | Ty::Words(_) => format!("{:?}", text(field)),
            Ty::Timestamp => "Timestamp::new(\"2026-10-01T00:00:00Z\")".to_owned(),
            Ty::Json | Ty::File | Ty::Union { .. } => "serde_json::json!({})".to_owned(),
            Ty::List(of) => format!("[{}]", self.item(of, field, depth)),
            Ty::Map(of) => format!("[(\"key\", {})]", self.item(of, field, depth)),
            Ty::Nullable(of) => format!("Some({})", self.exact(of, field, depth)),
            Ty::Named(key) => self.named(key, field, depth),
        }
    }

    /// What a list takes: anything that converts, but numbers only as themselves.
    fn item(&self, ty: &Ty, field: &str, depth: usize) -> String {
        match ty {
            Ty::Signed => "1_i64".to_owned(),
            Ty::Unsigned => "1_u64".to_owned(),
            Ty::Float => "0.5_f64".to_owned(),
            Ty::List(of) => format!("vec![{}]", self.exact(of, field, depth)),
            other => self.value(other, field, depth),
        }
    }

    /// A value of exactly the type.
    fn exact(&self, ty: &Ty, field: &str, depth: usize) -> String {
        let value = self.item(ty, field, depth);
        match ty {
            Ty::Named(key) => match self.model.defs.get(key).map(|concept| &concept.def) {
                Some(Def::Struct { .. }) => value,
                _ => format!("{}::from({value})", Layout::path(key)),
            },
            Ty::String | Ty::Words(_) => format!("{value}.to_owned()"),
            _ => value,
        }
    }
}

/// Fields that hold an id, though their type is a plain string.
const ID_LIKE: [&str; 2] = ["agent", "environment"];

/// A text that a field of this name could hold.
fn text(field: &str) -> String {
    match field {
        "name" | "display_name" | "title" => "My first one".to_owned(),
        "email" | "email_address" => "ada@example.com".to_owned(),
        "url" | "uri" | "endpoint" => "https://example.com".to_owned(),
        "text" | "content" | "description" | "prompt" => "Hello".to_owned(),
        "path" => "/notes/today.md".to_owned(),
        other => match other.strip_suffix("_id") {
            Some(of) => format!("{of}_01"),
            None if ID_LIKE.contains(&other) => format!("{other}_01"),
            None => match other.strip_suffix("_ids") {
                Some(of) => format!("{of}_01"),
                None => other.to_owned(),
            },
        },
    }
}

/// An id that a parameter of a path could have.
pub(crate) fn sample_id(name: &str) -> String {
    match name {
        "message_batch_id" => "msgbatch_013Zva2CMHLNnXjNJJKqJ2EF".to_owned(),
        "file_id" => "file_011CNha8iCJcU1wXNR6q4V8w".to_owned(),
        "skill_id" => "skill_01JAbcdefghijklmnopqrstuv".to_owned(),
        "version" => "1759178010641129".to_owned(),
        "model_id" => "claude-opus-5-5".to_owned(),
        other => format!("{}_01", other.strip_suffix("_id").unwrap_or(other)),
    }
}
