"""The part of `api.json` that calls are made from: the endpoints and the types."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

API = Path(__file__).resolve().parent.parent

Type = dict[str, Any]
Endpoint = dict[str, Any]


class Description:
    def __init__(self, patterns: list[str] | None = None) -> None:
        described = json.loads((API / "api.json").read_text(encoding="utf-8"))
        self.types: dict[str, Type] = described["types"]
        self.endpoints: list[Endpoint] = [
            endpoint
            for endpoint in described["endpoints"]
            if any(fnmatchcase(endpoint["id"], pattern) for pattern in patterns or ["*"])
        ]

    def named(self, name: str) -> Type:
        return self.types[name]

    def resolve(self, type_: Type) -> Type:
        """The type behind names of aliases."""
        while type_["k"] == "ref" and self.types[type_["to"]]["kind"] == "alias":
            type_ = self.types[type_["to"]]["type"]
        return type_


def target_pattern(endpoint: Endpoint) -> re.Pattern[str]:
    """Matches the paths of an endpoint's requests."""
    parts = re.split(r"\{\w+\}", endpoint["path"])
    return re.compile("[^/]+".join(map(re.escape, parts)) + r"\Z")
