//! Methods of a union that read and change what several of its variants have, without a match.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::model::{Def, Field, Model, Presence, Ty, Variant, rust};
use crate::names::ident;
use crate::overlay::Overlay;

/// What a variant has under a name.
#[derive(Clone, Copy)]
struct Source<'m> {
    variant: &'m Variant,
    value: Value<'m>,
}

#[derive(Clone, Copy)]
enum Value<'m> {
    /// A constant of its struct.
    Constant(&'m str),
    Field(&'m Field),
}

/// A name that several variants have, and how it is read.
struct Shared<'m> {
    wire: &'m str,
    sources: Vec<Source<'m>>,
    reading: Reading,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// As `&str`: text, or values of known words.
    Text,
    Copied,
    List,
    Reference,
}

/// The methods of a union, as `across!` takes them; nothing where the variants share nothing.
pub(crate) fn write(
    model: &Model,
    overlay: &Overlay,
    key: &str,
    name: &str,
    tag: &str,
    variants: &[Variant],
) -> String {
    let mut rows = String::new();
    for shared in shared(model, overlay, key, tag, variants) {
        shared.rows(&mut rows, model, key, overlay, variants.len());
    }
    if rows.is_empty() {
        return rows;
    }
    format!("across! {{\n    {name} {{\n{rows}    }}\n}}\n\n")
}

/// The types that the methods name.
pub(crate) fn types<'m>(
    model: &'m Model,
    overlay: &Overlay,
    key: &str,
    tag: &str,
    variants: &'m [Variant],
) -> Vec<&'m Ty> {
    let shared = shared(model, overlay, key, tag, variants);
    let is_named = |shared: &Shared<'_>| shared.reading != Reading::Text;
    let named = shared.into_iter().filter(is_named);
    named.filter_map(|shared| shared.ty()).collect()
}

fn shared<'m>(
    model: &'m Model,
    overlay: &Overlay,
    key: &str,
    tag: &str,
    variants: &'m [Variant],
) -> Vec<Shared<'m>> {
    let mut names: Vec<&str> = Vec::new();
    let mut seen = BTreeSet::new();
    for variant in variants {
        let Some((_, fields)) = structure(model, variant) else {
            continue;
        };
        for field in fields {
            if field.wire != tag && seen.insert(field.wire.as_str()) {
                names.push(&field.wire);
            }
        }
    }
    let chosen = overlay.type_overlay(key).map(|overlay| &overlay.across);
    let found = names.into_iter().filter_map(|wire| {
        let sources = sources(model, wire, variants);
        let sources = match chosen.and_then(|chosen| chosen.get(wire)) {
            Some(mark) => like(sources, mark),
            None => sources,
        };
        let reading = reading(model, &sources)?;
        let is_wanted = sources.len() > 1 || overlay.across.always.iter().any(|it| it == wire);
        is_wanted.then_some(Shared {
            wire,
            sources,
            reading,
        })
    });
    found.collect()
}

/// What has the type that it has in the variant of that mark.
fn like<'m>(sources: Vec<Source<'m>>, mark: &str) -> Vec<Source<'m>> {
    let is_marked = |source: &&Source<'_>| source.variant.marks.iter().any(|it| it == mark);
    let ty = |source: &Source<'m>| match source.value {
        Value::Field(field) => Some(&field.ty),
        Value::Constant(_) => None,
    };
    let wanted = sources.iter().find(is_marked).and_then(ty);
    let is_like = |source: &Source<'m>| wanted.is_some() && ty(source) == wanted;
    sources.into_iter().filter(is_like).collect()
}

fn sources<'m>(model: &'m Model, wire: &str, variants: &'m [Variant]) -> Vec<Source<'m>> {
    let source = |variant: &'m Variant| {
        let (constants, fields) = structure(model, variant)?;
        let field = fields.iter().find(|field| field.wire == wire);
        let constant = || constants.iter().find(|(key, _)| key == wire);
        let value = match field {
            Some(field) => Value::Field(field),
            None => Value::Constant(&constant()?.1),
        };
        Some(Source { variant, value })
    };
    variants.iter().filter_map(source).collect()
}

