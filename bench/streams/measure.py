"""Runs the clients of the benchmark against one server and prints Markdown. Called by run.sh.

The time of a client is the CPU time of its whole process, user and system, start-up included. The clients
of a case take turns, so that a busy moment of the machine meets all of them; the median counts. It
ends with what is beyond the limits that README.md gives, and fails then.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

KIB, MIB = 1024, 1024 * 1024
DELTAS, ROWS, MANY_ROWS, STREAMS = 200_000, 50_000, 1_000_000, 1_000
# How many huge events a run reads: src/bin/ours/huge.rs.
EVENTS = 16
# What takes Python minutes is given to it in part, and its time per item is scaled up.
PY_DELTAS, PY_ROWS, PY_INPUT = 20_000, 10_000, MIB // 16

# Memory of many streams and of many lines.
STREAM_KIB, LINES_MB = 32, 20
# Beside the floor: text and typed tool input, and twice the input beside the same once.
FLOOR, TWICE = 1.5, 2.2
# The official clients, at least: TypeScript for text and lines, and for concurrent streams; Python for text.
TYPESCRIPT, TYPESCRIPT_TOGETHER, PYTHON = 5, 3, 30
# Beside the pooled client.
POOLED_CPU, POOLED_MEMORY = 1.2, 1.25
# An event in small chunks beside one in a single chunk; allocations per delta.
CHUNKS, ALLOCATIONS = 1.5, 1

HERE = Path(__file__).parent


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=5, help="runs of each client (default 5)")
    parser.add_argument("--only", default="", help="only the tables with this in their name: "
                        "start, text, tool, lines, memory, together, pooled, event, allocations")
    parser.add_argument("--binaries", type=Path, required=True)
    parser.add_argument("--python", required=True)
    parser.add_argument("--typescript", required=True)
    return parser.parse_args()


ARGS = arguments()
CLIENTS = {
    "ours": [str(ARGS.binaries / "ours")],
    "floor": [str(ARGS.binaries / "floor")],
    "pooled": [str(ARGS.binaries / "pooled")],
    "TypeScript": ["node", ARGS.typescript],
    "Python": [ARGS.python, str(HERE / "client.py")],
}

BEYOND = []


def at_most(what, found, limit):
    """Notes what is beyond a limit, as it is printed."""
    if found > limit:
        BEYOND.append(f"{what}: {found:.3f}, the limit is {limit}")


def at_least(what, found, limit):
    if found < limit:
        BEYOND.append(f"{what}: {found:.3f}, it should be at least {limit}")


def run(url, client, case, size):
    """One run: its CPU seconds and what it reported."""
    process = subprocess.Popen([*CLIENTS[client], url, case, str(size)], stdout=subprocess.PIPE)
    with process.stdout:
        report = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{client} {case} {size} failed")
    return usage.ru_utime + usage.ru_stime, json.loads(report)


def measure(url, wanted, repeat=ARGS.repeat):
    """The median times of several (client, case, size), which take turns, and their last reports."""
    times, reports = {key: [] for key in wanted}, {}
    for _ in range(repeat):
        for key in wanted:
            seconds, report = run(url, *key)
            times[key].append(seconds)
            worst = reports.get(key, report)
            reports[key] = max(worst, report, key=lambda report: report["peak_kib"])
    checks = {}
    for (client, case, size), report in reports.items():
        checks.setdefault((case.split("-")[0].replace("burst", "together"), size), set()).add(report["check"])
    for what, found in checks.items():
        if len(found) > 1:
            sys.exit(f"the clients did not read the same: {what} {found}")
    return {key: statistics.median(values) for key, values in times.items()}, reports


def scaled(times, empty, case, part, whole):
    """Python's time for `whole`, from a run of `part`: its start-up counts once."""
    start = times[empty]
    return start + (times["Python", case, part] - start) * whole / part


def table(title, rows):
    print(f"\n{title}\n")
    print(f"| {' | '.join(rows[0])} |")
    print("|" + "---|" * len(rows[0]))
    for row in rows[1:]:
        print(f"| {' | '.join(row)} |")
    sys.stdout.flush()


def ms(seconds):
    return f"{seconds * 1000:.0f} ms"


def times_of(ratio):
    return f"{ratio:.2f}"


def start(url):
    wanted = [(client, "text", 0) for client in CLIENTS if client != "pooled"]
    times, reports = measure(url, wanted)
    rows = [["client", "CPU", "peak RSS"]]
    for key in wanted:
        rows.append([key[0], ms(times[key]), f"{reports[key]['peak_kib'] / 1024:.1f} MiB"])
    table("Start-up: a stream without deltas", rows)


