#!/usr/bin/env python3
"""What the rules on conversations cost: `bench/simulator/rules.py FOLDER`, with the programs `server` and `load` in it.

Counts the simulator's instructions with callgrind, with and without the rules. What a request takes is the difference of
many and of a few, so that the start and what is made only once are no part of it.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

# `load` sends a tenth more, to warm up.
MORE, FEWER = 400, 100
WARM = 1.1
# How much more a plain request may take with the rules.
LIMIT = 1.1


def instructions(programs: Path, rules: str, load: str, requests: int) -> int:
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    command += [programs / "server", rules, "10"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        url = server.stdout.readline().strip()
        done = subprocess.run([programs / "load", load, url, str(requests)], capture_output=True, text=True)
    finally:
        server.terminate()
    _, counted = server.communicate()
    if done.returncode:
        raise ChildProcessError(f"{load} failed:\n{done.stderr}")
    found = re.search(r"^==\d+== Collected : (\d+)$", counted, re.MULTILINE)
    if found is None:
        raise ValueError(f"callgrind counted nothing:\n{counted}")
    return int(found[1])


def each(programs: Path, rules: str, load: str) -> float:
    """What one request takes."""
    taken = instructions(programs, rules, load, MORE) - instructions(programs, rules, load, FEWER)
    # A server that does nothing would pass every limit.
    if taken < 10_000 * (MORE - FEWER):
        raise ValueError(f"{rules}, {load}: next to nothing is done, {taken} instructions")
    return taken / ((MORE - FEWER) * WARM)


def main() -> int:
    programs = Path(sys.argv[1])
    print("| request | thousand instructions | without rules | ratio |")
    print("|---|---|---|---|")
    exceeded = False
    for name, load in {"plain": "plain", "50 turns with a tool": "turns"}.items():
        taken, without = (each(programs, rules, load) for rules in ("simulator", "lenient"))
        ratio = taken / without
        exceeded |= load == "plain" and ratio > LIMIT
        print(f"| {name} | {taken / 1e3:.0f} | {without / 1e3:.0f} | {ratio:.3f} |")
    print(f"above the limit of {LIMIT}" if exceeded else f"within the limit of {LIMIT}")
    return 1 if exceeded else 0


if __name__ == "__main__":
    sys.exit(main())
