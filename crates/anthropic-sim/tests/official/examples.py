"""The official Python SDK's examples against simulators started for them, with all rules on.

    python crates/anthropic-sim/tests/official/examples.py PATH-OF-anthropic-sim SOURCE

SOURCE is what `sources.py` prints. All run in one process, because importing the SDK takes longer than all of them.
"""

import contextlib
import faulthandler
import io
import logging
import os
import runpy
import sys
import time
import traceback
import warnings
from pathlib import Path

from simulators import ended_batch, simulator

# The examples that are written for a model that waits with its tool until it knows what to call it with.
PATIENT = ("message_threads.py",)
# The examples that want more than the API, and what.
ELSEWHERE = {
    "agents_comprehensive.py": "a token of GitHub's",
    "azure.py": "another cloud",
    "bedrock.py": "another cloud",
    "google_cloud.py": "another cloud",
    "managed-agents-observe-tool-calls.py": "commands run on this machine",
    "managed-agents-self-hosted-sandbox-worker.py": "commands run on this machine",
    "managed-agents-worker-dispatch.py": "work that somebody has dispatched",
    "mcp_tool_runner.py": "an MCP server",
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


def run(example: Path) -> str | None:
    """How an example failed, if it did."""
    printed = io.StringIO()
    arguments = ARGUMENTS.get(example.name)
    sys.argv = [example.name, *(arguments(os.environ["ANTHROPIC_BASE_URL"]) if arguments else [])]
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
    return None if printed.getvalue() or example.name in QUIET else "prints nothing"


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
    with simulator(program) as url, simulator(program, "--tools", "named") as patient:
        for example in examples:
            os.environ["ANTHROPIC_BASE_URL"] = patient if example.name in PATIENT else url
            # Some open files beside them.
            os.chdir(example.parent)
            problem = run(example)
            if problem:
                failed.append(f"{example.name}: {problem}")
    for problem in failed:
        print(problem)
    print(f"{len(examples) - len(failed)} of {len(examples)} examples do their work, in {time.monotonic() - began:.1f} s")
    return 1 if failed or len(examples) < LEAST else 0


if __name__ == "__main__":
    sys.exit(main())
