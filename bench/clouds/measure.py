"""Runs the clients of the benchmark of the clouds, one process each, and prints a table of their CPU time and one of
instructions. run.sh starts it.

The server is in this process, which isn't measured: it has a stream in both forms in memory, and sends either.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import re
import shutil
import statistics
import struct
import subprocess
import sys
import threading
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PIECES = ["The", " river", " that", " flows", " through", " the", " old", " town", ",", " caf\u00e9", " quietly", ".\n"]
TIMES = 40
"""How often a body of 5 MB is hashed or signed."""
INVOKE, PYTHON, SIGNATURE = 3.0, 25, 1.2
"""The limits: InvokeModel / SSE, Python / ours, SHA-256 that a signature adds."""
KEPT = {"MALLOC_MMAP_THRESHOLD_": "1000000000", "MALLOC_TRIM_THRESHOLD_": "1000000000"}
"""Lets glibc keep what is freed, which otherwise goes back to the kernel and is faulted in again, a page at a time."""


def events(deltas: int) -> list[bytes]:
    """The events of a stream, each as JSON, as the API writes it."""
    usage = {"input_tokens": 12, "output_tokens": 1}
    message = {"id": "msg_01", "type": "message", "role": "assistant", "model": "claude-opus-5-5", "content": []}
    message |= {"stop_reason": None, "stop_sequence": None, "usage": usage}
    delta = {"type": "content_block_delta", "index": 0}
    made = [{"type": "message_start", "message": message}]
    made.append({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}})
    for number in range(deltas):
        made.append(delta | {"delta": {"type": "text_delta", "text": PIECES[number % len(PIECES)]}})
    made.append({"type": "content_block_stop", "index": 0})
    stop = {"stop_reason": "end_turn", "stop_sequence": None}
    made.append({"type": "message_delta", "delta": stop, "usage": {"output_tokens": 9}})
    made.append({"type": "message_stop"})
    return [json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode() for event in made]


def sse(event: bytes) -> bytes:
    return b"event: " + json.loads(event)["type"].encode() + b"\ndata: " + event + b"\n\n"


def header(name: str, value: str) -> bytes:
    return struct.pack(">B", len(name)) + name.encode() + struct.pack(">BH", 7, len(value)) + value.encode()


HEADERS = header(":event-type", "chunk") + header(":content-type", "application/json") + header(":message-type", "event")


def frame(event: bytes) -> bytes:
    """The event in a frame, as Bedrock sends it."""
    payload = {"bytes": base64.b64encode(event).decode(), "p": "abcdefghijklmnop"}
    payload = json.dumps(payload, separators=(",", ":")).encode()
    prelude = struct.pack(">II", 16 + len(HEADERS) + len(payload), len(HEADERS))
    made = prelude + struct.pack(">I", zlib.crc32(prelude)) + HEADERS + payload
    return made + struct.pack(">I", zlib.crc32(made))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    streams: dict[str, tuple[str, bytes]] = {}

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        size, _, path = self.path.lstrip("/").partition("/")
        kind = "invoke" if path.startswith("model/") else "sse"
        media_type, body = self.streams[f"{kind} {size}"]
        self.send_response(200)
        self.send_header("content-type", media_type)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for start in range(0, len(body), 16 << 10):
            piece = body[start : start + (16 << 10)]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_: object) -> None:
        pass


def serve(sizes: list[int]) -> str:
    for size in sizes:
        made = events(size)
        Handler.streams[f"sse {size}"] = ("text/event-stream", b"".join(map(sse, made)))
        Handler.streams[f"invoke {size}"] = ("application/vnd.amazon.eventstream", b"".join(map(frame, made)))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def run(command: list[str], keeps_memory: bool = False) -> tuple[str, float]:
    """What a process prints, and its CPU time in milliseconds."""
    env = os.environ | (KEPT if keeps_memory else {})
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env)
    assert process.stdout is not None
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise ChildProcessError(f"{command} failed")
    return printed.strip(), (usage.ru_utime + usage.ru_stime) * 1000


def timed(cases: dict[str, list[str]], repeat: int, keeps_memory: bool = False) -> dict[str, float]:
    """The median time of each; they take turns, and what they print has to be the same in all turns."""
    times: dict[str, list[float]] = {name: [] for name in cases}
    printed: dict[str, str] = {}
    for _ in range(repeat):
        for name, command in cases.items():
            text, time = run(command, keeps_memory)
            if printed.setdefault(name, text) != text:
                raise ValueError(f"{name} read something else")
            times[name].append(time)
    if len({printed[name] for name in ("sse", "invoke", "python") if name in printed}) > 1:
        raise ValueError(f"the clients read different texts: {printed}")
    return {name: statistics.median(all_of) for name, all_of in times.items()}


def instructions(command: list[str]) -> int:
    run = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command]
    output = subprocess.run(run, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True).stderr
    found = re.search(r"^==\d+== Collected : (\d+)$", output, re.MULTILINE)
    if found is None:
        raise ValueError(f"callgrind counted nothing:\n{output}")
    return int(found[1])


def beyond(what: str, found: float, limit: float) -> list[str]:
    return [f"{what}: {found:.2f}, the limit is {limit}"] if found > limit else []


def streams(program: str, python: str, url: str, deltas: int, repeat: int) -> list[str]:
    """Prints the tables; what is beyond the limits."""
    client = os.path.join(os.path.dirname(os.path.abspath(__file__)), "client.py")
    few = deltas // 10

    def cases(size: int, python_size: int) -> dict[str, list[str]]:
        ours = {name: [program, name, str(size), f"{url}/{size}"] for name in ("sse", "invoke")}
        return ours | {"python": [python, client, f"{url}/{python_size}"]}

    idle = timed(cases(0, 0), repeat)
    ours = {name: command for name, command in cases(deltas, few).items() if name != "python"}
    taken = timed(ours, repeat)
    taken["python"] = 10 * (timed({"python": cases(deltas, few)["python"]}, repeat)["python"] - idle["python"])
    floor = taken["sse"] - idle["sse"]
    print(f"| {deltas:,} text deltas | CPU, ms | start-up, ms | without it / SSE |")
    print("|---|---|---|---|")
    for name in ("sse", "invoke"):
        print(f"| {name} | {taken[name]:.0f} | {idle[name]:.0f} | {(taken[name] - idle[name]) / floor:.2f} |")
    print(f"| Python, invoke | {taken['python']:.0f} | {idle['python']:.0f} | {taken['python'] / floor:.0f} |")
    ratio = taken["python"] / (taken["invoke"] - idle["invoke"])
    print(f"\nPython / ours, both through InvokeModel: {ratio:.0f}\n")
    problems = beyond("InvokeModel / SSE", (taken["invoke"] - idle["invoke"]) / floor, INVOKE)
    problems += beyond("ours / Python", 1 / ratio, 1 / PYTHON)
    if shutil.which("valgrind"):
        size = deltas // 10
        counted = {
            name: instructions([program, name, "0", f"{url}/{size}"]) - instructions([program, name, "0", f"{url}/0"])
            for name in ("sse", "invoke")
        }
        print(f"instructions a delta: sse {counted['sse'] / size:.0f}, invoke {counted['invoke'] / size:.0f}", end="")
        print(f", ratio {counted['invoke'] / counted['sse']:.2f}\n")
    return problems


def signatures(program: str, repeat: int) -> list[str]:
    """Prints the table; what is beyond the limit, with glibc's defaults and with memory that is kept."""
    names = ("sha256", "keyed", "signed")
    commands = {name: [program, name, str(TIMES)] for name in names}
    each, kept = (timed(commands, repeat, keeps_memory) for keeps_memory in (False, True))
    print("| a body of 5 MB | CPU, ms each | with memory that is kept |")
    print("|---|---|---|")
    for name in names:
        print(f"| {name} | {each[name] / TIMES:.2f} | {kept[name] / TIMES:.2f} |")
    added, added_kept = ((of["signed"] - of["keyed"]) / of["sha256"] for of in (each, kept))
    print(f"\nwhat a signature adds, in SHA-256 of the body: {added:.2f}, and {added_kept:.2f} with memory that is kept")
    if shutil.which("valgrind"):
        counted = {
            name: (instructions([program, name, "4"]) - instructions([program, name, "1"])) / 3 for name in names
        }
        ratio = (counted["signed"] - counted["keyed"]) / counted["sha256"]
        print(f"the same in instructions, without SHA extensions: {ratio:.3f}")
    problems = beyond("what a signature adds", added, SIGNATURE)
    return problems + beyond("what a signature adds, with memory that is kept", added_kept, SIGNATURE)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--python", required=True)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--deltas", type=int, default=200_000)
    options = parser.parse_args()
    sizes = [0, options.deltas // 10, options.deltas]
    url = serve(sizes)
    problems = streams(options.program, options.python, url, options.deltas, options.repeat)
    problems += signatures(options.program, options.repeat)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
