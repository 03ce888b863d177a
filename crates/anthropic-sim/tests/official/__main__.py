"""The official Python SDK's own tests of every method, against a simulator started for them.

    python crates/anthropic-sim/tests/official PATH-OF-anthropic-sim [FOLDER]

The tests are those of the version that is installed here (see `sources.py`); FOLDER keeps them. The simulator is lenient
(values are made up, and so are ids), the client is not: it validates every response strictly. Only the synchronous cases
run; the others send the same.
"""

import importlib.metadata
import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import sources
from simulators import simulator

TESTS = "tests/api_resources"
# How many of the cases have to pass, in per cent.
ENOUGH = 97
# Fewer than these were not all.
LEAST = 3000
# The cases that are known to fail, each with its reason: {"test_messages.TestMessages.test_method_create": "…"}.
KNOWN: dict[str, str] = {}


def outcomes(root: Path, url: str) -> dict[str, str | None]:
    """Each case, and how it failed."""
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.xml"
        # Without the options of the suite's own, which want more cores and more packages.
        options = ["-q", "-o", "addopts=", "-p", "tests._alias_httpx", "-p", "no:cacheprovider", "--tb=no", "--no-summary"]
        command = [sys.executable, "-B", "-W", "ignore", "-m", "pytest", *options, "-k", "not Async", f"--junit-xml={report}", TESTS]
        subprocess.run(command, cwd=root, env={**os.environ, "TEST_API_BASE_URL": url})
        found = {}
        for case in ElementTree.parse(report).iter("testcase"):
            name = f"{case.get('classname').removeprefix('tests.api_resources.')}.{case.get('name')}"
            failure = next((part for part in case if part.tag in ("failure", "error")), None)
            found[name] = None if failure is None else (failure.get("message") or "").splitlines()[0]
        return found


def main() -> int:
    program = str(Path(sys.argv[1]).resolve())
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(tempfile.mkdtemp())
    version = importlib.metadata.version("anthropic")
    root = sources.python(version, folder)
    begin = time.monotonic()
    with simulator(program, "--lenient", "--lenient-ids") as url:
        found = outcomes(root, url)
    failed = {name: problem for name, problem in found.items() if problem is not None}
    for name, problem in failed.items():
        # A case's parameters are in brackets.
        print(f"{name}: {KNOWN.get(name.split('[')[0], 'no reason is known')}: {problem}")
    passed = len(found) - len(failed)
    share = 100 * passed / max(1, len(found))
    print(f"anthropic {version}: {passed} of {len(found)} cases passed, {share:.2f} %, in {time.monotonic() - begin:.0f} s")
    unknown = [name for name in failed if name.split("[")[0] not in KNOWN]
    mended = [name for name in KNOWN if not any(case.split("[")[0] == name for case in failed)]
    for name in mended:
        print(f"{name} passes, and has a reason why it does not")
    return 1 if share < ENOUGH or len(found) < LEAST or unknown or mended else 0


if __name__ == "__main__":
    sys.exit(main())
