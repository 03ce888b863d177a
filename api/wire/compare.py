"""Makes the recorded calls with the Rust client and compares its requests with the recorded ones."""

from __future__ import annotations

import json
import os
import subprocess
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from .answers import Answers
from .description import Description, Endpoint
from .generate import optional_places
from .record import KEY
from .server import Recorder, Request

ABSENT = "(absent)"
ANYTHING = "(anything)"


@dataclass(frozen=True)
class Difference:
    """At a place, the official client sends one thing and ours another."""

    at: str
    official: Any
    ours: Any
    # Whether the API's description lets the field at this place be left out.
    optional: bool = field(default=False, compare=False)

    def __str__(self) -> str:
        return f"{self.at}: {shorten(self.official)} (official), {shorten(self.ours)} (ours)"


@dataclass
class Allowed:
    """A difference that is meant: which, and why."""

    reason: str
    calls: list[str]
    at: list[str]
    official: Any = ANYTHING
    ours: Any = ANYTHING
    rule: str = "any"
    # Only of calls with these arguments.
    given: dict[str, Any] = field(default_factory=dict)
    used: int = 0

    def allows(self, call: str, arguments: dict[str, Any], difference: Difference) -> bool:
        allowed = (
            any(fnmatchcase(call, pattern) for pattern in self.calls)
            and all(arguments.get(name, ABSENT) == value for name, value in self.given.items())
            and any(fnmatchcase(difference.at, pattern) for pattern in self.at)
            and self.official in (ANYTHING, difference.official)
            and self.ours in (ANYTHING, difference.ours)
            and RULES[self.rule](difference)
        )
        self.used += allowed
        return allowed


def without_repeats(difference: Difference) -> bool:
    """Whether ours is the official list with each item only once."""
    official, ours = difference.official, difference.ours
    if ABSENT in (official, ours):
        return False
    if isinstance(official, str):
        official, ours = official.split(","), ours.split(",")
    return list(dict.fromkeys(official)) == ours


def same_path(difference: Difference) -> bool:
    """Whether the paths differ only in which characters are encoded that need not be."""
    return unquote(difference.official) == unquote(difference.ours)


def null_or_absent(difference: Difference) -> bool:
    """Whether ours leaves out an optional field that is null there: not a key that must be, nor a null in free JSON."""
    return difference.optional and difference.official is None and difference.ours == ABSENT


def null_for_absent(difference: Difference) -> bool:
    """Whether ours has a null where nothing is there."""
    return difference.official == ABSENT and difference.ours is None


RULES = {
    "any": lambda _: True,
    "null for absent": null_for_absent,
    "null or absent": null_or_absent,
    "same path": same_path,
    "without repeats": without_repeats,
}


def shorten(value: Any) -> str:
    text = value if value == ABSENT else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else f"{text[:200]}…"


def load_allowed(path: Path) -> list[Allowed]:
    with path.open("rb") as file:
        return [Allowed(**entry) for entry in tomllib.load(file).get("difference", [])]


def compare(official: list[Request], ours: list[Request]) -> Iterator[Difference]:
    """The differences of two calls: of their last requests, and whether others came before."""
    if not official or not ours:
        yield Difference("requests", summary(official), summary(ours))
        return
    earlier = summary(official[:-1]), summary(ours[:-1])
    if earlier[0] != earlier[1]:
        yield Difference("earlier", *earlier)
    yield from compare_requests(official[-1], ours[-1])


def summary(requests: list[Request]) -> list[str]:
    return [f"{request['method']} {request['path']}" for request in requests]


def compare_requests(official: Request, ours: Request) -> Iterator[Difference]:
    for key in ("method", "path"):
        yield from compare_values(key, official[key], ours[key])
    for key in ("query", "headers"):
        yield from compare_values(key, by_key(official[key]), by_key(ours[key]))
    for key in ("origin", "signature", "body", "parts"):
        yield from compare_values(key, official.get(key, ABSENT), ours.get(key, ABSENT))


def by_key(pairs: Any) -> dict[str, Any]:
    """Pairs by their keys: between keys the order doesn't count, within one it does."""
    if isinstance(pairs, dict):
        return pairs
    lists: dict[str, Any] = {}
    for key, value in pairs:
        lists.setdefault(key, []).append(value)
    return lists


def compare_values(at: str, official: Any, ours: Any) -> Iterator[Difference]:
    """The smallest places at which two JSON values differ; `1` is `1.0` but not `true`."""
    if isinstance(official, dict) and isinstance(ours, dict):
        for key in sorted(official.keys() | ours.keys()):
            yield from compare_values(f"{at}.{key}", official.get(key, ABSENT), ours.get(key, ABSENT))
    elif isinstance(official, list) and isinstance(ours, list) and len(official) == len(ours):
        for index, pair in enumerate(zip(official, ours, strict=True)):
            yield from compare_values(f"{at}[{index}]", *pair)
    elif official != ours or isinstance(official, bool) != isinstance(ours, bool):
        yield Difference(at, official, ours)


class Driver:
    """The Rust client: the `conformance` program, which answers line by line."""

    def __init__(self, command: list[str | Path], variables: dict[str, str]) -> None:
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("ANTHROPIC_")
        }
        environment |= variables
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            encoding="utf-8",
            # Only a line feed ends a line.
            bufsize=1,
        )

    def __enter__(self) -> Driver:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def ask(self, line: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


@dataclass
class Outcome:
    """A call, and what speaks against it."""

    call: str
    # `types` or `table`: through the typed methods, or by the table of operations.
    by: str
    arguments: dict[str, Any]
    differences: list[Difference]


def outcomes(
    description: Description, program: Path, recorded: Iterable[dict[str, Any]]
) -> Iterator[Outcome]:
    answers = Answers(description)
    endpoints = {endpoint["id"]: endpoint for endpoint in description.endpoints}
    with Recorder(answers) as recorder:
        answers.url = recorder.url
        variables = {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": recorder.url}
        with Driver([program], variables) as driver:
            for record in recorded:
                answers.called = endpoints[record["call"]]
                for by in ("types", "table"):
                    yield outcome(driver, recorder, answers.called, record, by)


def line(record: dict[str, Any], by: str) -> dict[str, Any]:
    """What the driver is asked to make a call again."""
    return {"call": record["call"], "args": record["args"], "headers": record.get("headers", {}), "by": by}


def outcome(
    driver: Driver, recorder: Recorder, endpoint: Endpoint, record: dict[str, Any], by: str
) -> Outcome:
    """Makes a call that was recorded, and compares."""
    optional = set(optional_places(endpoint, record["args"]))
    answer = driver.ask(line(record, by))
    differences = [
        replace(difference, optional=difference.at in optional)
        for difference in compare(record["requests"], recorder.take())
    ]
    if not answer["ok"]:
        differences.append(Difference("answer", ABSENT, answer["error"]))
    return Outcome(record["call"], by, record["args"], differences)
