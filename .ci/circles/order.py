"""The order of a crate's files, as a table in ARCHITECTURE.md has it, and what points against it.

Such a table follows a comment such as `<!-- order: crates/anthropic/src, needed first -->`, or `users first`. In the column
`where` each row names, in backticks, files and folders (with a slash) below that path; a file belongs to the row that
names it, or the nearest folder that it is in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import graph

MARKER = re.compile(r"<!-- order: (\S+), (needed|users) first -->\n((?:\|.*\n)+)")


@dataclass
class Order:
    """The rows of a table, those that need nothing of the others first."""

    source: str
    rows: list[set[str]]

    def row(self, file: str) -> int | None:
        """The row that a file belongs to."""
        nearest = [(len(name), at) for at, names in enumerate(self.rows) for name in names if covers(name, file)]
        return max(nearest)[1] if nearest else None

    def faults(self, made: graph.Graph, root: Path) -> list[str]:
        """The files that are in no row, the names that are no file, and what is needed from a later row."""
        place = {file: file.relative_to(root).as_posix() for file in made.files}
        row = {file: self.row(name) for file, name in place.items()}
        found = [f"{name} is in no row" for file, name in sorted(place.items()) if row[file] is None and name not in ROOTS]
        for name in sorted(set().union(*self.rows)):
            if not any(covers(name, it) for it in place.values()):
                found.append(f"`{name}` is no file or folder")
        for user, needs in sorted(made.needs.items()):
            for needed, names in sorted(needs.items()):
                if None not in (row[user], row[needed]) and row[needed] > row[user]:
                    why = ", ".join(f"{name} ({line})" for name, line in sorted(names.items()))
                    found.append(f"{place[user]} needs {place[needed]}, which comes after it: {why}")
        return found


# What joins a crate together needs everything.
ROOTS = {"lib.rs", "main.rs"}


def covers(name: str, file: str) -> bool:
    """Whether a name in a row stands for a file."""
    return file == name or (name.endswith("/") and file.startswith(name))


def orders(text: str) -> list[Order]:
    """The orders that a document has."""
    found = []
    for source, first, table in MARKER.findall(text):
        head, _, *lines = [line.strip("| ").split(" | ") for line in table.splitlines()]
        column = head.index("where")
        rows = [set(re.findall(r"`([^` ]+(?:\.rs|/))`", cells[column])) for cells in lines]
        found.append(Order(source, rows if first == "needed" else rows[::-1]))
    return found
