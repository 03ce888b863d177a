"""Shapes: which keys a response has, and of which types, as far as recorded exchanges show it.

A shape is {path: {type: how often}}. In a path, `content[]` is an item of a list, and `content[text]` one of that type;
an event of a stream begins with its name. What the caller or the model made up (a tool's input, a schema) is not looked
into. Beside the types, `absent` counts the objects that have the key elsewhere and not here.
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

Shape = dict[str, Counter[str]]
# Below these everything is free.
FREE = {"input"}
ABSENT = "absent"
TYPES = {type(None): "null", bool: "boolean", int: "number", float: "number", str: "string", list: "list", dict: "object"}


def walk(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """The paths of a value and what is there."""
    yield path, value
    if isinstance(value, dict):
        kind = value.get("type")
        # A block, a delta: each type of them has its own keys.
        if isinstance(kind, str) and "." in path and not path.endswith("]"):
            path = f"{path}[{kind}]"
            yield path, value
        for name, field in value.items():
            if name in FREE:
                yield f"{path}.{name}", field
            else:
                yield from walk(field, f"{path}.{name}")
    elif isinstance(value, list):
        for item in value:
            kind = item.get("type") if isinstance(item, dict) else ""
            yield from walk(item, f"{path}[{kind or ''}]")


def events(text: str) -> Iterator[dict[str, Any]]:
    """The events of a stream."""
    for line in text.splitlines():
        if line.startswith("data:"):
            yield json.loads(line.removeprefix("data:"))


def of(bodies: list[Any]) -> Shape:
    """The shape of several responses: JSON, or the text of a stream."""
    found: Shape = {}
    owners: Counter[str] = Counter()
    for body in bodies:
        values = events(body) if isinstance(body, str) else [body]
        for value in values:
            for path, here in walk(value, value["type"]):
                found.setdefault(path, Counter())[TYPES[type(here)]] += 1
                if isinstance(here, dict):
                    owners[path] += 1
    for path, types in found.items():
        owner = path.rpartition(".")[0]
        # Which type of item or of block stands somewhere is no question of presence.
        if owner and not path.endswith("]"):
            missing = owners[owner] - sum(types.values())
            if missing > 0:
                types[ABSENT] = missing
    return dict(sorted(found.items()))


def disagreements(recorded: Shape, made: Shape) -> Iterator[tuple[str, str]]:
    """What is otherwise in responses that were made than in recorded ones, where both have the object: paths, and how."""
    for path, types in made.items():
        owner = path.rpartition(".")[0]
        known = recorded.get(path)
        if known is None:
            if not owner or owner in recorded:
                yield path, "no recording has it"
            continue
        for kind in types:
            if kind not in known:
                yield path, f"{kind}; recorded are {', '.join(known)}"
    for path, types in recorded.items():
        owner = path.rpartition(".")[0]
        if owner in made and ABSENT not in types and path not in made and not path.endswith("]"):
            yield path, "in all recordings, not here"
