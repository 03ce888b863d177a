"""Whether a simulator's responses have the keys and types of those that were recorded from the API.

    python crates/anthropic-sim/tests/shapes URL [FOLDER…]
    python crates/anthropic-sim/tests/shapes --write FOLDER…

`shapes.json` has what recorded exchanges show: facts on keys, nothing of their content. The first form sends a request of
each kind and compares; with the folders of an official SDK's source, it also looks whether the file has all that the
recordings in its tests show. The second form writes the file from them.
"""

import json
import sys
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any

import facts
import recordings

FILE = Path(__file__).with_name("shapes.json")
HEADERS = {"x-api-key": "any", "anthropic-version": "2023-06-01", "content-type": "application/json"}

# Where the recordings are too few or too old to compare with, each with the reason.
NEWER = {
    "message.stop_details": "null in the streams that were recorded last",
    "message.stop_details[refusal]": "no plain refusal was recorded",
    "message.content[thinking]": "only streams were recorded with thinking",
    "message.usage.output_tokens_details": "the streams that were recorded last have it, too",
    "message.stop_sequence": "no recording stops at one",
    "message_delta.delta.stop_sequence": "no recording stops at one",
    "message.content[text].citations[char_location]": "only a search was recorded with citations",
    "content_block_delta.delta[citations_delta].citation[char_location]": "only a search was recorded with citations",
    "content_block_start.content_block[server_tool_use].caller": "plain messages that were recorded later have it",
    "content_block_start.content_block[server_tool_use].caller[direct]": "plain messages that were recorded later have it",
    "message_delta.delta.stop_details[refusal].category": "the recorded refusals name none",
    "message_delta.delta.stop_details[refusal].explanation": "the recorded refusals have none",
    "message_delta.delta.stop_details[refusal].fallback_credit_token": "recorded with the beta of fallbacks, which this is without",
    "message_delta.delta.stop_details[refusal].fallback_has_prefill_claim": "recorded with the beta of fallbacks, which this is without",
    "error.error[invalid_request_error]": "only errors of rate limits were recorded",
    "error.error[not_found_error]": "only errors of rate limits were recorded",
    "error.error[authentication_error]": "only errors of rate limits were recorded",
    "error.error[api_error]": "only errors of rate limits were recorded",
    "error.error[overloaded_error]": "only errors of rate limits were recorded",
}

MODEL = "claude-opus-5-5"
WEATHER = {"name": "get_weather", "description": "The weather.", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}}
ASKED = {"role": "user", "content": "What is the weather in SF?"}
CALL = {"type": "tool_use", "id": "toolu_01a", "name": "get_weather", "input": {"city": "SF"}}
RESULT = {"type": "tool_result", "tool_use_id": "toolu_01a", "content": "Rain."}
SCHEMA = {"type": "object", "properties": {"total": {"type": "number"}}, "required": ["total"], "additionalProperties": False}
SEARCH = {"type": "web_search_20250305", "name": "web_search"}
DOCUMENT = {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "It rains in SF."}, "citations": {"enabled": True}}

# Each is sent plain and as a stream: its fields, and the reply that it gets, where that is scripted.
CASES: dict[str, tuple[dict[str, Any], Any]] = {
    "text": ({}, None),
    "cut": ({"max_tokens": 3}, None),
    "stopped": ({"stop_sequences": ["simulator"]}, None),
    "object": ({"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}}, None),
    "tool": ({"tools": [WEATHER], "messages": [ASKED]}, None),
    "result": ({"tools": [WEATHER], "messages": [ASKED, {"role": "assistant", "content": [CALL]}, {"role": "user", "content": [RESULT]}]}, None),
    "thinking": ({"thinking": {"type": "adaptive"}}, None),
    "search": ({"tools": [SEARCH], "messages": [{"role": "user", "content": "Use web_search for this."}]}, None),
    "citations": ({"messages": [{"role": "user", "content": [DOCUMENT, {"type": "text", "text": "Where does it rain?"}]}]}, None),
    "refusal": ({}, {"refusal": {"category": "cyber", "explanation": "No."}}),
    "cached": ({"cache_control": {"type": "ephemeral"}, "messages": [{"role": "user", "content": "Rain. " * 3000}]}, None),
}
# What the API refuses.
REFUSED = [({"max_tokens": -1}, {}), ({"model": "gpt"}, {}), ({}, {"x-api-key": ""}), *(({}, {"anthropic-sim-fault": f"status={status}"}) for status in (429, 500, 529))]


def ask(url: str, fields: dict[str, Any], headers: dict[str, str]) -> Any:
    """The response's JSON, or the text of a stream."""
    body = {"model": MODEL, "max_tokens": 1024, "messages": [{"role": "user", "content": "Hello there"}], **fields}
    request = urllib.request.Request(f"{url}/v1/messages", json.dumps(body).encode(), {**HEADERS, **headers})
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            text, kind = response.read().decode(), response.headers["content-type"]
    except urllib.error.HTTPError as error:
        text, kind = error.read().decode(), "application/json"
    return text if kind.startswith("text/event-stream") else json.loads(text)


def made(url: str) -> dict[str, list[tuple[str, Any]]]:
    """The simulator's responses by kind, each with its case."""
    found: dict[str, list[tuple[str, Any]]] = {}
    for name, (fields, reply) in CASES.items():
        headers = {"anthropic-sim-reply": json.dumps(reply)} if reply else {}
        for stream in (False, True):
            body = ask(url, {**fields, "stream": stream}, headers)
            if recordings.kind(body) != ("stream" if stream else "message"):
                raise SystemExit(f"{name}: {body}")
            found.setdefault(recordings.kind(body), []).append((name, body))
    for fields, headers in REFUSED:
        body = ask(url, fields, headers)
        if recordings.kind(body) != "error":
            raise SystemExit(f"{fields} {headers}: {body}")
        found.setdefault("error", []).append((str(headers or fields), body))
    return found


def read() -> dict[str, facts.Shape]:
    shapes = json.loads(FILE.read_text())
    return {kind: {path: Counter(types) for path, types in shape.items()} for kind, shape in shapes.items()}


def write(roots: list[Path]) -> None:
    lines = []
    for kind, bodies in sorted(recordings.of(roots).items()):
        paths = [f"    {json.dumps(path)}: {json.dumps(types, sort_keys=True)}" for path, types in facts.of(bodies).items()]
        lines.append(f"  {json.dumps(kind)}: {{\n" + ",\n".join(paths) + "\n  }")
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def main() -> int:
    if sys.argv[1] == "--write":
        write([Path(folder) for folder in sys.argv[2:]])
        return 0
    url, folders = sys.argv[1], [Path(folder) for folder in sys.argv[2:]]
    shapes = read()
    problems, count, excused = [], 0, set()
    for kind, responses in made(url).items():
        for name, body in responses:
            count += 1
            for path, how in facts.disagreements(shapes[kind], facts.of([body])):
                excused.add(path)
                if path not in NEWER:
                    problems.append(f"{kind}, {name}: {path}: {how}")
    for kind, bodies in recordings.of(folders).items():
        for path, types in facts.of(bodies).items():
            unknown = [type for type in types if type not in shapes.get(kind, {}).get(path, {})]
            problems += [f"{FILE.name} lacks {kind}, {path}: {type}" for type in unknown]
    problems += [f"{path} agrees by now: {NEWER[path]}" for path in NEWER if path not in excused]
    for problem in problems:
        print(problem)
    print(f"{count} responses have the shapes of recorded ones" if not problems else f"{len(problems)} disagreements")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
