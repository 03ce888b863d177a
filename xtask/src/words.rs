//! Names as words: what generated sentences are made of.

/// Nouns that are clear by themselves.
pub(crate) const HEADS: [&str; 14] = [
    "event",
    "error",
    "block",
    "source",
    "result",
    "policy",
    "toolset",
    "schedule",
    "reason",
    "preview",
    "scope",
    "input",
    "configuration",
    "resource",
];

/// What stands behind a noun in a type's name.
pub(crate) const TAILS: [&str; 9] = [
    "create", "delete", "update", "remove", "approve", "response", "enabled", "disabled", "item",
];

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
    format!("{} {phrase}", indefinite(phrase))
}

/// The article in front of a phrase or a type's name, by its sound: `an ImageBlock`,
/// `a UserLocation`, `an McpToolset`.
pub(crate) fn indefinite(text: &str) -> &'static str {
    let first = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .next()
        .unwrap_or_default();
    let is_acronym = |word: &str| !word.chars().any(|c| c.is_ascii_lowercase());
    // Of a type's name, the first word.
    let first = if is_acronym(first) {
        first.to_owned()
    } else {
        let words = phrase(first);
        words.split(' ').next().unwrap_or_default().to_owned()
    };
    let starts = |starts: &[&str]| starts.iter().any(|start| first.starts_with(start));
    let is_spelled = (first.len() == 1 || is_acronym(&first)) && !SPOKEN.contains(&first.as_str());
    let is_vowel = match first.chars().next() {
        Some('8') => true,
        Some('0'..='9') => first == "11" || first == "18",
        Some(letter) if is_spelled => "AEFHILMNORSX".contains(letter.to_ascii_uppercase()),
        Some(letter) if "aeiouAEIO".contains(letter) => !starts(&SOUNDS_LIKE_A_CONSONANT),
        Some(_) => starts(&["hour", "honest", "honour", "heir", "http"]),
        None => false,
    };
    if is_vowel { "an" } else { "a" }
}

/// Capitals that are spoken as a word.
const SPOKEN: [&str; 11] = [
    "NO", "RAM", "README", "REST", "ROM", "SAML", "SCIM", "SHA", "SHA256", "SKILL", "SOCKS",
];

/// Words that begin with a vowel, but sound like `you` or `won`.
const SOUNDS_LIKE_A_CONSONANT: [&str; 14] = [
    "eu",
    "once",
    "one",
    "unified",
    "uniform",
    "union",
    "unique",
    "unit",
    "universal",
    "unix",
    "usable",
    "usage",
    "use",
    "uuid",
];

/// The first sentence of a text, without its full stop.
pub(crate) fn first_sentence(text: &str) -> String {
    let text = text.trim();
    let text = text.split_once("\n\n").map_or(text, |(first, _)| first);
    let text = text.replace('\n', " ");
    let first = text
        .split_once(". ")
        .map_or(text.as_str(), |(first, _)| first);
    first.trim_end_matches('.').to_owned()
}

/// A sentence as it goes on behind a colon: with a small letter in front, unless that is a name's.
pub(crate) fn continued(sentence: &str) -> String {
    const NAMES: [&str; 8] = [
        "Claude",
        "Anthropic",
        "GitHub",
        "Slack",
        "Base64",
        "Python",
        "Amazon",
        "Google",
    ];
    let mut chars = sentence.chars();
    let first = chars.next();
    let is_word = chars.clone().next().is_none_or(|c| !c.is_uppercase());
    let is_name = NAMES.iter().any(|name| sentence.starts_with(name));
    match first {
        Some(letter) if is_word && !is_name => letter.to_lowercase().chain(chars).collect(),
        _ => sentence.to_owned(),
    }
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
            ("HTTP response", "an HTTP response"),
            ("SCIM group", "a SCIM group"),
            ("one-shot body", "a one-shot body"),
            ("hour", "an hour"),
            ("host", "a host"),
            ("unknown field", "an unknown field"),
            ("x-api-key header", "an x-api-key header"),
            ("UTF-8 string", "a UTF-8 string"),
            ("8 KiB page", "an 8 KiB page"),
            ("429", "a 429"),
            ("OAuth token", "an OAuth token"),
            ("ImageBlock", "an ImageBlock"),
            ("McpToolset", "an McpToolset"),
            ("UserLocation", "a UserLocation"),
            ("UrlImageSource", "a UrlImageSource"),
            ("ANTHROPIC_API_KEY", "an ANTHROPIC_API_KEY"),
        ];
        for (phrase, expected) in cases {
            assert_eq!(article(phrase), expected);
        }
    }

    #[test]
    fn a_sentence_goes_on_behind_a_colon() {
        let text = "Text that the model wrote. It may\nbe empty.\n\nMore.";
        assert_eq!(first_sentence(text), "Text that the model wrote");
        assert_eq!(continued("Text of it"), "text of it");
        assert_eq!(continued("PDF pages"), "PDF pages");
        assert_eq!(continued("Claude in Slack"), "Claude in Slack");
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
