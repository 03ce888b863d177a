"""The public API of the published crates, as text: `python .ci/public_api.py --check | --write`.

The listing is read from the source, because rustdoc's own (JSON) needs a nightly compiler. Every `pub` item counts:
the lint `unreachable_pub` makes sure that none of them is out of reach. What the crates' macros make (constructors,
setters, accessors) is not listed: it follows from the fields and variants, which are.

Beside the comparison with `.ci/public-api/*.txt` it checks that no signature names a crate that is not part of the
public API's promise: only `std`, `http`, `bytes`, `serde`, `serde_json` and `futures-core` are, besides the adapters and
the conversions of `Timestamp`, each behind the feature of its crate's name.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CRATES = ["anthropic-types", "anthropic", "anthropic-sim", "anthropic-testkit", "anthropic-aws", "anthropic-azure",
    "anthropic-google", "anthropic-macros", "anthropic-mcp"]
FOREIGN = {
    "aws_config", "aws_credential_types", "aws_sigv4", "aws_smithy_runtime_api", "axum", "azure_core", "fastrand", "futures_util", "gcp_auth", "http_body", "httpdate", "hyper", "js_sys", "memchr", "reqwest", "rmcp", "rustls",
    "rustls_platform_verifier", "schemars", "tokio", "tower", "tower_service", "tracing", "wasm_bindgen", "web_sys", "zeroize",
}
POINTERS = {"Arc", "Box", "Rc", "dyn", "mut"}
# Adapters, which are named after what they adapt.
ADAPTERS = {"azure_core_1.rs", "builder/aws_config_1.rs", "builder/aws_credential_types_1.rs", "gcp_auth_0_12.rs", "pipeline/transport/reqwest_0_13.rs", "pipeline/transport/tokio_1.rs", "pipeline/transport/tower.rs", "request/upload/web_sys_0_3.rs", "rmcp_3.rs", "schema/schemars_1.rs", "schemars_1.rs"}

TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?\*/|b?r(?P<hash>\#*)".*?"(?P=hash)|b?"(?:\\.|[^"\\])*"|b?'(?:\\.[^']*|[^'\\])'""", re.DOTALL
)


def plain(source: str) -> str:
    """The source without comments and attributes; strings stay, with nothing in them that could mislead."""

    def keep(match: re.Match[str]) -> str:
        text = match.group()
        return " " if text.startswith(("//", "/*")) else re.sub(r"[{}()\[\];#]", "_", text)

    source = TOKEN.sub(keep, source)
    found = re.search(r"#!?\[", source)
    while found:
        end = closing(source, found.end() - 1)
        rest = source[end + 1 :]
        # A module of tests is no API.
        if source[found.end() : end].replace(" ", "") == "cfg(test)":
            rest = re.sub(r"^\s*mod \w+;", "", rest)
            if module := re.match(r"\s*mod \w+ \{", rest):
                rest = rest[closing(rest, module.end() - 1) + 1 :]
        source = source[: found.start()] + " " + rest
        found = re.search(r"#!?\[", source)
    return source


def closing(text: str, opening: int) -> int:
    """Where the bracket closes that opens there."""
    depth = 0
    for at in range(opening, len(text)):
        depth += (text[at] in "{[(") - (text[at] in "}])")
        if depth == 0:
            return at
    raise ValueError("a bracket is never closed")


def blocks(text: str):
    """The items of a block: what stands before the body, and the body, if there is one."""
    start = at = 0
    while at < len(text):
        if text[at] in "([":
            at = closing(text, at)
        elif text[at] == "{" and not re.search(r"\buse\b[^;]*$", text[start:at]):
            end = closing(text, at)
            yield " ".join(text[start:at].split()), text[at + 1 : end]
            start, at = end + 1, end
        elif text[at] == ";":
            yield " ".join(text[start:at].split()), None
            start = at + 1
        at += 1


def parts(body: str, separators: str = ",") -> list[str]:
    """The body, cut at separators outside of brackets."""
    cut, depth, start = [], 0, 0
    for at, char in enumerate(body):
        depth += (char in "{[(<") - (char in "}])" or char == ">" and body[at - 1] not in "-=")
        if char in separators and depth == 0:
            cut.append(body[start:at])
            start = at + 1
    return [" ".join(part.split()) for part in [*cut, body[start:]] if part.strip()]


def items(text: str, within: str):
    """The public items of a module, an `impl` or a macro, a line each."""
    for head, body in blocks(text):
        if head == "string_set!":
            yield f"{within}{head} {{ {' '.join((body or '').split())} }}"
        elif re.match(r"(pub )?(const )?impl\b|unsafe impl\b", head):
            yield from members(head, body, within)
        elif head.startswith("macro_rules!") or re.fullmatch(r"\(.*\) =>", head):
            yield from items(body or "", within)
        elif match := re.match(r"pub (?:unsafe )?(struct|union|enum|trait|mod)\b", head):
            yield f"{within}{without_private(head)}"
            yield from contents(match.group(1), head, body, within)
        elif head.startswith("pub "):
            is_value = re.match(r"pub (const (?!fn)|static )", head)
            yield f"{within}{head.split(' = ')[0] if is_value else head}"


