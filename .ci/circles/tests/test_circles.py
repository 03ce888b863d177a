"""Crates of a few lines: which file needs which, and where that goes in a circle."""

from __future__ import annotations

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import graph
import modules
import order
import source


class CrateTest(unittest.TestCase):
    """Writes a crate and looks at its graph."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def graph(self, **files: str) -> graph.Graph:
        """The graph of a crate; `a__b` is the file `a/b.rs`."""
        for name, text in files.items():
            path = self.folder / (name.replace("__", "/") + ".rs")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return graph.graph(modules.crate(self.folder / "lib.rs"))

    def needs(self, **files: str) -> set[tuple[str, str]]:
        """Which file needs which, by their names."""
        made = self.graph(**files)
        return {(self.name(user), self.name(used)) for user, all in made.needs.items() for used in all}

    def name(self, file: Path) -> str:
        return str(file.relative_to(self.folder).with_suffix(""))


class Needs(CrateTest):
    def test_imports_of_each_form(self) -> None:
        needs = self.needs(
            lib="mod a; mod b; mod c;",
            a="use crate::b::{self, B, inner::{Deep as Other}}; use super::c::C as _;",
            b="pub struct B; pub mod inner;",
            b__inner="pub struct Deep;",
            c="pub trait C {}",
        )
        self.assertEqual(needs, {("a", "b"), ("a", "b/inner"), ("a", "c")})

    def test_paths_in_code_need_no_import(self) -> None:
        needs = self.needs(
            lib="mod a; mod b;", a="fn f() -> u8 { crate::b::g::<u8>() }", b="pub fn g<T>() -> u8 { super::a::f() }"
        )
        self.assertEqual(needs, {("a", "b"), ("b", "a")})

    def test_a_module_that_is_imported_is_needed_for_what_is_named_in_it(self) -> None:
        needs = self.needs(
            lib="mod a; mod b;",
            a="use crate::b; fn f() { b::g() }",
            b="mod deep; mod unused; pub use deep::g; pub use unused::h;",
            b__deep="pub fn g() {}",
            b__unused="pub fn h() {}",
        )
        self.assertEqual(needs, {("a", "b/deep")})

    def test_reexports_lead_to_the_file_behind_them(self) -> None:
        needs = self.needs(
            lib="mod a; mod b; mod c; pub use b::B;",
            a="use crate::B; use crate::c::*; fn f(_: D) {}",
            b="mod one; pub use one::*;",
            b__one="pub struct B;",
            c="pub use crate::b::one::B as D;",
        )
        self.assertEqual(needs, {("a", "b/one")})

    def test_a_reexport_that_is_used_is_an_import(self) -> None:
        files = {"a": "pub struct A;"}
        self.assertEqual(self.needs(lib="mod a; pub use a::A;", **files), set())
        self.assertEqual(self.needs(lib="mod a; pub(crate) use a::A; fn f(_: A) {}", **files), {("lib", "a")})

    def test_associated_items_lead_to_their_type(self) -> None:
        needs = self.needs(lib="mod a; use a::A; fn f() { A::new(); }", a="pub struct A; impl A { fn new() {} }")
        self.assertEqual(needs, {("lib", "a")})

    def test_members_and_foreign_names_are_no_needs(self) -> None:
        needs = self.needs(
            lib="mod a; mod b; use a::*;",
            a="pub fn send() {} pub struct Body;",
            b="use super::*; use other::Body; fn f(x: X) { x.send(); let send = 1; std::send(); }",
        )
        self.assertEqual(needs, set())

    def test_struct_update_is_a_path(self) -> None:
        needs = self.needs(lib="mod a; fn f() { X { ..a::new() }; }", a="pub fn new() {}")
        self.assertEqual(needs, {("lib", "a")})

    def test_globs_count_for_the_names_that_are_used(self) -> None:
        files = {"lib": "mod a; mod b;", "b": "pub struct B; pub struct C;"}
        self.assertEqual(self.needs(a="use crate::b::*; fn f() {}", **files), set())
        self.assertEqual(self.needs(a="use crate::b::*; fn f(_: &C) {}", **files), {("a", "b")})

    def test_globs_that_import_each_other_end(self) -> None:
        needs = self.needs(lib="mod a; mod b;", a="pub use crate::b::*; fn f(_: X) {}", b="pub use crate::a::*;")
        self.assertEqual(needs, set())

    def test_macros_by_their_names_and_what_they_expand_to(self) -> None:
        needs = self.needs(
            lib="#[macro_use] mod macros; mod a; mod codec;",
            macros="macro_rules! object { ($x:ident) => { $crate::codec::read(stringify!($x)) } }",
            a="object! { A }",
            codec="pub fn read(_: &str) {}",
        )
        self.assertEqual(needs, {("a", "macros"), ("macros", "codec")})

    def test_items_that_a_macro_is_given(self) -> None:
        needs = self.needs(lib="mod a; use a::Model; fn f(_: Model) {}", a="strings! { pub struct Model { A } }")
        self.assertEqual(needs, {("lib", "a")})

    def test_modules_inside_a_file_belong_to_it(self) -> None:
        needs = self.needs(lib="mod a; mod b;", a="pub struct A; mod inner { use super::super::b::B; }", b="pub struct B;")
        self.assertEqual(needs, {("a", "b")})

    def test_modules_at_a_path(self) -> None:
        needs = self.needs(lib='#[path = "odd/file.rs"] pub(crate) mod a; use a::A;', odd__file="pub struct A;")
        self.assertEqual(needs, {("lib", "odd/file")})

    def test_tests_do_not_count(self) -> None:
        needs = self.needs(
            lib="mod a; mod b;",
            a="""#[cfg(test)] mod tests { use crate::b::B; }
                #[cfg(test)] use crate::b::B;
                #[test] fn t() { crate::b::B; }
                #[cfg(all(doctest, feature = "x"))] struct X(crate::b::B);
                struct Y { #[cfg(test)] b: crate::b::B, c: u8 }
                """,
            b="pub struct B;",
        )
        self.assertEqual(needs, set())

    def test_what_tests_share_with_the_rest_counts(self) -> None:
        needs = self.needs(
            lib="mod a; mod b;",
            a='#[cfg(any(test, feature = "x"))] use crate::b::B; #[cfg(not(test))] fn f() {}',
            b="pub struct B;",
        )
        self.assertEqual(needs, {("a", "b")})

    def test_comments_and_strings_do_not_count(self) -> None:
        needs = self.needs(
            lib="mod a; mod b;",
            a="/* crate::b::B /* nested */ crate::b::B */ // crate::b::B\n/// [`crate::b::B`]\n"
            'const X: &str = "crate::b::B"; const Y: &str = r#"" crate::b::B"#; const Z: char = \'"\'; fn f<\'a>() {}',
            b="pub struct B;",
        )
        self.assertEqual(needs, set())


class Circles(CrateTest):
    def circle(self, **files: str) -> list[list[str]]:
        return [[self.name(file) for file in it] for it in graph.circles(self.graph(**files))]

    def test_a_circle_is_found_whole_and_nothing_beside_it(self) -> None:
        found = self.circle(
            lib="mod a; mod b; mod c; mod d; mod e; use a::A;",
            a="use crate::b::B; pub struct A;",
            b="use crate::c::C; pub struct B;",
            c="use crate::d::D; pub struct C;",
            d="use crate::a::A; use crate::e::E; pub struct D;",
            e="pub struct E;",
        )
        self.assertEqual(found, [["a", "b", "c", "d"]])

    def test_two_circles_that_touch_one_way_are_two(self) -> None:
        found = self.circle(
            lib="mod a; mod b; mod c; mod d;",
            a="use crate::b::B; pub struct A;",
            b="use crate::a::A; use crate::c::C; pub struct B;",
            c="use crate::d::D; pub struct C;",
            d="use crate::c::C; pub struct D;",
        )
        self.assertEqual(found, [["a", "b"], ["c", "d"]])

    def test_a_tree_has_none(self) -> None:
        self.assertEqual(self.circle(lib="mod a; mod b; use a::A;", a="use crate::b::B; pub struct A;", b="pub struct B;"), [])

    def test_what_points_back_is_little(self) -> None:
        made = self.graph(
            lib="mod a; mod b; mod c;",
            a="use crate::{b::B, c::C}; pub struct A;",
            b="use crate::c::C; pub struct B;",
            c="use crate::a::A; pub struct C;",
        )
        (circle,) = graph.circles(made)
        order, back = graph.backwards(made, circle)
        self.assertEqual({self.name(file) for file in order}, {"a", "b", "c"})
        self.assertEqual([(self.name(one), self.name(two)) for one, two in back], [("c", "a")])


class Source(unittest.TestCase):
    def test_lines_are_counted_through_strings_and_comments(self) -> None:
        found = source.lex('/* 1\n2 */ a "x\ny" b\n\'c\' d')
        self.assertEqual([(it.text, it.line) for it in found if it.is_word], [("a", 2), ("b", 3), ("d", 4)])

    def test_lifetimes_are_not_characters(self) -> None:
        self.assertEqual([it.text for it in source.lex("<'a, 'b> 'c' '\\'' x")], ["<", "'a", ",", "'b", ">", "'c'", "'\\''", "x"])

    def test_an_item_for_tests_ends_where_it_ends(self) -> None:
        text = "#[cfg(test)] fn f<A, B>(a: A) -> B { a } struct S; #[cfg(test)] const N: [u8; 2] = [1; 2]; struct T;"
        self.assertEqual([it.text for it in source.tokens(text)], ["struct", "S", ";", "struct", "T", ";"])


class Orders(CrateTest):
    TABLE = """
Files need each other in one direction:

<!-- order: src, needed first -->
| what | where |
|---|---|
| the base | `base.rs`, `api/words.rs` |
| the rest, `ignored.rs` too | `api/` |

| another table | `x/` |
"""

    def faults(self, text: str, **files: str) -> list[str]:
        made = self.graph(**files)
        (one,) = order.orders(text)
        return one.faults(made, self.folder)

    def test_what_points_down_the_table_is_found(self) -> None:
        files = {
            "lib": "mod base; mod api;",
            "base": "use crate::api::words::W; use crate::api::calls::C; pub struct B;",
            "api__mod": "pub mod words; pub mod calls;",
            "api__words": "pub struct W;",
            "api__calls": "use crate::base::B; pub struct C;",
        }
        found = ["base.rs needs api/calls.rs, which comes after it: C (1)"]
        self.assertEqual(self.faults(self.TABLE, **files), found)
        # The same table read from its end: now the other direction is wrong.
        text = self.TABLE.replace("needed first", "users first")
        found = ["api/calls.rs needs base.rs, which comes after it: B (1)"]
        self.assertEqual(self.faults(text, **files), found)

    def test_every_file_is_in_a_row(self) -> None:
        files = {"lib": "mod base; mod api; mod more;", "base": "", "api__mod": "mod words;", "api__words": "", "more": ""}
        self.assertEqual(self.faults(self.TABLE, **files), ["more.rs is in no row"])
        text = self.TABLE.replace("`api/`", "`api/`, `more.rs`, `gone/`")
        self.assertEqual(self.faults(text, **files), ["`gone/` is no file or folder"])


if __name__ == "__main__":
    unittest.main()
