#!/usr/bin/env python3
"""What the SDK costs a build: CPU seconds, number of crates, size of our own rlibs, size of a program.

    bench/weight/budget.py                     measures everything, prints tables, fails when a budget is exceeded
    bench/weight/budget.py --check             measures what has a budget (budget.json), fails when one is exceeded
    bench/weight/budget.py --check default     does so for one choice of features
    bench/weight/budget.py --write             measures what has a budget, and makes that the budget
    bench/weight/budget.py --tools             measures what tools add to a build from nothing, and fails beyond the limit

Builds start from nothing in a temporary folder; `default` and `full` share the dependencies, which are the same. CPU
seconds are user and system time of cargo and all that it starts, compilers of C and linkers among them; those of our
crates are of each rustc. They depend on the machine and on what else it does, so the budget is of what causes them:
the lines of LLVM IR that a crate hands to the compiler's back end, before any optimization, and what there is to build.
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
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUDGET = HERE / "budget.json"
# A budget may grow by this before it is looked at; a crate more is always looked at.
SLACK = 1.10
EXACT = {"crates"}
OURS = ["anthropic_types", "anthropic"]
PROGRAM_NAME = "ours"
# The most that a stripped program may have, in bytes.
PROGRAM = {"default": 4_000_000, "full": 4_500_000}
# How many times the CPU seconds of a build with the default features one with tools may take: the run, schemars and
# the macros.
TOOLS, WITH_TOOLS = 1.25, "macros"
# What the folders of files are called in what is built.
PATHS = {ROOT: "/sdk", os.environ.get("CARGO_HOME", Path.home() / ".cargo"): "/cargo"}
COMMANDS = {
    "check": ["check"],
    "build": ["build"],
    "release": ["build", "--release"],
    "small": ["build", "--profile", "small"],
}

Times = dict[str, float]


class Run(NamedTuple):
    """The CPU seconds of a build: in total, and of each crate of ours that was compiled."""

    total: float
    crates: Times


def from_nothing(first: Run, again: Run) -> Run:
    """What a build would have taken that had its dependencies from another one, had it started from nothing."""
    kept = first.total - sum(first.crates.get(crate, 0.0) for crate in again.crates)
    return Run(kept + again.total, {**first.crates, **again.crates})


def logged(text: str) -> Times:
    """What `wrapped` wrote, summed up by crate."""
    times: Times = {}
    for line in text.splitlines():
        name, seconds = json.loads(line)
        times[name] = times.get(name, 0.0) + seconds
    return times


def count_crates(tree: str) -> int:
    """How many crates there are in what `cargo tree --prefix none` prints, without the program."""
    crates = {line.removesuffix(" (*)") for line in tree.splitlines() if line}
    return len({crate for crate in crates if crate.split()[0] != PROGRAM_NAME})


def wrapped(log: str, command: list[str]) -> int:
    """Runs rustc and writes down what it took, and how it was run; cargo calls this file for that."""
    # Cargo hands its jobserver down as open files.
    status = subprocess.run(command, close_fds=False).returncode
    name = command[command.index("--crate-name") + 1] if "--crate-name" in command else ""
    with open(log, "a") as file:
        file.write(json.dumps([name, cpu_seconds()]) + "\n")
    # Without that jobserver, which has gone when the command is run again.
    environment = {key: value for key, value in os.environ.items() if not key.endswith("MAKEFLAGS")}
    started = {"args": command, "cwd": os.getcwd(), "env": environment}
    Path(f"{log}.{name}").write_text(json.dumps(started))
    return status


def to_ir(command: list[str], file: Path) -> list[str]:
    """A command of rustc's that writes a crate's LLVM IR before any optimization, and nothing else."""
    kept = [argument for argument in command if not argument.startswith(("--emit=", "--error-format=", "--json="))]
    return [*kept, f"--emit=llvm-ir={file}", "-C", "no-prepopulate-passes", "-C", "lto=off"]


def cpu_seconds() -> float:
    """What all the processes took that have been started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


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
            # A crate contains the paths of its files; where they lie is not to count.
            "RUSTFLAGS": " ".join(f"--remap-path-prefix={path}={name}" for path, name in PATHS.items()),
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

    def cargo(self, *arguments: str, environment: dict[str, str] | None = None) -> str:
        command = ["cargo", *arguments, "--quiet", "--manifest-path", str(self.manifest)]
        run = subprocess.run(
            command, env={**self.environment, **(environment or {})}, check=True, stdout=subprocess.PIPE, text=True
        )
        return run.stdout

    def fetch(self) -> None:
        """Downloads the crates, so that the network is not measured."""
        self.choose("full")
        self.cargo("fetch")

    def run(self, command: str, features: str) -> Run:
        """Builds, and answers what that took."""
        log = self.work / f"{command}-{features}.log"
        self.choose(features)
        wrapper = self.work / "wrapper"
        # Everything else is started without Python, which would be measured too.
        ours = "|".join(f"*' --crate-name {crate} '*" for crate in [*OURS, PROGRAM_NAME])
        wrapper.write_text(
            f'#!/bin/sh\ncase " $* " in {ours}) '
            f'exec "{sys.executable}" "{__file__}" --wrapped "$BUDGET_LOG" "$@";; esac\nexec "$@"\n'
        )
        wrapper.chmod(0o755)
        before = cpu_seconds()
        self.cargo(
            *COMMANDS[command], "--target-dir", str(self.target(command)),
            environment={"RUSTC_WRAPPER": str(wrapper), "BUDGET_LOG": str(log)},
        )
        return Run(cpu_seconds() - before, logged(log.read_text()))

    def crates(self, features: str) -> int:
        self.choose(features)
        return count_crates(self.cargo("tree", "-e", "normal", "--prefix", "none"))

    def ir_lines(self, package: str, features: str) -> int:
        """How many lines of LLVM IR a crate is before it is optimized."""
        # As the build in the profile `small` has run rustc, without cargo, which would make an rlib of it too.
        crate = package.replace("-", "_")
        started = json.loads((self.work / f"small-{features}.log.{crate}").read_text())
        file = self.work / f"{crate}.ll"
        subprocess.run(to_ir(started["args"], file), cwd=started["cwd"], env=started["env"], check=True)
        with open(file) as lines:
            return sum(1 for _ in lines)

    def rlib(self, command: str, crate: str) -> int:
        """The newest rlib of a crate."""
        found = self.target(command).glob(f"*/deps/lib{crate}-*.rlib")
        return max(found, key=lambda path: path.stat().st_mtime).stat().st_size

    def program(self, command: str) -> int:
        return (self.target(command) / command / PROGRAM_NAME).stat().st_size


