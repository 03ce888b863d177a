//! Names as words: what generated sentences are made of.

/// `ApiKeyCreatedBy` → `API key created by`.
pub(crate) fn phrase(name: &str) -> String {
    // A date behind a name is a version.
    let name = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let name = name.replace("GitHub", "_github_");
    spoken(&crate::names::snake(&name))
}

/// `mcp_server_url` → `MCP server URL`.
pub(crate) fn spoken(snake: &str) -> String {
    let words: Vec<String> = snake
        .split(['_', '.', '-'])
        .filter(|word| !word.is_empty())
        .map(word)
        .collect();
    words.join(" ")
}

fn word(word: &str) -> String {
    match word {
        "api" | "mcp" | "rbac" | "url" | "uri" | "aws" | "gcp" | "jwks" | "cmek" | "http"
        | "json" | "pem" | "ca" | "sso" | "ttl" | "vpc" | "oidc" | "ip" | "pdf" | "sha256"
        | "jwt" | "scim" | "efs" | "utc" | "arn" | "kms" | "tls" | "html" | "mime" | "jti" => {
            word.to_uppercase()
        }
        "ids" => "ids".to_owned(),
        "urls" => "URLs".to_owned(),
        "github" => "GitHub".to_owned(),
        "claude" => "Claude".to_owned(),
        "anthropic" => "Anthropic".to_owned(),
        "oauth" => "OAuth".to_owned(),
        "slack" => "Slack".to_owned(),
        "params" => "parameters".to_owned(),
        "config" => "configuration".to_owned(),
        "auth" => "authentication".to_owned(),
        other => other.to_owned(),
    }
}

/// `a session`, `an agent`, `an MCP toolset`.
pub(crate) fn article(phrase: &str) -> String {
    let first = phrase.split(' ').next().unwrap_or_default();
    let mut letters = first.chars();
    let is_acronym = first.len() > 1 && first.chars().all(|c| c.is_ascii_uppercase());
    let vowels = if is_acronym {
        "AEFHILMNORSX"
    } else {
        "aeiouAEIO"
    };
    let says_you = [
        "user", "usage", "unit", "unified", "uuid", "URL", "URI", "use",
    ];
    let is_vowel = letters.next().is_some_and(|c| vowels.contains(c));
    let an = is_vowel && !says_you.iter().any(|start| first.starts_with(start));
    format!("{} {phrase}", if an { "an" } else { "a" })
}

/// A sentence's first letter is a capital one.
pub(crate) fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}

/// `memory stores` → `memory store`, `memories` → `memory`.
pub(crate) fn singular(plural: &str) -> String {
    if let Some(stem) = plural.strip_suffix("ies") {
        return format!("{stem}y");
    }
    if plural.ends_with("uses") || plural.ends_with("sses") {
        return plural.trim_end_matches("es").to_owned();
    }
    let stays = plural.ends_with("ss") || plural.ends_with("analytics") || plural.ends_with("work");
    match plural.strip_suffix('s') {
        Some(stem) if !stays => stem.to_owned(),
        _ => plural.to_owned(),
    }
}

/// `memory store` → `memory stores`.
pub(crate) fn plural(singular: &str) -> String {
    if singular.ends_with("ch") || singular.ends_with("sh") || singular.ends_with('x') {
        return format!("{singular}es");
    }
    if singular.ends_with('s') || singular.ends_with("work") {
        return singular.to_owned();
    }
    match singular.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ => format!("{singular}s"),
    }
}

/// Whether a word is what was done to something: `created`, `sent`.
pub(crate) fn is_done(word: &str) -> bool {
    word.ends_with("ed")
        || ["sent", "seen", "begun"]
            .iter()
            .any(|it| word.ends_with(it))
}

/// Whether something is spoken of as many: `settings`, not `access`.
pub(crate) fn are(noun: &str) -> bool {
    let one = ["ss", "us", "is", "access", "analytics", "jwks", "JWKS"];
    noun.ends_with('s') && !one.iter().any(|end| noun.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_words() {
        assert_eq!(phrase("ApiKeyCreatedBy"), "API key created by");
        assert_eq!(spoken("mcp_server_url"), "MCP server URL");
        assert_eq!(
            phrase("McpOauthRefreshParams"),
            "MCP OAuth refresh parameters"
        );
    }

    #[test]
    fn articles_follow_the_sound() {
        let cases = [
            ("session", "a session"),
            ("agent", "an agent"),
            ("MCP toolset", "an MCP toolset"),
            ("user profile", "a user profile"),
            ("URL source", "a URL source"),
            ("RBAC group", "an RBAC group"),
            ("AWS role", "an AWS role"),
        ];
        for (phrase, expected) in cases {
            assert_eq!(article(phrase), expected);
        }
    }

    #[test]
    fn words_tell_what_was_done_and_what_is_many() {
        assert!(is_done("created") && is_done("sent") && !is_done("agent"));
        assert!(are("settings") && are("default managed settings"));
        assert!(!are("access") && !are("status") && !are("JWKS"));
    }

    #[test]
    fn one_and_many() {
        for (one, many) in [
            ("memory", "memories"),
            ("vault", "vaults"),
            ("API key", "API keys"),
        ] {
            assert_eq!(singular(many), one);
            assert_eq!(plural(one), many);
        }
        assert_eq!(singular("access"), "access");
        assert_eq!(singular("statuses"), "status");
        assert_eq!(plural("web search"), "web searches");
    }
}