type Structure<'m> = (&'m [(String, String)], &'m [Field]);

fn structure<'m>(model: &'m Model, variant: &Variant) -> Option<Structure<'m>> {
    let Ty::Named(name) = &variant.ty else {
        return None;
    };
    match &model.defs.get(name)?.def {
        Def::Struct { constants, fields } => Some((constants, fields)),
        _ => None,
    }
}

/// How all of them can be read, if they can in one way.
fn reading(model: &Model, sources: &[Source<'_>]) -> Option<Reading> {
    let fields = || {
        sources.iter().filter_map(|source| match source.value {
            Value::Field(field) => Some(field),
            Value::Constant(_) => None,
        })
    };
    let first = &fields().next()?.ty;
    if fields().any(|field| field.presence == Presence::Patch) {
        return None;
    }
    let is_one = fields().count() == sources.len() && fields().all(|field| field.ty == *first);
    let is_text = |ty: &Ty| *ty == Ty::String || is_words(model, ty);
    match first {
        Ty::Bool | Ty::Signed | Ty::Unsigned | Ty::Float if is_one => Some(Reading::Copied),
        Ty::List(_) if is_one => Some(Reading::List),
        Ty::String if is_one => Some(Reading::Text),
        _ if is_one => Some(Reading::Reference),
        _ if fields().all(|field| is_text(&field.ty)) => Some(Reading::Text),
        _ => None,
    }
}

/// Whether a type has `as_str`.
fn is_words(model: &Model, ty: &Ty) -> bool {
    let Ty::Named(name) = ty else {
        return false;
    };
    let def = model.defs.get(name).map(|concept| &concept.def);
    matches!(def, Some(Def::Enum { .. } | Def::Set { .. }))
}

fn is_optional(field: &Field) -> bool {
    field.presence != Presence::Required
}

impl<'m> Shared<'m> {
    fn rows(&self, out: &mut String, model: &Model, key: &str, overlay: &Overlay, of: usize) {
        let name = ident(self.wire);
        let bare = name.trim_start_matches("r#");
        let Some(ty) = self.ty() else {
            return;
        };
        let read = match self.reading {
            Reading::Text => "&str".to_owned(),
            Reading::Copied => rust(ty),
            Reading::List => {
                let list = rust(ty);
                let item = list
                    .strip_prefix("Vec<")
                    .and_then(|it| it.strip_suffix('>'));
                format!("&[{}]", item.unwrap_or(&list))
            }
            Reading::Reference => format!("&{}", rust(ty)),
        };
        let how = |source: &Source<'_>| self.how(model, key, overlay, source);
        let doc = self.doc(bare, of);
        let _ = writeln!(
            out,
            "        get {name} of {name}: {read} = {}, {doc:?};",
            arms(&self.sources, how)
        );
        let changed = self.changed();
        let Some((written, how)) = written(&changed, key, overlay) else {
            return;
        };
        let what = if written.starts_with("Option<") {
            "to set, change or clear it"
        } else {
            "to change it"
        };
        let which = if changed.len() == self.sources.len() {
            String::new()
        } else {
            format!(" where it is any text, as {} it", owners(&changed, of))
        };
        let doc =
            format!("Returns the variant's `{bare}` {what}{which}: see [`{bare}`](Self::{name}).");
        let _ = writeln!(
            out,
            "        set {bare}_mut of {name}: {written} = {}, {doc:?};",
            arms(&changed, how)
        );
    }

    /// The type of the fields.
    fn ty(&self) -> Option<&'m Ty> {
        self.fields().next().map(|field| &field.ty)
    }

    fn fields(&self) -> impl Iterator<Item = &'m Field> {
        self.sources.iter().filter_map(|source| match source.value {
            Value::Field(field) => Some(field),
            Value::Constant(_) => None,
        })
    }

    fn how(&self, model: &Model, key: &str, overlay: &Overlay, source: &Source<'_>) -> String {
        let field = match source.value {
            Value::Constant(value) => return format!("{value:?}"),
            Value::Field(field) => field,
        };
        let is_word = self.reading == Reading::Text && is_words(model, &field.ty);
        let how = match (self.reading, is_optional(field)) {
            (Reading::Text, false) if is_word => "word",
            (Reading::Text, true) if is_word => "words",
            (Reading::Copied, false) => "copy",
            (Reading::Copied, true) => "copied",
            (_, false) => "req",
            (Reading::Text | Reading::List, true) => "deref",
            (Reading::Reference, true) if is_boxed(overlay, key, source) => "deref",
            (_, true) => "opt",
        };
        how.to_owned()
    }

    /// What is changed: all of it, or of several types the texts, of which one type is known words
    /// or none can be set.
    fn changed(&self) -> Vec<Source<'m>> {
        let ty = self.ty();
        let is_field = |source: &&Source<'m>, ty| match source.value {
            Value::Field(field) => Some(&field.ty) == ty,
            Value::Constant(_) => false,
        };
        let of_type = |ty| self.sources.iter().filter(move |it| is_field(it, ty));
        if of_type(ty).count() == self.sources.len() {
            return self.sources.clone();
        }
        of_type(Some(&Ty::String)).copied().collect()
    }

    fn doc(&self, bare: &str, of: usize) -> String {
        let variant = self.sources.iter().find_map(|source| match source.value {
            Value::Field(_) => Some(source.variant),
            Value::Constant(_) => None,
        });
        let Some(variant) = variant else {
            return String::new();
        };
        let who = owners(&self.sources, of);
        let owner = rust(&variant.ty);
        format!("Returns the variant's [`{bare}`]({owner}#structfield.{bare}), which {who}.")
    }
}

