"""What an annotation of the official SDK allows, in the few forms that JSON has."""

from __future__ import annotations

import collections.abc
import inspect
import os
import types
import typing
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Literal, Union

import typing_extensions
from anthropic._models import UnionDiscriminator
from pydantic import BaseModel
from typing_extensions import is_typeddict

NOTHING = type(None)
LISTS = (list, collections.abc.Sequence, collections.abc.Iterable)
MAPS = (dict, collections.abc.Mapping)


@dataclass(frozen=True)
class Field:
    """A field under the name that it has in JSON."""

    name: str
    annotation: Any
    is_required: bool
    discriminator: str | None = None


class NotJson(Exception):
    """An annotation that no JSON value fits: files, classes of Python."""


def origin(annotation: Any) -> Any:
    return typing.get_origin(annotation)


def is_object(annotation: Any) -> bool:
    return inspect.isclass(annotation) and (
        is_typeddict(annotation) or issubclass(annotation, BaseModel)
    )


def unwrap(annotation: Any) -> tuple[Any, str | None]:
    """The annotation without what is only said about it, and the tag of a union where that is said."""
    tag = None
    while True:
        outer = origin(annotation)
        if outer in (typing_extensions.Required, typing_extensions.NotRequired):
            annotation = annotation.__args__[0]
        elif outer is typing.Annotated:
            tag = next((m.field_name for m in annotation.__metadata__ if isinstance(m, UnionDiscriminator)), tag)
            annotation = annotation.__origin__
        elif is_object(outer):
            # A generic model without its arguments.
            annotation = outer
        else:
            return annotation, tag


@cache
def fields(annotation: Any) -> tuple[Field, ...]:
    """The fields of a model or a dictionary."""
    if is_typeddict(annotation):
        hints = typing_extensions.get_type_hints(annotation, include_extras=True)
        return tuple(Field(name, hint, is_required(hint, is_total(annotation, name))) for name, hint in hints.items())
    found = []
    for name, info in annotation.model_fields.items():
        if info.exclude:
            # What the official client computes for its callers.
            continue
        tag = next((m.field_name for m in info.metadata if isinstance(m, UnionDiscriminator)), None)
        found.append(Field(info.alias or name, info.annotation, info.is_required(), tag))
    return tuple(found)


def is_required(hint: Any, total: bool) -> bool:
    """Whether a key of a dictionary is required. `__required_keys__` cannot tell: there the hints are still text."""
    outer = origin(hint)
    return outer is typing_extensions.Required or (total and outer is not typing_extensions.NotRequired)


def is_total(dictionary: Any, name: str) -> bool:
    """Whether keys are required by default in the dictionary that a key comes from."""
    for base in map(unwrap_generic, getattr(dictionary, "__orig_bases__", ())):
        if is_typeddict(base) and name in base.__annotations__:
            return is_total(base, name)
    return bool(dictionary.__total__)


def unwrap_generic(annotation: Any) -> Any:
    return origin(annotation) or annotation


def is_union(annotation: Any) -> bool:
    return origin(annotation) in (Union, types.UnionType)


def members(annotation: Any) -> list[Any]:
    """The members of a union that JSON can have, `None` apart."""
    return [
        member
        for member in map(lambda one: unwrap(one)[0], annotation.__args__)
        if member is not NOTHING and is_json(member)
    ]


def is_json(annotation: Any) -> bool:
    """Whether JSON has values of an annotation."""
    annotation, _ = unwrap(annotation)
    outer = origin(annotation)
    if is_union(annotation):
        return bool(members(annotation))
    if outer in LISTS or outer in MAPS:
        return is_json(annotation.__args__[-1])
    if outer is not None:
        return outer is Literal
    if inspect.isclass(annotation):
        return not issubclass(annotation, (bytes, os.PathLike, type)) and annotation.__name__ != "Omit"
    return True


def literals(annotation: Any) -> list[Any] | None:
    """The values of a set of constants, or nothing."""
    annotation, _ = unwrap(annotation)
    return list(annotation.__args__) if origin(annotation) is Literal else None


def is_constant(annotation: Any) -> bool:
    return len(literals(annotation) or ()) == 1


def texts(annotation: Any) -> list[str]:
    """The values of a set of strings, or nothing."""
    return [value for value in literals(annotation) or () if isinstance(value, str)]


def is_nullable(annotation: Any) -> bool:
    annotation, _ = unwrap(annotation)
    return is_union(annotation) and NOTHING in annotation.__args__


@cache
def tag_of(objects: tuple[Any, ...]) -> str | None:
    """The field by which some objects are told apart: one that all have, as constants that differ."""
    common = [
        {field.name: repr(words) for field in fields(each) if (words := texts(field.annotation))}
        for each in objects
    ]
    names = sorted(common[0], key=lambda name: name != "type") if common else ()
    for name in names:
        words = {constants.get(name) for constants in common}
        if None not in words and (len(words) > 1 or len(objects) == 1):
            return name
    return None


def flat(annotation: Any) -> list[Any]:
    """The members of a union, and of the unions in it."""
    found = []
    for member in members(annotation):
        found.extend(flat(member) if is_union(member) else [member])
    return found


def kind(annotation: Any) -> str:
    """Which of JSON's forms an annotation without wrapping has."""
    outer = origin(annotation)
    if outer is Literal:
        return "literal"
    if is_union(annotation):
        return "union"
    if outer in LISTS:
        return "list"
    if outer in MAPS:
        return "map"
    if is_object(annotation):
        return "object"
    if annotation in (Any, object, dict) or isinstance(annotation, (typing.TypeVar, typing_extensions.TypeVar)):
        return "free"
    plain = {str: "string", int: "integer", float: "number", bool: "boolean", datetime: "datetime", date: "date"}
    if annotation in plain:
        return plain[annotation]
    raise NotJson(repr(annotation))
