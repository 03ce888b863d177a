//! Small things done to texts. The standard library's are compiled anew for every kind of list and
//! pattern; these are compiled once.

use serde::Deserialize;
use serde::de::Error as _;

/// What a text that is in quotes begins or ends with.
pub(crate) const QUOTES: [char; 7] = [
    '"', '\'', '`', '\u{201c}', '\u{201d}', '\u{2018}', '\u{2019}',
];

/// What is before the first odd character of a text, and that one in words with its place.
pub(crate) fn first_odd(text: &str, is_odd: fn(char) -> bool) -> Option<(&str, String)> {
    let (before, rest) = text.split_at_checked(text.find(is_odd)?)?;
    let other;
    let what = match rest.chars().next()? {
        ' ' => "a blank",
        '\n' | '\r' => "a line end",
        '\t' => "a tab",
        char if char.is_whitespace() => "white space",
        char if char.is_control() => "a control character",
        char => {
            other = format!("`{char}`");
            &other
        }
    };
    let (at, of) = (before.chars().count() + 1, text.chars().count());
    Some((before, format!("{what}, as character {at} of {of}")))
}

/// The texts with a separator between them.
pub(crate) fn join<S: AsRef<str>>(texts: &[S], separator: &str) -> String {
    let mut joined = String::new();
    for (index, text) in texts.iter().enumerate() {
        if index > 0 {
            joined.push_str(separator);
        }
        joined.push_str(text.as_ref());
    }
    joined
}

/// Appends to a list in a text, with a separator before all but the first.
pub(crate) fn append(list: &mut String, separator: &str, text: &str) {
    if !list.is_empty() {
        list.push_str(separator);
    }
    list.push_str(text);
}

/// Reads a JSON document. From text, as everything else is: serde's second reader, of bytes, would
/// be in every program, too.
pub(crate) fn read_json<'t, T: Deserialize<'t>>(json: &'t [u8]) -> serde_json::Result<T> {
    serde_json::from_str(utf8(json)?)
}

/// The text in bytes. What is cut off inside a letter is cut off before it, so that it reads as
/// JSON that ends early.
fn utf8(bytes: &[u8]) -> serde_json::Result<&str> {
    std::str::from_utf8(bytes).or_else(|error| {
        let whole = bytes.get(..error.valid_up_to()).unwrap_or_default();
        match (error.error_len(), std::str::from_utf8(whole)) {
            (None, Ok(text)) => Ok(text),
            _ => Err(serde_json::Error::custom(format_args!(
                "not UTF-8: {error}"
            ))),
        }
    })
}

/// The SHA-256 of a text, in 64 hexadecimal digits in lower case.
#[cfg(feature = "tools")]
pub(crate) fn sha256(text: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(half.into(), 16).unwrap_or_default();
    let digits = |byte: u8| [digit(byte >> 4), digit(byte & 15)];
    let digest = hmac_sha256::Hash::hash(text);
    digest.into_iter().flat_map(digits).collect()
}

/// The text with each `from` replaced.
#[inline(never)]
pub(crate) fn replace(text: &str, from: &str, to: &str) -> String {
    text.replace(from, to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_are_between_the_texts() {
        assert_eq!(join::<&str>(&[], "/"), "");
        assert_eq!(join(&["", "a", ""], "/"), "/a/");
        let mut list = String::new();
        append(&mut list, ", ", "a");
        append(&mut list, ", ", "b");
        assert_eq!(list, "a, b");
    }

    #[test]
    fn what_is_no_utf8_is_no_json_and_what_is_cut_in_a_letter_ends_early() {
        let read = |json: &'static [u8]| read_json::<Vec<String>>(json);
        assert_eq!(read("[\"ü\"]".as_bytes()).unwrap(), ["ü"]);
        assert!(read(b"[\"\xc3").unwrap_err().is_eof());
        let error = read(b"[\"\xff\"]").unwrap_err();
        assert!(!error.is_eof());
        assert!(error.to_string().starts_with("not UTF-8: "), "{error}");
    }

    /// The digests that NIST publishes with FIPS 180-4, and texts around the length of a block.
    #[cfg(feature = "tools")]
    #[test]
    fn digests_are_those_of_the_standard() {
        let two_blocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
        for (text, digest) in [
            (
                String::new(),
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            ),
            (
                "abc".to_owned(),
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ),
            (
                two_blocks.to_owned(),
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
            ),
            (
                "a".repeat(1_000_000),
                "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
            ),
            (
                "a".repeat(55),
                "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318",
            ),
            (
                "a".repeat(56),
                "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a",
            ),
            (
                "a".repeat(64),
                "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb",
            ),
        ] {
            assert_eq!(sha256(text.as_bytes()), digest, "{}", text.len());
        }
    }
}
