"""Puts the parts of the description together and writes it."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

from . import catalog, endpoints, typedefs
from .source import ExtractError, Source
from .tags import Tagger, types_in

PACKAGE = "anthropic"


def installed_source(package: str = PACKAGE) -> Source:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ExtractError(f"{package} is not installed; see requirements.txt")
    return Source(Path(spec.origin).parent, package)


def describe(source: Source) -> tuple[dict[str, Any], list[str]]:
    """The description, and where signatures and params dictionaries disagree."""
    types = typedefs.collect(source)
    extracted = endpoints.collect(source, types)
    lift_nullable_aliases(types, extracted.endpoints)
    _query_names(types, extracted.endpoints)
    tagger = Tagger(types)
    tagger.tag_all(types)
    tagger.tag_all(extracted.endpoints)
    coded, by_status = catalog.errors(source)
    api = {
        "sdk": catalog.sdk(source),
        "counts": _counts(types, extracted, coded),
        "types": types,
        "endpoints": extracted.endpoints,
        "helpers": extracted.helpers,
        "betas": catalog.betas(source, types, extracted.endpoints),
        "models": catalog.models(types),
        "errors": coded,
        "status_errors": by_status,
        "error_types": catalog.error_types(types),
        "pages": catalog.pages(source),
        "constants": catalog.constants(source),
    }
    return api, extracted.differences


def lift_nullable_aliases(types: dict[str, Any], found: list[dict[str, Any]]) -> None:
    """Moves nullability from an alias to the fields that use it.

    A reader that looks at one field then sees that it may be null, and never meets a null inside
    a null. The alias keeps `"nullable": true` as a trace.
    """
    lifted = set()
    for name, definition in types.items():
        if definition["kind"] == "alias" and definition["type"]["k"] == "nullable":
            definition["type"] = definition["type"]["of"]
            definition["nullable"] = True
            lifted.add(name)
    holders = [field for definition in types.values() for field in definition.get("fields", [])]
    holders += [param for endpoint in found for param in endpoint["params"]]
    direct = set()
    for holder in holders:
        if holder["type"].get("to") in lifted:
            holder["nullable"] = True
            direct.add(id(holder["type"]))
    for type_ in types_in([types, found]):
        if type_.get("to") in lifted and id(type_) not in direct:
            raise ExtractError(f"{type_['to']} may be null, and is not used by a field directly")


def _query_names(types: dict[str, Any], found: list[dict[str, Any]]) -> None:
    """Gives fields of params dictionaries the name that the method sends in the query.

    Only the method knows it (`created_at_gte` is `created_at[gte]`). Header names are left out:
    such a dictionary may also be a body elsewhere, as the params of a batch's request are.
    """
    for endpoint in found:
        definition = types.get(endpoint["body_type"] or "")
        if definition is None or definition["kind"] != "dict":
            continue
        wires = {
            param["name"]: param["wire"] for param in endpoint["params"] if param["in"] == "query"
        }
        for field in definition["fields"]:
            field["wire"] = wires.get(field["name"], field["wire"])


def _counts(
    types: dict[str, Any], extracted: endpoints.Extracted, coded: list[Any]
) -> dict[str, int]:
    kinds = [definition["kind"] for definition in types.values()]
    found = extracted.endpoints
    return {
        "models": kinds.count("model"),
        "dicts": kinds.count("dict"),
        "aliases": kinds.count("alias"),
        "fields": sum(len(definition.get("fields", [])) for definition in types.values()),
        "endpoints": len(found),
        "beta_endpoints": sum(endpoint.get("beta", False) for endpoint in found),
        "method_path_pairs": len({(item["method"], item["path"]) for item in found}),
        "resources": len({item["class"] for item in found}),
        "helpers": len(extracted.helpers),
        "errors": len(coded),
    }


def render(api: dict[str, Any]) -> str:
    """JSON with one type, one endpoint, one entry per line: small, and readable as a diff."""
    lines = ["{"]
    for key, value in api.items():
        lines.append(f" {_compact(key)}:{_lines(value)},")
    lines[-1] = lines[-1].rstrip(",")
    lines.append("}")
    return "\n".join(lines) + "\n"


def _lines(value: Any) -> str:
    if isinstance(value, dict):
        inner = [f"  {_compact(key)}:{_compact(item)}" for key, item in value.items()]
        return "{\n" + ",\n".join(inner) + "\n }"
    if isinstance(value, list):
        return "[\n" + ",\n".join(f"  {_compact(item)}" for item in value) + "\n ]"
    return _compact(value)


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