Measured = dict[str, dict[str, int]]

LABELS = {
    "crates": "crates",
    "program_bytes": "program, bytes",
    "types_rlib_bytes": "types, rlib bytes",
    "client_rlib_bytes": "client, rlib bytes",
    "types_ir_lines": "types, lines of LLVM IR",
    "client_ir_lines": "client, lines of LLVM IR",
}


def budgeted(builds: Builds, choices: list[str]) -> Measured:
    """What has a budget, in the profile `small`. It is the same in every run of the same compiler."""
    measured: Measured = {}
    for features in choices:
        builds.run("small", features)
        measured[features] = {
            "crates": builds.crates(features),
            "program_bytes": builds.program("small"),
            "types_rlib_bytes": builds.rlib("small", "anthropic_types"),
            "client_rlib_bytes": builds.rlib("small", "anthropic"),
            "types_ir_lines": builds.ir_lines("anthropic-types", features),
            "client_ir_lines": builds.ir_lines("anthropic", features),
        }
    return measured


def table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def shown(measured: Measured) -> str:
    rows = [[features, *(f"{values[key]:,}" for key in LABELS)] for features, values in measured.items()]
    return table(["features, profile `small`", *LABELS.values()], rows)


def problems(measured: Measured, budget: Measured) -> list[str]:
    found = []
    for features, values in measured.items():
        for key, value in values.items():
            allowed = budget.get(features, {}).get(key)
            if allowed is None:
                found.append(f"{features}: {key} has no budget; --write makes one")
            elif value > allowed * (1 if key in EXACT else SLACK):
                more = "" if key in EXACT else " and a tenth"
                found.append(f"{features}: {key} is {value:,}, the budget {allowed:,}{more}")
        if values["program_bytes"] > PROGRAM[features]:
            found.append(f"{features}: the program has {values['program_bytes']:,} bytes")
    return found


