"""Collects the TYPEDEFs: response models, request dictionaries and aliases."""

from __future__ import annotations

import ast
from typing import Any

from .annotations import AnnotationReader
from .limits import limits
from .source import ExtractError, Module, Source, Symbol, alias_value

TypeDef = dict[str, Any]
Field = dict[str, Any]


def collect(source: Source) -> dict[str, TypeDef]:
    reader = TypeDefReader(source)
    found: dict[str, TypeDef] = {}
    for module_name in source.module_names(f"{source.package}.types"):
        module = source.module(module_name)
        for name in module.definitions:
            definition = reader.read(source.resolve(module, name))
            if definition is not None:
                qualified = source.relative(f"{module_name}.{name}")
                if qualified.startswith("types.beta.") or name.startswith("Beta"):
                    definition["beta"] = True
                found[qualified] = definition
    _forget_other_defaults(found)
    return dict(sorted(found.items()))


def _forget_other_defaults(types: dict[str, TypeDef]) -> None:
    """Drops the defaults of fields that refer to a set of words which does not have them."""
    for definition in types.values():
        for field in definition.get("fields", []):
            default = field.get("limits", {}).get("default")
            if field["type"]["k"] != "ref" or default is None:
                continue
            if default not in _words(types, field["type"]):
                del field["limits"]["default"]
                if not field["limits"]:
                    del field["limits"]


def _words(types: dict[str, TypeDef], type_: dict[str, Any]) -> list[Any]:
    """The words that a type may be, through aliases and unions."""
    match type_["k"]:
        case "literal" | "open":
            return type_["values"]
        case "ref" if types[type_["to"]]["kind"] == "alias":
            return _words(types, types[type_["to"]]["type"])
        case "union":
            return [word for member in type_["of"] for word in _words(types, member)]
        case "nullable":
            return _words(types, type_["of"])
    return []


