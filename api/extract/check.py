"""Checks that a description is consistent with itself. Returns complaints; none is good."""

from __future__ import annotations

import re
from typing import Any

from .tags import types_in


def complaints(api: dict[str, Any]) -> list[str]:
    return [
        *_dangling_references(api),
        *_placeholders(api),
        *_bodies(api),
        *_pages(api),
        *_errors(api),
        *_flat_unions(api),
    ]


def _dangling_references(api: dict[str, Any]) -> list[str]:
    types = api["types"]
    found = {
        type_["to"]
        for part in ("types", "endpoints")
        for type_ in types_in(api[part])
        if type_["k"] == "ref" and type_["to"] not in types
    }
    named = {endpoint["body_type"] for endpoint in api["endpoints"]}
    named |= {error["details"] for error in api["errors"]}
    found |= {name for name in named if name is not None and name not in types}
    return [f"{name} is referred to but not described" for name in sorted(found)]


def _placeholders(api: dict[str, Any]) -> list[str]:
    found = []
    for endpoint in api["endpoints"]:
        wanted = re.findall(r"\{(\w+)\}", endpoint["path"])
        given = [param["wire"] for param in endpoint["params"] if param["in"] == "path"]
        if sorted(wanted) != sorted(given):
            found.append(f"{endpoint['id']}: path needs {wanted} and has {given}")
        optional = [
            param["name"]
            for param in endpoint["params"]
            if param["in"] == "path" and not param["required"]
        ]
        if optional:
            found.append(f"{endpoint['id']}: optional path parameters {optional}")
    return found


def _bodies(api: dict[str, Any]) -> list[str]:
    found = []
    for endpoint in api["endpoints"]:
        has_body = any(param["in"] == "body" for param in endpoint["params"])
        if has_body != (endpoint["body"] != "none"):
            found.append(f"{endpoint['id']}: body {endpoint['body']}, body parameters {has_body}")
        names = {param["wire"] for param in endpoint["params"] if param["in"] == "body"}
        for path in endpoint["files"]:
            if path[0] not in names:
                found.append(f"{endpoint['id']}: file {path} is no body parameter")
        if endpoint["method"] == "GET" and endpoint["body"] != "none":
            found.append(f"{endpoint['id']}: GET with a body")
    return found


def _pages(api: dict[str, Any]) -> list[str]:
    found = []
    for endpoint in api["endpoints"]:
        response = endpoint["response"]
        if response["kind"] != "page":
            continue
        page = api["pages"].get(response["page"])
        if page is None:
            found.append(f"{endpoint['id']}: unknown page class {response['page']}")
            continue
        query = {param["wire"] for param in endpoint["params"] if param["in"] == "query"}
        for parameter, _ in page["next"]:
            if parameter not in query:
                found.append(f"{endpoint['id']}: pages by {parameter}, which is no parameter")
    return found


def _errors(api: dict[str, Any]) -> list[str]:
    known = {error["class"] for error in api["errors"]}
    known |= {error["class"] for error in api["status_errors"]}
    return [
        f"{endpoint['id']}: unknown error {name}"
        for endpoint in api["endpoints"]
        for name in endpoint["errors"]
        if name not in known
    ]


def _flat_unions(api: dict[str, Any]) -> list[str]:
    """A union never contains unions without a name, nor nulls of its own."""
    found = []
    for name, definition in api["types"].items():
        for type_ in types_in(definition):
            if type_["k"] == "union":
                inner = {member["k"] for member in type_["of"]}
                if inner & {"union", "nullable"}:
                    found.append(f"{name}: union directly inside a union")
    return found
