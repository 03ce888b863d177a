"""The comparer sees what differs, and only that."""

from __future__ import annotations

import unittest
from typing import Any

from roundtrip.compare import differences
from roundtrip.generate import Object


def known(optional: set[str], **entries: Any) -> Object:
    value = Object(entries)
    value.optional = frozenset(optional)
    return value


class Compare(unittest.TestCase):
    def same(self, sent: Any, got: Any) -> None:
        self.assertEqual(list(differences(sent, got)), [])

    def differ(self, sent: Any, got: Any, *expected: str) -> None:
        self.assertEqual(list(differences(sent, got)), list(expected))

    def test_order_of_keys_and_kind_of_number_do_not_count(self) -> None:
        self.same({"a": 1, "b": [2.0]}, {"b": [2], "a": 1.0})

    def test_booleans_are_no_numbers(self) -> None:
        self.differ({"a": 1}, {"a": True}, ".a: 1 became true")

    def test_null_and_absent_are_alike_for_optional_fields_only(self) -> None:
        self.same(known({"a"}, a=None), {})
        self.same(known({"a"}), {"a": None})
        self.differ(known(set(), a=None), {}, ".a: null became (absent)")
        self.differ(known({"a"}, a=1), {"a": None}, ".a: 1 became null")
        self.differ(known({"a"}, a=1), {}, ".a: 1 became (absent)")

    def test_what_nobody_knows_must_come_back_as_it_was(self) -> None:
        self.differ(known({"a"}, x=None), {}, ".x: null became (absent)")
        self.differ(known(set(), a={"x": None}), {"a": {}}, ".a.x: null became (absent)")
        self.differ({}, {"x": None}, ".x: (absent) became null")

    def test_lists_are_compared_in_order(self) -> None:
        self.differ([1, 2], [2, 1], "[0]: 1 became 2", "[1]: 2 became 1")
        self.differ({"a": [1]}, {"a": []}, ".a: [1] became []")

    def test_large_numbers_keep_their_digits(self) -> None:
        self.differ([2**63 - 1], [2**63 - 2], "[0]: 9223372036854775807 became 9223372036854775806")


if __name__ == "__main__":
    unittest.main()
