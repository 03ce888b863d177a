"""The table of conversations: what each is, and how ours is meant to differ from the official one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from ..compare import ANYTHING, Difference

TABLE = Path(__file__).parent / "table"
# Plain or streamed; the official client with and without `async`, our outcome awaited or read as events. The first two
# have one of each.
FLAVOURS = [
    {"name": name, "stream": stream, "sync": sync}
    for name, stream, sync in [
        ("plain", False, True),
        ("stream, async", True, False),
        ("stream", True, True),
        ("plain, async", False, False),
    ]
]
SHORT = 2
PARAMS = {
    "model": "claude-opus-5-5",
    "max_tokens": 1024,
    "messages": [{"role": "user", "content": "What is the weather in Oslo?"}],
}
EXPECTATIONS = ("alike", "differs")


@dataclass
class Meant:
    """A difference that is meant: where, and why."""

    reason: str
    at: list[str]
    official: Any = ANYTHING
    ours: Any = ANYTHING

    def allows(self, difference: Difference) -> bool:
        return (
            any(fnmatchcase(difference.at, pattern) for pattern in self.at)
            and self.official in (ANYTHING, difference.official)
            and self.ours in (ANYTHING, difference.ours)
        )


@dataclass
class Case:
    """A conversation: what it is begun with, what the model writes, and what the caller does in between."""

    name: str
    expect: str
    # How ours ends: a name of an outcome.
    outcome: str
    replies: list[dict[str, Any]]
    params: dict[str, Any]
    tools: list[dict[str, Any]]
    betas: list[str] = field(default_factory=list)
    thread: bool = False
    eager: bool = False
    ga: bool = False
    max_turns: int | None = None
    compact_above: int | None = None
    between: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    # Only these: `plain`, `stream`.
    modes: list[str] = field(default_factory=lambda: ["plain", "stream"])
    differences: list[Meant] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.expect not in EXPECTATIONS:
            raise ValueError(f"{self.name}: a case is one of {EXPECTATIONS}, not {self.expect!r}")
        if (self.expect == "differs") != bool(self.differences):
            raise ValueError(f"{self.name}: what differs has differences with reasons, what is alike has none")

    def flavours(self, full: bool) -> list[dict[str, Any]]:
        flavours = FLAVOURS if full else FLAVOURS[:SHORT]
        return [it for it in flavours if it["name"].partition(",")[0] in self.modes]


def load(folder: Path = TABLE) -> Iterator[Case]:
    """All cases. Tools are named that are in `tools.json`; parameters add to [`PARAMS`]."""
    shared = json.loads((folder / "tools.json").read_text())
    for path in sorted(folder.glob("*.json")):
        if path.name != "tools.json":
            cases = json.loads(path.read_text())
            yield from (case(f"{path.stem}.{name}", shared, **given) for name, given in cases.items())


def case(name: str, shared: dict[str, Any], **given: Any) -> Case:
    between = {number: [step(it, shared) for it in steps] for number, steps in given.pop("between", {}).items()}
    return Case(
        name=name,
        params={**PARAMS, **given.pop("params", {})},
        tools=tools(given.pop("tools", ["weather"]), shared),
        differences=[Meant(**it) for it in given.pop("differences", [])],
        between=between,
        **given,
    )


def step(given: dict[str, Any], shared: dict[str, Any]) -> dict[str, Any]:
    return {op: tools(value, shared) if op == "add_tools" else value for op, value in given.items()}


def tools(given: list[Any], shared: dict[str, Any]) -> list[dict[str, Any]]:
    """Tools by name, or by name with something else in the place of what the shared one has."""
    return [shared[it] if isinstance(it, str) else {**shared[it["name"]], **it} for it in given]
