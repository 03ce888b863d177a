//! Deprecated aliases of types, their members and methods whose names vanished upstream.

use std::fmt::Write as _;

use crate::aliases::{Alias, Kind};
use crate::layout::{Layout, gate, module};
use crate::model::{Def, Field, Presence, Variant, rust};
use crate::names::{bare, ident, pascal, snake};

use super::operations::split;

/// The aliases of types that belong in a module.
pub(crate) fn types(
    layout: &Layout<'_>,
    aliases: &[Alias],
    path: &str,
    version: &str,
) -> Result<String, String> {
    let mut out = String::new();
    let own = |alias: &&Alias| alias.kind == Kind::Type && module(&alias.old) == path;
    for alias in aliases.iter().filter(own) {
        let Alias { old, new, last, .. } = alias;
        if !alias.is_current(version)? {
            return Err(format!(
                "api/aliases.json: {old} is older than one minor version; take it out"
            ));
        }
        if layout.model.defs.contains_key(old) {
            return Err(format!(
                "api/aliases.json: {old} is a type again; take it out"
            ));
        }
        if !layout.model.defs.contains_key(new) {
            return Err(format!(
                "api/aliases.json: {old} is to be {new}, which is no type"
            ));
        }
        let to = Layout::path(new);
        let _ = writeln!(
            out,
            "\n{}/// The name of [`{name}`](crate::{to}) up to version {last}.\n\
             #[deprecated(note = \"renamed to `{to}`\")]\npub type {} = crate::{to};",
            gate(&layout.features(new)),
            bare(old),
            name = bare(new),
        );
    }
    Ok(out)
}

/// The aliases of a method, as methods beside it.
pub(crate) fn methods(
    aliases: &[Alias],
    id: &str,
    arguments: &[String],
    answer: &str,
) -> Result<String, String> {
    let mut out = String::new();
    let own = |alias: &&Alias| alias.kind == Kind::Method && alias.new == id;
    for Alias { old, last, .. } in aliases.iter().filter(own) {
        if split(old).0 != split(id).0 {
            return Err(format!(
                "api/aliases.json: {old} was a method of another handle than {id}; take it out, and write it by hand"
            ));
        }
        let name = ident(split(id).1);
        let handed: Vec<&str> = arguments
            .iter()
            .filter_map(|argument| argument.split(':').next())
            .collect();
        let _ = writeln!(
            out,
            "    /// The name of [`{name}`](Self::{name}) up to version {last}.\n    \
             #[deprecated(note = \"renamed to `{name}`\")]\n    \
             pub fn {}(&self, {}) -> Request<{answer}> {{\n        self.{name}({})\n    }}\n",
            ident(split(old).1),
            arguments.join(", "),
            handed.join(", "),
        );
    }
    Ok(out)
}

/// Makes sure that the aliases of members can be written: the code of their types is not.
pub(crate) fn check_members(
    layout: &Layout<'_>,
    aliases: &[Alias],
    version: &str,
) -> Result<(), String> {
    for alias in aliases.iter().filter(|alias| alias.kind == Kind::Member) {
        let old = &alias.old;
        let wrong = |what: &str| Err(format!("api/aliases.json: {old} {what}; take it out"));
        if !alias.is_current(version)? {
            return wrong("is older than one minor version");
        }
        let Some((key, old, new)) = alias.member() else {
            return wrong("is no member with another of the same type in its place");
        };
        let Some(concept) = layout.model.defs.get(key) else {
            return wrong("is a member of no type");
        };
        let is_set = matches!(concept.def, Def::Set { .. });
        if has(&concept.def, old) {
            return wrong("is there again");
        }
        if !(has(&concept.def, new) || is_set && new.is_empty()) {
            return wrong("has nothing in its place");
        }
    }
    Ok(())
}

/// Whether a type has this field, variant or value.
fn has(def: &Def, name: &str) -> bool {
    match def {
        Def::Struct { fields, .. } => fields.iter().any(|field| field.wire == name),
        Def::Union { variants, .. } => variants.iter().any(|variant| variant.name == name),
        // Made by `From`, not by name.
        Def::Shape { .. } => false,
        Def::Enum { values } | Def::Set { values } => values.iter().any(|value| value == name),
    }
}