def text(url):
    ours = [("ours", case, DELTAS) for case in ("text", "text-events", "text-pieces")]
    others = [("floor", "text", DELTAS), ("TypeScript", "text", DELTAS), ("TypeScript", "text-events", DELTAS)]
    python = [("Python", "text", 0), ("Python", "text", PY_DELTAS), ("Python", "text-events", PY_DELTAS)]
    times, _ = measure(url, ours + others + python)
    floor = times["floor", "text", DELTAS]
    names = {"text": "final message", "text-events": "events", "text-pieces": "text stream"}
    rows = [["200,000 text deltas", "CPU", "/ floor", "TypeScript / ours", "Python / ours"]]
    for key in ours:
        same = key[1] if key[1] != "text-pieces" else "text"
        python_time = scaled(times, python[0], same, PY_DELTAS, DELTAS)
        name = f"ours, {names[key[1]]}"
        ratios = [times[key] / floor, times["TypeScript", same, DELTAS] / times[key], python_time / times[key]]
        at_most(f"{name}, / floor", ratios[0], FLOOR)
        at_least(f"{name}, TypeScript / ours", ratios[1], TYPESCRIPT)
        at_least(f"{name}, Python / ours", ratios[2], PYTHON)
        rows.append([name, ms(times[key]), *map(times_of, ratios)])
    rows.append(["floor", ms(floor), "1", "", ""])
    for case in ("text", "text-events"):
        value = times["TypeScript", case, DELTAS]
        rows.append([f"TypeScript, {names[case]}", ms(value), times_of(value / floor), "", ""])
    for case in ("text", "text-events"):
        value = scaled(times, python[0], case, PY_DELTAS, DELTAS)
        rows.append([f"Python, {names[case]} (from {PY_DELTAS:,})", ms(value), times_of(value / floor), "", ""])
    table("Text", rows)


def tool(url):
    cases = [("ours", "tool"), ("ours", "tool-view"), ("floor", "tool"), ("TypeScript", "tool")]
    wanted = [(*case, size) for case in cases for size in (MIB, 2 * MIB)]
    small = ("Python", "tool", PY_INPUT)
    times, _ = measure(url, [*wanted, ("Python", "text", 0), small])
    python = scaled(times, ("Python", "text", 0), "tool", PY_INPUT, MIB)
    floor = times["floor", "tool", MIB]
    rows = [["tool input, deltas of 12 characters", "1 MiB", "/ floor", "2 MiB", "2 MiB / 1 MiB"]]
    for client, case in cases:
        one, two = times[client, case, MIB], times[client, case, 2 * MIB]
        name = f"{client}, looked at after every delta" if case == "tool-view" else client
        if client == "ours":
            at_most(f"tool input, {name}, 2 MiB / 1 MiB", two / one, TWICE)
        if (client, case) == ("ours", "tool"):
            at_most(f"tool input, {name}, / floor", one / floor, FLOOR)
        rows.append([name, ms(one), times_of(one / floor), ms(two), times_of(two / one)])
    rows.append([f"Python (from {PY_INPUT // 1024} KiB; its time is quadratic, so this is too little)", ms(python),
                 times_of(python / floor), "", ""])
    table("Tool input, typed at the end", rows)


def lines(url):
    wanted = [(client, "lines", ROWS) for client in ("ours", "floor", "TypeScript")]
    small = ("Python", "lines", PY_ROWS)
    times, reports = measure(url, [*wanted, ("Python", "text", 0), small])
    python = scaled(times, ("Python", "text", 0), "lines", PY_ROWS, ROWS)
    ours = times[wanted[0]]
    rows = [["50,000 batch results", "CPU", "/ ours", "peak RSS"]]
    for key in wanted:
        peak = reports[key]["peak_kib"] / 1024
        rows.append([key[0], ms(times[key]), times_of(times[key] / ours), f"{peak:.1f} MiB"])
    rows.append([f"Python (from {PY_ROWS:,})", ms(python), times_of(python / ours),
                 f"{reports[small]['peak_kib'] / 1024:.1f} MiB"])
    at_least("batch results, TypeScript / ours", times[wanted[2]] / ours, TYPESCRIPT)
    table("Batch results", rows)


