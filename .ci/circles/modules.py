"""The modules of a crate: what each one defines, imports and names."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from source import OPEN, Token, closing, tokens

DEFINES = {"struct", "enum", "union", "trait", "type", "fn", "const", "static", "mod"}
# Between a definition's keyword and its name, or two keywords.
BETWEEN = {"mut", "unsafe", "async", "fn"}


@dataclass(frozen=True)
class Import:
    """One name of a `use`."""

    path: tuple[str, ...]
    name: str
    """What it is called here; `*` for all names, `_` for none."""
    public: bool
    line: int


@dataclass(frozen=True)
class Mention:
    """A path in the code."""

    path: tuple[str, ...]
    line: int
    is_macro: bool = False
    is_value: bool = False
    """A lower-case word alone that is not called: most of these are local variables."""


@dataclass
class Module:
    """A module, in a file of its own or inside another's."""

    file: Path
    parent: Module | None = None
    folder: Path = Path()
    """Where the files of its children are."""
    children: dict[str, Module] = field(default_factory=dict)
    items: set[str] = field(default_factory=set)
    macros: set[str] = field(default_factory=set)
    imports: list[Import] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)

    @property
    def root(self) -> Module:
        """The crate's."""
        return self.parent.root if self.parent else self

    def walk(self):
        """This module and all below it."""
        yield self
        for child in self.children.values():
            yield from child.walk()


def crate(root: Path) -> Module:
    """The modules of the crate whose root file this is."""
    module = Module(root, folder=root.parent)
    read(module)
    return module


def read(module: Module) -> None:
    """Reads the module's file and those of its children."""
    body(module, tokens(module.file.read_text(encoding="utf-8")))


def body(module: Module, found: list[Token]) -> None:
    """Reads a module's tokens."""
    code: list[Token] = []
    at, depth = 0, 0
    while at < len(found):
        token = found[at]
        after = found[at + 1] if at + 1 < len(found) else None
        # `use` inside a function is an import of the module here: what it brings is a dependency of the file.
        if token.text == "use" and token.is_word and after and after.text not in ("<",):
            at = imports(module, found, at)
            continue
        if depth == 0 and after:
            if token.text == "mod" and after.is_word:
                at = child(module, found, at)
                continue
            if token.text == "macro_rules" and at + 3 < len(found):
                module.macros.add(found[at + 2].text)
                end = closing(found, at + 3)
                code += found[at + 4 : end]
                at = end + 1
                continue
            if token.text == "!" and at and found[at - 1].is_word and after.text in OPEN:
                made_by_macro(module, found[at + 2 : closing(found, at + 1)])
            defined(module, found, at)
        depth += (token.text in OPEN) - (token.text in (")", "]", "}"))
        code.append(token)
        at += 1
    module.mentions += mentions(code)


def defined(module: Module, found: list[Token], at: int) -> None:
    """Notes the item that is defined here, if one is."""
    if found[at].text not in DEFINES or not found[at].is_word:
        return
    at += 1
    while at < len(found) and found[at].text in BETWEEN:
        at += 1
    if at < len(found) and found[at].is_word:
        module.items.add(found[at].text)


def made_by_macro(module: Module, found: list[Token]) -> None:
    """Notes the items that a macro is given to define."""
    at = 0
    while at < len(found):
        defined(module, found, at)
        at = closing(found, at) + 1 if found[at].text in OPEN else at + 1


def child(module: Module, found: list[Token], at: int) -> int:
    """Reads `mod name;` or `mod name { … }`; returns the index behind it."""
    # The attribute stands before the visibility.
    before, path = at, found[at].path
    while before > 0 and not path and found[before - 1].text in (")", "crate", "super", "self", "(", "pub", "in"):
        before -= 1
        path = found[before].path
    name, opens = found[at + 1].text, at + 2
    if opens < len(found) and found[opens].text == "{":
        end = closing(found, opens)
        inner = Module(module.file, module, module.folder / name)
        module.children[name] = inner
        body(inner, found[opens + 1 : end])
        return end + 1
    candidates = [module.folder / f"{name}.rs", module.folder / name / "mod.rs"]
    if path:
        candidates = [module.file.parent / path]
    for file in candidates:
        if file.is_file():
            folder = file.parent if file.name == "mod.rs" or path else file.with_suffix("")
            module.children[name] = Module(file, module, folder)
            read(module.children[name])
            break
    return at + 3


def imports(module: Module, found: list[Token], at: int) -> int:
    """Reads a `use`; returns the index behind it."""
    public = at > 0 and found[at - 1].text == "pub"
    if at > 0 and found[at - 1].text == ")":
        back = at - 1
        while back > 0 and found[back].text != "(":
            back -= 1
        public = back > 0 and found[back - 1].text == "pub"
    end = at
    while end < len(found) and found[end].text != ";":
        end += 1
    tree(module, found[at + 1 : end], (), public)
    return end + 1


def tree(module: Module, found: list[Token], prefix: tuple[str, ...], public: bool) -> None:
    """Notes the names of a tree of imports."""
    at, path = 0, prefix
    if found and found[0].text == "::":
        # A crate's name: nothing of ours.
        return
    while at < len(found):
        token = found[at]
        if token.text == "{":
            end = closing(found, at)
            for part in split(found[at + 1 : end]):
                tree(module, part, path, public)
            return
        if token.text == "*":
            module.imports.append(Import(path, "*", public, token.line))
            return
        if token.text == "as":
            module.imports.append(Import(path, found[at + 1].text, public, token.line))
            return
        if token.is_word and not (token.text == "self" and path):
            path = (*path, token.text)
        at += 1
    if path and found:
        module.imports.append(Import(path, path[-1], public, found[0].line))


def split(found: list[Token]) -> list[list[Token]]:
    """The tokens, cut at commas outside of brackets."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in found:
        depth += (token.text in OPEN) - (token.text in (")", "]", "}"))
        if token.text == "," and depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if part]


def mentions(code: list[Token]) -> list[Mention]:
    """The paths in the code. Fields, methods and what follows a type's own path are none."""
    found, at = [], 0
    while at < len(code):
        token = code[at]
        before = code[at - 1].text if at else ""
        is_member = before == "." and not (at > 1 and code[at - 2].text == ".")
        if not token.is_word or token.text[0].isdigit() or before == "::" or is_member:
            at += 1
            continue
        path, line = [token.text], token.line
        while at + 2 < len(code) and code[at + 1].text == "::" and code[at + 2].is_word:
            path.append(code[at + 2].text)
            at += 2
        after = code[at + 1].text if at + 1 < len(code) else ""
        is_macro = after == "!" and at + 2 < len(code) and code[at + 2].text in OPEN
        is_value = not is_macro and len(path) == 1 and path[0][0].islower() and after not in ("(", "::", "<")
        found.append(Mention(tuple(path), line, is_macro, is_value))
        at += 1
    return found
