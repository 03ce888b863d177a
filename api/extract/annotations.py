"""Turns the syntax tree of a type annotation into a TYPE of the description.

Names of classes and aliases below `<package>.types` become references; everything else is
spelled out. The schema of a TYPE is in README.md.
"""

from __future__ import annotations

import ast
from typing import Any

from .source import ExtractError, Module, Source, Symbol, alias_value

Type = dict[str, Any]

# Markers that live only while a union is put together.
NULL: Type = {"k": "null"}
OMIT: Type = {"k": "omit"}
FILE_INPUT: Type = {"k": "file_input"}

_SCALARS: dict[str, Type] = {
    "builtins.str": {"k": "string"},
    "builtins.int": {"k": "integer"},
    "builtins.float": {"k": "number"},
    "builtins.bool": {"k": "boolean"},
    "builtins.bytes": {"k": "binary"},
    "builtins.object": {"k": "any"},
    # a class object: meaningful to the Python caller only, never sent
    "builtins.type": {"k": "any"},
    "typing.Any": {"k": "any"},
    "datetime.datetime": {"k": "datetime"},
    "datetime.date": {"k": "date"},
}
_LISTS = {f"typing.{name}" for name in ("List", "Iterable", "Sequence")} | {"builtins.list"}
_MAPS = {f"typing.{name}" for name in ("Dict", "Mapping")} | {"builtins.dict"}
# Say something about a field, not about its type.
QUALIFIERS = {"typing.Required", "typing.NotRequired", "typing.ReadOnly"}
_DISCRIMINATORS = {"UnionDiscriminator", "PropertyInfo"}