/// Which variants have something, of so many.
fn owners(sources: &[Source<'_>], of: usize) -> String {
    /// No more variants are named.
    const NAMED: usize = 6;
    let link = |source: &Source<'_>| format!("[`{0}`](Self::{0})", source.variant.name);
    let names: Vec<String> = sources.iter().map(link).collect();
    match names.as_slice() {
        all if all.len() == of => "every known variant has".to_owned(),
        [one] => format!("only {one} has"),
        [several @ .., last] if names.len() <= NAMED => {
            format!("{} and {last} have", several.join(", "))
        }
        many => format!(
            "{} variants have, such as {}",
            many.len(),
            many.first().map_or("", String::as_str)
        ),
    }
}

/// The type behind `_mut`, and how it is reached; nothing where there is nothing to change.
fn written(
    sources: &[Source<'_>],
    key: &str,
    overlay: &Overlay,
) -> Option<(String, impl Fn(&Source<'_>) -> String)> {
    let field = |source: &Source<'_>| match source.value {
        Value::Field(field) => Some((rust(&field.ty), is_optional(field))),
        Value::Constant(_) => None,
    };
    let (ty, _) = field(sources.first()?)?;
    let is_boxed = |source: &Source<'_>| is_boxed(overlay, key, source);
    let is_some = |source: &Source<'_>| field(source).is_some_and(|(_, is_optional)| is_optional);
    let all_optional = sources.iter().all(|it| is_some(it) && !is_boxed(it));
    let boxed = sources.iter().filter(|source| is_boxed(source));
    let boxed: BTreeSet<String> = boxed.map(|source| source.variant.name.clone()).collect();
    let written = if all_optional {
        format!("Option<{ty}>")
    } else {
        ty
    };
    let how = move |source: &Source<'_>| {
        let is_some = matches!(source.value, Value::Field(field) if is_optional(field));
        let is_boxed = boxed.contains(&source.variant.name);
        let how = match (is_some && !all_optional, is_boxed) {
            (false, _) => "req",
            (true, false) => "opt",
            (true, true) => "deref",
        };
        how.to_owned()
    };
    Some((written, how))
}

/// Whether a variant's struct keeps a field behind a box.
fn is_boxed(overlay: &Overlay, key: &str, source: &Source<'_>) -> bool {
    let (Value::Field(field), Ty::Named(name)) = (source.value, &source.variant.ty) else {
        return false;
    };
    let owner = match (name.strip_prefix("crate::"), key.rsplit_once('.')) {
        (Some(path), _) => path.replace("::", "."),
        (None, Some((module, _))) => format!("{module}.{name}"),
        (None, None) => name.clone(),
    };
    let overlay = overlay.type_overlay(&owner);
    overlay.is_some_and(|overlay| overlay.boxed.contains(&field.wire))
}

fn arms(sources: &[Source<'_>], how: impl Fn(&Source<'_>) -> String) -> String {
    let arms: Vec<String> = sources
        .iter()
        .map(|source| format!("{}[{}]", source.variant.name, how(source)))
        .collect();
    arms.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::with;

    /// The methods of a union by name, each with its type and where it is read from.
    fn methods(key: &str) -> Vec<(String, String, String)> {
        let mut found = Vec::new();
        with(|input, _, model, _| {
            let Def::Union { tag, variants, .. } = &model.defs[key].def else {
                panic!("{key} is no union")
            };
            let written = write(model, &input.overlay, key, key, tag, variants);
            for line in written.lines() {
                let Some((head, _)) = line.trim().split_once(", \"") else {
                    continue;
                };
                let (name, rest) = head.split_once(" of ").unwrap();
                let (ty, from) = rest.split_once(" = ").unwrap();
                let ty = ty.split_once(": ").unwrap().1;
                found.push((name.to_owned(), ty.to_owned(), from.to_owned()));
            }
        });
        found
    }

    fn of<'a>(found: &'a [(String, String, String)], name: &str) -> Option<(&'a str, &'a str)> {
        let found = found.iter().find(|(it, _, _)| it == name)?;
        Some((&found.1, &found.2))
    }

    #[test]
    fn what_is_read_in_one_way_is_read_across() {
        let block = methods("ContentBlock");
        // Two are text, the third a set of words: read as text, and changed where it is any text.
        let name = Some(("&str", "ToolUse[req] ServerToolUse[word] McpToolUse[req]"));
        assert_eq!(of(&block, "get name"), name);
        let name = Some(("String", "ToolUse[req] McpToolUse[req]"));
        assert_eq!(of(&block, "set name_mut"), name);
        let tool = methods("ToolUnion");
        assert_eq!(of(&tool, "set name_mut"), Some(("String", "Custom[req]")));
        // Words of several sets, none of which is any text.
        assert!(of(&tool, "get response_inclusion").is_some());
        assert_eq!(of(&tool, "set response_inclusion_mut"), None);
        let signature = Some(("&str", "Thinking[req] Compaction[deref]"));
        assert_eq!(of(&block, "get signature"), signature);
        let is_error = Some(("Option<bool>", "ToolResult[req] McpToolResult[req]"));
        assert_eq!(of(&block, "set is_error_mut"), is_error);
        // The overlay's: the setting of that name isn't what a text has.
        assert_eq!(
            of(&block, "get citations"),
            Some(("&[TextCitation]", "Text[deref]"))
        );
        // Each has another type.
        assert_eq!(of(&block, "get content"), None);
        // A single one has it, and the overlay wants it always.
        assert_eq!(of(&block, "set text_mut"), Some(("String", "Text[req]")));
        assert_eq!(of(&block, "get thinking"), None);
        // What distinguishes the variants has a method already.
        assert_eq!(of(&block, "get r#type"), None);
    }

    #[test]
    fn what_is_written_by_hand_is_left_out() {
        assert_eq!(of(&methods("StreamEvent"), "get index"), None);
        assert_eq!(of(&methods("ErrorObject"), "get message"), None);
    }
}