def memory(url):
    wanted = [(client, "lines", MANY_ROWS) for client in ("ours", "floor")]
    times, reports = measure(url, wanted, 1)
    rows = [["1,000,000 batch results, one run", "CPU", "peak RSS"]]
    for key in wanted:
        rows.append([key[0], ms(times[key]), f"{reports[key]['peak_kib'] * KIB / 1e6:.1f} MB"])
    at_most("a million lines, ours, MB", reports[wanted[0]]["peak_kib"] * KIB / 1e6, LINES_MB)
    table("Memory", rows)


def together(url):
    wanted = [(client, case, STREAMS) for case in ("together", "burst") for client in ("ours", "TypeScript")]
    times, reports = measure(url, wanted)
    how = {"together": "one after the other", "burst": "in the same instant"}
    rows = [["1,000 streams at once, 100 deltas each", "opened", "CPU", "/ ours", "peak RSS above base, per stream"]]
    for client, case, size in wanted:
        time, report = times[client, case, size], reports[client, case, size]
        above = (report["peak_kib"] - report["base_kib"]) / STREAMS
        ratio = time / times["ours", case, size]
        if client == "ours":
            at_most(f"a stream, opened {how[case]}, KiB", above, STREAM_KIB)
        else:
            at_least(f"streams, opened {how[case]}, TypeScript / ours", ratio, TYPESCRIPT_TOGETHER)
        rows.append([client, how[case], ms(time), times_of(ratio), f"{above:.1f} KiB"])
    table("Concurrent streams", rows)


def pooled(url):
    jobs = {("plain", 10_000): "10,000 plain requests, one after the other",
            ("events", 1_000): "1,000 streams in the same instant, 100 deltas each",
            ("events", 3_000): "3,000 streams in the same instant, 100 deltas each"}
    times, reports = measure(url, [(client, *job) for job in jobs for client in ("ours", "pooled")])
    rows = [["job", "ours, CPU", "pooled, CPU", "ratio", "ours, peak RSS", "pooled, peak RSS", "ratio"]]
    for job, name in jobs.items():
        cpu = [times[client, *job] for client in ("ours", "pooled")]
        peak = [reports[client, *job]["peak_kib"] / 1024 for client in ("ours", "pooled")]
        rows.append([name, *map(ms, cpu), times_of(cpu[0] / cpu[1]),
                     *(f"{it:.1f} MiB" for it in peak), times_of(peak[0] / peak[1])])
        at_most(f"{name}, CPU / pooled", cpu[0] / cpu[1], POOLED_CPU)
        # Of single requests the memory is what the code takes: there is nothing that grows.
        if job[0] == "events":
            at_most(f"{name}, memory / pooled", peak[0] / peak[1], POOLED_MEMORY)
    table("A pooled hyper client", rows)


def event(url):
    # What surrounds the data is in the one chunk too.
    sizes = (0, KIB, 32 * MIB)
    cases = {"huge_text": "a text delta, read from a message stream",
             "huge_input": "an `input_json_delta`, read from a message stream",
             "huge_decoded": "the decoder alone, which gives out the one chunk as it is"}
    times, _ = measure(url, [("ours", case, size) for case in cases for size in sizes])
    rows = [["an event of 16 MiB", "in one chunk", "in chunks of 1 KiB", "ratio"]]
    for case, name in cases.items():
        start, small, whole = (times["ours", case, size] for size in sizes)
        one, many = (whole - start) / EVENTS, (small - start) / EVENTS
        if case != "huge_decoded":
            at_most(f"{name}, in chunks of 1 KiB / in one", many / one, CHUNKS)
        rows.append([name, f"{one * 1000:.2f} ms", f"{many * 1000:.2f} ms", times_of(many / one)])
    table("Huge events", rows)


def allocations(url):
    counted = subprocess.run([ARGS.binaries / "allocations", url], check=True, capture_output=True, text=True)
    print("\nAllocations per text delta\n\n| way of reading | allocations |\n|---|---|")
    print(counted.stdout, end="")
    for line in counted.stdout.splitlines():
        _, way, count, _ = line.split("|")
        at_most(f"allocations per text delta,{way.rstrip()}", float(count), ALLOCATIONS)


def main():
    with subprocess.Popen([ARGS.binaries / "server"], stdout=subprocess.PIPE, text=True) as server:
        try:
            url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
            for part in (start, text, tool, lines, memory, together, pooled, event, allocations):
                if ARGS.only in part.__name__:
                    part(url)
        finally:
            server.kill()
    for line in BEYOND:
        print(f"\nbeyond the limit: {line}")
    return 1 if BEYOND else 0


sys.exit(main())
