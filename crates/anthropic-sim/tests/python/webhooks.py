"""The official Python client takes what a running simulator delivers, and refuses what it delivers wrong on purpose.

    anthropic-sim --port 4010 &
    python webhooks.py http://127.0.0.1:4010

Beside the official client it needs the package `standardwebhooks`, by which that one verifies.
"""

from __future__ import annotations

import json
import queue
import sys
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, get_args

from anthropic import Anthropic
from anthropic.types.beta import BetaWebhookEvent
from anthropic.types.beta.beta_webhook_event_data import BetaWebhookEventData
from standardwebhooks import WebhookVerificationError

KEY = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"
NEXT = "whsec_bmV4dA=="
received: queue.Queue[tuple[str, dict[str, str]]] = queue.Queue()
statuses: queue.Queue[int] = queue.Queue()


class Endpoint(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        received.put((body.decode(), dict(self.headers)))
        self.send_response(204 if statuses.empty() else statuses.get())
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


def control(url: str, method: str, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url + path, data, {"content-type": "application/json"}, method=method)
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def main(url: str) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    Thread(target=server.serve_forever, daemon=True).start()
    client = Anthropic(api_key="any", base_url=url, webhook_key=KEY)
    unwrap = client.beta.webhooks.unwrap
    hook = {"url": f"http://127.0.0.1:{server.server_port}/hook", "keys": [KEY, NEXT], "retries": [60]}
    control(url, "POST", "/_sim/webhooks", hook)

    def send(kind: str, **more: Any) -> tuple[str, dict[str, str]]:
        control(url, "POST", "/_sim/webhooks/events", {"type": kind, **more})
        return received.get(timeout=10)

    # Every type of event that the official client has, and one that it doesn't have.
    members = get_args(get_args(BetaWebhookEventData)[0])
    kinds = [get_args(member.model_fields["type"].annotation)[0] for member in members]
    for kind, member in zip(kinds, members):
        payload, headers = send(kind)
        event = unwrap(payload, headers=headers)
        assert isinstance(event, BetaWebhookEvent) and isinstance(event.data, member), event
        # The strict reading of the same.
        BetaWebhookEvent.model_validate_json(payload)
        assert event.id == headers["webhook-id"], headers
        assert unwrap(payload, headers=headers, key=NEXT) == event
    payload, headers = send("comet.sighted")
    assert unwrap(payload, headers=headers).data.type == "comet.sighted"

    # What is wrong is refused, by the reason.
    for more, reason in (
        ({"forged": True}, "No matching signature"),
        ({"skew": -600}, "too old"),
        ({"skew": 600}, "too new"),
    ):
        payload, headers = send("vault.created", **more)
        try:
            unwrap(payload, headers=headers)
        except WebhookVerificationError as error:
            assert reason in str(error), error
        else:
            raise AssertionError(f"{more} is taken")

    # An attempt that failed is followed by another of the same event.
    statuses.put(500)
    first, headers = send("vault.created", data={"id": "vlt_1"})
    while not any(it["attempts"] and it["attempts"][0]["status"] == 500 for it in deliveries(url)):
        time.sleep(0.02)
    control(url, "POST", "/_sim/clock", {"advance": 60})
    again, later = received.get(timeout=10)
    assert (again, later["webhook-id"]) == (first, headers["webhook-id"])
    assert int(later["webhook-timestamp"]) - int(headers["webhook-timestamp"]) >= 60
    assert unwrap(again, headers=later).data.id == "vlt_1"

    # What the client itself changes.
    vault = client.beta.vaults.create(display_name="v")
    for kind in ("vault.created", "vault.deleted"):
        payload, headers = received.get(timeout=10)
        event = unwrap(payload, headers=headers)
        assert (event.data.type, event.data.id) == (kind, vault.id), event
        if kind == "vault.created":
            # Deliveries overtake one another, so this one is waited for.
            client.beta.vaults.delete(vault.id)
    control(url, "DELETE", "/_sim/webhooks")
    control(url, "POST", "/_sim/reset")
    print(f"webhooks: {len(kinds)} types of events, taken by the official client")


def deliveries(url: str) -> list[Any]:
    return control(url, "GET", "/_sim/webhooks")["deliveries"]


if __name__ == "__main__":
    main(sys.argv[1])
