//! Header values that are credentials: checked for what gets copied along or lost on the way.

use anthropic_types::Secret;
use http::HeaderValue;

use crate::text::{QUOTES, first_odd};
use crate::{Error, Result};

/// The value `Bearer {token}` of an `authorization` header, marked as sensitive. `what` names the
/// token in errors.
///
/// ```
/// use anthropic::{platform::bearer_value, types::Secret};
///
/// let value = bearer_value(&Secret::new("token"), "the gateway's token")?;
/// assert_eq!(value, "Bearer token");
///
/// let error = bearer_value(&Secret::new("Bearer token"), "the gateway's token").unwrap_err();
/// assert!(error.to_string().contains("the gateway's token begins with `Bearer `"));
/// # Ok::<(), anthropic::Error>(())
/// ```
///
/// # Errors
///
/// [`Config`](crate::ErrorKind::Config) if the token is empty, a placeholder or in quotes, begins
/// with `Bearer `, or has white space or other characters that no credential has. The error has
/// nothing of the token.
pub fn bearer_value(token: &Secret, what: &str) -> Result<HeaderValue> {
    let text = token.expose();
    check_shape(text, what)?;
    value(&format!("Bearer {text}"), what)
}

/// The value of a header that is a key, such as `x-api-key`, marked as sensitive. `what` names the
/// key in errors.
///
/// ```
/// use anthropic::{platform::secret_value, types::Secret};
///
/// let value = secret_value(&Secret::new("key"), "the gateway's key")?;
/// assert!(value.is_sensitive());
/// # Ok::<(), anthropic::Error>(())
/// ```
///
/// # Errors
///
/// Those of [`bearer_value`].
pub fn secret_value(secret: &Secret, what: &str) -> Result<HeaderValue> {
    let text = secret.expose();
    check_shape(text, what)?;
    value(text, what)
}

