"""Deliveries of webhooks, decided about by the official Python client: python -m wire.webhooks [--write]

The rows are stored in `crates/anthropic/tests/it/deliveries.json`, each with what the official client decides; a test of
ours decides about the same rows. Where ours is meant to decide otherwise, the row has `ours`, and `why`. Without `--write`
the stored rows must be those that are made here.

The official client verifies by the package `standardwebhooks`, whose clock stands still here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import sys
from collections.abc import Iterator
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

import standardwebhooks.webhooks
from anthropic import Anthropic
from standardwebhooks import WebhookVerificationError

STORED = Path(__file__).resolve().parents[2] / "crates/anthropic/tests/it/deliveries.json"
KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_b3RoZXIgb3RoZXIgb3RoZXI="
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
NOW = 1_614_265_330
"""The clock is 999 ms later, since real ones don't stand at whole seconds."""
EVENT = (
    '{"type":"event","id":"wevt_01","created_at":"2021-02-25T15:02:10Z","data":{"type":"session.status_idled",'
    '"id":"sesn_01","organization_id":"org_01","workspace_id":"wrkspc_01"}}'
)
OTHER_EVENT = EVENT.replace("wevt_01", "wevt_02")

TAKEN = "taken"
BASE64 = "base64 is read strictly, so that one signature has one form"
DIGITS = "a time is digits and nothing else, and is signed as it stands in the header"
EVENTS = "what is no event is an error, whoever has signed it"
DOTS = "`a.1.2` with a body would prove `a` with a body that begins with `2.`"
FORGED = "a signature that is none matters more, and nothing is shown of this machine's clock"
"""Why ours decides otherwise."""