/// The aliases of a type's setters, variants and values, beside it. `how` is what a field's setter
/// takes, as `object!` has it.
pub(crate) fn members(
    aliases: &[Alias],
    key: &str,
    name: &str,
    def: &Def,
    how: impl Fn(&Field) -> String,
) -> String {
    let mut out = String::new();
    for alias in aliases.iter().filter(|alias| alias.kind == Kind::Member) {
        let Some((_, old, new)) = alias.member().filter(|(of, ..)| *of == key) else {
            continue;
        };
        let last = &alias.last;
        match def {
            Def::Struct { fields, .. } => {
                if let Some(field) = fields.iter().find(|field| field.wire == new) {
                    setter(&mut out, last, old, field, &how(field));
                }
            }
            Def::Union { variants, .. } => {
                if let Some(variant) = variants.iter().find(|variant| variant.name == new) {
                    accessors(&mut out, last, old, variant);
                }
            }
            Def::Enum { .. } | Def::Set { .. } => value(&mut out, last, old, new, def),
            Def::Shape { .. } => {}
        }
    }
    if out.is_empty() {
        return out;
    }
    format!("impl {name} {{\n{out}}}\n\n")
}

/// The docs and the attribute of an alias.
fn head(new: &str, last: &str) -> String {
    format!(
        "    /// The name of [`{new}`](Self::{new}) up to version {last}.\n    \
         #[deprecated(note = \"renamed to `{new}`\")]\n"
    )
}

fn setter(out: &mut String, last: &str, old: &str, field: &Field, how: &str) {
    let (old, new) = (ident(old), ident(&field.wire));
    let argument = argument(field, how);
    let head = head(&new, last);
    let _ = writeln!(
        out,
        "{head}    #[inline]\n    pub fn {old}(self, value: {argument}) -> Self {{\n        \
         self.{new}(value)\n    }}"
    );
}

fn accessors(out: &mut String, last: &str, old: &str, variant: &Variant) {
    let (old, new, ty) = (snake(old), snake(&variant.name), rust(&variant.ty));
    for (suffix, lent) in [("", ""), ("_mut", "mut ")] {
        let (old, new) = (format!("as_{old}{suffix}"), format!("as_{new}{suffix}"));
        let head = head(&new, last);
        let _ = writeln!(
            out,
            "{head}    #[inline]\n    pub fn {old}(&{lent}self) -> Option<&{lent}{ty}> {{\n        \
             self.{new}()\n    }}"
        );
    }
}

fn value(out: &mut String, last: &str, old: &str, new: &str, def: &Def) {
    if matches!(def, Def::Enum { .. }) {
        let (old, new) = (pascal(old), pascal(new));
        let head = head(&new, last);
        let _ = writeln!(
            out,
            "{head}    #[expect(non_upper_case_globals, reason = \"it was a variant\")]\n    \
             pub const {old}: Self = Self::{new};"
        );
        return;
    }
    let (head, value) = if new.is_empty() {
        let head = format!(
            "    /// `{old}`, which the API has had up to version {last}.\n    \
             #[deprecated(note = \"the API has it no more\")]\n"
        );
        (head, format!("from_static({old:?})"))
    } else {
        let new = constant(new);
        (head(&new, last), new)
    };
    let old = constant(old);
    let _ = writeln!(out, "{head}    pub const {old}: Self = Self::{value};");
}

/// What a setter takes.
fn argument(field: &Field, how: &str) -> String {
    let (how, ty) = how.split_once(' ').unwrap_or(("into", how));
    match how {
        "plain" => ty.to_owned(),
        _ if field.presence == Presence::Patch => format!("impl Into<crate::Patch<{ty}>>"),
        "list" => format!("impl IntoIterator<Item = impl Into<{ty}>>"),
        "map" => format!("impl IntoIterator<Item = (impl Into<String>, impl Into<{ty}>)>"),
        _ => format!("impl Into<{ty}>"),
    }
}

