"""Tests of `readmes.py`: a small workspace, and what is wrong with it."""

import tempfile
import unittest
from pathlib import Path

import readmes

README = """\
[Features](#features), [one](crates/anthropic-one/README.md#its-use)

## Features

| crate | feature | default | what it adds |
|---|---|---|---|
| `anthropic` | `a` | yes | |
| `anthropic` | `b`, `c` | no | |

## Versions

The minimum supported Rust version is 1.85: a lint. `anthropic-one` needs 1.90.1.
"""

DOCS = """\
//! # Features
//!
//! | feature | what it is |
//! |---|---|
//! | `a` (default) | |
//! | `b` | |
//! | `c` (by `b`) | |
"""


class Readmes(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.write("Cargo.toml", '[workspace.package]\nrust-version = "1.85"\n')
        self.write(
            "crates/anthropic/Cargo.toml",
            '[package]\nrust-version.workspace = true\n[features]\ndefault = ["a"]\na = []\nb = []\nc = []\n',
        )
        self.write("crates/anthropic-one/Cargo.toml", '[package]\nrust-version = "1.90.1"\n')
        self.write("crates/anthropic-one/README.md", "# One\n\nIt needs Rust 1.90.1.\n\n## Its `use`\n")
        self.write("ARCHITECTURE.md", "\n`anthropic-one` (from Rust 1.90.1, which it needs)\n")
        self.write("README.md", README)
        self.write("crates/anthropic/src/lib.rs", DOCS)

    def write(self, name: str, text: str):
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(text)

    def problems(self) -> list[str]:
        packages = readmes.manifests(self.root)
        found = readmes.rust_problems(self.root, packages) + readmes.feature_problems(self.root, packages)
        return found + readmes.link_problems(self.root, Path("README.md"))

    def test_what_fits_has_no_problem(self):
        self.assertEqual(self.problems(), [])

    def test_each_place_of_a_version_is_compared(self):
        for name, old, new in [
            ("crates/anthropic-one/README.md", "1.90.1", "1.90"),
            ("ARCHITECTURE.md", "1.90.1", "1.90"),
            ("README.md", "needs 1.90.1", "needs 1.90.11"),
            ("README.md", "version is 1.85", "version is 1.86"),
        ]:
            self.setUp()
            self.write(name, (self.root / name).read_text().replace(old, new))
            self.assertEqual([it.split(":")[0] for it in self.problems()], [name], new)

    def test_features_and_their_defaults_are_compared(self):
        for old, new, wrong in [
            ("`b`, `c`", "`b`", "`c`"),
            ("`b`, `c`", "`b`, `c`, `d`", "`d`"),
            ("| `a` | yes", "| `a` | no", "`a`"),
        ]:
            self.write("README.md", README.replace(old, new))
            [problem] = self.problems()
            self.assertIn(f"{wrong} is otherwise", problem)
        self.write("README.md", README)
        for old, new, wrong in [("| `c` (by `b`) ", "", "`c`"), (" (default)", "", "`a`"), ("`b`", "`b` (default)", "`b`")]:
            self.write("crates/anthropic/src/lib.rs", DOCS.replace(old, new, 1))
            [problem] = self.problems()
            self.assertIn(f"lib.rs, features of `anthropic`: {wrong} is otherwise", problem)

    def test_links_lead_to_files_and_headings(self):
        for old, new in [("#features", "#feature"), ("one/README.md", "two/README.md"), ("#its-use", "#use")]:
            self.write("README.md", README.replace(old, new))
            [problem] = self.problems()
            self.assertTrue(problem.startswith("README.md:1: ") and problem.endswith(" leads nowhere"), problem)
        self.write("README.md", README.replace("#features", "https://example.com/x#y"))
        self.assertEqual(self.problems(), [])
        self.write("README.md", README + "```text\n[x](nowhere)\n```\n")
        self.assertEqual(self.problems(), [])


if __name__ == "__main__":
    unittest.main()
