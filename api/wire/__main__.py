"""Command line: `python -m wire PROGRAM` (from the directory above this one)."""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from collections import Counter
from pathlib import Path

from . import generate
from .compare import load_allowed, outcomes
from .description import API, Description
from .platforms import PLATFORMS, platform_outcomes
from .record import record

SHOWN = 20


def main() -> int:
    parser = argparse.ArgumentParser(prog="wire")
    parser.add_argument("program", type=Path, help="the `conformance` program")
    parser.add_argument("--only", action="append", metavar="PATTERN", help="calls to make, such as `beta.*`")
    parser.add_argument("--seed", type=int, default=generate.SEED, help="that of the arguments")
    parser.add_argument("--all", action="store_true", help="show every difference")
    parser.add_argument("--platform", action="append", choices=PLATFORMS, help="compare with this cloud's client")
    parser.add_argument("--platforms", action="store_true", help="compare with the clients of all clouds")
    arguments = parser.parse_args()

    usual, generate.SEED = generate.SEED, arguments.seed
    description = Description(arguments.only)
    platforms = list(PLATFORMS) if arguments.platforms else arguments.platform
    if platforms:
        allowed = load_allowed(API / "wire" / "platforms.toml")
        # Whether each of these is needed is seen without a cloud.
        shared = load_allowed(API / "wire" / "differences.toml")
        found = itertools.chain.from_iterable(
            platform_outcomes(description, arguments.program, name) for name in platforms
        )
    else:
        allowed = load_allowed(API / "wire" / "differences.toml")
        shared = []
        found = outcomes(description, arguments.program, record(description))
    calls: Counter[str] = Counter()
    failed = 0
    for outcome in found:
        calls[outcome.call] += 1
        bare = outcome.call.rpartition(":")[2]
        meant = [
            difference
            for difference in outcome.differences
            if any(entry.allows(outcome.call, outcome.arguments, difference) for entry in allowed)
            or any(entry.allows(bare, outcome.arguments, difference) for entry in shared)
        ]
        others = [difference for difference in outcome.differences if difference not in meant]
        if not others:
            continue
        failed += 1
        if failed <= SHOWN or arguments.all:
            print(f"{outcome.call} (by {outcome.by}) {json.dumps(outcome.arguments, ensure_ascii=False)[:300]}")
            for difference in others:
                print(f"    {difference}")

    # Other arguments may have no need of the rarer ones.
    is_all = not arguments.only and (not platforms or len(platforms) == len(PLATFORMS)) and arguments.seed == usual
    unused = [entry for entry in allowed if not entry.used and is_all]
    for entry in unused:
        print(f"differences.toml allows what does not occur: {entry.at} of {entry.calls}")
    print(f"{calls.total() - failed} passed, {failed} failed ({len(calls)} methods)")
    return 1 if failed or unused or not calls else 0


if __name__ == "__main__":
    sys.exit(main())
