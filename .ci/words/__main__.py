"""Words that the glossary replaces, in what is written: `python3 .ci/words`.

Users know the terms of tokio's, hyper's and reqwest's docs. A function returns, fails with or reports, and does not
answer, tell or say; a connection is idle and not silent; a cache drops and does not forget. A word twice in a row is listed, too. What is read: the docs and
comments of the crates, of the tools of development and of the examples, of what is private too; their strings, errors
among them; the READMEs and what else is written for readers. Code does not count, be it a block or in backticks, nor do files of tests, nor comments behind code.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / ".ci/circles"))

import source  # noqa: E402

CRATES = ["anthropic", "anthropic-aws", "anthropic-azure", "anthropic-fuzz", "anthropic-google", "anthropic-macros", "anthropic-mcp", "anthropic-sim", "anthropic-testkit", "anthropic-types", "conformance"]

SOURCES = ["examples/*.rs", "examples/*/src/**/*.rs", "examples/web/*/src/**/*.rs", "xtask/src/**/*.rs", "bench/**/src/**/*.rs", "fuzz/src/**/*.rs"]
# CONTRIBUTING.md names the words themselves.
TEXTS = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "SECURITY.md", "crates/*/README.md", "bench/README.md", "fuzz/README.md", "api/*.md", "api/*/README.md"]

WORDS = re.compile(
    r"\b(?:tells?|telling|told|says?|saying|said|(?<!typed )answer(?:s|ed|ing)?|patience|patient|silence|silent|hops?|dice"
    r"|by\s+chance|lets?\s+go|forgets?|forgetting|forgot|forgotten|may\s+cost)\b",
    re.IGNORECASE,
)

# Strings that are no prose of ours: a fault's name, and what is said in a conversation with the simulator.
ALLOWED = {
    "crates/anthropic-sim/src/scripting/faults/text.rs": {"silence"},
    "crates/anthropic-sim/src/api/messages/builtin.rs": {"says", "said", "answered"},
    "crates/anthropic-sim/src/api/messages/tool_calls.rs": {"answer"},
    # Code that is written: names of macros and functions.
    "xtask/src/emit/conformance.rs": {"Answer"},
    "xtask/src/emit/facts.rs": {"answer"},
    "xtask/src/emit/types.rs": {"answers"},
}

# A word twice, which is nearly always a slip; a sentence that needs it is put in another way.
DOUBLED = re.compile(r"\b([a-z]{2,})(?:[ \t]+|[ \t]*\n[ \t]*)\1\b", re.IGNORECASE)

COMMENT = re.compile(r"\s*//[/!]?(?!/) ?(.*)")
CODE = re.compile(r"`[^`]*`|\]\([^)]*\)|<[^>\s]*>")

Lines = list[tuple[int, str]]


def words(lines: Lines) -> Lines:
    """The glossary's words in a text, and those that are there twice, each with its line; code and addresses are left out."""
    kept, is_code = [], False
    for number, line in lines:
        if line.lstrip().startswith("```"):
            is_code = not is_code
        elif not is_code:
            kept.append((number, line))
    text = "\n".join(line for _, line in kept)
    # Something stays in its place, or the words around it would be neighbours.
    text = CODE.sub(lambda match: "`" + "\n" * match.group().count("\n"), text)
    return [
        (kept[text.count("\n", 0, match.start())][0], " ".join(match.group().split()))
        for pattern in (WORDS, DOUBLED)
        for match in pattern.finditer(text)
    ]


def comments(text: str) -> Lines:
    """The lines of comments; what is between them ends a sentence."""
    lines = enumerate(text.splitlines(), 1)
    return [(number, match[1] if (match := COMMENT.match(line)) else ".") for number, line in lines]


def strings(text: str) -> Lines:
    """The string literals of more than one word."""
    found = [(token.line, token.text) for token in source.tokens(text) if token.text.rstrip("#").endswith('"')]
    return [(line, literal.replace("\n", " ")) for line, literal in found if " " in literal]


def in_source(text: str, allowed: set[str]) -> Lines:
    """The words in a source file."""
    found = words(comments(text))
    # Taking a file apart takes long, and most have none of the words.
    for string in strings(text) if WORDS.search(text) else []:
        found += [it for it in words([string]) if it[1] not in allowed]
    return sorted(found)


def files() -> Iterator[tuple[str, Lines]]:
    """Each file that is looked at, with the words in it."""
    for name in CRATES:
        crate = ROOT / "crates" / name
        for file in sorted(crate.glob("src/**/*.rs")):
            if file.stem == "tests" or "tests" in file.parts:
                continue
            path = str(file.relative_to(ROOT))
            yield path, in_source(file.read_text(encoding="utf-8"), ALLOWED.get(path, set()))
    for file in sorted(file for pattern in SOURCES for file in ROOT.glob(pattern)):
        if file.stem != "tests" and not {"tests", "target", "node_modules", ".work"} & set(file.relative_to(ROOT).parts):
            path = str(file.relative_to(ROOT))
            yield path, in_source(file.read_text(encoding="utf-8"), ALLOWED.get(path, set()))
    for file in sorted(file for pattern in TEXTS for file in ROOT.glob(pattern)):
        lines = list(enumerate(file.read_text(encoding="utf-8").splitlines(), 1))
        yield str(file.relative_to(ROOT)), words(lines)


def main() -> int:
    """Lists what there is; fails if there is any."""
    count, looked = 0, 0
    for path, found in files():
        looked += 1
        count += len(found)
        for line, word in found:
            print(f"{path}:{line}: {word}")
    print(f"{count} words that the glossary replaces or that are doubled, in {looked} files")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
