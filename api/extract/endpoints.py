"""Reads every method of every resource class: what it sends, where, and what comes back.

All of it comes from the syntax tree of the synchronous classes; the asynchronous ones mirror them.
A statement this module does not know raises `ExtractError`, so that nothing is lost silently.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any, Iterator

from .methods import Endpoint, MethodReader
from .source import ExtractError, Source, Symbol
from .syntax import calls_in, is_cached_property, request_options, unquoted, verb


@dataclass
class Resource:
    """A resource class and the attribute path that leads to it from the client."""

    path: str
    symbol: Symbol


@dataclass
class Extracted:
    endpoints: list[Endpoint] = field(default_factory=list)
    helpers: list[dict[str, str]] = field(default_factory=list)
    # differences between a method's signature and its params dictionary
    differences: list[str] = field(default_factory=list)


def collect(source: Source, types: dict[str, Any]) -> Extracted:
    extracted = Extracted()
    client = Symbol("class", f"{source.package}._client", "Anthropic")
    for resource in sorted(resources(source, client), key=lambda resource: resource.path):
        ResourceReader(source, types, resource, extracted).read()
    extracted.endpoints.sort(key=lambda endpoint: endpoint["id"])
    extracted.helpers.sort(key=lambda helper: helper["id"])
    return extracted


def resources(source: Source, owner: Symbol, prefix: str = "") -> Iterator[Resource]:
    """The resource classes below a class, found through its cached properties."""
    base = f"{source.package}._resource.SyncAPIResource"
    module, node = source.definition(owner)
    assert isinstance(node, ast.ClassDef)
    for method in node.body:
        if not isinstance(method, ast.FunctionDef) or not is_cached_property(method):
            continue
        assert method.returns is not None
        symbol = source.resolve_expression(module, unquoted(method.returns))
        if symbol.kind == "class" and source.derives_from(symbol, base):
            resource = Resource(prefix + method.name, symbol)
            yield resource
            yield from resources(source, symbol, resource.path + ".")


class ResourceReader:
    def __init__(
        self, source: Source, types: dict[str, Any], resource: Resource, extracted: Extracted
    ) -> None:
        self.source = source
        self.types = types
        self.resource = resource
        self.extracted = extracted
        module, node = source.definition(resource.symbol)
        assert isinstance(node, ast.ClassDef)
        self.module = module
        self.node = node

    def read(self) -> None:
        overloads: dict[str, list[ast.FunctionDef]] = {}
        for method in self.node.body:
            if not isinstance(method, ast.FunctionDef) or method.name.startswith("_"):
                continue
            if is_cached_property(method):
                continue
            if any(ast.unparse(decorator) == "overload" for decorator in method.decorator_list):
                overloads.setdefault(method.name, []).append(method)
                continue
            self._read_method(method, overloads.get(method.name, []))

    def _read_method(self, method: ast.FunctionDef, overloads: list[ast.FunctionDef]) -> None:
        id_ = f"{self.resource.path}.{method.name}"
        calls = [call for call in calls_in(method) if verb(call) is not None]
        why = None
        if not calls:
            partial = any(ast.unparse(call.func) == "partial" for call in calls_in(method))
            why = "wraps the request of another method" if partial else "sends no request itself"
        elif any(word.arg == "post_parser" for word in request_options(calls[0])):
            why = "sends the request of another method and parses the response further"
        if why is not None:
            self.extracted.helpers.append({"id": id_, "why": why})
            return
        if len(calls) != 1:
            raise ExtractError(f"{id_} sends {len(calls)} requests")
        reader = MethodReader(self, id_, method, overloads, calls[0])
        self.extracted.endpoints.append(reader.read())