class TypeDefReader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.annotations = AnnotationReader(source)
        self._model_base = f"{source.package}._models.BaseModel"
        self._error_base = f"{source.package}._exceptions.APIStatusError"

    def read(self, symbol: Symbol) -> TypeDef | None:
        """None for what is no type of the API: error classes, type variables, constants."""
        module, node = self.source.definition(symbol)
        if symbol.kind == "alias":
            return {"kind": "alias", "type": self.annotations.read(module, alias_value(node))}
        if symbol.kind != "class":
            return None
        kind = self._class_kind(symbol)
        if kind is None:
            return None
        definition: TypeDef = {"kind": kind, "fields": self.fields(symbol)}
        extra = self._extra(symbol)
        if extra is not None:
            definition["extra"] = extra
        return definition

    def _class_kind(self, symbol: Symbol) -> str | None:
        if self.source.derives_from(symbol, self._model_base):
            return "model"
        _, node = self.source.definition(symbol)
        if isinstance(node, ast.Assign) or self.source.derives_from(symbol, "typing.TypedDict"):
            return "dict"
        if self._is_dict_by_base(symbol):
            return "dict"
        if self.source.derives_from(symbol, self._error_base):
            return None
        raise ExtractError(f"{symbol.qualified} is neither a model nor a dictionary nor an error")

    def _is_dict_by_base(self, symbol: Symbol) -> bool:
        """A base may be a dictionary in the functional form, which names no base itself."""
        for base in self.source.bases(symbol):
            if base.kind == "class":
                _, node = self.source.definition(base)
                if isinstance(node, ast.Assign) or self._is_dict_by_base(base):
                    return True
        return False

    def fields(self, symbol: Symbol) -> list[Field]:
        """Own and inherited fields. An overriding field keeps the place of the one it replaces."""
        module, node = self.source.definition(symbol)
        collected: dict[str, Field] = {}
        for base in self.source.bases(symbol):
            if base.kind == "class" and base.qualified != self._model_base:
                collected.update({field["name"]: field for field in self.fields(base)})
        if isinstance(node, ast.Assign):
            own = self._functional_fields(module, node)
        else:
            assert isinstance(node, ast.ClassDef)
            own = self._class_fields(symbol, module, node)
        collected.update({field["name"]: field for field in own})
        return list(collected.values())

    def _class_fields(self, symbol: Symbol, module: Module, node: ast.ClassDef) -> list[Field]:
        is_model = self._class_kind(symbol) == "model"
        total = not any(
            word.arg == "total" and ast.literal_eval(word.value) is False for word in node.keywords
        )
        fields = []
        docs = _docstrings(node.body)
        for statement in _annotated_statements(node.body):
            assert isinstance(statement.target, ast.Name)
            name = statement.target.id
            if name.startswith("__"):
                continue
            if is_model:
                field = self._model_field(module, name, statement)
            else:
                field = self._dict_field(module, name, statement.annotation, total)
            found = limits(symbol.name, name, field["type"], docs.get(name, ""))
            if found:
                field["limits"] = found
            fields.append(field)
        return fields

    def _functional_fields(self, module: Module, node: ast.Assign) -> list[Field]:
        call = node.value
        assert isinstance(call, ast.Call) and isinstance(call.args[1], ast.Dict)
        total = not any(
            word.arg == "total" and ast.literal_eval(word.value) is False for word in call.keywords
        )
        return [
            self._dict_field(module, ast.literal_eval(key), annotation, total)
            for key, annotation in zip(call.args[1].keys, call.args[1].values, strict=True)
            if key is not None
        ]

    def _model_field(self, module: Module, name: str, statement: ast.AnnAssign) -> Field:
        wire, required, default, local = name, statement.value is None, None, False
        match statement.value:
            case None:
                pass
            case ast.Call(func=ast.Name(id="FieldInfo"), args=[], keywords=words):
                options = {word.arg: ast.literal_eval(word.value) for word in words}
                wire = options.pop("alias", name)
                required = "default" not in options
                default = options.pop("default", None)
                local = options.pop("exclude", False)
                if options:
                    raise ExtractError(f"{module.name}: {name} has options {sorted(options)}")
            case value:
                default = ast.literal_eval(value)
        return self._field(module, name, wire, required, statement.annotation, default, local)

    def _dict_field(
        self, module: Module, name: str, annotation: ast.expr, total: bool
    ) -> Field:
        required = total
        if isinstance(annotation, ast.Subscript):
            head = self.source.resolve_expression(module, annotation.value).qualified
            if head in ("typing.Required", "typing.NotRequired"):
                required = head == "typing.Required"
        wire = _property_alias(annotation) or name
        local = _is_class_object(annotation)
        return self._field(module, name, wire, required, annotation, None, local)

    def _field(
        self,
        module: Module,
        name: str,
        wire: str,
        required: bool,
        annotation: ast.expr,
        default: Any,
        local: bool,
    ) -> Field:
        type_, nullable = self.annotations.read_nullable(module, annotation)
        field: Field = {
            "name": name,
            "wire": wire,
            "required": required,
            "nullable": nullable,
            "type": type_,
        }
        if default is not None:
            field["default"] = default
        if local:
            field["local"] = True
        return field

    def _extra(self, symbol: Symbol) -> dict[str, Any] | None:
        """The TYPE of keys beyond the declared ones, where the package says so."""
        module, node = self.source.definition(symbol)
        if isinstance(node, ast.ClassDef):
            for word in node.keywords:
                if word.arg == "extra_items":
                    return self.annotations.read(module, word.value)
            for statement in _annotated_statements(node.body):
                if ast.unparse(statement.target) == "__pydantic_extra__":
                    return self.annotations.read(module, statement.annotation)["of"]
        for expression in module.expressions:
            match expression.value:
                case ast.Call(func=ast.Name(id="set_pydantic_config"), args=[target, options]):
                    if ast.unparse(target) == symbol.name:
                        if ast.literal_eval(options).get("extra") == "allow":
                            return {"k": "any"}
        return None


def _annotated_statements(body: list[ast.stmt]) -> list[ast.AnnAssign]:
    """Annotated names of a class body; of an `if TYPE_CHECKING` the branch a checker sees."""
    found = []
    for statement in body:
        if isinstance(statement, ast.AnnAssign):
            found.append(statement)
        elif isinstance(statement, ast.If) and ast.unparse(statement.test) == "TYPE_CHECKING":
            found.extend(_annotated_statements(statement.body))
    return found


def _docstrings(body: list[ast.stmt]) -> dict[str, str]:
    """The strings that stand behind annotated names of a class body."""
    found = {}
    for statement, behind in zip(body, body[1:], strict=False):
        match statement, behind:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                found[name] = text
    return found


def _property_alias(annotation: ast.expr) -> str | None:
    for node in ast.walk(annotation):
        match node:
            case ast.Call(func=ast.Name(id="PropertyInfo"), keywords=words):
                for word in words:
                    if word.arg == "alias":
                        return ast.literal_eval(word.value)
    return None


def _is_class_object(annotation: ast.expr) -> bool:
    match annotation:
        case ast.Subscript(value=ast.Name(id="type")):
            return True
    return False
