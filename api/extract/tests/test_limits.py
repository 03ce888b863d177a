"""Bounds and defaults: the patterns on phrases, and what they make of the package's docstrings."""

from __future__ import annotations

import functools
import unittest
from typing import Any

from extract import limits as module
from extract.describe import describe, installed_source
from extract.limits import limits

INTEGER = {"k": "integer"}
STRING = {"k": "string"}
LIST = {"k": "list", "of": STRING}
MAP = {"k": "map", "of": STRING}
WORDS = {"k": "literal", "values": ["asc", "desc"]}


@functools.cache
def types() -> dict[str, Any]:
    return describe(installed_source())[0]["types"]


def of(name: str, field: str) -> dict[str, Any]:
    """The limits of a field of the package, by the end of its class's name."""
    found = [key for key in types() if key.endswith(f".{name}")]
    fields = {item["name"]: item for item in types()[found[0]]["fields"]}
    return fields[field].get("limits", {})


class Phrases(unittest.TestCase):
    def check(self, type_: dict[str, Any], phrases: dict[str, dict[str, Any]]) -> None:
        for phrase, expected in phrases.items():
            with self.subTest(phrase):
                self.assertEqual(limits("Class", "field", type_, phrase), expected)

    def test_numbers(self) -> None:
        self.check(
            INTEGER,
            {
                "Ranges from `1` to `1000`. Defaults to `20`.": {
                    "min": 1,
                    "max": 1000,
                    "default": 20,
                },
                "Page size (1-1,000, default 100).": {"min": 1, "max": 1000, "default": 100},
                "Between 60 (a minute) and 86400 (a day).": {"min": 60, "max": 86400},
                "Must be at least 1.": {"min": 1},
                "Notches (1–10).": {"min": 1, "max": 10},
                # Neither a day nor what the default depends on is a bound.
                "Counted from 2026-08-17; 0 before.": {},
                "Default is per member, and defaults to all.": {},
            },
        )

    def test_lengths(self) -> None:
        self.check(
            STRING,
            {
                "Maximum 255 characters.": {"max_length": 255},
                "A name, 1 to 255 characters long.": {"min_length": 1, "max_length": 255},
                "A digest (64 characters).": {"min_length": 64, "max_length": 64},
                "At most 100 kB (102,400 bytes).": {"max_bytes": 102_400},
                "Defaults to 20 when left out.": {},
            },
        )

    def test_sizes(self) -> None:
        self.check(
            LIST,
            {
                "At least 1, maximum 50.": {"min_items": 1, "max_items": 50},
                "Send at most 100 IDs.": {"max_items": 100},
                "Each is at most 128 characters.": {},
            },
        )
        self.check(
            MAP,
            {
                "Maximum 16 pairs, keys up to 64 chars, values up to 512 chars.": {
                    "max_items": 16,
                    "max_key_length": 64,
                    "max_value_length": 512,
                },
            },
        )

    def test_defaults(self) -> None:
        self.check(
            WORDS,
            {
                "Defaults to `desc`, newest first.": {"default": "desc"},
                "`asc` (the default) or `desc`.": {"default": "asc"},
                "Defaults to `asc` for one column.": {},
                "Defaults to `sideways`.": {},
            },
        )
        self.check({"k": "boolean"}, {"Defaults to `false`.": {"default": False}})


class Package(unittest.TestCase):
    def test_real_docstrings(self) -> None:
        cases: list[tuple[str, str, dict[str, Any]]] = [
            ("FileListParams", "limit", {"min": 1, "max": 1000, "default": 20}),
            ("AgentListParams", "limit", {"max": 100, "default": 20}),
            ("BetaFederationIssuer", "max_jwt_lifetime_seconds", {"min": 1, "max": 176_400}),
            ("UserProfileCreateParams", "name", {"max_length": 255}),
            ("VaultCreateParams", "display_name", {"min_length": 1, "max_length": 255}),
            ("MemoryCreateParams", "content", {"max_bytes": 102_400}),
            ("DeploymentCreateParams", "initial_events", {"min_items": 1, "max_items": 50}),
            ("SessionListParams", "order", {"default": "desc"}),
            (
                "MemoryStoreCreateParams",
                "metadata",
                {
                    "max_items": 16,
                    "min_key_length": 1,
                    "max_key_length": 64,
                    "max_value_length": 512,
                },
            ),
            ("CostReportListParams", "limit", {}),
            ("SkillListParams", "page", {}),
        ]
        for name, field, expected in cases:
            with self.subTest(f"{name}.{field}"):
                self.assertEqual(of(name, field), expected)

    def test_a_reviewed_field_is_still_there(self) -> None:
        for name, field in module.REVIEWED:
            with self.subTest(f"{name}.{field}"):
                self.assertEqual(of(name, field), module.REVIEWED[name, field])

    def test_bounds_are_bounds(self) -> None:
        for name, definition in types().items():
            for field in definition.get("fields", []):
                found = field.get("limits", {})
                for low in [key for key in found if key.startswith("min")]:
                    high = found.get(low.replace("min", "max"), found[low])
                    self.assertLessEqual(found[low], high, f"{name}.{field['name']}")
