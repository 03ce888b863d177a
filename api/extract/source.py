"""Syntax trees of the package's modules, and what a name in a module stands for.

Everything is read from source text, never by importing: at run time `typing` has already replaced
an alias by what it stands for, and the names of aliases are exactly what the description keeps.
"""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass, field
from pathlib import Path


class ExtractError(Exception):
    """Something in the package that this program does not understand; never skipped silently."""


@dataclass(frozen=True)
class Symbol:
    """What a name stands for.

    `kind` is "class", "alias", "typevar", "constant" or "function" for a definition inside the
    package, "module" for one of its modules, "external" for everything else (`module` is then
    where it comes from: "builtins", "typing", ...).
    """

    kind: str
    module: str
    name: str = ""

    @property
    def qualified(self) -> str:
        return f"{self.module}.{self.name}" if self.name else self.module


@dataclass
class Module:
    name: str
    is_package: bool
    tree: ast.Module
    # local name -> (module it is imported from, name there; None for the module itself)
    imports: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    definitions: dict[str, ast.stmt] = field(default_factory=dict)
    # plain statements such as calls, which may configure a class after its definition
    expressions: list[ast.Expr] = field(default_factory=list)
    exports: list[str] | None = None


# `typing_extensions` and `collections.abc` offer the same things as `typing`.
_SAME_AS_TYPING = {"typing_extensions", "collections.abc"}


