"""What is written twice: versions of Rust and features, in manifests and for readers; and where links lead.

    python3 .ci/readmes.py

A crate's README has the Rust version of its manifest wherever it names one; the README and ARCHITECTURE.md have those
that are others than the workspace's. The README's table has every feature of the crates that it is about, and whether
it is a default, and so has that of the client's docs. Relative links lead to a file that is there, and to its heading.
"""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUST = re.compile(r"\bRust(?: \|)? (1\.\d+(?:\.\d+)?)\b")
CODE = re.compile(r"^( *)```.*?^\1```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def manifests(root: Path) -> dict[str, dict]:
    """The manifest of each package of the workspace, by its folder."""
    found = {file.parent.name: tomllib.loads(file.read_text()) for file in sorted(root.glob("crates/*/Cargo.toml"))}
    shared = tomllib.loads((root / "Cargo.toml").read_text())["workspace"]["package"]
    for manifest in found.values():
        if isinstance(manifest["package"]["rust-version"], dict):
            manifest["package"]["rust-version"] = shared["rust-version"]
    return {"": {"package": shared}, **found}


def rust_problems(root: Path, packages: dict[str, dict]) -> list[str]:
    """Versions of Rust that are others than those of the manifests."""
    problems = []
    oldest = packages[""]["package"]["rust-version"]
    readme, architecture = (root / "README.md").read_text(), (root / "ARCHITECTURE.md").read_text()
    if f"minimum supported Rust version is {oldest}:" not in readme:
        problems.append(f"README.md: the minimum supported Rust version is {oldest}")
    for name, manifest in packages.items():
        version = manifest["package"]["rust-version"]
        own = root / "crates" / name / "README.md"
        for wrong in RUST.findall(own.read_text()) if own.exists() and name else []:
            if wrong != version:
                problems.append(f"crates/{name}/README.md: Rust {wrong}, in its manifest {version}")
        if version == oldest:
            continue
        # Its name, others that need the same, and the version.
        if not re.search(rf"`{name}`(?: and `[\w-]+`)* needs? {re.escape(version)}(?!\.?\d)", readme):
            problems.append(f"README.md: `{name}` needs Rust {version}")
        if f"\n`{name}` (from Rust {version}," not in architecture:
            problems.append(f"ARCHITECTURE.md: `{name}` is from Rust {version}")
    return problems


def feature_problems(root: Path, packages: dict[str, dict]) -> list[str]:
    """Features that a table lacks, has in vain, or has with another default."""
    # By the file and the package.
    tables: dict[tuple[str, str], dict[str, bool]] = {}
    chapter = (root / "README.md").read_text().split("\n## Features\n")[1].split("\n## ")[0]
    for crates, features, default in re.findall(r"^\| ([^|]+) \| (`[^|]+) \| ([^|]+) \|", chapter, re.MULTILINE):
        for name in ["anthropic", "anthropic-types"] if crates == "both" else re.findall(r"`([\w-]+)`", crates):
            table = tables.setdefault(("README.md", name), {})
            table.update(dict.fromkeys(re.findall(r"`([\w-]+)`", features), default == "yes"))
    docs = (root / "crates/anthropic/src/lib.rs").read_text().split("//! # Features\n")[1]
    for feature, default in re.findall(r"^//! \| `([\w-]+)` (\(default\))?", docs, re.MULTILINE):
        tables.setdefault(("crates/anthropic/src/lib.rs", "anthropic"), {})[feature] = bool(default)
    problems = []
    for (file, name), features in tables.items():
        there = dict(packages[name].get("features", {}))
        defaults = there.pop("default", [])
        wrong = sorted(features.keys() ^ there.keys())
        wrong += [it for it in features if it in there and features[it] != (it in defaults)]
        problems += [f"{file}, features of `{name}`: `{it}` is otherwise in its manifest" for it in wrong]
    return problems


def anchors(text: str) -> set[str]:
    """The anchors of headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", CODE.sub("", text), re.MULTILINE)
    plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", it).strip().lower() for it in headings]
    return {re.sub(r"[^\w\- ]", "", it).replace(" ", "-") for it in plain}


def link_problems(root: Path, name: Path) -> list[str]:
    """Relative links of a file that lead nowhere."""
    problems, file = [], root / name
    prose = CODE.sub(lambda found: "\n" * found[0].count("\n"), file.read_text())
    for found in LINK.finditer(prose):
        path, _, anchor = found[1].partition("#")
        target = file.parent / path if path else file
        if re.match(r"\w+:", found[1]):
            continue
        if not target.exists() or (anchor and anchor not in anchors(target.read_text())):
            line = prose.count("\n", 0, found.start()) + 1
            problems.append(f"{name}:{line}: {found[1]} leads nowhere")
    return problems


def main() -> int:
    packages = manifests(ROOT)
    problems = rust_problems(ROOT, packages) + feature_problems(ROOT, packages)
    listed = subprocess.run(["git", "ls-files", "-z", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).exists():
            problems += link_problems(ROOT, Path(name))
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
