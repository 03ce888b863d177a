"""The recorded exchanges in the official SDKs' test suites.

What stands there as it came from the API: the exchanges that the Python suite keeps for `http_snapshot` and the TypeScript
suite for `nock`, and the streams of either that were taken from the wire. Transcripts that were written by hand are left out.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SNAPSHOTS = "tests/lib/**/__inline_snapshot__/**/*.json"
NOCK = "tests/lib/tools/nockFixtures/*.json"
STREAMS = ["tests/fixtures/fable-fallback/*.sse", "tests/lib/streaming/fixtures/server_tool_use_response.txt"]


def kind(body: Any) -> str:
    if isinstance(body, str):
        return "stream"
    return "error" if body["type"] == "error" else "message"


def of(roots: list[Path]) -> dict[str, list[Any]]:
    """The responses in the suites by kind. What both have counts once."""
    found: dict[str, list[Any]] = {}
    for root in roots:
        for body in responses(root):
            known = found.setdefault(kind(body), [])
            if body not in known:
                known.append(body)
    return found


def responses(root: Path) -> Iterator[Any]:
    for path in sorted(root.glob(SNAPSHOTS)):
        for exchange in json.loads(path.read_text()):
            yield exchange["response"]["body"]
    for path in sorted(root.glob(NOCK)):
        for exchange in json.loads(path.read_text()):
            yield exchange["response"]
    for pattern in STREAMS:
        for path in sorted(root.glob(pattern)):
            yield path.read_text()
