"""Words that the glossary replaces, in what users read: `python3 .ci/words`.

Users know the terms of tokio's, hyper's and reqwest's docs. A function returns, fails with or reports, and does not
answer, tell or say; a connection is idle and not silent; a cache drops and does not forget. What is read: the docs of
public items, of `lib.rs` and of public modules; the strings of the published crates, errors among them; the examples'
module docs and strings; the READMEs.
Code does not count, be it a block or in backticks, nor does what only tests compile.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / ".ci/circles"))

import source  # noqa: E402

CRATES = ["anthropic", "anthropic-aws", "anthropic-azure", "anthropic-google", "anthropic-macros", "anthropic-mcp", "anthropic-sim", "anthropic-testkit", "anthropic-types"]

WORDS = re.compile(
    r"\b(?:tells?|telling|told|says?|saying|said|answer(?:s|ed|ing)?|patience|patient|silence|silent|hops?|dice"
    r"|by\s+chance|lets?\s+go|forgets?|forgetting|forgot|forgotten|may\s+cost)\b",
    re.IGNORECASE,
)

# Strings that are no prose of ours: a fault's name, and what is said in a conversation with the simulator.
ALLOWED = {
    "crates/anthropic-sim/src/scripting/faults/text.rs": {"silence"},
    "crates/anthropic-sim/src/api/messages/builtin.rs": {"says", "said", "answered"},
    "crates/anthropic-sim/src/api/messages/tool_calls.rs": {"answer"},
}

DOC = re.compile(r"\s*//(/|!)(?!/) ?(.*)")
MODULE = re.compile(r"^pub mod (\w+);", re.MULTILINE)
CODE = re.compile(r"`[^`]*`|\]\([^)]*\)|<[^>\s]*>")

Lines = list[tuple[int, str]]


def words(lines: Lines) -> Lines:
    """The glossary's words in a text, each with its line; code and addresses are left out."""
    kept, is_code = [], False
    for number, line in lines:
        if line.lstrip().startswith("```"):
            is_code = not is_code
        elif not is_code:
            kept.append((number, line))
    text = "\n".join(line for _, line in kept)
    text = CODE.sub(lambda match: "\n" * match.group().count("\n"), text)
    return [
        (kept[text.count("\n", 0, match.start())][0], " ".join(match.group().split()))
        for match in WORDS.finditer(text)
    ]


def docs(text: str, is_public: bool) -> Lines:
    """The docs of public items, of a public enum's variants and a public trait's methods, and of a public module."""
    found, doc, within, depth = [], [], False, 0
    for number, line in enumerate(text.splitlines(), 1):
        code = line.strip()
        if match := DOC.match(line):
            if match[1] == "/":
                doc.append((number, match[2]))
            elif is_public:
                found.append((number, match[2]))
            continue
        if depth or code.startswith("#["):
            # An attribute between the docs and their item.
            depth += code.count("[") - code.count("]")
            continue
        if code and not line.startswith(" "):
            within = False
        if code.startswith("pub ") or within:
            found += doc
        doc = []
        within |= line.startswith(("pub enum ", "pub trait "))
    return found


def strings(text: str) -> Lines:
    """The string literals of more than one word."""
    found = [(token.line, token.text) for token in source.tokens(text) if token.text.rstrip("#").endswith('"')]
    return [(line, literal.replace("\n", " ")) for line, literal in found if " " in literal]


def in_source(text: str, is_public: bool, allowed: set[str]) -> Lines:
    """The words in a source file."""
    found = words(docs(text, is_public))
    # Taking a file apart takes long, and most have none of the words.
    for string in strings(text) if WORDS.search(text) else []:
        found += [it for it in words([string]) if it[1] not in allowed]
    return sorted(found)


def public_modules(crate: Path) -> set[Path]:
    """The files of a crate that are modules users see: `lib.rs`, and below it what is `pub mod`."""
    found, left = set(), [crate / "src/lib.rs"]
    while left:
        file = left.pop()
        found.add(file)
        folder = file.parent if file.name in ("lib.rs", "mod.rs") else file.with_suffix("")
        for name in MODULE.findall(file.read_text(encoding="utf-8")):
            left += [it for it in (folder / f"{name}.rs", folder / name / "mod.rs") if it.is_file()]
    return found


def files() -> Iterator[tuple[str, Lines]]:
    """Each file that is looked at, with the words in it."""
    for name in CRATES:
        crate = ROOT / "crates" / name
        public = public_modules(crate)
        for file in sorted(crate.glob("src/**/*.rs")):
            if file.stem == "tests" or "tests" in file.parts:
                continue
            path = str(file.relative_to(ROOT))
            yield path, in_source(file.read_text(encoding="utf-8"), file in public, ALLOWED.get(path, set()))
    for file in [*sorted(ROOT.glob("examples/*.rs")), *sorted(ROOT.glob("examples/*/src/**/*.rs"))]:
        yield str(file.relative_to(ROOT)), in_source(file.read_text(encoding="utf-8"), True, set())
    for file in [ROOT / "README.md", *sorted(ROOT.glob("crates/*/README.md"))]:
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
    print(f"{count} words that the glossary replaces, in {looked} files")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
