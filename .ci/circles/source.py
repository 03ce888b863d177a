"""The tokens of a Rust file, without comments, attributes and what only tests compile."""

from __future__ import annotations

import re
from dataclasses import dataclass

TOKEN = re.compile(
    r"""(?P<skip>\s+|//[^\n]*)
    |(?P<block>/\*)
    |(?P<string>b?c?r(?P<hash>\#*)".*?"(?P=hash)|[bc]?"(?:\\.|[^"\\])*"|b?'(?:\\.[^'\n]*|[^'\\])')
    |(?P<lifetime>'\w+)
    |(?P<word>r\#\w+|\w+)
    |(?P<mark>::|->|=>|.)""",
    re.DOTALL | re.VERBOSE,
)
OPEN, CLOSE = set("([{"), set(")]}")
ITEMS = {
    "async", "const", "enum", "extern", "fn", "impl", "let", "macro_rules", "mod", "pub", "static", "struct", "trait",
    "type", "union", "unsafe", "use",
}


@dataclass(frozen=True)
class Token:
    """A word, a string or a punctuation mark."""

    text: str
    line: int
    is_word: bool = False
    path: str | None = None
    """Before `mod`: the file that `#[path = "…"]` names."""


def tokens(text: str) -> list[Token]:
    """The tokens that a build without tests compiles."""
    return without_tests(lex(text))


def lex(text: str) -> list[Token]:
    """All tokens, without comments."""
    found, at, line = [], 0, 1
    while at < len(text):
        match = TOKEN.match(text, at)
        assert match, f"nothing matches at line {line}"
        end = match.end() if not match["block"] else comment_end(text, match.end())
        if not match["skip"] and not match["block"]:
            is_word = match["word"] is not None
            found.append(Token(match.group().removeprefix("r#") if is_word else match.group(), line, is_word))
        line += text.count("\n", at, end)
        at = end
    return found


def comment_end(text: str, at: int) -> int:
    """Where a block comment ends; they nest."""
    depth = 1
    for match in re.compile(r"/\*|\*/").finditer(text, at):
        depth += 1 if match.group() == "/*" else -1
        if depth == 0:
            return match.end()
    return len(text)


def closing(found: list[Token], opening: int) -> int:
    """The index of the bracket that closes the one at `opening`."""
    depth = 0
    for at in range(opening, len(found)):
        depth += (found[at].text in OPEN) - (found[at].text in CLOSE)
        if depth == 0:
            return at
    return len(found) - 1


def without_tests(found: list[Token]) -> list[Token]:
    """The tokens without attributes, and without the items that are compiled for tests only."""
    kept, at = [], 0
    while at < len(found):
        opening = at + 1 + (at + 1 < len(found) and found[at + 1].text == "!")
        if found[at].text != "#" or opening >= len(found) or found[opening].text != "[":
            kept.append(found[at])
            at += 1
            continue
        path, only_tests, inner = None, False, found[at + 1].text == "!"
        while at < len(found) and found[at].text == "#":
            opening = at + 1 + (found[at + 1].text == "!")
            end = closing(found, opening)
            attribute = [token.text for token in found[opening + 1 : end]]
            only_tests |= is_test(attribute)
            if attribute[:2] == ["path", "="]:
                path = attribute[2].strip('"')
            at = end + 1
        if only_tests and not inner:
            at = item_end(found, at)
        elif path and at < len(found):
            kept.append(Token(found[at].text, found[at].line, found[at].is_word, path))
            at += 1
    return kept


def is_test(attribute: list[str]) -> bool:
    """Whether an attribute's item exists for tests only."""
    if attribute in (["test"], ["bench"]) or attribute[-3:] == ["tokio", "::", "test"]:
        return True
    if attribute[:2] != ["cfg", "("]:
        return False
    condition = attribute[2:-1]
    if condition[:2] == ["all", "("]:
        return bool({"test", "doctest"} & set(top_level(condition[2:-1])))
    return condition in (["test"], ["doctest"])


def top_level(condition: list[str]) -> list[str]:
    """The words of a list that stand in no brackets of their own."""
    depth, words = 0, []
    for text in condition:
        depth += (text in OPEN) - (text in CLOSE)
        if depth == 0:
            words.append(text)
    return words


def item_end(found: list[Token], at: int) -> int:
    """The index behind the item, field or arm that starts at `at`."""
    ends = {";"} if at < len(found) and found[at].text in ITEMS else {";", ","}
    while at < len(found):
        text = found[at].text
        if text in ends:
            return at + 1
        if text in CLOSE:
            return at
        if text in OPEN:
            at = closing(found, at)
            if text == "{" and "," not in ends:
                return at + 1
        at += 1
    return at
