"""Command line: `python -m roundtrip PROGRAM` (from the directory above this one)."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .catalog import Official, official_types, without_type
from .compare import differences
from .generate import SEED, VALUES, Generator

SHOWN = 20
NAMES = {"model": "response models", "dict": "request dictionaries", "alias": "unions and sets of strings"}


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

    excepted = without_type()
    officials = [official for official in official_types() if str(official) not in excepted]
    sent = list(lines(officials, arguments.values, arguments.seed))
    failed: dict[str, list[str]] = {}
    for (official, value), answer in zip(sent, answers(arguments.program, sent), strict=True):
        if found := problem(value, answer):
            text = json.dumps(value, ensure_ascii=False)[:600]
            failed.setdefault(str(official), []).append(f"{found}\n    {text}")

    for name, problems in list(failed.items())[: None if arguments.all else SHOWN]:
        print(f"{name}, {len(problems)} times: {problems[0]}")
    totals: Counter[str] = Counter(official.kind for official in officials)
    for kind, words in NAMES.items():
        bad = sum(1 for official in officials if official.kind == kind and str(official) in failed)
        print(f"{totals[kind] - bad} of {totals[kind]} {words} × {arguments.values} values pass")
    print(f"{len(excepted)} names have no type here; api/overlay.toml says why")
    return 1 if failed or not totals["model"] else 0


if __name__ == "__main__":
    sys.exit(main())
