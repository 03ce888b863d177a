"""Circles of imports, file by file: `python3 .ci/circles [CRATE…] [--edges | --check]`.

A file needs another if it imports or names something that is defined there; re-exports lead to the file behind them, and
a `mod.rs` or `lib.rs` that only re-exports needs nothing. What is compiled for tests only does not count. No crate may
have a circle of more than three files: whoever changes one of them must understand them all.

Generated files mirror the API, whose types refer to each other as they like. They count as one file of a circle, so a
circle of generated files alone is none, and one that they close through files written by hand is.

What this sees is names. A file that only calls methods of a value that it is given does not need the file of these.

Where a table in ARCHITECTURE.md orders a crate's files (`order.py`), none may need one of a later row.

Without an option it prints the circles and an order of their files in which few needs point back: those are what to cut.
`--edges` prints all needs within the circles. `--check` fails if there is one, or a need against the order.
"""

from __future__ import annotations

import sys
from pathlib import Path

import graph
import modules
import order

ROOT = Path(__file__).resolve().parent.parent.parent
LIMIT = 3


def roots() -> dict[str, list[Path]]:
    """The root files of each crate of the workspace, libraries and programs."""
    found = {}
    for manifest in sorted([*ROOT.glob("crates/*/Cargo.toml"), *ROOT.glob("*/Cargo.toml")]):
        source = manifest.parent / "src"
        files = [source / "lib.rs", source / "main.rs", *source.glob("bin/*.rs"), *source.glob("bin/*/main.rs")]
        if files := [file for file in files if file.is_file()]:
            found[manifest.parent.name] = files
    return found


def size(circle: list[Path]) -> int:
    """How many files a circle counts as."""
    generated = sum("generated" in file.parts for file in circle)
    return len(circle) - generated + min(generated, 1)


def short(file: Path) -> str:
    """The file as it is printed."""
    return str(file.relative_to(ROOT))


def home(file: Path) -> Path:
    """The file, or the folder that stands for all generated ones."""
    parents = [it for it in file.parents if it.name == "generated"]
    return parents[-1] if parents else file


def together(made: graph.Graph) -> graph.Graph:
    """The graph with all generated files as one."""
    joined = graph.Graph({home(file) for file in made.files})
    for user, needs in made.needs.items():
        for needed, names in needs.items():
            for name, line in names.items():
                joined.add(home(user), line, graph.Item(home(needed), name))
    return joined


def show(made: graph.Graph, circle: list[Path], edges: bool) -> None:
    """Prints a circle."""
    made = together(made)
    order, back = graph.backwards(made, sorted({home(file) for file in circle}))
    print(f"  a circle of {size(circle)} files:")
    for file in order:
        print(f"    {short(file)}")
    pairs = back
    if edges:
        pairs = [(file, it) for file in order for it in order if it in made.needs.get(file, {})]
    print("  all needs:" if edges else "  what points back in this order:")
    for file, needed in pairs:
        names = ", ".join(f"{name} ({line})" for name, line in sorted(made.needs[file][needed].items()))
        print(f"    {short(file)} -> {short(needed)}: {names}")


def main(arguments: list[str]) -> int:
    """Prints or checks the circles of the crates that are named, or of all."""
    options = {it for it in arguments if it.startswith("-")}
    names = [it for it in arguments if it not in options]
    crates = roots()
    if options - {"--edges", "--check"} or set(names) - set(crates):
        print(f"usage: circles [{' | '.join(crates)}]… [--edges | --check]", file=sys.stderr)
        return 2
    failed = False
    for name in names or crates:
        count = 0
        for root in crates[name]:
            made = graph.graph(modules.crate(root))
            large = [it for it in graph.circles(made) if size(it) > LIMIT]
            count += sum(size(it) for it in large)
            if large:
                print(f"{name}: {short(root)}")
                for circle in large:
                    show(made, circle, "--edges" in options)
        print(f"{name}: {count} files in circles of more than {LIMIT}")
        failed |= count > 0
    for one in order.orders((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")):
        source = ROOT / one.source
        if names and source.parent.name not in names:
            continue
        made = graph.graph(modules.crate(source / "lib.rs"))
        faults = one.faults(made, source)
        print(f"{source.parent.name}: {len(faults)} faults of the order in ARCHITECTURE.md")
        for fault in faults:
            print(f"  {fault}")
        failed |= bool(faults)
    return int(failed and "--check" in options)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
