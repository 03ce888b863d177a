"""A server on this machine that writes down what it is asked, and answers well enough."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from .multipart import parts, text_or_base64

Request = dict[str, Any]
# The content type, the bytes, and the status where it is not 200.
Answer = tuple[str, bytes] | tuple[str, bytes, int]

COMPARED_HEADERS = {"accept", "authorization", "content-type", "x-api-key"}
# Where a request was meant to go, of a client that sends everything here.
ORIGIN = "x-wire-origin"


class Recorder:
    """Runs the server. Requests pile up until they are taken."""

    def __init__(
        self,
        answer: Callable[[Request], Answer],
        also: Callable[[Request, list[tuple[str, str]], bytes], None] | None = None,
    ) -> None:
        """`also` adds to the description of a request, of which it gets all headers and the body."""
        self.answer = answer
        self.also = also
        self._requests: list[Request] = []
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Head and body leave in one write: two would wait for each other's acknowledgement.
            wbufsize = -1

            def handle_any(self) -> None:
                recorder.handle(self)

            do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = handle_any

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def take(self) -> list[Request]:
        """The requests since the last time."""
        requests, self._requests = self._requests, []
        return requests

    def last(self) -> Request:
        """The request that came last."""
        return self._requests[-1]

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        request = describe(handler, self.also)
        self._requests.append(request)
        content_type, body, *status = self.answer(request)
        handler.send_response(*(status or [200]))
        handler.send_header("content-type", content_type)
        handler.send_header("content-length", str(len(body)))
        handler.send_header("request-id", "req_wire")
        handler.end_headers()
        handler.wfile.write(body)


def describe(
    handler: BaseHTTPRequestHandler,
    also: Callable[[Request, list[tuple[str, str]], bytes], None] | None = None,
) -> Request:
    path, _, query = handler.path.partition("?")
    headers: dict[str, str] = {}
    for name, value in handler.headers.items():
        name = name.lower()
        if name in COMPARED_HEADERS or name.startswith("anthropic-"):
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
    request: Request = {
        "method": handler.command,
        "target": handler.path,
        "path": path,
        "query": parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query)),
        "headers": headers,
    }
    content_type = headers.get("content-type", "")
    body = read_body(handler)
    if content_type.startswith("multipart/form-data"):
        request["parts"] = parts(content_type, body)
        headers["content-type"] = "multipart/form-data"
    elif not body:
        request["body"] = None
    elif content_type == "application/json":
        request["body"] = json.loads(body)
    else:
        request["body"] = text_or_base64(body)
    if also:
        also(request, handler.headers.items(), body)
    return request


def read_body(handler: BaseHTTPRequestHandler) -> bytes:
    if handler.headers.get("transfer-encoding", "").lower() != "chunked":
        return handler.rfile.read(int(handler.headers.get("content-length", "0")))
    body = b""
    while size := int(handler.rfile.readline().split(b";")[0], 16):
        body += handler.rfile.read(size)
        handler.rfile.readline()
    while handler.rfile.readline().strip():
        pass
    return body
