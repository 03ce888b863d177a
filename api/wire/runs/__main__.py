"""Command line: `python -m wire.runs PROGRAM` (from the directory two above this one)."""

from __future__ import annotations

import argparse
import logging
import sys
import warnings
from collections import Counter
from fnmatch import fnmatchcase
from pathlib import Path

from ..compare import Driver
from ..record import KEY
from ..server import Recorder
from .case import load
from .compare import Both
from .official import Official
from .script import Script


def main() -> int:
    parser = argparse.ArgumentParser(prog="wire.runs")
    parser.add_argument("program", type=Path, help="the `conformance` program")
    parser.add_argument("--only", action="append", metavar="PATTERN", help="cases to run, such as `tools.*`")
    parser.add_argument("--full", action="store_true", help="plain and streamed, each with and without `async`")
    parser.add_argument("--table", action="store_true", help="print what differs on purpose")
    arguments = parser.parse_args()

    cases = list(load())
    if arguments.only:
        cases = [it for it in cases if any(fnmatchcase(it.name, pattern) for pattern in arguments.only)]
    if arguments.table:
        for case in cases:
            for entry in case.differences:
                print(f"{case.name}: {entry.reason}")
        return 0
    # A tool that fails is logged there.
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    count, failed = 0, set()
    with Recorder(Script([])) as recorder, Official(recorder) as official:
        variables = {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": recorder.url}
        with Driver([arguments.program], variables) as driver:
            both = Both(recorder, official, driver)
            for verdict in (it for case in cases for it in both.verdicts(case, arguments.full)):
                count += 1
                if not verdict.passed:
                    failed.add(verdict.case)
                    print("\n".join(verdict.lines()))
    expected = Counter(case.expect for case in cases)
    print(
        f"{len(cases)} conversations, {count} runs: {expected['alike']} alike, {expected['differs']} differ on "
        f"purpose, {len(failed)} failed"
    )
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
