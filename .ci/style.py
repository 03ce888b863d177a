"""What rustfmt's stable options leave open: the order of derives, imports with one pair of braces, and comments of at
most 100 columns.

    python3 .ci/style.py --check     names what is wrong
    python3 .ci/style.py --write     puts it right

Generated files are left alone, but for their derives and imports. Tables, code blocks and what has no space to break at may
be wider.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WIDTH = 100
ORDER = ["Debug", "Clone", "Copy", "PartialEq", "Eq", "PartialOrd", "Ord", "Hash", "Default"]
COMMENT = re.compile(r"^(\s*)(///|//!|//)( |$)")
# With the attributes before it, which each of several has to have.
USE = re.compile(r"^((?:[ \t]*#\[[^\n]*\]\n)*[ \t]*(?:pub(?:\([^)]*\))? )?)use ([\w:]+::)(\{[^;]+\});", re.MULTILINE)
ITEM = re.compile(r"^(\s*)([-*]|\d+\.) ")


def derives(text: str) -> str:
    """The traits of each derive: the standard ones in order, then the others as they are."""

    def sort(found: re.Match) -> str:
        traits = [trait.strip() for trait in found[1].split(",") if trait.strip()]
        traits.sort(key=lambda it: ORDER.index(it) if it in ORDER else len(ORDER))
        return f"#[derive({', '.join(traits)})]"

    return re.sub(r"#\[derive\(([^()]*)\)\]", sort, text)


def leaves(tree: str, module: str) -> list[tuple[str, str]]:
    """What a list in braces imports, each with the module that it is in."""
    found, depth, start = [], 0, 1
    for at, char in enumerate(tree):
        depth += (char == "{") - (char == "}")
        if (char == "," and depth == 1) or depth == 0:
            item = tree[start:at].strip()
            start = at + 1
            path, brace, inner = item.partition("{")
            if brace:
                found += leaves(brace + inner, module + path)
            elif item:
                path, colons, name = item.rpartition("::")
                found.append((module + path + colons, name))
    return found


def imports(text: str) -> str:
    """One `use` for each module."""

    def flatten(found: re.Match) -> str:
        before, module, tree = found.groups()
        # A template of code, or already flat.
        if "{{" in tree or not re.search("[{:]", tree[1:]):
            return found[0]
        modules: dict[str, list[str]] = {}
        for path, name in leaves(tree, module):
            modules.setdefault(path, []).append(name)
        # A module alone is an item of the one above it.
        for path in [path for path, names in modules.items() if names == ["self"]]:
            above, _, name = path.removesuffix("::").rpartition("::")
            del modules[path]
            modules.setdefault(f"{above}::" if above else "", []).append(name)
        lists = {path: names[0] if len(names) == 1 else f"{{{', '.join(names)}}}" for path, names in modules.items()}
        return "\n".join(f"{before}use {path}{names};" for path, names in lists.items())

    return USE.sub(flatten, text)


def is_wide(line: str) -> bool:
    """Whether a comment is too wide and could be broken."""
    found = COMMENT.match(line)
    if not found or len(line) <= WIDTH:
        return False
    body = line[found.end() :]
    if body.startswith(("|", "#", "    ")) or re.match(r"\[[^\]]+\]: ", body):
        return False
    hanging = ITEM.match(body)
    start = found.end() + (hanging.end() if hanging else 0)
    return " " in line[start : WIDTH + 1]


def fill(prefix: str, lines: list[str]) -> list[str]:
    """A paragraph in lines of at most 100 columns; code spans and links stay whole where they fit in one."""
    first = ITEM.match(lines[0])
    lead = lines[0][: first.end()] if first else re.match(r"\s*", lines[0])[0]
    hang = " " * len(lead)
    text = " ".join([lines[0][len(lead) :], *(line.strip() for line in lines[1:])])
    words = re.findall(r"(?:`[^`]*`|\[[^\]]*\]\([^)]*\)|\S)+", text)
    out, line = [], lead
    for word in words:
        if len(prefix) + len(line) + len(word) + 1 > WIDTH and line.strip() and line != lead:
            out.append(line)
            line = hang + word
        elif line == lead:
            line += word
        else:
            line += f" {word}"
    return [*out, line]


def wrap(text: str) -> str:
    """Fills every paragraph of a comment that has a line too wide."""
    out: list[str] = []
    lines = text.split("\n")
    at = 0
    is_code = False
    while at < len(lines):
        found = COMMENT.match(lines[at])
        if not found:
            is_code = False
            out.append(lines[at])
            at += 1
            continue
        prefix = found[0] if found[3] else f"{found[0]} "
        body = lines[at][found.end() :]
        if body.lstrip().startswith("```"):
            is_code = not is_code
        if is_code or not body.strip() or body.lstrip().startswith(("```", "|", "#")) or body.startswith("    "):
            out.append(lines[at])
            at += 1
            continue
        paragraph = [body]
        end = at + 1
        while end < len(lines) and lines[end].startswith(prefix):
            more = lines[end][len(prefix) :]
            if not more.strip() or ITEM.match(more) or more.lstrip().startswith(("```", "|", "#")):
                break
            paragraph.append(more)
            end += 1
        if any(is_wide(line) for line in lines[at:end]):
            out.extend(f"{prefix}{line}".rstrip() for line in fill(prefix, paragraph))
        else:
            out.extend(lines[at:end])
        at = end
    return "\n".join(out)


def wide_lines(text: str) -> list[int]:
    found, is_code = [], False
    for number, line in enumerate(text.split("\n"), 1):
        comment = COMMENT.match(line)
        if not comment:
            is_code = False
        elif line[comment.end() :].lstrip().startswith("```"):
            is_code = not is_code
        elif not is_code and is_wide(line):
            found.append(number)
    return found


def main() -> int:
    if sys.argv[1:] not in (["--check"], ["--write"]):
        print(__doc__)
        return 2
    listed = subprocess.run(["git", "ls-files", "-z", "*.rs"], cwd=ROOT, capture_output=True, text=True, check=True)
    problems = []
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if not path.exists():
            continue
        text = path.read_text(encoding="utf-8")
        is_generated = "/generated/" in name
        if sys.argv[1] == "--write":
            better = imports(derives(text))
            better = better if is_generated else wrap(better)
            if better != text:
                path.write_text(better, encoding="utf-8")
            text = better
        if derives(text) != text:
            problems.append(f"{name}: derives are not in the order {', '.join(ORDER)}")
        if imports(text) != text:
            problems.append(f"{name}: an import has braces in braces, or a path in them; one `use` for each module")
        if not is_generated:
            problems += [f"{name}:{line}: a comment is wider than {WIDTH}" for line in wide_lines(text)]
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
