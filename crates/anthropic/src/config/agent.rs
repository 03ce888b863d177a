//! The `user-agent` header: the application's products, then this crate's.

use http::HeaderValue;

use super::fault::Fault;

/// This crate's own product.
const OURS: &str = concat!("anthropic-rust/", env!("CARGO_PKG_VERSION"));

/// The header without an application.
pub(crate) fn default() -> HeaderValue {
    HeaderValue::from_static(OURS)
}

/// The header with an application before this crate, since the most significant product comes first
/// (RFC 9110, section 10.1.5).
pub(super) fn with_application(name: &str) -> Result<HeaderValue, Fault> {
    let refused = || {
        Fault::new(
            "the application's name must be products such as `my-app/1.2`, each of which may have a comment in \
             brackets",
        )
    };
    if !is_products(name) {
        return Err(refused());
    }
    HeaderValue::from_str(&format!("{name} {OURS}")).map_err(|source| refused().caused_by(source))
}

/// `product *( SP ( product / comment ) )`
fn is_products(text: &str) -> bool {
    let mut rest = after_product(text);
    while let Some(more) = rest {
        if more.is_empty() {
            return true;
        }
        rest = more
            .strip_prefix(' ')
            .and_then(|word| match word.strip_prefix('(') {
                Some(comment) => after_comment(comment),
                None => after_product(word),
            });
    }
    false
}

/// What follows `token [ "/" token ]`, which ends at a space.
fn after_product(text: &str) -> Option<&str> {
    let (word, rest) = text.split_at(text.find(' ').unwrap_or(text.len()));
    let is_product = match word.split_once('/') {
        Some((name, version)) => is_token(name) && is_token(version),
        None => is_token(word),
    };
    is_product.then_some(rest)
}

/// What follows a comment whose first bracket has been read; brackets may be nested.
fn after_comment(text: &str) -> Option<&str> {
    let mut open = 1_u32;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => open += 1,
            b')' if open == 1 => return text.get(at + 1..),
            b')' => open -= 1,
            b'\\' => return None,
            b' '..=b'~' => {}
            _ => return None,
        }
    }
    None
}

fn is_token(text: &str) -> bool {
    let of_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(of_token)
}

#[cfg(test)]
mod tests {
    use super::{OURS, with_application};

    #[test]
    fn products_and_comments_come_before_ours() {
        for name in ["my-app", "my-app/1.2", "a/1 (b; c (d)) e/2", "a (b)"] {
            let value = with_application(name).unwrap();
            assert_eq!(value.to_str().unwrap(), format!("{name} {OURS}"));
        }
    }

    #[test]
    fn what_is_no_product_is_refused() {
        for name in [
            "",
            " ",
            "a ",
            " a",
            "a  b",
            "a/",
            "/1",
            "a/1/2",
            "(a)",
            "a (b",
            "a (b))",
            "a b)",
            "a\r\nb: c",
            "a\tb",
            "bücher",
            "a:b",
            "a (b)c",
            "a (\\)",
            "a (ü)",
        ] {
            assert!(with_application(name).is_err(), "{name:?}");
        }
    }
}
