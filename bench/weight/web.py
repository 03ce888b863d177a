#!/usr/bin/env python3
"""That the feature `web` costs other targets nothing: the same crates, and the same code but for one method.

    bench/weight/web.py     prints a table for bench/README.md, and fails where there is more

The program `ours` has the default features alone, and then `web`, too. The crates of both have to be the same, and none of
them a bridge to JavaScript. Then the client is compiled without and with the feature's code, and its LLVM IR before any
optimization compared: every function has to be there as it was, so it is as large and executes the same instructions. What
comes with the feature is `ClientBuilder::dangerous_allow_browser` alone, with the instance of `header` that it calls, so that
code for several targets can call it. The code is switched on past cargo, whose hash of a crate's features is in all names and decides what is inlined.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from budget import Builds, count_crates, table

CHOICES = ["default", "web"]
BRIDGES = {"js-sys", "wasm-bindgen", "wasm-bindgen-futures", "web-sys"}
ALLOWED = ("dangerous_allow_browser", "ClientBuilder6header")
COMPILER = """\
#!/bin/sh
case " $WITH_WEB $* " in
' yes '*' --crate-name anthropic '*) exec "$@" --cfg 'feature="web"' ;;
esac
exec "$@"
"""
FUNCTION = re.compile(r'^define [^\n]*?@("[^"\n]+"|[\w.$]+)\(.*?^}$', re.MULTILINE | re.DOTALL)
# Constants, attributes and metadata are numbered as they come.
NUMBERED = re.compile(r"\b(?:anon|alloc|vtable)[._][0-9a-zA-Z_.]+|[#!]\d+")


def functions(text: str) -> dict[str, str]:
    """The functions of LLVM IR by their names, without numbers that others shift."""
    return {found[1]: NUMBERED.sub("_", found[0]) for found in FUNCTION.finditer(text)}


def differences(without: dict[str, str], with_web: dict[str, str]) -> list[str]:
    """The functions that are missing, others, or more than what the feature may bring."""
    missing = [f"{name} is missing" for name in without if name not in with_web]
    changed = [f"{name} is another" for name, body in without.items() if with_web.get(name, body) != body]
    more = [f"{name} is more" for name in with_web if name not in without and not any(it in name for it in ALLOWED)]
    return [*missing, *changed, *more]


def ir(builds: Builds, with_web: bool) -> str:
    """The client's IR."""
    builds.environment["WITH_WEB"] = "yes" if with_web else "no"
    builds.choose("default")
    target = builds.target("ir")
    builds.cargo("clean", "--package", "anthropic", "--target-dir", str(target))
    command = ["cargo", "rustc", "--quiet", "--manifest-path", str(builds.manifest), "--target-dir", str(target)]
    command += ["--package", "anthropic", "--lib", "--", "--emit=llvm-ir", "-C", "codegen-units=1", "-C", "debuginfo=0"]
    subprocess.run(command, env=builds.environment, check=True)
    return next((target / "debug" / "deps").glob("anthropic-*.ll")).read_text()


def main() -> int:
    problems = []
    with tempfile.TemporaryDirectory() as folder:
        builds = Builds(Path(folder))
        compiler = Path(folder) / "compiler"
        compiler.write_text(COMPILER)
        compiler.chmod(0o755)
        builds.environment |= {"RUSTC_WRAPPER": str(compiler), "CARGO_PROFILE_DEV_DEBUG": "false"}
        trees = []
        for features in CHOICES:
            builds.choose(features)
            trees.append(builds.cargo("tree", "-e", "normal", "--prefix", "none"))
        counted = [functions(ir(builds, with_web)) for with_web in (False, True)]
    found = sorted(BRIDGES & {line.split()[0] for line in trees[0].splitlines() if line})
    problems += [f"a client without the feature `web` has {name}" for name in found]
    if trees[0] != trees[1]:
        problems.append("with the feature `web` there are other crates")
    if not counted[0]:
        problems.append("no functions were found")
    problems += differences(*counted)
    lines = [sum(body.count("\n") + 1 for body in them.values()) for them in counted]
    rows = [[features, str(count_crates(tree)), f"{len(them):,}", f"{count:,}"]
            for features, tree, them, count in zip(CHOICES, trees, counted, lines)]
    print(table(["features, profile `dev`", "crates", "client, functions", "their lines of LLVM IR"], rows))
    for name in sorted(counted[1].keys() - counted[0].keys()):
        print(f"with `web` alone: {name}")
    print("\n".join(problems[:20]) if problems else "the same")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