def without_private(head: str) -> str:
    """A tuple struct without its private fields."""
    tuple_struct = re.fullmatch(r"(pub struct [^(]*\()(.*)(\).*)", head)
    if not tuple_struct:
        return head
    start, fields, end = tuple_struct.groups()
    return start + ", ".join(field if field.startswith("pub ") else "_" for field in parts(fields)) + end


def members(head: str, body: str | None, within: str):
    """The methods of an `impl`; of a trait's only that it is there."""
    if re.search(r"(?<!\?)\bfor (?!<)", head):
        yield f"{within}{head}"
    else:
        name = re.sub(r"^impl(<.*?>)? ", "", head).split(" where ")[0]
        yield from items(body or "", f"{within}{name}: ")


def contents(kind: str, head: str, body: str | None, within: str):
    """What is public inside of a type, a trait or a module."""
    if body is None:
        return
    name = re.split(r"[ <:]", head.split(f" {kind} ")[1])[0]
    if kind == "mod":
        yield from items(body, f"{within}{name}::")
    elif kind == "trait":
        yield from (f"{within}{name}: {method}" for method, _ in blocks(body) if method)
    else:
        for part in parts(body):
            if kind == "enum" or part.startswith("pub "):
                yield f"{within}{name}: {part}"


def strangers(path: str, source: str, listed: list[str]):
    """Signatures that name a foreign crate, or something imported from one."""
    names = set(FOREIGN)
    for crate, imported in re.findall(r"\buse (\w+)::([^;]+);", source):
        if crate in FOREIGN:
            names |= {name for name in re.findall(r"\w+", imported) if name[0].isupper()}
    names -= {"Result", "Error"}
    for line in listed:
        # An `impl` of a foreign trait for a private type shows nothing; one for a public type does.
        for name in re.findall(r"\b\w+\b", re.sub(r'"[^"]*"', "", line)):
            if name in names and (name not in FOREIGN or f"{name}::" in line):
                yield f"{path}: {line}"
                break


def listing(crate: str) -> tuple[str, list[str]]:
    folder = ROOT / "crates" / crate / "src"
    lines, faults = [], []
    public: set[str] = set()
    found: list[tuple[str, str, list[str]]] = []
    for file in sorted(folder.rglob("*.rs")):
        path = file.relative_to(folder).as_posix()
        # What is in `off.rs` nothing can call.
        if path.startswith("bin/") or file.name in ("tests.rs", "off.rs") or "tests/" in path:
            continue
        source = plain(file.read_text("utf-8"))
        listed = list(items(source, ""))
        found.append((path, source, listed))
        for line in listed:
            public |= set(re.findall(r"^pub (?:struct|enum|trait|type) (\w+)", line))
    for path, source, listed in found:
        # Of the implementations of traits, those for public types; and however rustfmt breaks a line.
        listed = [line for line in listed if not is_private(line, public)]
        listed = [re.sub(r",? ([)}>])", r"\1", re.sub(r"([({]) ", r"\1", line)) for line in listed]
        lines += [f"{path}: {line}" for line in listed]
        if path not in ADAPTERS:
            faults += strangers(path, source, listed)
    return "\n".join(lines) + "\n", faults


def is_private(line: str, public: set[str]) -> bool:
    """Whether a line is an `impl` that nobody outside can see."""
    found = re.search(r"^impl(.*)(?<!\?)\bfor (?!<)(.*)", line)
    if not found:
        return False
    target = set(re.findall(r"\w+", found.group(2).split(" where ")[0]))
    if target & public:
        return False
    # For all types, or for a pointer to all: that of a trait of ours shows.
    parameters = re.match(r"<((?:[^<>]|<[^<>]*>|(?<=-)>)*)>(.*)", found.group(1))
    if not parameters:
        return True
    names = {name for part in parts(parameters.group(1)) for name in re.findall(r"^\w+", part)}
    trait = set(re.findall(r"\w+", parameters.group(2)))
    return not (target <= names | POINTERS and target & names and trait & public)


def main() -> int:
    if sys.argv[1:] not in (["--check"], ["--write"]):
        print(__doc__, file=sys.stderr)
        return 2
    failed = False
    for crate in CRATES:
        text, faults = listing(crate)
        for fault in faults:
            failed = True
            print(f"a foreign type in the public API of {crate}: {fault}", file=sys.stderr)
        file = ROOT / ".ci" / "public-api" / f"{crate}.txt"
        if sys.argv[1] == "--write":
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, "utf-8")
            continue
        old = file.read_text("utf-8").splitlines() if file.is_file() else []
        new = text.splitlines()
        changes = [f"- {line}" for line in old if line not in set(new)]
        changes += [f"+ {line}" for line in new if line not in set(old)]
        if changes or old != new:
            failed = True
            print(f"the public API of {crate} has changed; `python .ci/public_api.py --write` records it:")
            print("\n".join(changes) or "(the order only)")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
