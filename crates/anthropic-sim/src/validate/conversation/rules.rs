//! The table of rules, and which of them are switched off.

use std::io;

use serde_json::Value;

use super::{
    cache, content, media, output, pairing, thinking, tools,
    turns::{Check, Conversation},
};

struct Rule {
    /// What [`Builder::lenient_about`](crate::Builder::lenient_about) and `--lenient` call it.
    name: &'static str,
    check: fn(Conversation<'_>) -> Check,
}

const fn rule(name: &'static str, check: fn(Conversation<'_>) -> Check) -> Rule {
    Rule { name, check }
}

/// In the order in which they are checked.
const RULES: [Rule; 16] = [
    rule("empty-content", content::not_empty),
    rule("empty-text", content::text_not_empty),
    rule("trailing-space", content::no_trailing_space),
    rule("prefill", content::prefill),
    rule("tool-roles", pairing::roles),
    rule("tool-ids", pairing::unique_ids),
    rule("tool-pairs", pairing::pairs),
    rule("server-tool-pairs", pairing::server_pairs),
    rule("tool-errors", content::tool_errors),
    rule("thinking-tools", thinking::forced_tool),
    rule("thinking-sampling", thinking::sampling),
    rule("thinking-signature", thinking::signature),
    rule("tool-names", tools::names),
    rule("cache-order", cache::order),
    rule("media", media::media),
    rule("output-schema", output::schema),
];

/// The rules that are switched off.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Lenient(u32);

impl Lenient {
    pub(crate) const ALL: Self = Self(u32::MAX);

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

    /// Checks the body of a message request, or of one to count tokens.
    pub(crate) fn check(self, body: &Value) -> Check {
        let conversation = Conversation::new(body);
        let rules = RULES.iter().enumerate();
        let mut rules = rules.filter(|(index, _)| self.0 & (1 << index) == 0);
        rules.try_for_each(|(_, rule)| (rule.check)(conversation))
    }
}
