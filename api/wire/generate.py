"""Arguments for calls and values for answers, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from .description import Description, Endpoint, Type

SEED = 20_260_428
DEEPEST = 6

TEXTS = [
    "",
    "hello",
    "Grüße, 世界 — عالم",
    "👩‍👩‍👧‍👦",
    'quote " backslash \\ slash / tab \t line\nend',
    "null",
    "a+b&c=d%20e;f,g",
    "\x00\x1f\u2028\ufeff",
]
IDS = [
    "id_01AbCdEf",
    "with space",
    "ünï/cødé?x#y",
    "100%",
    "a:b@c;d=e,f+g&h",
    "~tilde-_.x!$'()*",
    'quote"<>[]{}|\\^`',
    "...",
]
HEADER_IDS = ["wrkspc_011CZkZaBF1tNoB5wlCeusgy", "wrkspc-2 with space", "~!#$%&'*+.^_|"]
INTEGERS = [0, 1, 20, 4096, 2**53 + 1]
NUMBERS = [0, 1, 0.5, 1e-7, 12345678.125, -1.5]
TIMES = ["2026-10-21T12:34:56Z", "2024-02-29T23:59:59.123456+02:00"]
FREE: list[Any] = [
    None,
    True,
    "text",
    1.5,
    123456789012345678901234567890,
    [],
    {},
    {"b": 1, "a": {"type": "text", "": None}, "10": [1, "x"]},
]
# Only types on which every table of file extensions agrees.
FILES: list[dict[str, str]] = [
    {"@file": "notes.txt", "content": "plain"},
    {"@file": "table.csv", "content": "a,b\n1,2\n"},
    {"@file": "data.json", "content": '{"ü": 1}'},
    {"@file": "picture.PNG", "content": "\x89PNG\r\n\x1a\n"},
    {"@file": "no_extension", "content": ""},
    {"@file": "my-skill/SKILL.md", "content": "---\nname: x\n---\n", "type": "text/markdown"},
    {"@file": "Grüße \"quoted\" 世界.pdf", "content": "%PDF-1.7\r\n--boundary\r\n"},
    {"@file": "typed.bin", "content": "\x00\x01", "type": "application/x-thing; version=1"},
]


class Object(dict[str, Any]):
    """A JSON object that knows which of its type's fields may be left out."""

    optional: frozenset[str] = frozenset()


def optional_places(endpoint: Endpoint, arguments: dict[str, Any]) -> Iterator[str]:
    """Where in a call's body a field stands that might as well be left out: `body.tools[0].strict`."""
    for param in endpoint["params"]:
        if param["in"] == "body" and param["name"] in arguments:
            at = "body" if param.get("whole_body") else f"body.{param['wire']}"
            if not param["required"]:
                yield at
            yield from optional_inside(arguments[param["name"]], at)