def everything(builds: Builds) -> str:
    """What has no budget: the CPU seconds of every command, and the sizes of what a release is made of."""
    builds.fetch()
    header = ["command", "features", "CPU seconds in total", "types", "client", "both, of the total",
              "types, rlib bytes", "client, rlib bytes", "stripped program, bytes"]
    rows = []
    for command in ["check", "build", "release"]:
        first = builds.run(command, "default")
        rows.append(row(command, "default", first, sizes(builds, command)))
        full = from_nothing(first, builds.run(command, "full"))
        rows.append(row(command, "full", full, sizes(builds, command)))
    return table(header, rows)


def with_tools(folder: Path) -> tuple[str, list[str]]:
    """What `cargo build` takes from nothing without and with tools, and what is beyond the limit."""
    seconds = []
    for features in ["default", WITH_TOOLS]:
        work = folder / features
        work.mkdir()
        builds = Builds(work)
        builds.fetch()
        seconds.append(builds.run("build", features).total)
    ratio = seconds[1] / seconds[0]
    header = ["`cargo build`, features", "CPU seconds", "ratio"]
    rows = [["default", f"{seconds[0]:.1f}", "1"], [f"`{WITH_TOOLS}`", f"{seconds[1]:.1f}", f"{ratio:.2f}"]]
    beyond = [f"with tools a build takes {ratio:.2f} times as long, the limit is {TOOLS}"] if ratio > TOOLS else []
    return table(header, rows), beyond


def row(command: str, features: str, run: Run, sizes: list[int | None]) -> list[str]:
    ours = [run.crates[crate] for crate in OURS]
    seconds = [f"{seconds:.1f}" for seconds in [run.total, *ours]]
    share = f"{sum(ours) / run.total:.0%}"
    return [" ".join(["cargo", *COMMANDS[command]]), features, *seconds, share,
            *("" if size is None else f"{size:,}" for size in sizes)]


def sizes(builds: Builds, command: str) -> list[int | None]:
    """Of our two rlibs and of the program, where there are any; only a release is stripped."""
    if command == "check":
        return [None, None, None]
    rlibs = [builds.rlib(command, crate) for crate in OURS]
    return [*rlibs, builds.program(command) if command == "release" else None]


def main() -> int:
    arguments = sys.argv[1:]
    if arguments[:1] == ["--wrapped"]:
        return wrapped(arguments[1], arguments[2:])
    found: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        builds = Builds(Path(folder))
        if not arguments:
            print(everything(builds), end="\n\n")
        if arguments in ([], ["--tools"]):
            shown_tools, found = with_tools(Path(folder))
            print(shown_tools, end="\n\n")
        if arguments == ["--tools"]:
            print("\n".join(found) if found else "within the limit")
            return 1 if found else 0
        measured = budgeted(builds, arguments[1:] or list(PROGRAM))
    print(shown(measured))
    print(f"{platform.machine()}, {subprocess.check_output(['rustc', '--version'], text=True).strip()}")
    if arguments == ["--write"]:
        BUDGET.write_text(json.dumps(measured, indent=2) + "\n")
    if arguments[:1] != ["--write"]:
        found += problems(measured, json.loads(BUDGET.read_text()))
        print("\n".join(found) if found else "within the budgets")
        return 1 if found else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
