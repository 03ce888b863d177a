//! Deprecated aliases of types and methods whose names vanished upstream.

use std::fmt::Write as _;

use crate::aliases::{Alias, Kind};
use crate::layout::{Layout, gate, module};
use crate::names::{bare, ident};

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
}
