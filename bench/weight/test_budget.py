"""What is measured is read, put together and compared as it should be."""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

import budget
from budget import Run, count_crates, from_nothing, logged, problems, row, shown, to_ir

TREE = """\
ours v0.0.0 (/tmp/x/ours)
anthropic v0.1.0 (/somewhere/crates/anthropic)
bytes v1.12.1
http v1.5.0
bytes v1.12.1 (*)
syn v2.0.0 (proc-macro)
syn v3.0.0 (proc-macro)
"""


def measured(**changes: int) -> dict[str, dict[str, int]]:
    return {"default": {**dict.fromkeys(budget.LABELS, 1000), **changes}}


class Building(unittest.TestCase):
    def test_the_places_of_files_are_not_in_what_is_built(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            flags = budget.Builds(Path(folder)).environment["RUSTFLAGS"].split()
        self.assertIn(f"--remap-path-prefix={budget.ROOT}=/sdk", flags)
        self.assertTrue(any(flag.endswith("=/cargo") for flag in flags), flags)


class Reading(unittest.TestCase):
    def test_a_crate_counts_once_in_each_version_and_the_program_not(self) -> None:
        self.assertEqual(count_crates(TREE), 5)

    def test_seconds_of_one_crate_are_summed_up(self) -> None:
        self.assertEqual(logged('["a", 1.5]\n["b", 2.0]\n["a", 0.25]\n'), {"a": 1.75, "b": 2.0})

    def test_lines_are_counted_before_any_optimization_and_nothing_else_is_made(self) -> None:
        command = ["rustc", "--crate-name", "a", "--error-format=json", "--emit=dep-info,metadata,link", "-C", "opt-level=3"]
        passed = to_ir(command, Path("/x/a.ll"))
        self.assertEqual(passed[:5], ["rustc", "--crate-name", "a", "-C", "opt-level=3"])
        self.assertEqual([argument for argument in passed if "emit" in argument], ["--emit=llvm-ir=/x/a.ll"])
        self.assertIn("no-prepopulate-passes", passed)

    def test_dependencies_of_the_first_build_count_in_the_second(self) -> None:
        first = Run(100.0, {"anthropic_types": 10.0, "anthropic": 20.0, "ours": 5.0})
        again = Run(60.0, {"anthropic_types": 25.0, "anthropic": 30.0, "ours": 4.0})
        self.assertEqual(from_nothing(first, again), Run(125.0, again.crates))
        # What was not compiled again is as it was.
        partly = from_nothing(first, Run(31.0, {"anthropic": 30.0}))
        self.assertEqual(partly, Run(111.0, {"anthropic_types": 10.0, "anthropic": 30.0, "ours": 5.0}))


class Comparing(unittest.TestCase):
    def test_a_tenth_more_is_allowed(self) -> None:
        self.assertEqual(problems(measured(), measured()), [])
        self.assertEqual(problems(measured(types_rlib_bytes=1100), measured()), [])
        self.assertEqual(problems(measured(types_rlib_bytes=1), measured()), [])

    def test_more_than_that_is_a_problem_whatever_grew(self) -> None:
        for key in budget.LABELS:
            (found,) = problems(measured(**{key: 1101}), measured())
            self.assertIn(key, found)

    def test_one_crate_more_is_a_problem(self) -> None:
        self.assertEqual(problems(measured(crates=1000), measured()), [])
        self.assertEqual(len(problems(measured(crates=1001), measured())), 1)

    def test_the_size_of_the_program_has_a_limit_of_its_own(self) -> None:
        large = measured(program_bytes=4_000_001)
        self.assertEqual(problems(large, large), ["default: the program has 4,000,001 bytes"])

    def test_what_has_no_budget_is_a_problem(self) -> None:
        self.assertEqual(len(problems(measured(), {})), len(budget.LABELS))
        self.assertEqual(len(problems(measured(), {"default": {"crates": 1000}})), len(budget.LABELS) - 1)


class Telling(unittest.TestCase):
    def test_the_total_stands_beside_our_own_share(self) -> None:
        run = Run(100.0, {"anthropic_types": 10.0, "anthropic": 20.04, "ours": 1.0})
        self.assertEqual(
            row("release", "full", run, [1, 2000, 3]),
            ["cargo build --release", "full", "100.0", "10.0", "20.0", "30%", "1", "2,000", "3"],
        )
        self.assertEqual(row("check", "default", run, [None, None, None])[-3:], ["", "", ""])

    def test_everything_that_has_a_budget_is_shown(self) -> None:
        values = dict(zip(budget.LABELS, range(1_000_001, 1_000_100), strict=False))
        header, _, line = shown({"default": values}).splitlines()
        self.assertEqual(len(header.split("|")), len(line.split("|")))
        self.assertIn("| crates |", header)
        self.assertIn("| default | 1,000,001 | 1,000,002 |", line)

    def test_the_budget_is_of_what_is_measured(self) -> None:
        for values in budget.json.loads(budget.BUDGET.read_text()).values():
            self.assertEqual(set(values), set(budget.LABELS))


if __name__ == "__main__":
    unittest.main()
