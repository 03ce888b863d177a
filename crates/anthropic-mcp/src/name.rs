//! Names of tools as the API takes them.

/// The longest name that the API takes.
const LONGEST: usize = 128;

/// The name as the API takes it: each character that it does not is an underscore. `None` for what
/// has no such name.
pub(crate) fn api_name(prefix: &str, name: &str) -> Option<String> {
    let written = written(prefix, name);
    (!name.is_empty() && written.len() <= LONGEST).then_some(written)
}

/// The same for a name of any length.
pub(crate) fn written(prefix: &str, name: &str) -> String {
    prefix
        .chars()
        .chain(name.chars())
        .map(|char| match char {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '-' => char,
            _ => '_',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_the_api_takes() {
        for (prefix, name, written) in [
            ("", "read_file", Some("read_file")),
            ("files_", "read", Some("files_read")),
            ("", "repo/issues.list", Some("repo_issues_list")),
            ("my files.", "r", Some("my_files_r")),
            ("", "größe", Some("gr__e")),
            ("files_", "", None),
        ] {
            assert_eq!(api_name(prefix, name).as_deref(), written, "{name}");
        }
        assert!(api_name("", &"x".repeat(128)).is_some());
        assert!(api_name("a", &"x".repeat(128)).is_none());
    }
}