def optional_inside(value: Any, at: str) -> Iterator[str]:
    if isinstance(value, dict):
        optional = value.optional if isinstance(value, Object) else ()
        for key, inner in value.items():
            if key in optional:
                yield f"{at}.{key}"
            yield from optional_inside(inner, f"{at}.{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from optional_inside(inner, f"{at}[{index}]")


class Generator:
    def __init__(self, description: Description, *seed: object) -> None:
        self.description = description
        self.random = random.Random("/".join(map(str, (SEED, *seed))))
        self.fill = 0.5

    def arguments(self, endpoint: Endpoint, number: int) -> dict[str, Any]:
        """The arguments of one call: the first has the required ones only, the second has all."""
        given = {0: 0.0, 1: 1.0}.get(number, 0.5)
        self.fill = 0.0 if number == 0 else 0.5
        arguments = {}
        for param in endpoint["params"]:
            if not param["required"] and self.random.random() >= given:
                continue
            arguments[param["name"]] = self.argument(param)
        return arguments

    def argument(self, param: dict[str, Any]) -> Any:
        if param["in"] == "path":
            return self.random.choice(IDS)
        if param["in"] == "header" and param["type"]["k"] == "string":
            return self.random.choice(HEADER_IDS)
        if param["name"] == "max_tokens":
            # More would be streamed, or refused by the official client.
            return self.random.choice([1, 1024, 4096])
        if param["nullable"] and self.random.random() < 0.15:
            return None
        return self.value(param["type"], 0)

    def value(self, type_: Type, depth: int) -> Any:
        return getattr(self, f"_{type_['k']}")(type_, depth)

    def minimal(self, type_: Type) -> Any:
        """A value with nothing that isn't required."""
        self.fill = 0.0
        return self.value(type_, DEEPEST)

    def _string(self, _type: Type, _depth: int) -> str:
        return self.random.choice(TEXTS)

    _base64 = _string

    def _integer(self, _type: Type, _depth: int) -> int:
        return self.random.choice(INTEGERS)

    def _number(self, _type: Type, _depth: int) -> float:
        return self.random.choice(NUMBERS)

    def _boolean(self, _type: Type, _depth: int) -> bool:
        return self.random.random() < 0.5

    def _datetime(self, _type: Type, _depth: int) -> str:
        return self.random.choice(TIMES)

    def _date(self, _type: Type, _depth: int) -> str:
        return "2026-02-28"

    def _any(self, _type: Type, _depth: int) -> Any:
        return self.random.choice(FREE)

    def _file(self, _type: Type, _depth: int) -> dict[str, str]:
        return dict(self.random.choice(FILES))

    def _literal(self, type_: Type, _depth: int) -> Any:
        return self.random.choice(type_["values"])

    _open = _literal

    def _list(self, type_: Type, depth: int) -> list[Any]:
        longest = 0 if depth >= DEEPEST else 3
        return [self.value(type_["of"], depth + 1) for _ in range(self.random.randint(0, longest))]

    def _map(self, type_: Type, depth: int) -> dict[str, Any]:
        longest = 0 if depth >= DEEPEST else 2
        count = self.random.randint(0, longest)
        return {f"{self._string({}, 0)}{n}": self.value(type_["of"], depth + 1) for n in range(count)}

    def _nullable(self, type_: Type, depth: int) -> Any:
        return None if self.random.random() < 0.2 else self.value(type_["of"], depth)

    def _union(self, type_: Type, depth: int) -> Any:
        members = type_["of"]
        if depth >= DEEPEST:
            members = sorted(members, key=self._height)[:1]
        return self.value(self.random.choice(members), depth)

    def _ref(self, type_: Type, depth: int) -> Any:
        named = self.description.named(type_["to"])
        if named["kind"] == "alias":
            return self.value(named["type"], depth)
        value = Object()
        value.optional = frozenset(field["wire"] for field in named["fields"] if not field["required"])
        for field in named["fields"]:
            if field.get("local"):
                continue
            deep = depth >= DEEPEST
            if not field["required"] and (deep or self.random.random() >= self.fill):
                continue
            if field["nullable"] and self.random.random() < 0.15:
                value[field["wire"]] = None
            else:
                value[field["wire"]] = self.value(field["type"], depth + 1)
        # The description lets this be anything. In ours it is an object or null, and another value is refused before it is
        # sent.
        if type_["to"].endswith(".BetaFallbackBlockParam") and value.get("trigger") is not None:
            value["trigger"] = {"type": "refusal"}
        return value

    def _height(self, type_: Type, seen: tuple[str, ...] = ()) -> int:
        """How many levels the smallest value of a type has; endless ones have very many."""
        if type_["k"] == "union":
            return min(self._height(member, seen) for member in type_["of"])
        if type_["k"] != "ref":
            return 0
        if type_["to"] in seen:
            return 1000
        named = self.description.named(type_["to"])
        seen = (*seen, type_["to"])
        if named["kind"] == "alias":
            return self._height(named["type"], seen)
        required = [field["type"] for field in named["fields"] if field["required"]]
        return 1 + max((self._height(of, seen) for of in required), default=0)
