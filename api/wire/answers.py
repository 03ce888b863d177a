"""Answers with which both clients are content: the least that the description asks for."""

from __future__ import annotations

import json
from typing import Any

from .description import Description, Endpoint, target_pattern
from .generate import Generator
from .server import Answer, Request

EVENTS: list[dict[str, Any]] = [
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": "", "citations": None}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "hello"}},
    {"type": "content_block_stop", "index": 0},
    {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn", "stop_sequence": None, "stop_details": None, "container": None},
        "usage": {"output_tokens": 1},
    },
    {"type": "message_stop"},
]


class Answers:
    """Answers whatever endpoint a request is for; `url` is where the server is."""

    def __init__(self, description: Description) -> None:
        self.description = description
        self.url = ""
        # The endpoint that the next request is most likely for: several may have one path.
        self.called: Endpoint | None = None
        self._patterns = {e["id"]: target_pattern(e) for e in description.endpoints}

    def __call__(self, request: Request) -> Answer:
        endpoint = self.endpoint(request)
        if endpoint["response"]["kind"] == "binary":
            return "application/octet-stream", b"\xff\x00content"
        if endpoint["stream"] and not endpoint["stream"]["param"]:
            event = Generator(self.description, "event").minimal(endpoint["stream"]["event"])
            return "text/event-stream", event_text(event)
        body = request.get("body")
        if endpoint["stream"] and isinstance(body, dict) and body.get("stream"):
            return "text/event-stream", self.events(endpoint)
        value = self.value(endpoint)
        if endpoint["id"].endswith("messages.batches.retrieve"):
            value["results_url"] = f"{self.url}{request['path']}/results"
        kind = endpoint["response"]["kind"]
        if kind == "page":
            value = {"data": [value], "has_more": False}
        text = json.dumps(value).encode()
        if kind == "jsonl":
            return "application/x-jsonl", text + b"\n"
        return "application/json", text

    def endpoint(self, request: Request) -> Endpoint:
        """The endpoint that a request is for."""
        return next(
            endpoint
            for endpoint in [*filter(None, [self.called]), *self.description.endpoints]
            if endpoint["method"] == request["method"] and self._patterns[endpoint["id"]].match(request["path"])
        )

    def value(self, endpoint: Endpoint) -> dict[str, Any]:
        value: dict[str, Any] = Generator(self.description, "answer").minimal(endpoint["response"]["type"])
        return value

    def events(self, endpoint: Endpoint) -> bytes:
        message = {**self.value(endpoint), "content": [], "stop_reason": None}
        events = [{"type": "message_start", "message": message}, *EVENTS]
        return b"".join(map(event_text, events))


def event_text(event: dict[str, Any]) -> bytes:
    return f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()
