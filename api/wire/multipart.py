"""Takes multipart bodies apart."""

from __future__ import annotations

import base64
import re
from typing import Any

PARAMETER = re.compile(r';\s*([\w*]+)=(?:"([^"]*)"|([^;\s]*))')


def parts(content_type: str, body: bytes) -> list[dict[str, Any]]:
    """The parts in order; their bytes are kept as text where they are UTF-8."""
    boundary = dict(parameters(content_type))["boundary"].encode()
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary)
    if len(pieces) < 2 or pieces[0] or pieces[-1].strip() != b"--":
        raise ValueError("the body does not begin or end with its boundary")
    return [part(piece.removeprefix(b"\r\n")) for piece in pieces[1:-1]]


def part(piece: bytes) -> dict[str, Any]:
    head, _, content = piece.partition(b"\r\n\r\n")
    headers = {}
    for line in head.decode("utf-8").split("\r\n"):
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    disposition = headers.pop("content-disposition")
    if not disposition.startswith("form-data"):
        raise ValueError(f"a part that is no form data: {disposition}")
    found = dict(parameters(disposition))
    return {
        "name": found.pop("name"),
        "filename": found.pop("filename", None),
        "disposition": found,
        "headers": headers,
        **text_or_base64(content),
    }


def parameters(header: str) -> list[tuple[str, str]]:
    return [(name, quoted or plain) for name, quoted, plain in PARAMETER.findall(header)]


def text_or_base64(content: bytes) -> dict[str, str]:
    try:
        return {"text": content.decode("utf-8")}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content).decode("ascii")}
