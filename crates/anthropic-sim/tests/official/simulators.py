"""Simulators for a while, and what examples find in them."""

import contextlib
import json
import re
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def simulator(*command: str) -> Iterator[str]:
    """A running simulator's URL."""
    started = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield started.stdout.readline().strip()
    finally:
        started.terminate()
        started.wait()


def has_tools(example: Path) -> bool:
    """Whether an example runs tools, by a runner or by itself."""
    return re.search(r"tool_?runner\b|[\"']tool_result[\"']", example.read_text(), re.IGNORECASE) is not None


def used_tools(url: str) -> bool:
    """Whether a request had the result of a tool in it."""
    with urllib.request.urlopen(f"{url}/_sim/requests", timeout=10) as response:
        bodies = [request["body"] for request in json.load(response)["requests"]]
    messages = [message for body in bodies if isinstance(body, dict) for message in body.get("messages", [])]
    contents = [message["content"] for message in messages if isinstance(message.get("content"), list)]
    return any(block.get("type") == "tool_result" for content in contents for block in content)


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
