"""The official Python SDK as a client of the benchmark: python client.py URL CASE SIZE"""

import json
import re
import sys
from pathlib import Path

from anthropic import Anthropic

url, case, size = sys.argv[1:]


def make(kind):
    return Anthropic(api_key="sk-bench", base_url=f"{url}/{kind}/{size}", max_retries=0)


def memory(key):
    found = re.search(rf"{key}:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) if found else 0


params = {
    "model": "claude-opus-5-5",
    "max_tokens": 1024,
    "messages": [{"role": "user", "content": "Hello"}],
}
check = 0
if case == "text":
    client = make("text")
    with client.messages.stream(**params) as stream:
        check = len(stream.get_final_text().encode())
elif case == "text-events":
    client = make("text")
    for event in client.messages.create(**params, stream=True):
        if event.type == "content_block_delta":
            check += len(event.delta.text.encode())
elif case == "tool":
    client = make("tool")
    with client.messages.stream(**params) as stream:
        check = sum(row["id"] for row in stream.get_final_message().content[0].input["rows"])
elif case == "lines":
    client = make("lines")
    for line in client.messages.batches.results("batch"):
        if line.result.type == "succeeded":
            check += line.result.message.usage.output_tokens
else:
    raise SystemExit("no such case")
print(json.dumps({"check": check, "base_kib": 0, "peak_kib": memory("VmHWM"), "end_kib": memory("VmRSS")}))
