"""Facts that are neither types nor endpoints: errors, page classes, betas, models, constants."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

from .annotations import AnnotationReader
from .source import ExtractError, Source, alias_value
from .tags import Tagger

# A beta's name ends with a date. The API's version is a date alone, and a model has no hyphens in its.
BETA = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*-20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")


def sdk(source: Source) -> dict[str, str]:
    module = source.module(f"{source.package}._version")
    version = ast.literal_eval(alias_value(module.definitions["__version__"]))
    return {"package": source.package, "version": version}


def errors(source: Source) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Error classes by (status, code), and those by status alone."""
    module = source.module(f"{source.package}._error_classes")
    table = alias_value(module.definitions["ERROR_CLASSES"])
    if not isinstance(table, ast.Dict):
        raise ExtractError("ERROR_CLASSES is no dictionary display")
    coded, by_status = [], []
    for key, value in zip(table.keys, table.values, strict=True):
        assert key is not None
        status, code = ast.literal_eval(key)
        symbol = source.resolve_expression(module, value)
        if code is None:
            by_status.append({"status": status, "class": symbol.name})
            continue
        parents = [base.name for base in source.bases(symbol)]
        coded.append(
            {
                "status": status,
                "error_code": code,
                "class": symbol.name,
                "parent": parents[0],
                "details": _details(source, symbol),
            }
        )
    return coded, by_status


def _details(source: Source, symbol: Any) -> str | None:
    module, node = source.definition(symbol)
    assert isinstance(node, ast.ClassDef)
    for statement in node.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id="details"), annotation=annotation):
                details = source.resolve_expression(module, annotation)
                return source.relative(details.qualified)
    return None


def error_types(types: dict[str, Any]) -> list[str]:
    return Tagger(types).resolved(types["types.shared.error_type.ErrorType"]["type"])["values"]


def models(types: dict[str, Any]) -> list[str]:
    return types["types.model.Model"]["type"]["values"]


def betas(
    source: Source, types: dict[str, Any], endpoints: list[dict[str, Any]]
) -> list[str]:
    """The betas by name, those that endpoints send, and those that only the package's own code knows."""
    known = set(_dated_names(source))
    for name, definition in types.items():
        if name.rpartition(".")[2] in ("AnthropicBeta", "AnthropicBetaParam"):
            known.update(definition["type"]["values"])
    for endpoint in endpoints:
        known.update(endpoint["betas"])
    return sorted(known)


def _dated_names(source: Source) -> Iterator[str]:
    """Strings that are nothing but a beta's name; in prose there is always something around it."""
    for path in sorted(source.root.rglob("*.py")):
        parts = path.relative_to(source.root).with_suffix("").parts
        # What the types hold are values of fields, of which `betas` takes what are betas.
        if parts[0] == "types":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"), str(path))):
            match node:
                case ast.Constant(value=str(text)) if BETA.fullmatch(text):
                    yield text


def pages(source: Source) -> dict[str, Any]:
    """The page classes: body fields, and which of them feeds which query parameter.

    Of several entries in "next", one applies if the request itself had that query parameter; the
    last one applies otherwise.
    """
    module = source.module(f"{source.package}.pagination")
    reader = AnnotationReader(source)
    found = {}
    for name, node in module.definitions.items():
        if not name.startswith("Sync") or not isinstance(node, ast.ClassDef):
            continue
        body_fields, next_, stops = [], [], False
        for statement in node.body:
            match statement:
                case ast.AnnAssign(target=ast.Name(id=field), annotation=annotation):
                    type_, nullable = reader.read_nullable(module, annotation)
                    body_fields.append(
                        {
                            "name": field,
                            "wire": field,
                            "required": statement.value is None,
                            "nullable": nullable,
                            "type": type_,
                        }
                    )
                case ast.FunctionDef(name="next_page_info"):
                    next_ = _next(statement)
                case ast.FunctionDef(name="has_next_page"):
                    stops = "has_more" in ast.unparse(statement)
        found[name.removeprefix("Sync")] = {
            "fields": [field["name"] for field in body_fields],
            "field_types": body_fields,
            "items": "data",
            "next": next_,
            "stops_when_has_more_is_false": stops,
        }
    return dict(sorted(found.items()))


def _next(method: ast.FunctionDef) -> list[list[str]]:
    """The (query parameter, body field) pairs in the order they are tried."""
    origins = {}
    pairs: list[tuple[int, list[str]]] = []
    for node in ast.walk(method):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Attribute(attr=field)):
                origins[name] = field
    for node in ast.walk(method):
        match node:
            case ast.Call(func=ast.Name(id="PageInfo"), keywords=[ast.keyword(value=params)]):
                assert isinstance(params, ast.Dict)
                for key, value in zip(params.keys, params.values, strict=True):
                    assert key is not None and isinstance(value, ast.Name)
                    pairs.append((node.lineno, [ast.literal_eval(key), origins[value.id]]))
    return [pair for _, pair in sorted(pairs)]


def constants(source: Source) -> dict[str, Any]:
    package = source.package
    base = source.module(f"{package}._constants")
    messages = source.module(f"{package}.resources.messages.messages")

    def value(module: Any, name: str) -> ast.expr:
        # Where the module uses it: it may be defined there, or imported from elsewhere in the package.
        _, node = source.definition(source.resolve(module, name))
        return alias_value(node)

    timeout = value(base, "DEFAULT_TIMEOUT")
    assert isinstance(timeout, ast.Call)
    timeouts = {word.arg: word.value for word in timeout.keywords}
    client = source.module(f"{package}._client")
    return {
        "default_api_version": ast.literal_eval(value(base, "ANTHROPIC_API_VERSION")),
        "default_base_url": _default_base_url(client.tree),
        "default_timeout_seconds": _product(timeouts["timeout"]),
        "default_connect_timeout_seconds": _product(timeouts["connect"]),
        "default_max_retries": ast.literal_eval(value(base, "DEFAULT_MAX_RETRIES")),
        "initial_retry_delay_seconds": ast.literal_eval(value(base, "INITIAL_RETRY_DELAY")),
        "max_retry_delay_seconds": ast.literal_eval(value(base, "MAX_RETRY_DELAY")),
        "deprecated_models": ast.literal_eval(value(messages, "DEPRECATED_MODELS")),
        "models_to_warn_with_thinking_enabled": ast.literal_eval(
            value(messages, "MODELS_TO_WARN_WITH_THINKING_ENABLED")
        ),
        "model_nonstreaming_tokens": ast.literal_eval(value(base, "MODEL_NONSTREAMING_TOKENS")),
    }


def _product(node: ast.expr) -> int | float:
    """A number, or a product of numbers as in `10 * 60`."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return _product(node.left) * _product(node.right)
    return ast.literal_eval(node)


def _default_base_url(tree: ast.Module) -> str:
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(url)) if url.startswith("https://api."):
                return url
    raise ExtractError("no default base URL")
