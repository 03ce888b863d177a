//! Small things done to texts. The standard library's are compiled anew for every kind of list and
//! pattern; these are compiled once.

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

/// The bytes as hexadecimal digits, in lower case.
#[cfg(feature = "tools")]
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(half.into(), 16).unwrap_or_default();
    let digits = |byte: &u8| [digit(byte >> 4), digit(byte & 15)];
    bytes.iter().flat_map(digits).collect()
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
}