/// The constant of a value in a set.
pub(crate) fn constant(value: &str) -> String {
    let name = value.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    name.to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::with;

    fn alias(kind: Kind, old: &str, new: &str) -> Alias {
        Alias {
            kind,
            old: old.to_owned(),
            new: new.to_owned(),
            last: "0.1.2".to_owned(),
        }
    }

    #[test]
    fn a_type_keeps_its_former_name_in_its_former_module() {
        with(|_, _, _, layout| {
            let aliases = [
                alias(Kind::Type, "agents.Worker", "agents.Agent"),
                alias(Kind::Type, "Speech", "Message"),
            ];
            let written = types(layout, &aliases, "agents", "0.2.0").unwrap();
            assert!(
                written.contains("#[cfg(feature = \"agents\")]"),
                "{written}"
            );
            assert!(written.contains("#[deprecated(note = \"renamed to `agents::Agent`\")]"));
            assert!(written.contains("pub type Worker = crate::agents::Agent;"));
            assert!(!written.contains("Speech"));
            let core = types(layout, &aliases, "", "0.2.0").unwrap();
            assert!(core.contains("pub type Speech = crate::Message;"), "{core}");
            assert!(!core.contains("cfg"));
        });
    }

    #[test]
    fn an_alias_that_is_old_or_wrong_is_refused() {
        with(|_, _, _, layout| {
            let refused = |old: &str, new: &str, version: &str| {
                types(layout, &[alias(Kind::Type, old, new)], "", version).unwrap_err()
            };
            assert!(refused("Speech", "Message", "0.3.0").contains("older"));
            assert!(refused("Message", "Model", "0.2.0").contains("a type again"));
            assert!(refused("Speech", "Nothing", "0.2.0").contains("no type"));
        });
    }

    #[test]
    fn a_method_keeps_its_former_name() {
        let aliases = [alias(Kind::Method, "as.make", "as.create")];
        let arguments = [
            "a_id: impl AsRef<str>".to_owned(),
            "params: impl Into<types::P>".to_owned(),
        ];
        let written = methods(&aliases, "as.create", &arguments, "types::A").unwrap();
        let expected = "pub fn make(&self, a_id: impl AsRef<str>, params: impl Into<types::P>) -> Request<types::A> {\n        \
                        self.create(a_id, params)\n    }";
        assert!(written.contains(expected), "{written}");
        assert!(written.contains("#[deprecated(note = \"renamed to `create`\")]"));
        assert_eq!(methods(&aliases, "as.update", &arguments, "A").unwrap(), "");
        let moved = [alias(Kind::Method, "bs.make", "as.create")];
        let problem = methods(&moved, "as.create", &arguments, "A").unwrap_err();
        assert!(problem.contains("another handle"), "{problem}");
    }

    /// The aliases of a type's member, as they are written.
    fn member(key: &str, old: &str, new: &str) -> String {
        let mut written = String::new();
        with(|_, _, model, layout| {
            let new = if new.is_empty() {
                String::new()
            } else {
                format!("{key}::{new}")
            };
            let aliases = [alias(Kind::Member, &format!("{key}::{old}"), &new)];
            check_members(layout, &aliases, "0.2.0").unwrap();
            let how = |field: &Field| format!("list {}", rust(&field.ty));
            written = members(&aliases, key, key, &model.defs[key].def, how);
        });
        written
    }

    #[test]
    fn members_keep_their_former_names() {
        let setter = member("MessageCreateParams", "stop_words", "stop_sequences");
        assert!(setter.starts_with("impl MessageCreateParams {"), "{setter}");
        let expected = "pub fn stop_words(self, value: impl IntoIterator<Item = impl Into<Vec<String>>>) -> Self {\n        \
                        self.stop_sequences(value)\n    }";
        assert!(setter.contains(expected), "{setter}");
        assert!(setter.contains("#[deprecated(note = \"renamed to `stop_sequences`\")]"));
        let variant = member("ContentBlock", "Words", "Text");
        assert!(
            variant
                .contains("pub fn as_words(&self) -> Option<&TextBlock> {\n        self.as_text()")
        );
        let changed = "pub fn as_words_mut(&mut self) -> Option<&mut TextBlock> {\n        self.as_text_mut()";
        assert!(variant.contains(changed), "{variant}");
        let value = member("StopReason", "end_of_turn", "end_turn");
        assert!(
            value.contains("pub const EndOfTurn: Self = Self::EndTurn;"),
            "{value}"
        );
        let beta = member("Beta", "beta-2024-01-01", "");
        let expected = "pub const BETA_2024_01_01: Self = Self::from_static(\"beta-2024-01-01\");";
        assert!(
            beta.contains(expected) && beta.contains("#[deprecated"),
            "{beta}"
        );
    }

    #[test]
    fn an_alias_of_a_member_that_is_old_or_wrong_is_refused() {
        with(|_, _, _, layout| {
            let refused = |old: &str, new: &str, version: &str| {
                let aliases = [alias(Kind::Member, old, new)];
                check_members(layout, &aliases, version).unwrap_err()
            };
            let (old, new) = ("Message::words", "Message::content");
            assert!(refused(old, new, "0.3.0").contains("older"));
            assert!(refused("Message::id", new, "0.2.0").contains("there again"));
            assert!(refused(old, "Message::nothing", "0.2.0").contains("nothing in its place"));
            assert!(refused(old, "", "0.2.0").contains("nothing in its place"));
            assert!(refused(old, "Model::content", "0.2.0").contains("no member"));
            assert!(refused("Nothing::a", "Nothing::b", "0.2.0").contains("no type"));
        });
    }
}