fn value(text: &str, what: &str) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(text).map_err(|_| {
        let message = format!("{what} has characters that no header can carry");
        Error::config(message)
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// Names what is often copied along with a credential, or lost on the way.
fn check_shape(text: &str, what: &str) -> Result<()> {
    let bare = text.trim();
    let scheme = bare.split_at_checked(6).is_some_and(|(scheme, rest)| {
        let is_alone = rest.is_empty() || rest.starts_with(char::is_whitespace);
        scheme.eq_ignore_ascii_case("bearer") && is_alone
    });
    let is_foreign = |char: char| !char.is_ascii() && !char.is_whitespace();
    let problem = if bare.is_empty() {
        "is empty".to_owned()
    } else if scheme {
        "begins with `Bearer `, which the client adds; leave it out".to_owned()
    } else if let Some(name) = name_of(bare) {
        format!("begins with the name `{name}`; leave it out")
    } else if bare.starts_with(QUOTES) || bare.ends_with(QUOTES) {
        "is in quotes; leave them out".to_owned()
    } else if is_placeholder(bare) {
        "is a placeholder such as `${KEY}` or `your-api-key`, not the value itself; put the real one there"
            .to_owned()
    } else if let Some(at) = text.chars().position(is_foreign) {
        format!(
            "has a character that is not ASCII, number {}; copy it again",
            at + 1
        )
    } else if let Some((_, odd)) = first_odd(text, char::is_whitespace) {
        format!("has {odd}; leave it out")
    } else {
        return Ok(());
    };
    Err(Error::config(format!("{what} {problem}")))
}

/// The header or variable whose name and value a text is.
fn name_of(text: &str) -> Option<&'static str> {
    const NAMES: [&str; 4] = [
        "x-api-key",
        "authorization",
        "ANTHROPIC_API_KEY",
        "ANTHROPIC_AUTH_TOKEN",
    ];
    let (name, _) = text.split_once([':', '='])?;
    let name = name.trim_end();
    NAMES.into_iter().find(|it| it.eq_ignore_ascii_case(name))
}

/// Whether a text is a variable's name as shells, CI and templates write it, which nobody has put a
/// value in place of; or what docs have in a key's place.
fn is_placeholder(text: &str) -> bool {
    const ENCLOSED: [(&str, &str); 5] = [
        ("${", "}"),
        ("$(", ")"),
        ("{{", "}}"),
        ("<", ">"),
        ("%", "%"),
    ];
    let is_enclosed = ENCLOSED.iter().any(|(open, close)| {
        text.len() > open.len() && text.starts_with(open) && text.ends_with(close)
    });
    let is_upper = |byte: u8| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_');
    let variable = text.strip_prefix('$');
    let is_variable = variable.is_some_and(|name| {
        !name.starts_with(|first: char| first.is_ascii_digit()) && name.bytes().all(is_upper)
    });
    is_enclosed || is_variable || is_of_docs(text)
}

/// Whether a text is what docs and templates have in a key's place, such as `your-api-key`,
/// `sk-ant-...` or `xxxx`.
fn is_of_docs(text: &str) -> bool {
    let mut text = text.to_ascii_lowercase().into_bytes();
    for byte in &mut text {
        if matches!(byte, b'-' | b' ') {
            *byte = b'_';
        }
    }
    let mut rest = &*text;
    for prefix in [&b"sk_"[..], b"ant_", b"api03_"] {
        rest = rest.strip_prefix(prefix).unwrap_or(rest);
    }
    let bare = rest.strip_suffix(b"_here").unwrap_or(rest);
    let names_one = bare.ends_with(b"_key") || bare.ends_with(b"_token");
    rest.ends_with(b"...")
        || rest.ends_with("\u{2026}".as_bytes())
        || (bare.starts_with(b"your_") && names_one)
        || matches!(rest, b"changeme" | b"change_me")
        || (rest.starts_with(b"xxx") && rest.iter().all(|byte| b"x_".contains(byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts, and what the line has about each.
    const REFUSED: &[(&str, &str)] = &[
        ("", "is empty"),
        (" ", "is empty"),
        ("Bearer canary", "begins with `Bearer `"),
        ("bearer canary", "begins with `Bearer `"),
        ("\"canary\"", "is in quotes"),
        ("canary'", "is in quotes"),
        ("\u{201c}canary\u{201d}", "is in quotes"),
        ("canary\u{2013}x", "not ASCII, number 7"),
        ("canary\nx", "has a line end, as character 7 of 8"),
        ("canary\r\n", "has a line end, as character 7 of 8"),
        ("\tcanary", "has a tab, as character 1 of 7"),
        ("canary ", "has a blank, as character 7 of 7"),
        (" canary", "has a blank, as character 1 of 7"),
        ("can ary", "has a blank, as character 4 of 7"),
        ("\u{b}canary", "has white space, as character 1 of 7"),
        ("canary\u{a0}", "has white space, as character 7 of 7"),
        ("\u{2003}canary", "has white space, as character 1 of 7"),
        ("\tBearer\tcanary", "begins with `Bearer `"),
        (" \n BEARER\u{a0}canary", "begins with `Bearer `"),
        ("bEaReR\r\ncanary", "begins with `Bearer `"),
        ("Bearer", "begins with `Bearer `"),
        ("Bearer\t", "begins with `Bearer `"),
        ("canary\u{1}x", "characters that no header can carry"),
        ("${CANARY_canary}", "is a placeholder"),
        ("${{ secrets.canary }}", "is a placeholder"),
        ("$(cat canary)", "is a placeholder"),
        ("{{ canary }}", "is a placeholder"),
        ("<your canary>", "is a placeholder"),
        ("%canary%", "is a placeholder"),
        ("$CANARY_1", "is a placeholder"),
        ("your-api-key", "is a placeholder such as"),
        (
            "YOUR_API_KEY",
            "not the value itself; put the real one there",
        ),
        ("your_api_key_here", "is a placeholder"),
        ("your-anthropic-auth-token", "is a placeholder"),
        ("sk-ant-your-key-here", "is a placeholder"),
        ("sk-ant-...", "is a placeholder"),
        ("sk-ant-api03-...", "is a placeholder"),
        ("sk-\u{2026}", "is a placeholder"),
        ("sk-ant-api03-XXXX", "is a placeholder"),
        ("xxx", "is a placeholder"),
        ("sk-ant-api03-xxxxxxxx-xxxx", "is a placeholder"),
        (
            "ANTHROPIC_API_KEY=canary",
            "begins with the name `ANTHROPIC_API_KEY`; leave it out",
        ),
        (" k\u{e9}canary", "not ASCII, number 3"),
        ("XXXX", "is a placeholder"),
        ("changeme", "is a placeholder"),
        ("change-me", "is a placeholder"),
        (
            "x-api-key: canary",
            "begins with the name `x-api-key`; leave it out",
        ),
        (
            "X-Api-Key:canary",
            "begins with the name `x-api-key`; leave it out",
        ),
        (
            "Authorization: Bearer canary",
            "begins with the name `authorization`; leave",
        ),
    ];

    /// Those only look alike.
    const TAKEN: &[&str] = &[
        "$canary",
        "a${B}",
        "%",
        "<",
        "{key}",
        "$A-b",
        "Bearer-x",
        "bearers",
        "key",
        "test",
        "k",
        "my-key",
        "my-api-key",
        "sk-ant-test",
        "sk-ant-api03-x_Y-xAA",
        "xx",
        "xxy",
        "x:y",
        "your-x",
        "authorization",
        "a-changeme",
        "your-own-key-77",
        "your-monkey",
        "$12345678",
        "x-x",
    ];

    #[test]
    fn what_is_wrong_with_a_credential_is_named_and_the_credential_is_not() {
        for (text, problem) in REFUSED {
            for made in [
                bearer_value(&Secret::new(*text), "the key"),
                secret_value(&Secret::new(*text), "the key"),
            ] {
                let line = made.unwrap_err().to_string();
                assert!(line.starts_with("configuration: the key "), "{line}");
                assert!(line.contains(problem), "{line}");
                assert!(!line.contains("canary"), "{line}");
            }
        }
        let value = bearer_value(&Secret::new("sk-ant-x_y-z"), "the key").unwrap();
        assert_eq!(value, "Bearer sk-ant-x_y-z");
        for odd in TAKEN {
            bearer_value(&Secret::new(*odd), "the key").unwrap();
        }
    }
}
