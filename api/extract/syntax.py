"""The syntax tree of a resource's methods: signatures, calls, and what they are given."""

from __future__ import annotations

import ast
from typing import Iterator

_VERBS = {
    "_get": "GET",
    "_post": "POST",
    "_put": "PUT",
    "_patch": "PATCH",
    "_delete": "DELETE",
    "_get_api_list": "GET",
}
# Present in every method; they steer the call, they are not part of the API.
_CALL_OPTIONS = {"self", "extra_headers", "extra_query", "extra_body", "timeout"}


def signature(method: ast.FunctionDef) -> dict[str, tuple[ast.expr, bool]]:
    """Parameter name -> (annotation, required), in order."""
    arguments = method.args
    positional = [*arguments.posonlyargs, *arguments.args]
    missing = len(positional) - len(arguments.defaults)
    required = [at < missing for at in range(len(positional))]
    required += [default is None for default in arguments.kw_defaults]
    found = {}
    for argument, needed in zip([*positional, *arguments.kwonlyargs], required, strict=True):
        if argument.arg not in _CALL_OPTIONS:
            assert argument.annotation is not None
            found[argument.arg] = (argument.annotation, needed)
    return found


def singulars(name: str) -> list[str]:
    """What a resource's name may become in front of a method's name."""
    forms = [name]
    if name.endswith("ies"):
        forms.append(name[:-3] + "y")
    if name.endswith("es"):
        forms.append(name[:-2])
    if name.endswith("s"):
        forms.append(name[:-1])
    return forms


def is_cached_property(method: ast.FunctionDef) -> bool:
    return any(ast.unparse(item) == "cached_property" for item in method.decorator_list)


def unquoted(node: ast.expr) -> ast.expr:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return ast.parse(node.value, mode="eval").body
    return node


def calls_in(method: ast.FunctionDef) -> list[ast.Call]:
    return [node for node in ast.walk(method) if isinstance(node, ast.Call)]


def verb(call: ast.Call) -> str | None:
    match call.func:
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            return _VERBS.get(name)
    return None


def request_options(call: ast.Call) -> list[ast.keyword]:
    """The arguments of `make_request_options` in a request."""
    for word in call.keywords:
        if word.arg == "options" and isinstance(word.value, ast.Call):
            return word.value.keywords
    return []


def strings_in(node: ast.expr) -> list[str]:
    """The names in an expression that joins betas; one literal may hold several, with commas between."""
    return [
        name
        for item in ast.walk(node)
        if isinstance(item, ast.Constant) and isinstance(item.value, str)
        for name in item.value.split(",")
        if name
    ]


def items(node: ast.Dict) -> Iterator[tuple[str, ast.expr]]:
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield key.value, value
