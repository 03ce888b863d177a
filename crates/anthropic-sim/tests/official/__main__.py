"""The official Python SDK's own tests of every method, and its examples, against simulators started for them.

    python crates/anthropic-sim/tests/official PATH-OF-anthropic-sim [FOLDER]

The tests are those of the version that is installed here. They come with its source distribution, from where pip gets
packages, or else with the repository's tag; FOLDER keeps them. The simulator is lenient (values are made up, and so are
ids), the client is not: it validates every response strictly. Only the synchronous cases run; the others send the same.
The examples get a simulator with all rules on; its tools are called as `--tools` has it.
"""

import contextlib
import importlib.metadata
import os
import subprocess
import sys
import tarfile
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

REPOSITORY = "https://github.com/anthropics/anthropic-sdk-python"
TESTS = "tests/api_resources"
# How many of the cases have to pass, in per cent.
ENOUGH = 97
# Fewer than these were not all.
LEAST = 3000
# The cases that are known to fail, each with its reason: {"test_messages.TestMessages.test_method_create": "…"}.
KNOWN: dict[str, str] = {}
# The examples that are written for a model that waits with its tool until it knows what to call it with.
PATIENT = ("message_threads.py",)
# The examples that want more than the API, and what.
ELSEWHERE = {
    "agents_comprehensive.py": "a token of GitHub's",
    "azure.py": "another cloud",
    "batch_results.py": "the id of a batch of the caller's own",
    "bedrock.py": "another cloud",
    "google_cloud.py": "another cloud",
    "managed-agents-observe-tool-calls.py": "an environment that somebody has set up",
    "managed-agents-self-hosted-sandbox-worker.py": "an environment that somebody has set up",
    "managed-agents-worker-dispatch.py": "work that somebody has dispatched",
    "mcp_tool_runner.py": "an MCP server",
    "vertex.py": "another cloud",
}


def tests(version: str, folder: Path) -> Path:
    """The official tests of a version: from the source distribution, or else from the repository."""
    root = folder / f"anthropic-{version}"
    if (root / TESTS).is_dir():
        return root
    download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", "anthropic"]
    if subprocess.run([*download, "--dest", str(folder), f"anthropic=={version}"]).returncode == 0:
        with tarfile.open(folder / f"anthropic-{version}.tar.gz") as archive:
            archive.extractall(folder, filter="data")
    if not (root / TESTS).is_dir():
        clone = ["git", "clone", "--quiet", "--depth", "1", "--branch", f"v{version}", REPOSITORY, str(root)]
        subprocess.run(clone, check=True)
    return root


@contextlib.contextmanager
def simulator(*command: str) -> Iterator[str]:
    """A running simulator's URL."""
    started = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield started.stdout.readline().strip()
    finally:
        started.terminate()
        started.wait()


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


def examples(root: Path, url: str, patient: str) -> list[str]:
    """Runs the examples; the names of those that fail."""

    def fails(example: Path) -> bool:
        environment = {**os.environ, "ANTHROPIC_BASE_URL": patient if example.name in PATIENT else url, "ANTHROPIC_API_KEY": "any"}
        command = [sys.executable, "-B", "-W", "ignore", example.name]
        options = {"cwd": example.parent, "env": environment, "stdin": subprocess.DEVNULL, "capture_output": True, "text": True}
        try:
            ran = subprocess.run(command, timeout=120, **options)
        except subprocess.TimeoutExpired:
            print(f"{example.name}: does not end")
            return True
        if ran.returncode:
            print(f"{example.name}: {(ran.stderr.strip().splitlines() or ['?'])[-1]}")
        return ran.returncode != 0

    found = sorted(path for path in (root / "examples").glob("*.py") if path.name not in ELSEWHERE)
    with ThreadPoolExecutor(2) as threads:
        failed = [path.name for path, failure in zip(found, threads.map(fails, found)) if failure]
    print(f"{len(found) - len(failed)} of {len(found)} examples do their work")
    return failed if found else ["no example"]


def main() -> int:
    program = str(Path(sys.argv[1]).resolve())
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    version = importlib.metadata.version("anthropic")
    root = tests(version, folder.resolve())
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
    with simulator(program) as url, simulator(program, "--tools", "named") as patient:
        idle = examples(root, url, patient)
    return 1 if share < ENOUGH or len(found) < LEAST or unknown or mended or idle else 0


if __name__ == "__main__":
    sys.exit(main())
