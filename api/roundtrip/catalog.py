"""The official SDK's types, as Python has them at run time."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import tomllib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anthropic.types
from pydantic import BaseModel
from typing_extensions import is_typeddict

API = Path(__file__).resolve().parent.parent / "api.json"
OVERLAY = API.with_name("overlay.toml")
PACKAGE = "anthropic."


@dataclass(frozen=True)
class Official:
    """A type of the official SDK: `types.message`, `Message`, and what Python has under this name."""

    module: str
    name: str
    kind: str
    annotation: Any

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


def modules() -> Iterator[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for found in pkgutil.walk_packages(anthropic.types.__path__, f"{PACKAGE}types."):
            yield importlib.import_module(found.name)


def official_types() -> list[Official]:
    """Response models, request dictionaries and names for unions and sets of strings."""
    described = json.loads(API.read_text(encoding="utf-8"))["types"]
    # Which of a module's other names are types is not visible at run time: `X = Union[…]` is a value.
    names: dict[str, set[str]] = {}
    for name in (name for name, definition in described.items() if definition["kind"] == "alias"):
        module, _, own = name.rpartition(".")
        names.setdefault(module, set()).add(own)
    return [official for module in modules() for official in of_module(module, names)]


def without_type() -> dict[str, str]:
    """The official names that no Rust type stands for, and why."""
    overlay = tomllib.loads(OVERLAY.read_text(encoding="utf-8"))
    exceptions: dict[str, str] = overlay["fold"]["exceptions"]
    return exceptions


def of_module(module: Any, aliases: dict[str, set[str]]) -> Iterator[Official]:
    where = module.__name__.removeprefix(PACKAGE)
    for name, value in sorted(vars(module).items()):
        if name in aliases.get(where, ()):
            yield Official(where, name, "alias", value)
        elif kind := class_kind(value, module.__name__):
            yield Official(where, name, kind, value)


def class_kind(value: Any, module: str) -> str | None:
    """Whether a module's value is a model or a dictionary that it defines."""
    if not inspect.isclass(value) or value.__module__ != module:
        return None
    if is_typeddict(value):
        return "dict"
    return "model" if issubclass(value, BaseModel) else None
