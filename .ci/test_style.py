"""Tests of `style.py`."""

import unittest

from style import derives, imports, wide_lines, wrap


class Style(unittest.TestCase):
    def test_derives_are_sorted(self):
        text = "#[derive(Clone, Debug, Deserialize, Copy)]"
        self.assertEqual(derives(text), "#[derive(Debug, Clone, Copy, Deserialize)]")
        self.assertEqual(derives(derives(text)), derives(text))

    def test_imports_are_one_for_each_module(self):
        text = "    pub(crate) use a::{\n    b::{self, c::{D, E as F}, G},\n    h,\n    i::{self},\n    j::*,\n};\n"
        flat = (
            "    pub(crate) use a::b::{self, G};\n    pub(crate) use a::b::c::{D, E as F};\n"
            "    pub(crate) use a::{h, i};\n    pub(crate) use a::j::*;\n"
        )
        self.assertEqual(imports(text), flat)
        self.assertEqual(imports("#[cfg(x)]\nuse super::{a::b};\n"), "#[cfg(x)]\nuse super::a::b;\n")
        self.assertEqual(
            imports("#[cfg(x)]\nuse a::{b::c, d::e};\n"),
            "#[cfg(x)]\nuse a::b::c;\n#[cfg(x)]\nuse a::d::e;\n",
        )
        for flat in (flat, "use a::{self, B};\n", "use a::B;\n", "use a::{B, c, d as e};\n", '"use a::{{b::c}};"'):
            self.assertEqual(imports(flat), flat)

    def test_wide_paragraphs_are_filled_and_others_are_left(self):
        wide = "    /// " + "word " * 30 + "[`a b`](c d) end.\n    /// More.\n    ///\n    /// Short\n    /// lines.\n"
        filled = wrap(wide)
        self.assertTrue(all(len(line) <= 100 for line in filled.split("\n")))
        self.assertEqual(wide_lines(filled), [])
        self.assertEqual(wide_lines(wide), [1])
        self.assertTrue(filled.endswith("    ///\n    /// Short\n    /// lines.\n"))
        self.assertEqual(wrap(filled), filled)
        self.assertEqual("".join(filled.split()).replace("///", ""), "".join(wide.split()).replace("///", ""))

    def test_items_hang(self):
        filled = wrap("//! - " + "word " * 30 + "\n//! - next\n")
        self.assertIn("\n//!   word", filled)
        self.assertIn("\n//! - next\n", filled)

    def test_tables_code_and_addresses_stay(self):
        for line in (
            "/// | " + "cell " * 30 + "|",
            "/// ```text\n/// " + "word " * 30 + "\n/// ```",
            "/// [name]: https://example.com/" + "x" * 100,
            "let a = 1; // " + "word " * 30,
        ):
            self.assertEqual(wrap(line), line)
            self.assertEqual(wide_lines(line), [])


if __name__ == "__main__":
    unittest.main()
