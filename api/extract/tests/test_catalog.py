"""What is neither a type nor an endpoint, on a small package made for the purpose."""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

from extract.catalog import betas
from extract.source import Source

PACKAGE = {
    "__init__.py": "VERSION = '2026-10-21'\nBETA = 'of-the-package-2026-01-31'\n",
    "lib/__init__.py": "",
    "lib/_constants.py": '''
"""Mentions in-prose-2026-01-01 only."""
HEADER = "oauth-2025-04-20"
MODELS = ["claude-haiku-4-5-20251001", "web_search_20250305", "2026-10-21", "released-2026-13-01"]
TEXT = "asks for mentioned-2026-01-01"
# also-mentioned-2026-01-01


def known(header: str) -> bool:
    """tool-2026-01-01 or so."""
    return "tool-2025-05-14" in header
''',
    "types/__init__.py": "",
    "types/thing.py": "VALUE = 'of-a-field-2026-01-01'\n",
}


class Betas(unittest.TestCase):
    def test_those_of_the_alias_of_endpoints_and_of_code(self) -> None:
        alias = {"kind": "alias", "type": {"k": "open", "values": ["named-2024-09-25"]}}
        types = {"types.anthropic_beta_param.AnthropicBetaParam": alias, "types.x.Other": {"kind": "model"}}
        with tempfile.TemporaryDirectory() as directory:
            root = Path(directory) / "pack"
            for name, text in PACKAGE.items():
                path = root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, "utf-8")
            found = betas(Source(root, "pack"), types, [{"betas": ["sent-2026-02-03"]}])
        self.assertEqual(
            found,
            ["named-2024-09-25", "oauth-2025-04-20", "of-the-package-2026-01-31", "sent-2026-02-03", "tool-2025-05-14"],
        )


if __name__ == "__main__":
    unittest.main()
