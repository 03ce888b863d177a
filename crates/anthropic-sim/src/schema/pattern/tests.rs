//! Expressions with the text expected, and against a matcher.

use super::*;

fn text_of(pattern: &str) -> Option<String> {
    text(pattern, 0, usize::MAX, 0)
}

#[test]
fn texts_are_built_from_expressions() {
    for (pattern, wanted) in [
        ("^[A-Z]{3}-\\d{2,4}$", "AAA-00"),
        ("^(foo|bar)+$", "foo"),
        ("^(?:a|b)(?P<n>c)(?<m>d)$", "acd"),
        ("a*b+?c?", "b"),
        ("^\\+?[1-9]\\d{1,14}$", "10"),
        ("^[^@ ]+@[^@ ]+\\.[a-z]{2,}$", "a@a.aa"),
        ("^\\$\\^\\{\\}$", "$^{}"),
        ("\\u0041\\x42\\t", "AB\t"),
        ("[]a-]", "]"),
        ("[\\w.-]", "a"),
        ("^[\\]\\\\-]$", "]"),
        ("", ""),
        ("^$", ""),
        ("a\\$", "a$"),
        ("^.\\D\\W\\S$", "aa a"),
    ] {
        assert_eq!(text_of(pattern).as_deref(), Some(wanted), "{pattern}");
    }
}

#[test]
fn what_needs_a_search_has_none() {
    for pattern in [
        "(?=a)",
        "(?!a)",
        "(?<=a)b",
        "(?<!a)b",
        "(a)\\1",
        "\\bword\\b",
        "\\pL",
        "a^b",
        "a$b",
        "^a|b$",
        "(",
        ")",
        "a)",
        "[",
        "[a",
        "[z-a]",
        "*",
        "a**",
        "a{2,1}",
        "a{",
        "{1}",
        "\\",
        "[[:alpha:]]",
        "[a&&b]",
        "(?i)a",
        "\\x4",
        "a{99999999999999999999}",
    ] {
        assert_eq!(text_of(pattern), None, "{pattern}");
    }
}

#[test]
fn bounds_hold_for_length_depth_and_work() {
    assert_eq!(text("^a+$", 5, 9, 0).as_deref(), Some("aaaaa"));
    assert_eq!(text("^(ab)+$", 5, 9, 0).as_deref(), Some("ababab"));
    assert_eq!(text("^a{2}b?$", 3, 3, 0).as_deref(), Some("aab"));
    assert_eq!(text("a", 3, 3, 0).as_deref(), Some("a.."));
    assert_eq!(text("a$", 3, 3, 0).as_deref(), Some("..a"));
    // The first that is short enough.
    assert_eq!(text("^(abcdef|ab)$", 0, 3, 0).as_deref(), Some("ab"));
    for (pattern, least, most) in [("^a$", 2, 3), ("^aaa$", 0, 2), ("a{1001}", 0, usize::MAX)] {
        assert_eq!(text(pattern, least, most, 0), None, "{pattern}");
    }
    let deep = format!("{}a{}", "(".repeat(DEEPEST + 1), ")".repeat(DEEPEST + 1));
    assert_eq!(text_of(&deep), None);
    let many = (0..DEEPEST).fold("a".to_owned(), |inner, _| format!("({inner}){{1000}}"));
    assert_eq!(text_of(&many), None);
    let empty = (0..DEEPEST).fold(String::new(), |inner, _| format!("({inner}){{1000}}"));
    assert_eq!(text_of(&empty), None);
    assert_eq!(text_of(&"a".repeat(LONGEST + 1)), None);
}

#[test]
fn variants_differ_as_long_as_there_are_any() {
    let texts: std::collections::HashSet<_> = (0..100)
        .map(|variant| text("^[a-j][0-9]$", 0, 9, variant).unwrap())
        .collect();
    assert_eq!(texts.len(), 100);
}

/// A random expression of what is understood.
#[cfg(feature = "server")]
fn expression(random: &mut fastrand::Rng, depth: usize) -> String {
    let mut out = String::new();
    for _ in 0..random.usize(1..4) {
        match random.u8(if depth == 0 { 2..8 } else { 0..8 }) {
            0 => {
                let [one, other] = [(); 2].map(|()| expression(random, depth - 1));
                out.extend(["(?:", &one, "|", &other, ")"]);
            }
            1 => out.extend(["(", &expression(random, depth - 1), ")"]),
            2 => out += "[a-f\\d_-]",
            3 => out += "[^a-y\\s]",
            4 => out += "\\w",
            5 => out += "\\.",
            6 => out += ".",
            _ => out.push(random.alphabetic()),
        }
        out += ["", "", "?", "*", "+", "{2}", "{1,3}", "{2,}", "+?"][random.usize(..9)];
    }
    out
}

#[cfg(feature = "server")]
#[test]
fn texts_match_by_a_matcher_and_have_their_length() {
    let mut random = fastrand::Rng::with_seed(7);
    let mut built = 0;
    for _ in 0..5_000 {
        let [starts, ends] = [["", "^"], ["", "$"]].map(|it| it[random.usize(..2)]);
        let mut body = expression(&mut random, 3);
        if !starts.is_empty() || !ends.is_empty() {
            body = format!("(?:{body})");
        }
        let pattern = format!("{starts}{body}{ends}");
        let least = random.usize(..20);
        let most = least + random.usize(..40);
        let variant = random.usize(..50);
        let Some(text) = text(&pattern, least, most, variant) else {
            continue;
        };
        built += 1;
        let length = text.chars().count();
        assert!(
            (least..=most).contains(&length),
            "{pattern} {text:?} {least} {most}"
        );
        let regex = regex_lite::Regex::new(&pattern).unwrap();
        assert!(regex.is_match(&text), "{pattern} {text:?}");
    }
    assert!(built > 3_000, "{built}");
}
