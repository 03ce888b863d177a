"""Command line: `python -m roundtrip PROGRAM` (from the directory above this one)."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from .catalog import Official, official_types
from .compare import differences
from .generate import SEED, VALUES, Generator

EXCEPTIONS = Path(__file__).parent / "exceptions.toml"
SHOWN = 20
NAMES = {"model": "response models", "dict": "request dictionaries", "alias": "unions and sets of strings"}


@dataclass
class Exception_:
    """Types whose values are not expected to come back, and why."""

    types: list[str]
    reason: str
    used: int = 0

    def covers(self, official: Official) -> bool:
        covers = any(fnmatchcase(str(official), pattern) for pattern in self.types)
        self.used += covers
        return covers


def load_exceptions() -> list[Exception_]:
    with EXCEPTIONS.open("rb") as file:
        return [Exception_(**entry) for entry in tomllib.load(file).get("exception", [])]


def lines(officials: list[Official], count: int, seed: int) -> Iterator[tuple[Official, Any]]:
    for official in officials:
        for value in Generator(official, seed).values(count):
            yield official, value


def answers(program: Path, sent: list[tuple[Official, Any]]) -> Iterator[dict[str, Any]]:
    """What the program answers, line by line."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as file:
        for official, value in sent:
            line = {"module": official.module, "type": official.name, "value": value}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
        file.seek(0)
        with subprocess.Popen([program], stdin=file, stdout=subprocess.PIPE) as process:
            assert process.stdout
            for answer in process.stdout:
                yield json.loads(answer)


def problem(value: Any, answer: dict[str, Any]) -> str | None:
    if not answer["ok"]:
        return str(answer["error"])
    return next(differences(value, answer["value"]), None)


def main() -> int:
    parser = argparse.ArgumentParser(prog="roundtrip")
    parser.add_argument("program", type=Path, help="the `conformance` program")
    parser.add_argument("--values", type=int, default=VALUES, help="how many of each type")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--all", action="store_true", help="show every type that fails")
    arguments = parser.parse_args()

    exceptions = load_exceptions()
    officials = official_types()
    sent = list(lines(officials, arguments.values, arguments.seed))
    failed: dict[str, list[str]] = {}
    for (official, value), answer in zip(sent, answers(arguments.program, sent), strict=True):
        found = problem(value, answer)
        if found and not any(exception.covers(official) for exception in exceptions):
            failed.setdefault(str(official), []).append(f"{found}\n    {json.dumps(value, ensure_ascii=False)[:600]}")

    for name, problems in list(failed.items())[: None if arguments.all else SHOWN]:
        print(f"{name}, {len(problems)} times: {problems[0]}")
    unused = [exception for exception in exceptions if not exception.used]
    for exception in unused:
        print(f"exceptions.toml has what passes: {exception.types}")
    totals: Counter[str] = Counter(official.kind for official in officials)
    for kind, words in NAMES.items():
        bad = sum(1 for official in officials if official.kind == kind and str(official) in failed)
        print(f"{totals[kind] - bad} of {totals[kind]} {words} × {arguments.values} values pass")
    return 1 if failed or unused or not totals["model"] else 0


if __name__ == "__main__":
    sys.exit(main())
