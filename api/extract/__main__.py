"""Command line: `python -m extract --out api.json` (from the directory above this one)."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .check import complaints
from .describe import describe, installed_source, render


def main() -> int:
    parser = argparse.ArgumentParser(prog="extract")
    parser.add_argument("--out", type=Path, required=True, help="the file to write")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail if the file is out of date"
    )
    arguments = parser.parse_args()
    api, differences = describe(installed_source())
    for name, count in api["counts"].items():
        print(f"{name}: {count}")
    for difference in differences:
        print(f"note: {difference}")
    found = complaints(api)
    for complaint in found:
        print(f"error: {complaint}", file=sys.stderr)
    if found:
        return 1
    text = render(api)
    if arguments.check:
        current = arguments.out.is_file() and arguments.out.read_text("utf-8") == text
        if not current:
            print(f"error: {arguments.out} is out of date", file=sys.stderr)
        return 0 if current else 1
    arguments.out.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
