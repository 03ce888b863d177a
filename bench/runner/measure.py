#!/usr/bin/env python3
"""What the run of tools costs beside the same loop by hand: `bench/runner/measure.py PROGRAM`.

A turn is a request to a local server in a process of its own, its response, and a call of a tool that does next to
nothing; the conversation that is sent grows with each. CPU time, user and system, is the least of processes of both
ways in turns, since whatever else the machine does adds to it. The server has a core to itself, and so have the others:
where the kernel chooses, a turn takes 15 µs on one core and 60 on two. Instructions are callgrind's, of all conversations
but a process's first. What a process takes to start is in neither: one with no conversation is taken off, or with one.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable

# Turns of a conversation, and how many conversations a process has: for its CPU time, and for its instructions after the
# first one.
SIZES = {10: (300, 10), 100: (30, 3), 1_000: (2, 1)}
REPEAT = 15
# How many times the CPU time of the loop the run may take, and how many microseconds more a turn.
RATIO, MORE = 1.05, 50
# How many times its instructions, by turns: they are the same in every run, and what a run takes beyond a loop does not
# grow with the conversation. How many times its memory.
COUNT = {10: 1.05, 100: 1.02, 1_000: 1.01}
MEMORY = 1.05
WAYS = ("run", "loop")


# callgrind counts each byte that `rep movsb` copies as an instruction, so memory is copied without it.
COPY = {"GLIBC_TUNABLES": "glibc.cpu.x86_rep_movsb_threshold=1000000000"}


def instructions(program: str, url: str, way: str, turns: int, conversations: int) -> int:
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, way, url, str(turns), str(conversations)]
    run = subprocess.run(command, env={**os.environ, **COPY}, capture_output=True, text=True, check=True)
    found = re.search(r"^==\d+== Collected : (\d+)$", run.stderr, re.MULTILINE)
    if found is None:
        raise ValueError(f"callgrind counted nothing:\n{run.stderr}")
    return int(found[1])


def on_core(index: int) -> Callable[[], None]:
    """What keeps a process on one of the cores."""
    cores = sorted(os.sched_getaffinity(0))
    return lambda: os.sched_setaffinity(0, {cores[index % len(cores)]})


def once(program: str, url: str, way: str, turns: int, conversations: int) -> tuple[float, int, str]:
    """CPU microseconds and peak KiB of one process, and what it printed."""
    process = subprocess.Popen(
        [program, way, url, str(turns), str(conversations)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=on_core(1),
    )
    assert process.stdout and process.stderr
    said = process.stdout.read()
    peak = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise ChildProcessError(f"{way} {turns} failed")
    return (used.ru_utime + used.ru_stime) * 1e6, int(peak), said


def measured(program: str, url: str, turns: int, conversations: int) -> dict[str, tuple[float, int]]:
    taken: dict[str, list[tuple[float, int]]] = {way: [] for way in WAYS}
    said = set()
    for _ in range(REPEAT):
        for way in WAYS:
            time, memory, words = once(program, url, way, turns, conversations)
            taken[way].append((time, memory))
            said.add(words)
    if len(said) != 1:
        raise ValueError(f"the two ways had different conversations: {said}")
    return {
        way: (min(it[0] for it in runs), max(it[1] for it in runs)) for way, runs in taken.items()
    }


def main() -> int:
    (program,) = sys.argv[1:]
    with subprocess.Popen([program, "serve"], stdout=subprocess.PIPE, text=True, preexec_fn=on_core(0)) as server:
        assert server.stdout
        try:
            return compared(program, server.stdout.readline().strip())
        finally:
            server.kill()


def compared(program: str, url: str) -> int:
    print("| turns | µs a turn, run | loop | more | ratio | thousand instructions a turn, run | loop | ratio | peak KiB, run | loop |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    start = measured(program, url, 0, 0)
    exceeded: list[str] = []
    for turns, (conversations, counted) in SIZES.items():
        # The last message has no call, and is a turn nevertheless.
        each = turns + 1
        count = {
            way: (instructions(program, url, way, turns, 1 + counted) - instructions(program, url, way, turns, 1)) / (each * counted)
            for way in WAYS
        }
        used = measured(program, url, turns, conversations)
        time = {way: (used[way][0] - start[way][0]) / (each * conversations) for way in WAYS}
        ratio = time["run"] / time["loop"]
        more = time["run"] - time["loop"]
        counted_ratio = count["run"] / count["loop"]
        memory = used["run"][1] / used["loop"][1]
        limits = {
            f"{RATIO} x the CPU time": ratio > RATIO,
            f"{MORE} µs": more > MORE,
            f"{COUNT[turns]} x the instructions": counted_ratio > COUNT[turns],
            f"{MEMORY} x the memory": memory > MEMORY,
        }
        exceeded += [f"{turns:,} turns: above {limit}" for limit, is_above in limits.items() if is_above]
        print(
            f"| {turns:,} | {time['run']:.1f} | {time['loop']:.1f} | {more:.1f} | {ratio:.3f} "
            f"| {count['run'] / 1e3:.1f} | {count['loop'] / 1e3:.1f} | {counted_ratio:.3f} | {used['run'][1]:,} | {used['loop'][1]:,} |"
        )
    print("; ".join(exceeded) or "within the limits")
    return 1 if exceeded else 0


if __name__ == "__main__":
    sys.exit(main())
