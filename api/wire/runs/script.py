"""The model's part of a conversation: its messages in order, plain or as streams."""

from __future__ import annotations

import json
from typing import Any

from ..answers import event_text
from ..server import Answer, Request

# Blocks whose input comes as pieces of JSON.
CALLS = {"tool_use", "server_tool_use", "mcp_tool_use"}
# Given beside `input`: text in its place, which need not be JSON. There is no such message that does not stream.
TEXT = "@text"


class Script:
    """Replies to requests, one after the other."""

    def __init__(self, replies: list[dict[str, Any]]) -> None:
        self._replies = list(enumerate(replies, 1))

    @property
    def left(self) -> int:
        """How many replies nobody has asked for."""
        return len(self._replies)

    def __call__(self, request: Request) -> Answer:
        if not self._replies:
            return error({"type": "invalid_request_error", "message": "the script is over"})
        number, reply = self._replies.pop(0)
        if "error" in reply:
            return error(reply["error"], reply.get("status", 400))
        message = whole(reply, number)
        if request["body"].get("stream"):
            return "text/event-stream", b"".join(map(event_text, events(message)))
        return "application/json", json.dumps(message).encode()


def error(value: dict[str, Any], status: int = 400) -> Answer:
    body = {"type": "error", "error": value, "request_id": "req_wire"}
    return "application/json", json.dumps(body).encode(), status


def whole(reply: dict[str, Any], number: int) -> dict[str, Any]:
    """A message out of what matters of it. A string is a block of text."""
    content = [{"type": "text", "text": it} if isinstance(it, str) else it for it in reply.get("content", [])]
    calls = any(block["type"] == "tool_use" for block in content)
    return {
        "id": f"msg_{number}",
        "type": "message",
        "role": "assistant",
        "model": "claude-opus-5-5",
        "stop_reason": "tool_use" if calls else "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 10, "output_tokens": 5},
        **reply,
        "content": content,
    }


def events(message: dict[str, Any]) -> list[dict[str, Any]]:
    """The message as the API streams it."""
    last = {key: message.get(key) for key in ("stop_reason", "stop_sequence", "stop_details", "container")}
    start = {**message, "content": [], "stop_reason": None, "stop_sequence": None}
    start = {key: value for key, value in start.items() if key not in ("stop_details", "container")}
    streamed: list[dict[str, Any]] = [{"type": "message_start", "message": start}]
    for index, block in enumerate(message["content"]):
        begun, deltas = pieces(block)
        streamed.append({"type": "content_block_start", "index": index, "content_block": begun})
        streamed += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
        streamed.append({"type": "content_block_stop", "index": index})
    usage = {"output_tokens": message["usage"]["output_tokens"]}
    if iterations := message["usage"].get("iterations"):
        usage["iterations"] = iterations
    streamed.append({"type": "message_delta", "delta": last, "usage": usage})
    return [*streamed, {"type": "message_stop"}]


def pieces(block: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A block as it begins, and the deltas that complete it."""
    begun, deltas = dict(block), []
    kind = block["type"]
    if kind in ("text", "thinking"):
        begun[kind] = ""
        deltas += [{"type": f"{kind}_delta", kind: piece} for piece in halves(block[kind])]
    # These come in one piece.
    if kind == "thinking":
        begun["signature"] = ""
        deltas.append({"type": "signature_delta", "signature": block["signature"]})
    if kind == "compaction":
        begun |= {"content": None, "encrypted_content": None}
        came = {key: block.get(key) for key in ("content", "encrypted_content")}
        deltas.append({"type": "compaction_delta", **came})
    if kind == "text" and block.get("citations"):
        begun["citations"] = []
        deltas += [{"type": "citations_delta", "citation": it} for it in block["citations"]]
    if kind in CALLS:
        text = begun.pop(TEXT, None) or json.dumps(block["input"])
        begun["input"] = {}
        # The API sends nothing of an input without fields.
        deltas += [{"type": "input_json_delta", "partial_json": piece} for piece in halves(text) if text != "{}"]
    return begun, deltas


def halves(text: str) -> list[str]:
    middle = len(text) // 2
    return [piece for piece in (text[:middle], text[middle:]) if piece]
