//! `a` and `an` in all docs, by the rule that the generator follows.

use std::path::Path;

use crate::generate::root;
use crate::words::indefinite;

const PLACES: [&str; 9] = [
    "api",
    "bench",
    "crates",
    "examples",
    "fuzz",
    "xtask",
    "README.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
];

/// The prose of a file: a text's all, of code the comments.
fn prose(path: &Path, text: &str) -> String {
    let is_code = path.extension().is_some_and(|it| it == "rs");
    let lines = text.lines().map(str::trim_start);
    let lines = lines.map(|line| match line.strip_prefix("//") {
        Some(comment) if is_code => comment.trim_start_matches(['/', '!']),
        _ if is_code => "",
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The articles that do not go with the word behind them.
fn wrong(prose: &str) -> Vec<String> {
    let mut found = Vec::new();
    for paragraph in prose.split("\n\n") {
        let words: Vec<&str> = paragraph.split_whitespace().collect();
        for pair in words.windows(2) {
            let [article, word] = pair else { continue };
            let article = article.trim_start_matches(['(', '"', '[']);
            if !["a", "an", "A", "An"].contains(&article) {
                continue;
            }
            let word = word.trim_start_matches(['[', '`', '"', '(', '*', '_', '“']);
            let is_word = word.starts_with(|c: char| c.is_ascii_alphanumeric());
            if is_word && !article.eq_ignore_ascii_case(indefinite(word)) {
                found.push(format!("{article} {word}"));
            }
        }
    }
    found
}

fn walk(path: &Path, found: &mut Vec<String>) {
    if path.is_dir() {
        let skipped = ["target", "node_modules", ".venv", "extract"];
        if path
            .file_name()
            .is_some_and(|name| skipped.iter().any(|it| name == *it))
        {
            return;
        }
        for entry in std::fs::read_dir(path).unwrap() {
            walk(&entry.unwrap().path(), found);
        }
        return;
    }
    let is_prose = path
        .extension()
        .is_some_and(|it| it == "rs" || it == "md" || it == "toml");
    if !is_prose || path.ends_with("xtask/src/tests_articles.rs") {
        return;
    }
    let text = std::fs::read_to_string(path).unwrap();
    let wrong = wrong(&prose(path, &text));
    found.extend(
        wrong
            .into_iter()
            .map(|it| format!("{}: {it}", path.display())),
    );
}

#[test]
fn articles_go_with_the_words_behind_them() {
    let mut found = Vec::new();
    for place in PLACES {
        walk(&root().join(place), &mut found);
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_wrong_article_is_found() {
    let text = "/// a [`ImageBlock`] and an [`TextBlock`] of an\n/// user, a user, an MCP server\nlet a = an user;";
    let found = wrong(&prose(Path::new("a.rs"), text));
    assert_eq!(found, ["a ImageBlock`]", "an TextBlock`]", "an user,"]);
}
