"""Finds the discriminator of unions.

Where the package names one (an attribute) it is translated to the name on the wire. Elsewhere it
is inferred: a key that every member carries, with strings of its own in each.
"""

from __future__ import annotations

from typing import Any, Iterator

Type = dict[str, Any]


def types_in(value: Any) -> Iterator[Type]:
    """Every TYPE inside a JSON value, outermost first."""
    if isinstance(value, dict):
        if isinstance(value.get("k"), str):
            yield value
        for inner in value.values():
            yield from types_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from types_in(inner)


class Tagger:
    def __init__(self, types: dict[str, Any]) -> None:
        self.types = types

    def tag_all(self, value: Any) -> None:
        for type_ in types_in(value):
            if type_["k"] == "union":
                type_["tag"] = self._tag(type_)

    def _tag(self, union: Type) -> str | None:
        members = [self.leaves(member) for member in union["of"]]
        if any(member is None for member in members):
            return None
        found = [member for member in members if member is not None]
        if union["tag"] is not None:
            return self._on_the_wire(found, union["tag"])
        fields = self.types[found[0][0]]["fields"]
        # "type" is the usual discriminator: try it first, then in order of declaration.
        candidates = sorted((field["wire"] for field in fields), key=lambda wire: wire != "type")
        return next((wire for wire in candidates if self._tells_apart(found, wire)), None)

    def _tells_apart(self, members: list[list[str]], wire: str) -> bool:
        """Whether each value of the key belongs to one member only.

        A member that is itself a union by name may use a value several times; telling its own
        variants apart is its own matter.
        """
        taken: set[str] = set()
        for leaves in members:
            own: set[str] = set()
            for leaf in leaves:
                values = self.values(leaf, wire)
                if not values:
                    return False
                own.update(values)
            if own & taken:
                return False
            taken |= own
        return True

    def _on_the_wire(self, members: list[list[str]], attribute: str) -> str:
        for leaf in (leaf for leaves in members for leaf in leaves):
            for field in self.types[leaf]["fields"]:
                if field["name"] == attribute:
                    return field["wire"]
        return attribute

    def leaves(self, type_: Type, seen: tuple[str, ...] = ()) -> list[str] | None:
        """The models and dictionaries of a union, through aliases; None if it has others too."""
        if type_["k"] == "union":
            found: list[str] = []
            for member in type_["of"]:
                inner = self.leaves(member, seen)
                if inner is None:
                    return None
                found.extend(name for name in inner if name not in found)
            return found
        if type_["k"] != "ref" or type_["to"] in seen:
            return None
        target = self.types[type_["to"]]
        if target["kind"] == "alias":
            return self.leaves(target["type"], (*seen, type_["to"]))
        return [type_["to"]]

    def values(self, qualified: str, wire: str) -> list[str]:
        """The strings a field may have, if it is a closed set of strings."""
        for field in self.types[qualified]["fields"]:
            if field["wire"] != wire:
                continue
            type_ = self.resolved(field["type"])
            if type_["k"] == "literal" and all(isinstance(item, str) for item in type_["values"]):
                return type_["values"]
        return []

    def resolved(self, type_: Type) -> Type:
        while type_["k"] == "ref" and self.types[type_["to"]]["kind"] == "alias":
            type_ = self.types[type_["to"]]["type"]
        return type_
