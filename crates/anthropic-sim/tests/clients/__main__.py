"""Other libraries' clients against a running simulator: text, streams, tools and objects by each.

    anthropic-sim --port 4010 &
    python crates/anthropic-sim/tests/clients http://127.0.0.1:4010 [NAME…]

All run in one process, because importing takes longer than all the rest.
"""

import importlib
import os
import sys
import time
import warnings

# LiteLLM would fetch its tables; what it has is enough.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
os.environ["LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS"] = "True"
os.environ["LANGSMITH_TRACING"] = "false"
# What they say of each other's and of their own future.
warnings.simplefilter("ignore")

CLIENTS = ("langchain", "litellm", "pydantic_ai", "instructor")


def main(url, *names):
    for name in names or CLIENTS:
        started = time.monotonic()
        checks = importlib.import_module(f"with_{name}").CHECKS
        print(f"{name}: imported in {time.monotonic() - started:.1f} s")
        for check in checks:
            check(url)
            print(f"{name}: {check.__name__}: ok", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
