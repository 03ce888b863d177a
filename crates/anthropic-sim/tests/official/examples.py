"""The official Python SDK's examples against simulators started for them, with all rules on.

    python crates/anthropic-sim/tests/official/examples.py PATH-OF-anthropic-sim SOURCE MCP-SERVER

SOURCE is what `sources.py` prints; MCP-SERVER is a program for Node, which the example with MCP starts instead of the one that
it would download. All run in one process, because importing the SDK takes longer than all of them. Those with tools have to
send a result of one.
"""

import contextlib
import faulthandler
import io
import json
import logging
import os
import runpy
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path

from simulators import ended_batch, has_tools, simulator, used_tools

# The examples that are written for a model that waits with its tool until it knows what to call it with, and by which rules it
# does.
RULES = {"message_threads.py": [{"when": {"text": "#4821", "tool": "lookup_order"}, "reply": {"tool": "lookup_order"}}]}
# The examples that want more than the API, and what.
ELSEWHERE = {
    "agents_comprehensive.py": "a token of GitHub's",
    "azure.py": "another cloud",
    "bedrock.py": "another cloud",
    "google_cloud.py": "another cloud",
    "managed-agents-observe-tool-calls.py": "commands run on this machine",
    "managed-agents-self-hosted-sandbox-worker.py": "commands run on this machine",
    "managed-agents-worker-dispatch.py": "work that somebody has dispatched",
    "vertex.py": "another cloud",
}
# Those that only show how credentials are given.
QUIET = ("workload_identity.py",)
# Fewer than these were not all.
LEAST = 20
# After so many seconds one hangs.
LONGEST = 60
# The arguments of those that take some, in the simulator at a URL.
ARGUMENTS = {"batch_results.py": lambda url: [ended_batch(url)]}


def npx(server: Path, folder: Path) -> None:
    """Puts an `npx` into a folder that starts this server, whatever it is asked for."""
    script = folder / "npx"
    script.write_text(f"#!/bin/sh\nexec node '{server.resolve()}'\n")
    script.chmod(0o755)


def scripted(rules: list, folder: Path) -> list[str]:
    """What makes a simulator call tools by these rules, and by name."""
    script = folder / "rules.json"
    script.write_text(json.dumps({"rules": rules}))
    return ["--tools", "named", "--script", str(script)]


def run(example: Path, url: str) -> str | None:
    """How an example failed, if it did."""
    os.environ["ANTHROPIC_BASE_URL"] = url
    printed = io.StringIO()
    arguments = ARGUMENTS.get(example.name)
    sys.argv = [example.name, *(arguments(url) if arguments else [])]
    faulthandler.dump_traceback_later(LONGEST, exit=True)
    try:
        with contextlib.redirect_stdout(printed):
            runpy.run_path(str(example), run_name="__main__")
    except SystemExit as end:
        return f"ends with {end.code}" if end.code else None
    except BaseException:
        return traceback.format_exc()
    finally:
        faulthandler.cancel_dump_traceback_later()
    if not printed.getvalue() and example.name not in QUIET:
        return "prints nothing"
    return "sends no result of a tool" if has_tools(example) and not used_tools(url) else None


def main() -> int:
    program, source = str(Path(sys.argv[1]).resolve()), Path(sys.argv[2])
    warnings.simplefilter("ignore")
    # What is left open when an example's loop ends would have gone with its process.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL + 1)
    os.environ["ANTHROPIC_API_KEY"] = "any"
    examples = sorted(path for path in (source / "examples").resolve().glob("*.py") if path.name not in ELSEWHERE)
    gone = [name for name in ELSEWHERE if not (source / "examples" / name).exists()]
    failed = [f"{name} is gone, and has a reason why it is not run" for name in gone]
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        npx(Path(sys.argv[3]), Path(scratch))
        os.environ["PATH"] = os.pathsep.join([scratch, os.environ["PATH"]])
        for example in examples:
            # Some open files beside them.
            os.chdir(example.parent)
            rules = RULES.get(example.name)
            with simulator(program, *(scripted(rules, Path(scratch)) if rules else [])) as url:
                problem = run(example, url)
            if problem:
                failed.append(f"{example.name}: {problem}")
    for problem in failed:
        print(problem)
    print(f"{len(examples) - len(failed)} of {len(examples)} examples do their work, in {time.monotonic() - began:.1f} s")
    return 1 if failed or len(examples) < LEAST else 0


if __name__ == "__main__":
    sys.exit(main())
