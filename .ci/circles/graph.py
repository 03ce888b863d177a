"""Which file of a crate needs which, and the circles in that."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from modules import Module


@dataclass(frozen=True)
class Item:
    """Where something is defined."""

    file: Path
    name: str


@dataclass
class Graph:
    """The files of a crate, and for each the files it needs with the names it needs them for."""

    files: set[Path] = field(default_factory=set)
    needs: dict[Path, dict[Path, dict[str, int]]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, user: Path, line: int, item: Item) -> None:
        """Notes that a file names an item; of several places the first counts."""
        if item.file != user:
            self.needs[user].setdefault(item.file, {}).setdefault(item.name, line)


class Resolver:
    """Finds what a path stands for, through imports and re-exports."""

    def __init__(self, root: Module) -> None:
        self.root = root
        self.macros = {name: module for module in root.walk() for name in module.macros}
        self.known: dict[tuple[int, str], frozenset[Module | Item]] = {}
        self.named: dict[int, dict[str, list]] = {}
        self.globs: dict[int, list] = {}
        for module in root.walk():
            self.named[id(module)] = defaultdict(list)
            self.globs[id(module)] = [it for it in module.imports if it.name == "*"]
            for one in module.imports:
                self.named[id(module)][one.name].append(one)

    def path(self, module: Module, path: tuple[str, ...], busy: frozenset = frozenset()) -> set[Module | Item]:
        """What a path names, seen from a module: modules, and the items that it ends at or passes through."""
        first, rest = path[0], path[1:]
        if first == "crate":
            here: set[Module | Item] = {_Key(self.root)}
        elif first == "self":
            here = {_Key(module)}
        elif first == "super":
            here = {_Key(module.parent)} if module.parent else set()
        else:
            here = self.name(module, first, busy)
        for name in rest:
            modules = [it for it in here if isinstance(it, _Key)]
            if not modules:
                return here
            if name == "super":
                here = {_Key(it.module.parent) for it in modules if it.module.parent}
            elif name != "self":
                here = {found for it in modules for found in self.name(it.module, name, busy)}
        return here

    def name(self, module: Module, name: str, busy: frozenset = frozenset()) -> set[Module | Item]:
        """What a name stands for in a module."""
        key = (id(module), name)
        if key in self.known:
            return set(self.known[key])
        if key in busy:
            return set()
        inner = busy | {key}
        found: set[Module | Item] = set()
        if name in module.children:
            found.add(_Key(module.children[name]))
        if name in module.items or name in module.macros:
            found.add(Item(module.file, name))
        for one in self.named[id(module)].get(name, ()):
            found |= self.path(module, one.path, inner)
        if not found:
            for one in self.globs[id(module)]:
                for target in self.path(module, one.path, inner):
                    if isinstance(target, _Key) and target.module is not module:
                        found |= self.name(target.module, name, inner)
        # What was found while going in a circle may be incomplete.
        if not busy:
            self.known[key] = frozenset(found)
        return found


@dataclass(frozen=True)
class _Key:
    """A module that can be in a set."""

    module: Module

    def __hash__(self) -> int:
        return id(self.module)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and other.module is self.module


def graph(root: Module) -> Graph:
    """What the files of a crate need of each other."""
    resolver, made = Resolver(root), Graph()
    for module in root.walk():
        made.files.add(module.file)
        for one in module.imports:
            # A re-export is a line of a table of contents: whoever uses it needs the file behind it.
            if one.name != "*" and not one.public:
                for item in resolver.path(module, one.path):
                    if isinstance(item, Item):
                        made.add(module.file, one.line, item)
        for mention in module.mentions:
            if mention.is_value:
                continue
            items = [it for it in resolver.path(module, mention.path) if isinstance(it, Item)]
            for item in items:
                made.add(module.file, mention.line, item)
            if mention.is_macro and not items and mention.path[-1] in resolver.macros:
                owner = resolver.macros[mention.path[-1]]
                made.add(module.file, mention.line, Item(owner.file, f"{mention.path[-1]}!"))
    return made


def circles(made: Graph) -> list[list[Path]]:
    """The strongly connected components of more than one file, the largest first (Tarjan's algorithm)."""
    index: dict[Path, int] = {}
    low: dict[Path, int] = {}
    stack: list[Path] = []
    on_stack: set[Path] = set()
    found: list[list[Path]] = []
    for start in sorted(made.files):
        if start in index:
            continue
        work = [(start, iter(sorted(made.needs.get(start, ()))))]
        index[start] = low[start] = len(index)
        stack.append(start)
        on_stack.add(start)
        while work:
            file, rest = work[-1]
            for needed in rest:
                if needed not in index:
                    index[needed] = low[needed] = len(index)
                    stack.append(needed)
                    on_stack.add(needed)
                    work.append((needed, iter(sorted(made.needs.get(needed, ())))))
                    break
                if needed in on_stack:
                    low[file] = min(low[file], index[needed])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[file])
                if low[file] == index[file]:
                    component = []
                    while not component or component[-1] != file:
                        component.append(stack.pop())
                        on_stack.discard(component[-1])
                    if len(component) > 1:
                        found.append(sorted(component))
    return sorted(found, key=lambda it: (-len(it), it))


def backwards(made: Graph, circle: list[Path]) -> tuple[list[Path], list[tuple[Path, Path]]]:
    """An order of a circle's files in which few needs point back, and those that do (Eades, Lin and Smyth)."""
    left = set(circle)
    out = {file: {it for it in made.needs.get(file, ()) if it in left} for file in circle}
    into = {file: {it for it in circle if file in out[it]} for file in circle}
    first: list[Path] = []
    last: list[Path] = []
    while left:
        sinks = sorted(it for it in left if not out[it] & left)
        sources = sorted(it for it in left if not into[it] & left)
        if sinks:
            last.append(sinks[0])
        elif sources:
            first.append(sources[0])
        else:
            best = max(sorted(left), key=lambda it: len(out[it] & left) - len(into[it] & left))
            first.append(best)
        left.discard(sinks[0] if sinks else first[-1])
    order = first + last[::-1]
    place = {file: at for at, file in enumerate(order)}
    back = [(file, it) for file in order for it in sorted(out[file]) if place[it] < place[file]]
    return order, back
