#!/usr/bin/env python3
"""Holds decoding to its limits: `bench/decode/limit.py FOLDER`, with the programs `repeat` and `fields`.

Counts instructions with callgrind, which are the same in every run, and not time. What a repetition takes is the
difference of eleven and of one, so that start-up and the making of the documents are no part of it.
"""

from __future__ import annotations

import re
import subprocess
import sys

MORE, FEWER = 11, 1
# How many times the instructions of borrowed structs with serde's derive ours may take.
LIMIT = 1.3
# How much more twice as many unknown fields may take; four times is what looking at all others for each would.
TWICE = 2.3
DOUBLED = {"unknown fields": "unknown", "a known field again among them": "again"}
FIELDS = 8_000
PAIRS = {"a page of models": ("call", "models-borrowed"), "a message": ("message", "message-flat")}


def collected(output: str) -> int:
    """The instructions that callgrind says it has seen."""
    found = re.search(r"^==\d+== Collected : (\d+)$", output, re.MULTILINE)
    if found is None:
        raise ValueError(f"callgrind counted nothing:\n{output}")
    return int(found[1])


def instructions(program: str, case: str, number: int) -> int:
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, case, str(number)]
    run = subprocess.run(command, stderr=subprocess.PIPE, text=True)
    if run.returncode:
        raise ChildProcessError(f"{case} failed:\n{run.stderr}")
    return collected(run.stderr)


def each(program: str, case: str) -> float:
    """What one repetition of a case takes."""
    taken = instructions(program, case, MORE) - instructions(program, case, FEWER)
    # A case that does nothing would pass every limit.
    if taken < 1_000_000:
        raise ValueError(f"{case} does next to nothing: {taken} instructions")
    return taken / (MORE - FEWER)


def main() -> int:
    (folder,) = sys.argv[1:]
    program = f"{folder}/repeat"
    print("| document | ours, million instructions | borrowed | ratio |")
    print("|---|---|---|---|")
    exceeded = False
    for name, (ours, borrowed) in PAIRS.items():
        taken, floor = each(program, ours), each(program, borrowed)
        ratio = taken / floor
        exceeded |= ratio > LIMIT
        print(f"| {name} | {taken / 1e6:.2f} | {floor / 1e6:.2f} | {ratio:.3f} |")
    print("\n| what is read | million instructions | twice as many | ratio |")
    print("|---|---|---|---|")
    for name, case in DOUBLED.items():
        once, twice = (instructions(f"{folder}/fields", case, count) for count in (FIELDS, 2 * FIELDS))
        exceeded |= twice / once > TWICE
        print(f"| {name} | {once / 1e6:.2f} | {twice / 1e6:.2f} | {twice / once:.3f} |")
    print(f"above a limit of {LIMIT} and {TWICE}" if exceeded else f"within the limits of {LIMIT} and {TWICE}")
    return 1 if exceeded else 0


if __name__ == "__main__":
    sys.exit(main())
