"""Values of the official types, the same for the same seed: full, sparse, null, and of tomorrow."""

from __future__ import annotations

import random
import tomllib
from collections import Counter
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from . import shapes
from .catalog import OVERLAY, Official
from .shapes import Field

SEED = 20_261_121
VALUES = 20
# How many nodes a value may have, and how deep it may go, before it is brought to an end.
NODES = 120
DEEPEST = 6
ENDLESS = 1_000

TEXTS = [
    "",
    "hello",
    "Grüße, 世界 — عالم",
    "👩‍👩‍👧‍👦 🏳️‍🌈",
    'quote " backslash \\ slash / tab \t line\nend\r\n',
    "null",
    "\x00\x1f\x7f\u2028\u2029\ufeff",
    "e\u0301 é \U0010ffff",
    " leading and trailing ",
    "x" * 300,
]
NATURAL = [0, 1, 20, 4096, 2**31, 2**53 + 1, 2**63 - 1]
INTEGERS = [*NATURAL, -1, -(2**63)]
NUMBERS = [0, 1, 0.5, 1e-7, 12345678.125, -1.5, 1e300]
TIMES = [
    "2026-10-21T12:34:56Z",
    "2024-02-29T23:59:59.123456+02:00",
    "2026-01-01T00:00:00.000Z",
    "1999-12-31T23:59:59-11:30",
]
FREE: list[Any] = [
    None,
    True,
    "text",
    1.5,
    -7,
    123456789012345678901234567890,
    [],
    {},
    [None, [None], {"": None}],
    {"b": 1, "a": {"type": "text", "": None}, "10": [1, "ключ"]},
]
KEYS = ["x_tomorrow", 'ключ "q"\n', "extra", "unrecognized", "$ref", ""]
# Free JSON that is always an object: where it is missing it is written as `{}`, as a call needs an input.
FREE_OBJECTS = {"input", "input_schema", "request", "schema", "settings"}
TOMORROW = "of_tomorrow_🚀"


class Object(dict[str, Any]):
    """A JSON object that knows which of its type's fields may be left out or null alike."""

    optional: frozenset[str] = frozenset()


@cache
def unsigned() -> tuple[str, ...]:
    overlay = tomllib.loads(OVERLAY.read_text(encoding="utf-8"))
    return tuple(overlay["numbers"]["unsigned"])


