//! From the official SDK's names to ours: one name a concept.

use std::collections::BTreeMap;

use crate::description::{Description, Kind};
use crate::overlay::{ModuleRule, Overlay, matches};

/// The naming rules, applied to a description.
pub(crate) struct Names<'a> {
    pub(crate) description: &'a Description,
    pub(crate) overlay: &'a Overlay,
    keys: BTreeMap<&'a str, String>,
}

impl<'a> Names<'a> {
    pub(crate) fn new(description: &'a Description, overlay: &'a Overlay) -> Self {
        let mut names = Self {
            description,
            overlay,
            keys: BTreeMap::new(),
        };
        let keys = description.types.keys();
        names.keys = keys.map(|name| (name.as_str(), names.find(name))).collect();
        names
    }

    /// The concept that a qualified official name stands for: `Message`, `agents.Session`.
    ///
    /// In front of the dot is the module; the concepts of the core area stand alone.
    pub(crate) fn key(&self, qualified: &str) -> String {
        let known = self.keys.get(qualified);
        known.map_or_else(|| self.find(qualified), Clone::clone)
    }

    /// Without `Beta` and `Raw` in front, without `Param` behind (a request's and a response's
    /// shape of one concept are one type), and with acronyms as words, unless the overlay has
    /// otherwise.
    fn find(&self, qualified: &str) -> String {
        if let Some(name) = self.overlay.fold.names.get(qualified) {
            return name.clone();
        }
        let (module, name) = split(qualified);
        let bare = camel(&self.bare(qualified, name));
        match self.primary(module) {
            Some(primary) if primary != name => {
                let parent = self.find(&format!("{module}.{primary}"));
                let alone = self.place(qualified, &bare);
                if alone.starts_with(&parent) {
                    return self.rename(alone);
                }
                self.rename(format!("{parent}{bare}"))
            }
            _ => self.rename(self.place(qualified, &bare)),
        }
    }

    /// Puts a name behind its module.
    fn place(&self, qualified: &str, bare: &str) -> String {
        let folder = Self::folder(qualified);
        let fits = |rule: &&ModuleRule| {
            matches(&rule.folder, &folder) && rule.types.iter().any(|p| matches(p, bare))
        };
        let Some(rule) = self.overlay.modules.iter().find(fits) else {
            return bare.to_owned();
        };
        let bare = strip_prefix(bare, &rule.strip);
        match rule.module.as_str() {
            "" => bare.to_owned(),
            "=" => format!("{folder}.{bare}"),
            module => format!("{module}.{bare}"),
        }
    }

    /// Applies the overlay's renames.
    pub(crate) fn rename(&self, name: String) -> String {
        let rules = &self.overlay.fold.rename;
        if let Some(to) = rules.get(&name) {
            return to.clone();
        }
        // The rules without a dot are those of the core area.
        let is_core = !name.contains('.');
        for (pattern, to) in rules {
            if !pattern.contains('*') || pattern.contains('.') == is_core {
                continue;
            }
            if matches(pattern, &name) {
                return match (pattern.split_once('*'), to.split_once('*')) {
                    (Some((head, tail)), Some((new_head, new_tail))) => {
                        let middle = &name[head.len()..name.len() - tail.len()];
                        format!("{new_head}{middle}{new_tail}")
                    }
                    _ => to.clone(),
                };
            }
        }
        name
    }

    fn bare(&self, qualified: &str, name: &str) -> String {
        let name = strip_prefix(name, "Beta");
        let name = strip_prefix(name, "Raw");
        let kind = self.description.types.get(qualified).map(|def| def.kind);
        if kind == Some(Kind::Model) || self.overlay.fold.separate.iter().any(|keep| keep == name) {
            return name.to_owned();
        }
        name.strip_suffix("Param").unwrap_or(name).to_owned()
    }

    /// The name after which a module is called, if it has one.
    fn primary(&self, module: &str) -> Option<&str> {
        let file = module.rsplit('.').next().unwrap_or(module).replace('_', "");
        let prefix = format!("{module}.");
        self.description
            .types
            .range(prefix.clone()..)
            .take_while(|(name, _)| name.starts_with(&prefix))
            .map(|(name, _)| split(name).1)
            .find(|name| name.replace('_', "").eq_ignore_ascii_case(&file))
    }

    /// The folder of official modules that a type lies in: `organization.workspaces`, or nothing.
    fn folder(qualified: &str) -> String {
        let (module, _) = split(qualified);
        let mut parts: Vec<&str> = module.split('.').collect();
        parts.pop();
        parts.retain(|part| !matches!(*part, "types" | "beta" | "shared"));
        parts.join(".")
    }
}

/// A concept's name without its module.
pub(crate) fn bare(key: &str) -> &str {
    split(key).1
}

fn split(qualified: &str) -> (&str, &str) {
    qualified.rsplit_once('.').unwrap_or(("", qualified))
}

fn strip_prefix<'n>(name: &'n str, prefix: &str) -> &'n str {
    if prefix.is_empty() {
        return name;
    }
    match name.strip_prefix(prefix) {
        Some(rest) if rest.starts_with(char::is_uppercase) => rest,
        _ => name,
    }
}

/// The acronyms in official names. Only where two of them meet (`URLMCP`) does the rule need them.
const ACRONYMS: [&str; 13] = [
    "API", "AWS", "GCP", "HTTP", "JSON", "JWKS", "MCP", "OIDC", "PDF", "RBAC", "URI", "URL", "USD",
];

