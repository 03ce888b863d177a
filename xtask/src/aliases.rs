//! Names that vanished upstream, kept as deprecated aliases of what replaced them.
//!
//! `cargo xtask sync` finds them by comparing the descriptions and notes them in
//! `api/aliases.json`, with the version that had the name last. They are generated until the next
//! minor version has been current; then `sync` takes them out.

use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::json;

/// A name that is another one now.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Alias {
    pub(crate) kind: Kind,
    /// The key of a type, the id of an endpoint, or the key of a type and a member of it:
    /// `Message::usage`, `ContentBlock::Text`, `Beta::skills-2025-10-02`.
    pub(crate) old: String,
    /// The same of what replaced it; empty for a value that nothing replaced.
    pub(crate) new: String,
    /// The version of our crates that had the name last.
    pub(crate) last: String,
}

/// What a new description renames: before, after.
#[derive(Debug, PartialEq, Eq, Default)]
pub(crate) struct Renamed {
    pub(crate) types: Vec<(String, String)>,
    /// Methods of the same handle and the same request.
    pub(crate) methods: Vec<(String, String)>,
    /// Fields, variants and values of one type.
    pub(crate) members: Vec<(String, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Type,
    Method,
    Member,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Method => "method",
            Self::Member => "member",
        }
    }
}

impl Alias {
    /// The type and the names of a member.
    pub(crate) fn member(&self) -> Option<(&str, &str, &str)> {
        let (key, old) = self.old.split_once("::")?;
        match self.new.split_once("::") {
            Some((other, new)) => (other == key).then_some((key, old, new)),
            None => self.new.is_empty().then_some((key, old, "")),
        }
    }

    /// Whether a version still has the alias: its own minor version and the next.
    pub(crate) fn is_current(&self, version: &str) -> Result<bool, String> {
        let (now, last) = (minor(version)?, minor(&self.last)?);
        Ok(now.0 == last.0 && now.1 <= last.1 + 1)
    }
}

/// The aliases after a sync.
pub(crate) fn keep(
    aliases: Vec<Alias>,
    renamed: &Renamed,
    version: &str,
) -> Result<Vec<Alias>, String> {
    let of_kind = |kind, pairs: &[(String, String)]| -> Vec<Alias> {
        let pairs = pairs.iter().cloned();
        let alias = |(old, new)| Alias {
            kind,
            old,
            new,
            last: version.to_owned(),
        };
        pairs.map(alias).collect()
    };
    let mut added = of_kind(Kind::Type, &renamed.types);
    added.extend(of_kind(Kind::Method, &renamed.methods));
    added.extend(of_kind(Kind::Member, &renamed.members));
    let mut kept = Vec::new();
    for mut alias in aliases {
        if !alias.is_current(version)? {
            continue;
        }
        // What it stands for has been renamed in turn.
        let next = added
            .iter()
            .find(|it| it.kind == alias.kind && it.old == alias.new);
        if let Some(next) = next {
            alias.new.clone_from(&next.new);
        }
        // A name that came back needs no alias.
        if alias.old != alias.new {
            kept.push(alias);
        }
    }
    for alias in added {
        if !kept
            .iter()
            .any(|it| it.kind == alias.kind && it.old == alias.old)
        {
            kept.push(alias);
        }
    }
    Ok(kept)
}

/// `api/aliases.json`, an alias a line.
pub(crate) fn render(aliases: &[Alias]) -> String {
    if aliases.is_empty() {
        return "[]\n".to_owned();
    }
    let mut out = String::from("[\n");
    for (number, alias) in aliases.iter().enumerate() {
        let comma = if number + 1 < aliases.len() { "," } else { "" };
        let (kind, last) = (json!(alias.kind.name()), json!(alias.last));
        let (old, new) = (json!(alias.old), json!(alias.new));
        let _ = writeln!(
            out,
            r#"  {{"kind":{kind},"old":{old},"new":{new},"last":{last}}}{comma}"#
        );
    }
    out.push_str("]\n");
    out
}