class Frozen(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Frozen:
        return cls.fromtimestamp(NOW + 0.999, tz)


def sign(body: str | bytes, *, key: str = KEY, of: str = ID, at: str | int = NOW) -> str:
    """Made here, and not by what verifies it."""
    data = body.encode() if isinstance(body, str) else body
    secret = base64.b64decode(key.removeprefix("whsec_"))
    digest = hmac.new(secret, f"{of}.{at}.".encode() + data, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def row(
    case: str, body: str | bytes = EVENT, *, of: str = ID, at: str | int = NOW, signature: str | None = None, **more: str
) -> dict[str, Any]:
    """A delivery, signed as it stands unless it has a signature; with `ours` and `why` where ours is to differ."""
    signature = sign(body, of=of, at=at) if signature is None else signature
    headers = {"webhook-id": of, "webhook-timestamp": str(at), "webhook-signature": signature}
    shown = "body" if isinstance(body, str) else "bytes"
    return {"case": case, "headers": headers, shown: body if isinstance(body, str) else list(body), **more}


def good() -> Iterator[dict[str, Any]]:
    yield row("as the API sends it")
    yield row("some seconds ago", at=NOW - 7)
    yield row("beyond ASCII", EVENT.replace("sesn_01", "Zürich – 水"))
    yield row("an event of an unknown type", EVENT.replace("session.status_idled", "comet.sighted"))
    yield row("white space around the event", f" {EVENT}\r\n")
    first = row("names of headers in capitals")
    first["headers"] = {name.title(): value for name, value in first["headers"].items()}
    yield first


def several() -> Iterator[dict[str, Any]]:
    """Signatures, of which one has to match."""
    own, other = sign(EVENT), sign(EVENT, key=OTHER)
    yield row("the second of two signatures", signature=f"{other} {own}")
    yield row("the first of two signatures", signature=f"{own} {other}")
    yield row("after one of another version", signature=f"v1a,AAAA {own}")
    yield row("none of two signatures", signature=f"{other} {other}")
    yield row("two spaces", signature=f"{other}  {own}", ours=TAKEN, why="what is no signature is passed over")
    yield row("after a version without a signature", signature=f"v1 {own}", ours=TAKEN, why="what is no signature is passed over")
    yield row("after one that is no base64", signature=f"v1,A {own}", ours=TAKEN, why="what is no signature is passed over")


def forged() -> Iterator[dict[str, Any]]:
    yield row("by another key", signature=sign(EVENT, key=OTHER))
    yield row("the body alone is signed", signature="v1," + base64.b64encode(hashlib.sha256(EVENT.encode()).digest()).decode())
    yield row("signed without an id", signature=sign(EVENT, of=""))
    yield row("signed for another id", signature=sign(EVENT, of="msg_other"))
    yield row("signed for another time", signature=sign(EVENT, at=NOW - 1))
    yield row("signed for another body", signature=sign(OTHER_EVENT))
    yield row("of an older delivery", OTHER_EVENT, at=NOW - 60, signature=sign(OTHER_EVENT))
    for signed, signature in (("itself", None), ("a body that begins with it", sign(f"1.{EVENT}", of="msg"))):
        yield row(f"the id has a dot, signed for {signed}", of="msg.1", signature=signature, ours="InvalidHeader", why=DOTS)


def times() -> Iterator[dict[str, Any]]:
    yield row("stale", at=NOW - 301)
    yield row("stale by less than a second", at=NOW - 300, ours=TAKEN, why="whole seconds count: 300 of them are allowed")
    yield row("almost stale", at=NOW - 299)
    yield row("very stale", at=0)
    yield row("future", at=NOW + 301)
    yield row("almost future", at=NOW + 300)
    yield row("in milliseconds", at=NOW * 1000, ours="TooNew", why="it is a time, far away")
    yield row("stale and forged", at=NOW - 301, signature=sign(EVENT), ours="NoMatchingSignature", why=FORGED)
    yield row("future and forged", at=NOW + 301, signature=sign(EVENT), ours="NoMatchingSignature", why=FORGED)
    for text in ("now", "0x60", "nan", "inf", "1614265330,1614265330", "9" * 23):
        yield row(f"the time is {text}", at=text)
    for text in ("-1", "1e9"):
        yield row(f"the time is {text}", at=text, ours="InvalidHeader", why=DIGITS)
    for text in (f"+{NOW}", f" {NOW}", f"{NOW} ", f"{NOW}.0", f"{NOW}.9", "1_614_265_330", "1.614265330e9", "１６１４２６５３３０"):
        # The official client signs the seconds that it has read.
        yield row(f"the time is {text!r}", at=text, signature=sign(EVENT), ours="InvalidHeader", why=DIGITS)


def headers() -> Iterator[dict[str, Any]]:
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature"):
        missing, empty = row(f"without {name}"), row(f"an empty {name}")
        del missing["headers"][name]
        empty["headers"][name] = ""
        yield missing
        yield empty


def bodies() -> Iterator[dict[str, Any]]:
    """Truncated, re-encoded and re-ordered ones, with the signature of the whole."""
    own = sign(EVENT)
    for length in (0, 1, len(EVENT) // 2, len(EVENT) - 1):
        yield row(f"truncated to {length} bytes", EVENT[:length], signature=own)
    changed = {
        "pretty": json.dumps(json.loads(EVENT), indent=2),
        "with spaces": json.dumps(json.loads(EVENT)),
        "with an escape": EVENT.replace("sesn", "\\u0073esn"),
        "with a byte order mark": f"\ufeff{EVENT}",
        "with an end of line": f"{EVENT}\r\n",
        "with members in another order": json.dumps(json.loads(EVENT), sort_keys=True, separators=(",", ":")),
        "with another id": OTHER_EVENT,
        "in capitals": EVENT.upper(),
        "twice": EVENT + EVENT,
    }
    for what, body in changed.items():
        assert body != EVENT, what
        yield row(f"the body {what}", body, signature=own)
    yield row("the body in UTF-16", EVENT.encode("utf-16-le"), signature=own)


def encodings() -> Iterator[dict[str, Any]]:
    """The signature in other letters."""
    own = sign(EVENT)
    text = own.removeprefix("v1,")
    digest = base64.b64decode(text)
    for length in (1, 2, 3, 4, 20, len(own) - 1):
        yield row(f"a signature of {length} characters", signature=own[:length])
    for what, signature in {
        "in hexadecimal digits": f"v1,{digest.hex()}",
        "without a version": text,
        "of version 2": f"v2,{text}",
        "of version V1": f"V1,{text}",
        "of version v1a": f"v1a,{text}",
        "with two versions": f"v1,v1,{text}",
        "after a colon": f"v1:{text}",
        "after an equals sign": f"v1={text}",
        "after a space": f"v1, {text}",
        "with a comma at its end": f"v1,{text},",
        "that is empty": "v1,",
        "without a comma": "v1",
        "that is a comma": ",",
        "with another end": "v1," + base64.b64encode(digest + b"\0").decode(),
    }.items():
        yield row(f"a signature {what}", signature=signature)
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    spare = last[last.index(text[-2]) ^ 1]
    for what, signature in {
        "with more padding": f"v1,{text}=",
        "with a foreign character": f"v1,{text[:5]}!{text[5:]}",
        "with a character behind its padding": f"v1,{text}A",
        "whose spare bits are not zero": f"v1,{text[:-2]}{spare}=",
    }.items():
        yield row(f"a signature {what}", signature=signature, ours="NoMatchingSignature", why=BASE64)


def payloads() -> Iterator[dict[str, Any]]:
    """Signed, and no events."""
    for what, body in {"nothing": "", "half an object": "{", "two values": EVENT + " {}", "a byte order mark first": f"\ufeff{EVENT}"}.items():
        yield row(f"signed: {what}", body)
    yield row("signed: not UTF-8", b"\xff")
    for what, body in {
        "null": "null",
        "a list": "[]",
        "the published vector": '{"test": 2432232314}',
        "NaN": EVENT[:-1] + ',"more":NaN}',
    }.items():
        yield row(f"signed: {what}", body, ours="Payload", why=EVENTS)


def decided(client: Anthropic, delivery: dict[str, Any]) -> str:
    """What the official client makes of it: the reason of a refusal, or the type of an error that isn't meant as one."""
    body = delivery["body"] if "body" in delivery else bytes(delivery["bytes"])
    try:
        client.beta.webhooks.unwrap(body, headers=delivery["headers"])
    except WebhookVerificationError as error:
        return str(error)
    except Exception as error:
        return type(error).__name__
    return TAKEN


def main() -> int:
    standardwebhooks.webhooks.datetime = Frozen
    client = Anthropic(api_key="any", webhook_key=KEY)
    rows = []
    for kind in (good, several, forged, times, headers, bodies, encodings, payloads):
        for delivery in kind():
            rows.append({**delivery, "official": decided(client, delivery)})
    text = "[\n" + ",\n".join(json.dumps(it, ensure_ascii=False) for it in rows) + "\n]\n"
    if "--write" in sys.argv:
        STORED.write_text(text)
    elif STORED.read_text() != text:
        print(f"{STORED} has other rows; look at them after: python -m wire.webhooks --write", file=sys.stderr)
        return 1
    taken = sum(it["official"] == TAKEN for it in rows)
    print(f"{len(rows)} deliveries: the official client takes {taken}, and ours differs on purpose at {sum('ours' in it for it in rows)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