class AnnotationReader:
    def __init__(self, source: Source) -> None:
        self.source = source
        package = source.package
        self._types_prefix = f"{package}.types."
        self._special = {
            **_SCALARS,
            f"{package}._types.FileTypes": {"k": "file"},
            f"{package}._types.Base64FileInput": FILE_INPUT,
            f"{package}._types.Omit": OMIT,
            f"{package}._types.NotGiven": OMIT,
        }
        self._lists = _LISTS | {f"{package}._types.SequenceNotStr"}
        self._reading_aliases: list[str] = []

    def read(self, module: Module, node: ast.expr) -> Type:
        """The TYPE of an annotation. Nullability, at whatever depth, is {"k": "nullable"}."""
        result = self._read(module, node)
        if result in (NULL, OMIT):
            raise ExtractError(f"{module.name}: no type in {ast.unparse(node)}")
        # Only in a union with `str` is a file input something that the wire knows.
        return {"k": "base64"} if result == FILE_INPUT else result

    def read_nullable(self, module: Module, node: ast.expr) -> tuple[Type, bool]:
        """Like `read`, with nullability of the whole split off."""
        result = self.read(module, node)
        if result["k"] == "nullable":
            return result["of"], True
        return result, False

    def _read(self, module: Module, node: ast.expr) -> Type:
        match node:
            case ast.Constant(value=None):
                return NULL
            case ast.Constant(value=str(text)):
                # a forward reference
                return self._read(module, ast.parse(text, mode="eval").body)
            case ast.Name() | ast.Attribute():
                return self._read_symbol(self.source.resolve_expression(module, node), node)
            case ast.BinOp(op=ast.BitOr()):
                return self._union([self._read(module, side) for side in (node.left, node.right)])
            case ast.Subscript(value=head, slice=inner):
                arguments = inner.elts if isinstance(inner, ast.Tuple) else [inner]
                return self._read_subscript(module, node, head, arguments)
        raise ExtractError(f"{module.name}: cannot read {ast.unparse(node)}")

    def _read_symbol(self, symbol: Symbol, node: ast.expr) -> Type:
        name = symbol.qualified
        if name in self._special:
            return dict(self._special[name])
        if name in self._lists:
            return {"k": "list", "of": {"k": "any"}}
        if name in _MAPS:
            return {"k": "map", "of": {"k": "any"}}
        if symbol.kind == "typevar":
            # stands for a type that the Python caller chooses
            return {"k": "any"}
        if symbol.kind in ("class", "alias") and name.startswith(self._types_prefix):
            return {"k": "ref", "to": self.source.relative(name)}
        raise ExtractError(f"{name} is not a type of the API (in {ast.unparse(node)})")

    def _read_subscript(
        self, module: Module, node: ast.Subscript, head: ast.expr, arguments: list[ast.expr]
    ) -> Type:
        symbol = self.source.resolve_expression(module, head)
        name = symbol.qualified
        if name == "typing.Literal":
            return {"k": "literal", "values": self._literal_values(module, arguments)}
        if name == "typing.Optional":
            return self._union([self._read(module, arguments[0]), NULL])
        if name == "typing.Union":
            return self._union([self._read(module, argument) for argument in arguments])
        if name == "typing.Annotated":
            return self._annotated(self._read(module, arguments[0]), arguments[1:])
        if name in QUALIFIERS:
            return self._read(module, arguments[0])
        if name in self._lists:
            return {"k": "list", "of": self.read(module, arguments[0])}
        if name in _MAPS:
            if self._read(module, arguments[0])["k"] not in ("string", "ref", "literal", "open"):
                raise ExtractError(f"{module.name}: keys that are not strings: {ast.unparse(node)}")
            return {"k": "map", "of": self.read(module, arguments[1])}
        if symbol.kind in ("class", "alias") or name == "builtins.type":
            # A generic of the package: its arguments are chosen by the Python caller.
            return self._read_symbol(symbol, node)
        raise ExtractError(f"{module.name}: cannot read {ast.unparse(node)}")

    def _literal_values(self, module: Module, arguments: list[ast.expr]) -> list[Any]:
        values = []
        for argument in arguments:
            try:
                values.append(ast.literal_eval(argument))
            except ValueError as error:
                raise ExtractError(f"{module.name}: {ast.unparse(argument)}") from error
        return values

    @staticmethod
    def _annotated(inner: Type, metadata: list[ast.expr]) -> Type:
        union = inner["of"] if inner["k"] == "nullable" else inner
        for item in metadata:
            if not (isinstance(item, ast.Call) and isinstance(item.func, ast.Name)):
                continue
            if item.func.id not in _DISCRIMINATORS or union["k"] != "union":
                continue
            named = [word.value for word in item.keywords if word.arg == "discriminator"]
            for value in item.args[:1] + named:
                union["tag"] = ast.literal_eval(value)
        return inner

    def _union(self, members: list[Type]) -> Type:
        nullable = False
        flat: list[Type] = []
        for member in members:
            if member["k"] == "nullable":
                nullable = True
                member = member["of"]
            if member == NULL:
                nullable = True
            elif member == OMIT:
                pass  # "not given" is a property of a parameter, not a value
            elif member["k"] == "union":
                flat.extend(member["of"])
            else:
                flat.append(member)
        if not flat:
            return NULL if nullable else OMIT
        flat = self._without_file_input(flat)
        flat = self._with_literals_joined(flat)
        distinct = [member for at, member in enumerate(flat) if member not in flat[:at]]
        result = distinct[0] if len(distinct) == 1 else {"k": "union", "of": distinct, "tag": None}
        return {"k": "nullable", "of": result} if nullable else result

    @staticmethod
    def _without_file_input(members: list[Type]) -> list[Type]:
        """`str | <file>`: the SDK reads the file and sends it as a base64 string."""
        if FILE_INPUT not in members:
            return members
        kept = [member for member in members if member != FILE_INPUT]
        return [{"k": "base64"} if member["k"] == "string" else member for member in kept]

    def _with_literals_joined(self, members: list[Type]) -> list[Type]:
        """Joins literals; together with `str` they are an open set of values."""
        has_string = {"k": "string"} in members
        values: list[Any] = []
        joined: list[Type] = []
        position: int | None = None
        for member in members:
            found = self._values_of(member) if has_string else None
            if member["k"] in ("literal", "open"):
                found = member["values"]
            if found is None and member != {"k": "string"}:
                joined.append(member)
                continue
            position = len(joined) if position is None else position
            # `True == 1` in Python: compare the types too
            known = {(type(value), value) for value in values}
            values.extend(value for value in found or [] if (type(value), value) not in known)
        if position is not None:
            if not values:
                joined.insert(position, {"k": "string"})
            else:
                is_open = has_string or any(member["k"] == "open" for member in members)
                joined.insert(position, {"k": "open" if is_open else "literal", "values": values})
        return joined

    def _values_of(self, member: Type) -> list[Any] | None:
        """The values of a literal, also when it hides behind aliases."""
        if member["k"] in ("literal", "open"):
            return member["values"]
        if member["k"] != "ref":
            return None
        module_name, _, name = f"{self.source.package}.{member['to']}".rpartition(".")
        symbol = self.source.resolve(self.source.module(module_name), name)
        if symbol.kind != "alias" or member["to"] in self._reading_aliases:
            return None
        self._reading_aliases.append(member["to"])
        try:
            module, node = self.source.definition(symbol)
            return self._values_of(self._read(module, alias_value(node)))
        finally:
            self._reading_aliases.pop()
