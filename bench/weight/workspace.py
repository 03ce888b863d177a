#!/usr/bin/env python3
"""What building this workspace costs those who work on it, in CPU seconds; nothing of it reaches users.

    bench/weight/workspace.py                the driver of the conformance checks, debug and release
    bench/weight/workspace.py --beside REV   the packages and features of an older commit, all targets, there and here
    bench/weight/workspace.py --beside REV --all-features
                                             the same packages with all features that each of the two has, without a limit

The first two fail beyond their limits. Everything is built from nothing in temporary folders, without incremental compilation; the
driver's dependencies are built before it is measured. The two trees are built at the same time, one job each, so that what else
the machine does slows both. REV is a commit in this clone's history.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# CPU seconds for the driver alone.
DRIVER = {"debug": 30, "release": 120}
# Of the CPU seconds that the older tree takes.
BESIDE = 0.85
USER, SYSTEM = 0, 1


def environment(target: Path) -> dict[str, str]:
    kept = {
        key: value
        for key, value in os.environ.items()
        if key == "CARGO_HOME" or not key.startswith(("CARGO_", "RUSTC_"))
    }
    return {**kept, "CARGO_INCREMENTAL": "0", "CARGO_TARGET_DIR": str(target)}


def seconds(tree: Path, target: Path, *arguments: str) -> float:
    """What one cargo takes, with all that it starts."""
    process = subprocess.Popen(
        ["cargo", *arguments, "--quiet", "--locked"], cwd=tree, env=environment(target), stderr=subprocess.PIPE
    )
    assert process.stderr
    errors = process.stderr.read()
    # Of this process alone, though others end at the same time.
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(errors.decode(errors="replace"))
    return used[USER] + used[SYSTEM]


def driver() -> list[str]:
    """Measures the driver; returns what is beyond a limit."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for profile, limit in DRIVER.items():
            build = ["build", "-p", "conformance", *(["--release"] if profile == "release" else [])]
            target = Path(folder) / profile
            seconds(ROOT, target, *build)
            subprocess.run(
                ["cargo", "clean", "--quiet", "-p", "conformance", "--profile", "dev" if profile == "debug" else profile],
                cwd=ROOT, env=environment(target), check=True,
            )
            taken = seconds(ROOT, target, *build)
            print(f"conformance alone, {profile}: {taken:.1f} CPU seconds of {limit}")
            if taken > limit:
                found.append(f"the driver takes {taken:.1f} CPU seconds in {profile}, the limit is {limit}")
    return found


def packages(tree: Path) -> dict[str, list[str]]:
    """The packages of a workspace, each with its features."""
    text = subprocess.check_output(
        ["cargo", "metadata", "--locked", "--no-deps", "--format-version", "1"], cwd=tree, text=True
    )
    return {package["name"]: sorted(package["features"]) for package in json.loads(text)["packages"]}


@contextlib.contextmanager
def checked_out(revision: str, folder: Path) -> Iterator[Path]:
    tree = folder / "tree"
    subprocess.run(["git", "worktree", "add", "--quiet", "--detach", str(tree), revision], cwd=ROOT, check=True)
    try:
        yield tree
    finally:
        subprocess.run(["git", "worktree", "remove", "--force", str(tree)], cwd=ROOT, check=True)


def beside(revision: str, *, all_features: bool) -> list[str]:
    """Measures both trees; returns what is beyond the limit."""
    with tempfile.TemporaryDirectory() as folder, checked_out(revision, Path(folder)) as old:
        had = packages(old)
        named = [argument for name in sorted(had) for argument in ("-p", name)]
        enabled = ",".join(f"{name}/{feature}" for name in sorted(had) for feature in had[name])
        features = ["--all-features"] if all_features else ["--features", enabled]
        for tree in (old, ROOT):
            subprocess.run(["cargo", "fetch", "--quiet", "--locked"], cwd=tree, check=True)
        build = ["build", "-j1", "--all-targets", *features, *named]
        with ThreadPoolExecutor() as both:
            taken = list(both.map(
                lambda it: seconds(it[0], Path(folder) / it[1], *build), [(old, "then"), (ROOT, "now")]
            ))
    then, now = taken
    ratio = now / then
    which = "all features" if all_features else f"the features of {revision}"
    print(f"{', '.join(sorted(had))}, all targets, {which}: {then:.1f} CPU seconds at {revision}, {now:.1f} here; ratio {ratio:.3f}")
    return [f"the ratio is {ratio:.3f}, the limit {BESIDE}"] if ratio > BESIDE and not all_features else []


def main() -> int:
    arguments = sys.argv[1:]
    if not arguments:
        found = driver()
    elif arguments[0] == "--beside" and (len(arguments) == 2 or arguments[2:] == ["--all-features"]):
        found = beside(arguments[1], all_features=len(arguments) == 3)
    else:
        sys.exit(__doc__)
    print("\n".join(found) if found else "within the limits")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