class Generator:
    """Makes the values of one type."""

    def __init__(self, official: Official, seed: int = SEED) -> None:
        self.official = official
        self.random = random.Random(f"{seed}/{official}")
        # Whether there may be what no version knows, and how many optional fields are set.
        self.knows_tomorrow = False
        self.fill = 1.0
        self.nulls = 0.0
        self.left = NODES
        self.turns: Counter[str] = Counter()
        self.novelties: Counter[str] = Counter()

    def values(self, count: int = VALUES) -> list[Any]:
        """All fields; the required ones; all that may be null; all with something new; then any."""
        return [self.numbered(number) for number in range(count)]

    def numbered(self, number: int) -> Any:
        self.fill, self.nulls = {0: (1.0, 0.0), 1: (0.0, 0.0), 2: (1.0, 1.0), 3: (1.0, 0.2)}.get(number, (0.5, 0.2))
        self.knows_tomorrow = number >= 3
        self.left = NODES
        value = self.value(self.official.annotation, "", 0)
        if number == 3 and isinstance(value, Object):
            value[f"x_{TOMORROW}"] = self.random.choice(FREE)
        return value

    def novelty(self, of: int, what: str) -> bool:
        """Whether to make something that no version knows, one time in `of`."""
        happens = self.knows_tomorrow and self.random.randrange(of) == 0
        self.novelties[what] += happens
        return happens

    def must_end(self, depth: int) -> bool:
        return depth >= DEEPEST or self.left <= 0

    def value(self, annotation: Any, name: str, depth: int, tag: str | None = None) -> Any:
        self.left -= 1
        annotation, own_tag = shapes.unwrap(annotation)
        kind = shapes.kind(annotation)
        if kind == "union":
            return self.union(annotation, name, depth, tag or own_tag)
        return getattr(self, kind)(annotation, name, depth)

    def string(self, _annotation: Any, _name: str, _depth: int) -> str:
        return self.random.choice(TEXTS)

    def integer(self, _annotation: Any, name: str, _depth: int) -> int:
        # What counts something is a natural number, as the overlay says by name.
        counts = any(fnmatchcase(name, pattern) for pattern in unsigned())
        return self.random.choice(NATURAL if counts else INTEGERS)

    def number(self, _annotation: Any, _name: str, _depth: int) -> float:
        return self.random.choice(NUMBERS)

    def boolean(self, _annotation: Any, _name: str, _depth: int) -> bool:
        return self.random.random() < 0.5

    def datetime(self, _annotation: Any, _name: str, _depth: int) -> str:
        return self.random.choice(TIMES)

    def date(self, _annotation: Any, _name: str, _depth: int) -> str:
        return "2026-02-28"

    def free(self, _annotation: Any, _name: str, _depth: int) -> Any:
        return self.random.choice(FREE)

    def literal(self, annotation: Any, _name: str, _depth: int) -> Any:
        values = shapes.literals(annotation) or []
        if isinstance(values[0], str) and self.novelty(10, "value"):
            return TOMORROW
        return values[self.turn(annotation, len(values))]

    def turn(self, annotation: Any, of: int) -> int:
        """Whose turn it is, of so many."""
        key = repr(annotation)
        self.turns[key] += 1
        return (self.turns[key] - 1) % of

    def count(self, depth: int) -> int:
        if self.must_end(depth) or self.fill == 0.0:
            return 0
        return self.random.randint(1 if self.fill == 1.0 else 0, 3)

    def list(self, annotation: Any, name: str, depth: int) -> list[Any]:
        of = annotation.__args__[-1]
        return [self.value(of, name, depth + 1) for _ in range(self.count(depth))]

    def map(self, annotation: Any, name: str, depth: int) -> dict[str, Any]:
        of = annotation.__args__[-1]
        keys = (f"{self.random.choice(TEXTS)}{number}" for number in range(self.count(depth)))
        return {key: self.nullable(of, name, depth + 1) for key in keys}

    def object(self, annotation: Any, _name: str, depth: int) -> Object:
        value = Object()
        known = [field for field in shapes.fields(annotation) if shapes.is_json(field.annotation)]
        value.optional = frozenset(field.name for field in known if not field.is_required)
        for field in known:
            if field.is_required or not self.is_left_out(depth):
                value[field.name] = self.field(field, depth + 1)
        for key in KEYS:
            if self.novelty(15, "field") and key not in value:
                value[key] = self.random.choice(FREE)
        if self.random.randrange(3) == 0:
            # The tag comes first, mostly.
            entries = list(value.items())
            self.random.shuffle(entries)
            value.clear()
            value.update(entries)
        return value

    def is_left_out(self, depth: int) -> bool:
        if depth == 0:
            return self.random.random() >= self.fill
        return self.must_end(depth) or self.random.random() >= min(self.fill, 0.5)

    def field(self, field: Field, depth: int) -> Any:
        return self.nullable(field.annotation, field.name, depth, field.discriminator)

    def nullable(self, annotation: Any, name: str, depth: int, tag: str | None = None) -> Any:
        """A value, or null where that may be."""
        bare, own_tag = shapes.unwrap(annotation)
        if shapes.is_nullable(bare):
            nulls = self.nulls if depth <= 1 else min(self.nulls, 0.2)
            if self.random.random() < nulls:
                return None
        return self.value(bare, name, depth, tag or own_tag)

    def union(self, annotation: Any, name: str, depth: int, tag: str | None) -> Any:
        of = shapes.members(annotation)
        objects = [member for member in shapes.flat(annotation) if shapes.is_object(member)]
        is_open = bool(objects) and len(of) > 1
        tag = tag or shapes.tag_of(tuple(objects))
        # A type by name that something else than `type` tells apart may be one type here.
        is_tagged = bool(tag) and is_open and (depth > 0 or tag == "type")
        if tag and is_tagged and self.novelty(8, "variant"):
            return self.unknown_variant(tag, depth)
        # A type by name that is nothing but objects is one.
        if is_open and (depth > 0 or len(objects) < len(of)) and self.novelty(8, "shape"):
            return self.random.choice([[{"shape": 1}, None, TOMORROW], {"shape": [1]}, 1.5, "x", True])
        if self.must_end(depth):
            member = min(of, key=height)
        else:
            member = of[self.turn(annotation, len(of))]
        value = self.value(member, name, depth, tag)
        if is_tagged and isinstance(value, Object) and self.novelty(15, "broken"):
            self.break_(value, member)
        return value

    def unknown_variant(self, tag: str, depth: int) -> dict[str, Any]:
        """An object of a kind that no version knows."""
        odd = depth > 0 and self.random.randrange(4) == 0
        entries = [
            (tag, self.random.choice([7, None, ["x"]]) if odd else TOMORROW),
            ("input", self.random.choice(FREE)),
            ("text", self.random.choice(FREE)),
            ("id", None),
        ]
        if self.random.randrange(3) == 0:
            self.random.shuffle(entries)
        return dict(entries)

    def break_(self, value: Object, annotation: Any) -> None:
        """Takes a required field away. A constant cannot be missed: its value is known."""
        needed = [
            field.name
            for field in (shapes.fields(annotation) if shapes.is_object(annotation) else ())
            if field.is_required
            and field.name in value
            and field.name not in FREE_OBJECTS
            and not shapes.is_constant(field.annotation)
            and not shapes.is_nullable(field.annotation)
        ]
        if needed:
            del value[self.random.choice(needed)]


def height(annotation: Any, seen: tuple[Any, ...] = ()) -> int:
    """How many levels the smallest value has; endless ones have very many."""
    annotation, _ = shapes.unwrap(annotation)
    if shapes.is_union(annotation):
        return min(height(member, seen) for member in shapes.members(annotation))
    if not shapes.is_object(annotation):
        return 0
    if annotation in seen:
        return ENDLESS
    return object_height(annotation) if not seen else measure(annotation, seen)


@cache
def object_height(annotation: Any) -> int:
    return measure(annotation, ())


def measure(annotation: Any, seen: tuple[Any, ...]) -> int:
    required = [field.annotation for field in shapes.fields(annotation) if field.is_required]
    levels = (height(each, (*seen, annotation)) for each in required if shapes.is_json(each))
    return 1 + max(levels, default=0)
