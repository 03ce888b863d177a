//! The table of rules, and which of them are switched off.

use std::io;

use serde_json::Value;

use super::turns::{Check, Conversation, Scope};
use super::{
    cache, content, keywords, media, pairing, recursion, request, sampling, schemas, thinking,
    tools,
};

struct Rule {
    /// What [`Builder::lenient_about`](crate::Builder::lenient_about) and `--lenient` call it.
    name: &'static str,
    check: fn(Conversation<'_>) -> Check,
    /// Whether all its messages are the API's, as far as is known.
    quoted: bool,
}

const fn rule(name: &'static str, check: fn(Conversation<'_>) -> Check) -> Rule {
    Rule {
        name,
        check,
        quoted: true,
    }
}

/// A rule that is the API's, with a message that is ours.
const fn ours(name: &'static str, check: fn(Conversation<'_>) -> Check) -> Rule {
    Rule {
        quoted: false,
        ..rule(name, check)
    }
}

/// In the order in which they are checked.
static RULES: [Rule; 50] = [
    rule("model", request::model),
    rule("messages", request::messages),
    rule("system-role", request::system_role),
    rule("first-role", request::first_role),
    rule("max-tokens", request::max_tokens),
    rule("stop-sequences", request::stop_sequences),
    ours("metadata", request::metadata),
    rule("sampling-ranges", sampling::ranges),
    rule("sampling-model", sampling::of_model),
    rule("sampling-pair", sampling::pair),
    rule("thinking-mode", thinking::mode),
    rule("thinking-budget", thinking::budget),
    rule("thinking-tools", thinking::forced_tool),
    rule("thinking-sampling", sampling::with_thinking),
    rule("tool-names", tools::names),
    rule("tool-schemas", tools::schemas),
    rule("tool-uses", tools::uses),
    rule("tool-choice", tools::choice),
    rule("cache-count", cache::count),
    rule("cache-empty", cache::empty),
    rule("cache-order", cache::order),
    rule("output-schema", keywords::keywords),
    rule("output-recursion", recursion::recursion),
    ours("output-features", keywords::features),
    rule("strict-tools", schemas::strict_tools),
    rule("output-optional", schemas::optional),
    rule("output-unions", schemas::unions),
    rule("output-citations", schemas::no_citations),
    rule("empty-content", content::not_empty),
    rule("empty-text", content::text_not_empty),
    rule("trailing-space", content::no_trailing_space),
    ours("prefill", content::prefill),
    rule("thinking-signature", thinking::signature),
    rule("thinking-unchanged", thinking::unchanged),
    rule("tool-roles", pairing::roles),
    rule("tool-id-pattern", pairing::id_patterns),
    rule("tool-use-names", pairing::names),
    rule("tool-ids", pairing::unique_ids),
    rule("tool-pairs", pairing::pairs),
    rule("server-tool-pairs", pairing::server_pairs),
    ours("server-tool-offer", pairing::waiting_tools),
    rule("tool-errors", content::tool_errors),
    rule("media-data", media::base64),
    rule("media-type", media::types),
    rule("media-size", media::sizes),
    rule("media-count", media::count),
    rule("pdf", media::pdf),
    rule("window", request::window),
    rule("files", request::files),
    ours("file-types", request::file_types),
];

/// The rules that are switched off.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Lenient(u64);

impl Lenient {
    pub(crate) const ALL: Self = Self(u64::MAX);

    /// Switches off the rule of this name.
    pub(crate) fn add(&mut self, name: &str) -> io::Result<()> {
        let Some(index) = RULES.iter().position(|rule| rule.name == name) else {
            let names: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
            let message = format!("{name:?} is no rule; there are {}", names.join(", "));
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        };
        self.0 |= 1 << index;
        Ok(())
    }

    /// Whether the rule of this name is switched off.
    pub(crate) fn is_off(self, name: &str) -> bool {
        let mut rules = self.rules();
        rules.any(|(rule, is_on)| rule.name == name && !is_on)
    }

    /// Checks the body of a message request, or of one to count tokens. The name of the rule that
    /// refuses it is passed on.
    pub(crate) fn check(
        self,
        body: &Value,
        scope: Scope<'_>,
        refused_by: impl FnOnce(&'static str),
    ) -> Check {
        let conversation = Conversation::new(body, scope);
        let mut refused_by = Some(refused_by);
        self.rules()
            .filter(|(_, is_on)| *is_on)
            .try_for_each(|(rule, _)| {
                (rule.check)(conversation).inspect_err(|_| {
                    if let Some(refused_by) = refused_by.take() {
                        refused_by(rule.name);
                    }
                })
            })
    }

    /// The name of each rule, whether it is on, and whether its messages are the API's.
    pub(crate) fn names(self) -> impl Iterator<Item = (&'static str, bool, bool)> {
        let rules = self.rules();
        rules.map(|(rule, is_on)| (rule.name, is_on, rule.quoted))
    }

    fn rules(self) -> impl Iterator<Item = (&'static Rule, bool)> {
        let rules = RULES.iter().enumerate();
        rules.map(move |(index, rule)| (rule, self.0 & (1 << index) == 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_names_its_source() {
        let files = [
            ("cache", include_str!("cache.rs")),
            ("content", include_str!("content.rs")),
            ("keywords", include_str!("keywords.rs")),
            ("media", include_str!("media.rs")),
            ("pairing", include_str!("pairing.rs")),
            ("recursion", include_str!("recursion.rs")),
            ("request", include_str!("request.rs")),
            ("sampling", include_str!("sampling.rs")),
            ("schemas", include_str!("schemas.rs")),
            ("thinking", include_str!("thinking.rs")),
            ("tools", include_str!("tools.rs")),
        ];
        let table = include_str!("rules.rs").lines().filter_map(|line| {
            let line = line.trim().strip_suffix("),")?;
            let rule = line.strip_prefix("rule(\"");
            let rule = rule.or_else(|| line.strip_prefix("ours(\""))?;
            rule.split_once("\", ")?.1.split_once("::")
        });
        let mut found = 0;
        for ((module, function), rule) in table.zip(&RULES) {
            let (_, text) = files.iter().find(|(name, _)| *name == module).unwrap();
            let head = format!("pub(super) fn {function}(");
            let (before, _) = text.split_once(&head).unwrap();
            let docs = before.rsplit("\n\n").next().unwrap();
            assert!(docs.contains("<https://"), "{module}::{function}");
            // The source states, too, whose the words are.
            let ours = docs.split_whitespace().any(|word| word.starts_with("ours"));
            assert_eq!(ours, !rule.quoted, "{module}::{function}");
            found += 1;
        }
        assert_eq!(found, RULES.len());
    }

    #[test]
    fn the_docs_list_the_rules_in_their_order() {
        let docs = include_str!("../../lib.rs").lines();
        let rows = docs.filter_map(|line| line.strip_prefix("//! | `")?.split_once('`'));
        let listed: Vec<(&str, bool)> = rows
            .map(|(name, row)| (name, !row.contains("in our words")))
            .collect();
        let rules = RULES.iter().map(|rule| (rule.name, rule.quoted));
        assert_eq!(listed, rules.collect::<Vec<_>>());
    }

    #[test]
    fn the_readme_counts_the_rules() {
        let readme = include_str!("../../../README.md");
        let words: Vec<&str> = readme.split_whitespace().collect();
        let quoted = RULES.iter().filter(|rule| rule.quoted).count();
        let claim = format!("by {} rules, {quoted} of them in its words", RULES.len());
        assert!(words.join(" ").contains(&claim), "{claim}");
    }
}