/// A name in which every acronym is one word, as Rust's naming guidelines want it:
/// `MCPToolUseBlock` → `McpToolUseBlock`, `Base64PDFSource` → `Base64PdfSource`.
///
/// A run of capitals is an acronym, or several known ones; its last letter begins the next word
/// where a lower-case letter follows. Digits belong to the word before them.
pub(crate) fn camel(name: &str) -> String {
    let name = name.replace("OAuth", "Oauth");
    let mut out = String::new();
    let mut rest = name.as_str();
    while !rest.is_empty() {
        let run = rest.len()
            - rest
                .trim_start_matches(|c: char| c.is_ascii_uppercase())
                .len();
        let (mut run, mut tail) = rest.split_at(run);
        if run.len() > 1 && tail.starts_with(|c: char| c.is_ascii_lowercase()) {
            (run, tail) = rest.split_at(run.len() - 1);
        }
        if run.len() < 2 {
            let mut chars = rest.chars();
            out.extend(chars.next());
            rest = chars.as_str();
            continue;
        }
        for word in acronyms(run) {
            let (first, others) = word.split_at(1);
            out.push_str(first);
            out.push_str(&others.to_ascii_lowercase());
        }
        rest = tail;
    }
    out
}

/// A run of capitals as known acronyms, or as one word where it is not made of them.
fn acronyms(run: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = run;
    while !rest.is_empty() {
        let known = ACRONYMS.iter().filter(|known| rest.starts_with(**known));
        let Some(known) = known.max_by_key(|known| known.len()) else {
            return vec![run];
        };
        let (word, after) = rest.split_at(known.len());
        words.push(word);
        rest = after;
    }
    words
}

/// `claude-opus-5-5`, `image/jpeg`, `agent.message` → `ClaudeOpus5_5`, `ImageJpeg`, `AgentMessage`.
pub(crate) fn pascal(text: &str) -> String {
    let mut out = String::new();
    for word in text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        let mut chars = word.chars();
        let first = chars.next().map(|c| c.to_ascii_uppercase());
        // Two numbers in a row would run together: `4_5` is not `45`.
        if out.ends_with(|c: char| c.is_ascii_digit())
            && word.starts_with(|c: char| c.is_ascii_digit())
        {
            out.push('_');
        }
        out.extend(first);
        out.push_str(chars.as_str());
    }
    let out = camel(&out);
    match out.as_str() {
        // A keyword that cannot be escaped.
        "Self" => "SelfValue".to_owned(),
        _ if out.starts_with(|c: char| c.is_ascii_digit()) => format!("V{out}"),
        _ => out,
    }
}

/// `ToolUseBlock` → `tool_use_block`, `McpToolset` → `mcp_toolset`.
pub(crate) fn snake(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (index, c) in chars.iter().enumerate() {
        if !c.is_ascii_alphanumeric() {
            out.push('_');
            continue;
        }
        let before = index.checked_sub(1).and_then(|at| chars.get(at));
        let after = chars.get(index + 1);
        let starts_word = c.is_ascii_uppercase()
            && before.is_some_and(|before| {
                before.is_ascii_lowercase()
                    || before.is_ascii_digit()
                    || (before.is_ascii_uppercase() && after.is_some_and(char::is_ascii_lowercase))
            });
        if starts_word && !out.ends_with('_') {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// A field or argument name that Rust accepts.
pub(crate) fn ident(name: &str) -> String {
    let name = snake(name);
    match name.as_str() {
        "self" | "super" | "crate" => format!("{name}_"),
        "type" | "ref" | "match" | "use" | "move" | "in" | "where" | "for" | "loop" | "fn"
        | "enum" | "struct" | "impl" | "mod" | "pub" | "let" | "if" | "else" | "while"
        | "return" | "static" | "const" | "trait" | "as" | "async" | "await" | "dyn" | "box"
        | "final" | "override" | "yield" | "try" | "gen" | "abstract" => format!("r#{name}"),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_rust_names() {
        assert_eq!(pascal("end_turn"), "EndTurn");
        assert_eq!(pascal("claude-opus-4-5-20251101"), "ClaudeOpus4_5_20251101");
        assert_eq!(pascal("5m"), "V5m");
        assert_eq!(pascal("0-200k"), "V0_200k");
        assert_eq!(pascal("USD"), "Usd");
        assert_eq!(snake("McpToolsetReference"), "mcp_toolset_reference");
        assert_eq!(snake("Bash20250124"), "bash20250124");
        assert_eq!(ident("type"), "r#type");
    }

    #[test]
    fn acronyms_are_words() {
        let cases = [
            ("MCPToolUseBlock", "McpToolUseBlock"),
            ("JSONOutputFormat", "JsonOutputFormat"),
            ("Base64PDFSource", "Base64PdfSource"),
            ("MCPServerURLDefinition", "McpServerUrlDefinition"),
            ("URLMCPServerParams", "UrlMcpServerParams"),
            ("MCPOAuthRefreshParams", "McpOauthRefreshParams"),
            ("JWKSExplicitURL", "JwksExplicitUrl"),
            ("AWSRole", "AwsRole"),
            ("GitHubRepository", "GitHubRepository"),
            ("SHA256Digest", "Sha256Digest"),
            ("ToolSearchToolBm25_20251119", "ToolSearchToolBm25_20251119"),
            ("XMLRPCCall", "XmlrpcCall"),
            ("Message", "Message"),
        ];
        for (official, ours) in cases {
            assert_eq!(camel(official), ours);
            assert_eq!(camel(ours), ours);
        }
    }

    #[test]
    fn patterns_match_with_stars() {
        assert!(matches("Browser*", "BrowserClickInput"));
        assert!(matches("*Tool*Error", "WebFetchToolResultError"));
        assert!(!matches("*Param", "Params"));
    }
}