/// `0.2.1` as `(0, 2)`.
fn minor(version: &str) -> Result<(u64, u64), String> {
    let mut parts = version.split('.').map(str::parse);
    match (parts.next(), parts.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => Ok((major, minor)),
        _ => Err(format!("{version:?} is no version, such as 0.2.0")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alias(kind: Kind, old: &str, new: &str, last: &str) -> Alias {
        Alias {
            kind,
            old: old.to_owned(),
            new: new.to_owned(),
            last: last.to_owned(),
        }
    }

    fn renamed(types: &[(&str, &str)], methods: &[(&str, &str)]) -> Renamed {
        let pairs = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter();
            pairs
                .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
                .collect()
        };
        Renamed {
            types: pairs(types),
            methods: pairs(methods),
            members: Vec::new(),
        }
    }

    #[test]
    fn a_name_stays_for_one_minor_version() {
        let alias = alias(Kind::Type, "Old", "New", "0.2.3");
        for (version, there) in [
            ("0.2.3", true),
            ("0.2.9", true),
            ("0.3.0", true),
            ("0.3.7", true),
        ] {
            assert_eq!(alias.is_current(version), Ok(there), "{version}");
        }
        assert_eq!(alias.is_current("0.4.0"), Ok(false));
        assert_eq!(alias.is_current("1.0.0"), Ok(false));
        assert!(alias.is_current("next").unwrap_err().contains("no version"));
    }

    #[test]
    fn what_was_renamed_is_noted_once_and_forgotten_in_time() {
        let both = renamed(&[("A", "B")], &[("as.make", "as.create")]);
        let noted = keep(Vec::new(), &both, "0.1.4").unwrap();
        let expected = [
            alias(Kind::Type, "A", "B", "0.1.4"),
            alias(Kind::Method, "as.make", "as.create", "0.1.4"),
        ];
        assert_eq!(noted, expected);
        assert_eq!(
            serde_json::from_str::<Vec<Alias>>(&render(&noted)).unwrap(),
            noted
        );
        let nothing = Renamed::default();
        assert_eq!(keep(noted.clone(), &nothing, "0.2.0").unwrap(), noted);
        assert_eq!(keep(noted, &nothing, "0.3.0").unwrap(), []);
        assert_eq!(render(&[]), "[]\n");
    }

    #[test]
    fn a_name_that_is_renamed_again_or_comes_back_is_followed() {
        let noted = vec![alias(Kind::Type, "A", "B", "0.1.0")];
        let again = keep(noted.clone(), &renamed(&[("B", "C")], &[]), "0.2.0").unwrap();
        let expected = [
            alias(Kind::Type, "A", "C", "0.1.0"),
            alias(Kind::Type, "B", "C", "0.2.0"),
        ];
        assert_eq!(again, expected);
        let back = keep(noted, &renamed(&[("B", "A")], &[]), "0.2.0").unwrap();
        assert_eq!(back, [alias(Kind::Type, "B", "A", "0.2.0")]);
    }

    #[test]
    fn members_are_noted_too() {
        let members = Renamed {
            members: vec![
                ("A::x".to_owned(), "A::y".to_owned()),
                ("Beta::b-1".to_owned(), String::new()),
            ],
            ..Renamed::default()
        };
        let noted = keep(Vec::new(), &members, "0.1.0").unwrap();
        assert_eq!(noted[0].member(), Some(("A", "x", "y")));
        assert_eq!(noted[1].member(), Some(("Beta", "b-1", "")));
        let read: Vec<Alias> = serde_json::from_str(&render(&noted)).unwrap();
        assert_eq!(read, noted);
        assert_eq!(keep(noted, &Renamed::default(), "0.3.0").unwrap(), []);
        for (old, new) in [("A::x", "B::x"), ("A::x", "y"), ("A", "B")] {
            assert_eq!(alias(Kind::Member, old, new, "0.1.0").member(), None);
        }
    }
}
