"""Sources and texts of a few lines: which words are found where."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import tempfile
import unittest
from pathlib import Path
from unittest import mock

# By its path, because every `__main__` has the same name.
SPEC = importlib.util.spec_from_file_location("glossary", Path(__file__).resolve().parent.parent / "__main__.py")
assert SPEC and SPEC.loader
glossary = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(glossary)


def found(text: str, allowed: set[str] | None = None) -> list[tuple[int, str]]:
    """The words in a source."""
    return glossary.in_source(text, allowed or set())


class WordsTest(unittest.TestCase):
    """What counts, and what doesn't."""

    def test_docs_and_comments_are_read(self) -> None:
        for mark in ("//", "///", "//!"):
            for item in ("pub fn a() {}", "fn a() {}", '#[expect(x, reason = "y")]\nstruct A;'):
                self.assertEqual(found(f"{mark} Answers it.\n{item}"), [(1, "Answers")], mark + item)
        method = "impl A {\n    /// One.\n    ///\n    /// It tells.\n    fn a() {\n        // Says so.\n    }\n}"
        self.assertEqual(found(method), [(4, "tells"), (6, "Says")])
        self.assertEqual(found("enum A {\n    // Fell silent.\n    B,\n}"), [(2, "silent")])

    def test_what_code_parts_is_no_sentence(self) -> None:
        self.assertEqual(found("// Let\nfn a() {}\n// go."), [])
        self.assertEqual(found("//// Says the rule.\nfn a() {} // and tells"), [])

    def test_words_may_be_parted_by_the_end_of_a_line(self) -> None:
        self.assertEqual(found("/// We let\n/// go by\n/// chance.\npub fn a() {}"), [(1, "let go"), (2, "by chance")])

    def test_a_word_twice_is_listed_wherever_a_line_ends(self) -> None:
        self.assertEqual(found("/// It is the\n/// the one, and and so on.\npub fn a() {}"), [(1, "the the"), (2, "and and")])
        self.assertEqual(found("/// The `x` the, an a, a\nfn a() {}\n/// a thing; that, that."), [])
        self.assertEqual(glossary.words(list(enumerate("## Logs\n\nLogs go\ngo on.".split("\n"), 1))), [(3, "go go")])

    def test_code_is_not_read(self) -> None:
        text = "/// See `answer`, [the page](https://x/answer) and <https://x/told>.\n"
        self.assertEqual(found(f"{text}///\n/// ```\n/// let told = 1;\n/// ```\npub fn a() {{}}"), [])

    def test_strings_are_read_but_for_names_attributes_and_tests(self) -> None:
        self.assertEqual(found('fn a() {\n    fail("the proxy did not answer");\n}'), [(2, "answer")])
        self.assertEqual(found('fn a() {\n    fail(r#"nobody told it"#);\n}'), [(2, "told")])
        self.assertEqual(found('fn a() {\n    get("answer");\n}'), [])
        self.assertEqual(found('#[expect(x, reason = "it says so")]\nfn a() {}'), [])
        self.assertEqual(found('#[cfg(test)]\nmod tests {\n    fn a() {\n        fail("it says so");\n    }\n}'), [])
        self.assertEqual(found('fn a() {\n    fail("it says so");\n}', allowed={"says"}), [])

    def test_a_crate_and_a_readme_with_a_planted_word_fail(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            (root / "crates/one/src/inner").mkdir(parents=True)
            (root / "README.md").write_text("One.\n\n```rust\nlet told = 1;\n```\n", encoding="utf-8")
            (root / "crates/one/src/lib.rs").write_text("//! One.\npub mod inner;\nmod hidden;\n", encoding="utf-8")
            (root / "crates/one/src/hidden.rs").write_text("//! Reports.\n", encoding="utf-8")
            inner = root / "crates/one/src/inner/mod.rs"
            inner.write_text("//! Returns.\n", encoding="utf-8")
            with mock.patch.multiple(glossary, ROOT=root, CRATES=["one"]):
                self.assertEqual(self.run_it(), (0, "0 words that the glossary replaces or that are doubled, in 4 files\n"))
                inner.write_text("//! Returns.\n//!\n//! Tells.\n", encoding="utf-8")
                (root / "README.md").write_text("One.\n\nAn answer.\n", encoding="utf-8")
                code, text = self.run_it()
        self.assertEqual(code, 1)
        self.assertIn("crates/one/src/inner/mod.rs:3: Tells\nREADME.md:3: answer\n", text)

    def run_it(self) -> tuple[int, str]:
        """The exit code, and what is printed."""
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            code = glossary.main()
        return code, printed.getvalue()


class AllowedTest(unittest.TestCase):
    """The exceptions."""

    def test_each_is_needed(self) -> None:
        for path, allowed in glossary.ALLOWED.items():
            text = (glossary.ROOT / path).read_text(encoding="utf-8")
            self.assertEqual({word for _, word in found(text)}, allowed, path)


if __name__ == "__main__":
    unittest.main()