class Source:
    """The modules of one package, parsed on demand."""

    def __init__(self, root: Path, package: str) -> None:
        self.root = root
        self.package = package
        self._modules: dict[str, Module | None] = {}

    def module(self, name: str) -> Module:
        found = self.find_module(name)
        if found is None:
            raise ExtractError(f"no such module: {name}")
        return found

    def find_module(self, name: str) -> Module | None:
        if name not in self._modules:
            self._modules[name] = self._load(name)
        return self._modules[name]

    def module_names(self, below: str) -> list[str]:
        """All modules inside the package `below` that are not themselves packages, sorted."""
        directory = self.root.joinpath(*below.split(".")[1:])
        names = []
        for path in directory.rglob("*.py"):
            if path.name != "__init__.py":
                parts = path.relative_to(self.root).with_suffix("").parts
                names.append(".".join((self.package, *parts)))
        return sorted(names)

    def relative(self, qualified: str) -> str:
        """The name without the package's own name in front."""
        return qualified.removeprefix(self.package + ".")

    def _load(self, name: str) -> Module | None:
        first, *rest = name.split(".")
        if first != self.package:
            return None
        base = self.root.joinpath(*rest)
        for path, is_package in ((base.with_suffix(".py"), False), (base / "__init__.py", True)):
            # the package itself has no file of its own beside its directory
            if path.is_file() and not (not rest and not is_package):
                module = Module(name, is_package, ast.parse(path.read_text("utf-8"), str(path)))
                self._index(module, module.tree.body)
                return module
        return None

    def _index(self, module: Module, body: list[ast.stmt]) -> None:
        for statement in body:
            match statement:
                case ast.Import(names=names):
                    for alias in names:
                        target = alias.name if alias.asname else alias.name.split(".")[0]
                        module.imports.setdefault(alias.asname or target, (target, None))
                case ast.ImportFrom(names=names):
                    origin = self._import_origin(module, statement)
                    for alias in names:
                        module.imports.setdefault(alias.asname or alias.name, (origin, alias.name))
                case ast.ClassDef(name=name):
                    module.definitions.setdefault(name, statement)
                case ast.FunctionDef(name=name):
                    module.definitions.setdefault(name, statement)
                case ast.AnnAssign(target=ast.Name(id=name)) if statement.value is not None:
                    module.definitions.setdefault(name, statement)
                case ast.Assign(targets=[ast.Name(id="__all__")], value=ast.List()):
                    module.exports = ast.literal_eval(statement.value)
                case ast.Assign(targets=[ast.Name(id=name)]):
                    module.definitions.setdefault(name, statement)
                case ast.Expr():
                    module.expressions.append(statement)
                case ast.If(body=yes, orelse=no):
                    # The branch a type checker sees comes first; whatever only the other branch
                    # defines is still found.
                    self._index(module, yes)
                    self._index(module, no)
                case ast.Try(body=yes, orelse=no):
                    self._index(module, yes)
                    self._index(module, no)
                case _:
                    pass

    @staticmethod
    def _import_origin(module: Module, statement: ast.ImportFrom) -> str:
        if not statement.level:
            return statement.module or ""
        parts = module.name.split(".")
        keep = len(parts) - statement.level + (1 if module.is_package else 0)
        return ".".join(parts[:keep] + ([statement.module] if statement.module else []))

    def resolve(self, module: Module, name: str) -> Symbol:
        """What `name` stands for in `module`, following imports to the definition."""
        if name in module.definitions:
            return Symbol(_kind(module.definitions[name]), module.name, name)
        if name in module.imports:
            origin, attribute = module.imports[name]
            if attribute is None:
                kind = "module" if self.find_module(origin) else "external"
                return Symbol(kind, _external(origin) if kind == "external" else origin)
            return self._resolve_in(origin, attribute)
        if hasattr(builtins, name):
            return Symbol("external", "builtins", name)
        raise ExtractError(f"{module.name}: what is {name}?")

    def _resolve_in(self, origin: str, attribute: str) -> Symbol:
        inner = self.find_module(origin)
        if inner is None:
            if origin.split(".")[0] == self.package:
                raise ExtractError(f"no such module: {origin}")
            return Symbol("external", _external(origin), attribute)
        if attribute in inner.definitions or attribute in inner.imports:
            return self.resolve(inner, attribute)
        if self.find_module(f"{origin}.{attribute}"):
            return Symbol("module", f"{origin}.{attribute}")
        raise ExtractError(f"{origin} does not define {attribute}")

    def resolve_expression(self, module: Module, node: ast.expr) -> Symbol:
        """Resolves `name` and `module.name`."""
        match node:
            case ast.Name(id=name):
                return self.resolve(module, name)
            case ast.Attribute(value=value, attr=attribute):
                outer = self.resolve_expression(module, value)
                if outer.kind == "module":
                    return self._resolve_in(outer.module, attribute)
                if outer.kind == "external":
                    return Symbol("external", outer.qualified, attribute)
        raise ExtractError(f"{module.name}: cannot resolve {ast.unparse(node)}")

    def definition(self, symbol: Symbol) -> tuple[Module, ast.stmt]:
        module = self.module(symbol.module)
        return module, module.definitions[symbol.name]

    def bases(self, symbol: Symbol) -> list[Symbol]:
        """The base classes of a class of the package, type arguments dropped."""
        module, node = self.definition(symbol)
        if not isinstance(node, ast.ClassDef):
            return []
        plain = [base.value if isinstance(base, ast.Subscript) else base for base in node.bases]
        return [self.resolve_expression(module, base) for base in plain]

    def derives_from(self, symbol: Symbol, qualified: str) -> bool:
        if symbol.qualified == qualified:
            return True
        if symbol.kind != "class":
            return False
        return any(self.derives_from(base, qualified) for base in self.bases(symbol))


def alias_value(node: ast.stmt) -> ast.expr:
    """The right-hand side of `X: TypeAlias = ...` or `X = ...`."""
    assert isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None
    return node.value


def _external(module: str) -> str:
    return "typing" if module in _SAME_AS_TYPING else module


def _kind(node: ast.stmt) -> str:
    match node:
        case ast.ClassDef():
            return "class"
        case ast.FunctionDef():
            return "function"
        case ast.AnnAssign(annotation=annotation):
            return "alias" if ast.unparse(annotation).endswith("TypeAlias") else "constant"
        case ast.Assign(value=ast.Call(func=ast.Name(id="TypedDict"))):
            # the functional form, used where a key is a reserved word
            return "class"
        case ast.Assign(value=ast.Call(func=ast.Name(id="TypeVar"))):
            return "typevar"
        case ast.Assign(value=ast.Name() | ast.Attribute() | ast.Subscript() | ast.BinOp()):
            return "alias"
    return "constant"
