"""The official TypeScript SDK's examples against simulators started for them, with all rules on but where it says.

    python crates/anthropic-sim/tests/official/typescript.py [--may-be-missing] PATH-OF-anthropic-sim FOLDER [SOURCE]

No package has them, only the repository: SOURCE is a copy of it, or else the tag of the version that the other checks use
is cloned into FOLDER. They run with the SDK of that same version, from npm. Where the repository can't be reached, that is a
failure, except with `--may-be-missing`: `tests/typescript/examples.mjs` makes the same calls, and always is run. Those with
tools have to send a result of one.
"""

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import sources
from simulators import ended_batch, has_tools, simulator, used_tools

# Where the repository may be out of reach.
OPTIONAL = "--may-be-missing"
PACKAGE = Path(__file__).parents[1] / "typescript/package.json"
# What the examples need beside the SDK, and what makes JavaScript of them.
BESIDE = {"esbuild": "0.28.2", "zod": "4.1.12"}
# The examples that want more than the API, and what.
ELSEWHERE = {
    "agents-comprehensive.ts": "a token of GitHub's",
    "managed-agents-observe-tool-calls.ts": "commands run on this machine",
    "managed-agents-self-hosted-sandbox-worker.ts": "commands run on this machine",
    "managed-agents-worker-dispatch.ts": "work that somebody has dispatched",
}
# The examples that give a model a thinking budget for which the API's documentation has none: this rule is off for them.
BUDGETED, RULE = ("thinking-stream.ts", "thinking.ts"), "thinking-mode"
# The arguments of those that take some, in the simulator at a URL.
ARGUMENTS = {"batch-results.ts": lambda url: [ended_batch(url)]}
# Fewer than these were not all.
LEAST = 20


def prepared(source: Path, folder: Path) -> list[Path]:
    """The examples as JavaScript, where they find their packages."""
    version = json.loads((source / "package.json").read_text())["version"]
    into = folder.resolve() / f"run-{version}"
    shutil.rmtree(into / "examples", ignore_errors=True)
    into.mkdir(parents=True, exist_ok=True)
    (into / "package.json").write_text(json.dumps({"private": True, "dependencies": {"@anthropic-ai/sdk": version, **BESIDE}}))
    npm = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"]
    subprocess.run(npm, cwd=into, check=True)
    shutil.copytree(source / "examples", into / "examples")
    found = sorted(path for path in (into / "examples").glob("*.ts") if path.name not in ELSEWHERE)
    esbuild = ["node_modules/.bin/esbuild", "--format=cjs", "--platform=node", "--log-level=error", "--outdir=examples"]
    subprocess.run([*esbuild, *(f"examples/{path.name}" for path in found)], cwd=into, check=True)
    return [path.with_suffix(".js") for path in found]


def failure(program: str, example: Path) -> str | None:
    """How an example failed, if it did, beside a simulator of its own."""
    source = example.with_suffix(".ts")
    options = [f"--lenient={RULE}"] if source.name in BUDGETED else []
    with simulator(program, *options) as url:
        problem = ran(example, url)
        if problem is None and has_tools(source) and not used_tools(url):
            return "sends no result of a tool"
    return problem


def ran(example: Path, url: str) -> str | None:
    arguments = ARGUMENTS.get(f"{example.stem}.ts", lambda _: [])(url)
    environment = {**os.environ, "ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": "any"}
    options = {"cwd": example.parent, "env": environment, "stdin": subprocess.DEVNULL, "capture_output": True, "text": True}
    try:
        node = subprocess.run(["node", example.name, *arguments], timeout=60, **options)
    except subprocess.TimeoutExpired:
        return "does not end"
    # Some print what failed and end as if nothing had; others are warned of what is deprecated.
    if node.returncode or "Error" in node.stderr:
        return node.stderr.strip() or f"ends with {node.returncode}"
    return None if node.stdout else "prints nothing"


def main() -> int:
    given = [argument for argument in sys.argv[1:] if argument != OPTIONAL]
    program, folder = str(Path(given[0]).resolve()), Path(given[1])
    version = json.loads(PACKAGE.read_text())["dependencies"]["@anthropic-ai/sdk"]
    source = Path(given[2]) if len(given) > 2 else sources.typescript(version, folder)
    if source is None:
        print(f"the repository of the TypeScript SDK {version} can't be reached from here: its examples are not run")
        return 0 if OPTIONAL in sys.argv else 1
    examples = prepared(source, folder)
    failed = [(name, "is gone, and has a reason why it is not run") for name in ELSEWHERE if not (source / "examples" / name).exists()]
    with ThreadPoolExecutor(2) as threads:
        problems = threads.map(lambda example: failure(program, example), examples)
        failed += [(f"{path.stem}.ts", problem) for path, problem in zip(examples, problems) if problem]
    for name, problem in failed:
        print(f"{name}: {problem}")
    print(f"{len(examples) - len(failed)} of {len(examples)} TypeScript examples do their work")
    return 1 if failed or len(examples) < LEAST else 0


if __name__ == "__main__":
    sys.exit(main())
