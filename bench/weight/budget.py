#!/usr/bin/env python3
"""What our own crates cost a build: CPU seconds, size of their rlibs, size of a program.

    bench/weight/budget.py             measures everything and prints tables
    bench/weight/budget.py --check     measures what has a budget (budget.json), fails when one is exceeded
    bench/weight/budget.py --write     measures what has a budget, and makes that the budget

Builds start from nothing in a temporary folder; `default` and `full` share the dependencies, which are the same. CPU
seconds are user and system time of each rustc. They depend on the machine and on what else it does, so the budget is
of what causes them: the lines of LLVM IR that a crate hands to the compiler's back end, before any optimization.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUDGET = HERE / "budget.json"
# A budget may grow by this before it is looked at.
SLACK = 1.10
OURS = ["anthropic_types", "anthropic"]
# The most that a stripped program may have, in bytes.
PROGRAM = {"default": 4_000_000, "full": 4_500_000}
COMMANDS = {
    "check": ["check"],
    "build": ["build"],
    "release": ["build", "--release"],
    "small": ["build", "--profile", "small"],
}

Times = dict[str, float]


def wrapped(log: str, command: list[str]) -> int:
    """Runs rustc and writes down what it took; cargo calls this file for that."""
    # Cargo hands its jobserver down as open files.
    status = subprocess.run(command, close_fds=False).returncode
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    name = command[command.index("--crate-name") + 1] if "--crate-name" in command else ""
    with open(log, "a") as file:
        file.write(json.dumps([name, used.ru_utime + used.ru_stime]) + "\n")
    return status


class Builds:
    """The program `ours`, built in one folder."""

    def __init__(self, work: Path) -> None:
        self.work = work
        program = work / "ours"
        shutil.copytree(HERE / "ours" / "src", program / "src")
        self.text = (HERE / "ours" / "Cargo.toml").read_text().replace("../../..", str(ROOT))
        shutil.copy(ROOT / "Cargo.lock", program / "Cargo.lock")
        self.manifest = program / "Cargo.toml"
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("CARGO_")},
            "CARGO_INCREMENTAL": "0",
        }
        if "CARGO_HOME" in os.environ:
            self.environment["CARGO_HOME"] = os.environ["CARGO_HOME"]

    def choose(self, features: str) -> None:
        """Makes the program one with these features of the SDK."""
        dependency = f'path = "{ROOT}/crates/anthropic"'
        chosen = dependency if features == "default" else f'{dependency}, features = ["{features}"]'
        self.manifest.write_text(self.text.replace(dependency, chosen))

    def target(self, command: str) -> Path:
        return self.work / f"target-{command}"

    def run(self, command: str, features: str) -> Times:
        """Builds, and answers the CPU seconds of each crate that was compiled."""
        log = self.work / f"{command}-{features}.log"
        self.choose(features)
        wrapper = self.work / "wrapper"
        wrapper.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{__file__}" --wrapped "$BUDGET_LOG" "$@"\n')
        wrapper.chmod(0o755)
        subprocess.run(
            ["cargo", *COMMANDS[command], "--quiet", "--manifest-path", str(self.manifest),
             "--target-dir", str(self.target(command))],
            env={**self.environment, "RUSTC_WRAPPER": str(wrapper), "BUDGET_LOG": str(log)},
            check=True,
        )
        times: Times = {}
        for line in log.read_text().splitlines():
            name, seconds = json.loads(line)
            times[name] = times.get(name, 0.0) + seconds
        return times

    def ir_lines(self, package: str, features: str) -> int:
        """How many lines of LLVM IR a crate is before it is optimized."""
        self.choose(features)
        deps = self.target("small") / "small" / "deps"
        crate = package.replace("-", "_")
        for old in deps.glob(f"{crate}-*.ll"):
            old.unlink()
        subprocess.run(
            ["cargo", "rustc", "--quiet", "--profile", "small", "--manifest-path", str(self.manifest),
             "--target-dir", str(self.target("small")), "-p", package, "--lib",
             "--", "--emit=llvm-ir", "-C", "no-prepopulate-passes", "-C", "lto=off"],
            env=self.environment,
            check=True,
        )
        with open(next(deps.glob(f"{crate}-*.ll"))) as lines:
            return sum(1 for _ in lines)

    def rlib(self, command: str, crate: str) -> int:
        """The newest rlib of a crate."""
        found = self.target(command).glob(f"*/deps/lib{crate}-*.rlib")
        return max(found, key=lambda path: path.stat().st_mtime).stat().st_size

    def program(self) -> int:
        return (self.target("small") / "small" / "ours").stat().st_size


Measured = dict[str, dict[str, int]]


def budgeted(builds: Builds) -> Measured:
    """What has a budget. Both are the same in every run of the same compiler."""
    measured: Measured = {}
    for features in ["default", "full"]:
        builds.run("small", features)
        measured[features] = {
            "program_bytes": builds.program(),
            "types_ir_lines": builds.ir_lines("anthropic-types", features),
            "client_ir_lines": builds.ir_lines("anthropic", features),
        }
    return measured


def show(measured: Measured) -> None:
    print("| features | program, bytes | types, lines of LLVM IR | client, lines of LLVM IR |")
    print("|---|---|---|---|")
    for features, values in measured.items():
        print("|", " | ".join([features, *(f"{value:,}" for value in values.values())]), "|")


def problems(measured: Measured) -> list[str]:
    found = []
    budget = json.loads(BUDGET.read_text())
    for features, values in measured.items():
        for key, value in values.items():
            if value > budget[features][key] * SLACK:
                found.append(f"{features}: {key} is {value:,}, the budget {budget[features][key]:,} and a tenth")
        if values["program_bytes"] > PROGRAM[features]:
            found.append(f"{features}: the program has {values['program_bytes']:,} bytes")
    return found


def everything(builds: Builds) -> None:
    """What has no budget: CPU seconds of every command, and sizes of rlibs."""
    print("| command | features | CPU seconds | types | client | types, rlib bytes | client, rlib bytes |")
    print("|---|---|---|---|---|---|---|")
    for command in ["check", "build", "release"]:
        base: Times = {}
        for features in ["default", "full"]:
            base = {**base, **builds.run(command, features)}
            cpu = [sum(base.values()), *(base[crate] for crate in OURS)]
            rlibs = ["", ""] if command == "check" else [f"{builds.rlib(command, crate):,}" for crate in OURS]
            print("|", " | ".join([command, features, *(f"{seconds:.1f}" for seconds in cpu), *rlibs]), "|")


def main() -> int:
    arguments = sys.argv[1:]
    if arguments[:1] == ["--wrapped"]:
        return wrapped(arguments[1], arguments[2:])
    with tempfile.TemporaryDirectory() as folder:
        builds = Builds(Path(folder))
        if not arguments:
            everything(builds)
        measured = budgeted(builds)
    show(measured)
    print(f"{platform.machine()}, {subprocess.check_output(['rustc', '--version'], text=True).strip()}")
    if arguments == ["--write"]:
        BUDGET.write_text(json.dumps(measured, indent=2) + "\n")
    if arguments == ["--check"]:
        found = problems(measured)
        print("\n".join(found) if found else "within the budgets")
        return 1 if found else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
