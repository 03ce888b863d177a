"""Simulators for a while, and what examples find in them."""

import contextlib
import json
import subprocess
import time
import urllib.request
from collections.abc import Iterator


@contextlib.contextmanager
def simulator(*command: str) -> Iterator[str]:
    """A running simulator's URL."""
    started = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield started.stdout.readline().strip()
    finally:
        started.terminate()
        started.wait()


def ended_batch(url: str) -> str:
    """The id of a batch of one request that has ended."""

    def asked(path: str, body: dict | None = None) -> dict:
        headers = {"x-api-key": "any", "anthropic-version": "2023-06-01", "content-type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{url}/v1/messages/batches{path}", data, headers)
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)

    params = {"model": "claude-opus-5-5", "max_tokens": 100, "messages": [{"role": "user", "content": "Hello"}]}
    batch = asked("", {"requests": [{"custom_id": "one", "params": params}]})
    for _ in range(200):
        if asked(f"/{batch['id']}")["processing_status"] == "ended":
            return batch["id"]
        time.sleep(0.05)
    raise TimeoutError("the batch does not end")
