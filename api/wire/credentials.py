"""Runs the table of credentials (`crates/anthropic/tests/it/profiles/cases`) with the official Python client: python -m
wire.credentials [CASE…]

Each case has files, an environment, and what the server responds with; what the client sends and stores is compared with
what the case says that ours does, or with its `official`, which says why that is something else.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import ssl
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anthropic
import httpx2

CASES = Path(__file__).resolve().parents[2] / "crates/anthropic/tests/it/profiles/cases"
NOW = 1_800_000_000
STORED = "credentials/work.json"
API = "api.anthropic.com"
FEDERATION = {
    "authentication": {
        "type": "oidc_federation",
        "federation_rule_id": "fdrl_1",
        "identity_token": {"source": "file", "path": "@/identity"},
    },
    "organization_id": "org_1",
}
LOGIN = {"authentication": {"type": "user_oauth", "client_id": "client-1"}, "version": "1.0"}
CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Never used: no request of a case leaves the process."""
COMPARED = ("sent", "outcomes", "grants", "workspace", "beta", "stored")


def patch(value: Any, change: Any) -> Any:
    """A merge patch (RFC 7396)."""
    if not isinstance(change, dict):
        return change
    patched = dict(value) if isinstance(value, dict) else {}
    for key, field in change.items():
        if field is None:
            patched.pop(key, None)
        else:
            patched[key] = patch(patched.get(key), field)
    return patched


def placed(value: Any, folder: Path) -> Any:
    if isinstance(value, str):
        if value.startswith("NOW"):
            return NOW + int(value.removeprefix("NOW") or 0)
        return value.replace("@", str(folder))
    if isinstance(value, list):
        return [placed(item, folder) for item in value]
    if isinstance(value, dict):
        return {key: placed(field, folder) for key, field in value.items()}
    return value


def tokens(number: int, seconds: int) -> dict[str, Any]:
    made = {"version": "1.0", "type": "oauth_token", "access_token": f"canary-access-{number}"}
    return made | {"refresh_token": f"canary-refresh-{number}", "expires_at": NOW + seconds}


def template(name: str) -> dict[str, Any] | None:
    match name.split(" "):
        case ["login"]:
            return LOGIN
        case ["federation"]:
            return FEDERATION
        case ["tokens", number, seconds]:
            return tokens(int(number), int(seconds))
    return None


def repeated(text: str) -> str:
    match text.split(" "):
        case ["REPEAT", part, count]:
            return part * int(count)
    return text


def text(file: Any, folder: Path) -> str:
    if isinstance(file, list):
        made = template(file[0])
        return json.dumps(patch(placed(made, folder), placed(file[1], folder)))
    if not isinstance(file, str):
        return json.dumps(placed(file, folder))
    made = template(file)
    return repeated(file) if made is None else json.dumps(placed(made, folder))


def write(folder: Path, name: str, file: Any) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text(file, folder))
    path.chmod(0o600 if "credentials/" in name else 0o644)


def complete(case: dict[str, Any]) -> dict[str, Any]:
    """A case with what it leaves out."""
    files = {} if case.get("alone") else {"configs/work.json": "login", STORED: "tokens 0 600"}
    env = {} if case.get("alone") else {"CONFIG_DIR": "@", "PROFILE": "work"}
    whole = {"replies": ["ok"], "steps": ["send"], "retries": 0} | case
    whole["files"] = files | case.get("files", {})
    whole["env"] = env | case.get("env", {})
    return whole


def prepare(case: dict[str, Any], folder: Path) -> None:
    for name, file in case["files"].items():
        if file is not None:
            write(folder, name, file)
    for name in case.get("folders", []):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name, mode in case.get("modes", {}).items():
        (folder / name).chmod(int(mode, 8))
    for name, target in case.get("links", {}).items():
        (folder / name).symlink_to(folder / target)


class Server:
    """What responds to every request of the process, from a list."""

    def __init__(self, replies: list[Any]) -> None:
        self.replies = list(replies)
        self.sent: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        request.read()
        self.sent.append(request)
        if not self.replies:
            raise httpx2.ConnectError("the replies are used up", request=request)
        reply = self.replies.pop(0)
        if reply == "refused":
            raise httpx2.ConnectError("refused", request=request)
        status, body = self.status_and_body(reply)
        headers = {"content-type": "application/json", "request-id": "req_t"}
        return httpx2.Response(status, headers=headers, content=body.encode(), request=request)

    @staticmethod
    def status_and_body(reply: Any) -> tuple[int, str]:
        match reply:
            case "ok":
                return 200, "{}"
            case int(status):
                return status, "{}"
            case ["grant", number, seconds]:
                made = tokens(number, 0)
                kept = {key: made[key] for key in ("access_token", "refresh_token")}
                return 200, json.dumps(kept | {"token_type": "Bearer", "expires_in": seconds})
            case [status, str(body)]:
                return status, repeated(body)
            case [status, body]:
                return status, json.dumps(body)
        raise ValueError(reply)


class Clock:
    """A calendar that stands until it is moved."""

    def __init__(self) -> None:
        self.now = float(NOW)

    def __call__(self) -> float:
        return self.now


@contextlib.contextmanager
def world(case: dict[str, Any], folder: Path, server: Server, clock: Clock) -> Iterator[None]:
    """The case's environment, clock and network, in the place of this process's own."""
    environment, real = dict(os.environ), (time.time, time.sleep, httpx2.HTTPTransport.handle_request)
    # Each client reads all trust roots otherwise, which takes longer than its case.
    make_context, ssl.create_default_context = ssl.create_default_context, lambda *_, **__: CONTEXT
    for name in list(os.environ):
        if name.startswith("ANTHROPIC_") or name == "XDG_CONFIG_HOME":
            del os.environ[name]
    os.environ["HOME"] = str(folder / "home")
    os.environ |= {f"ANTHROPIC_{name}": placed(value, folder) for name, value in case["env"].items()}
    time.time, time.sleep = clock, lambda _: None
    httpx2.HTTPTransport.handle_request = lambda _, request: server(request)  # type: ignore[method-assign]
    # A cache has the clock of when its class was made.
    cache = anthropic.lib.credentials._cache.TokenCache.__init__
    defaults = dict(cache.__kwdefaults__)
    cache.__kwdefaults__["time_source"] = clock
    try:
        yield
    finally:
        cache.__kwdefaults__ = defaults
        ssl.create_default_context = make_context
        time.time, time.sleep, httpx2.HTTPTransport.handle_request = real  # type: ignore[method-assign]
        os.environ.clear()
        os.environ.update(environment)


def is_exchange(request: httpx2.Request) -> bool:
    return request.url.path.endswith("/v1/oauth/token")


def short(request: httpx2.Request) -> str:
    token = request.headers.get("authorization") or request.headers.get("x-api-key") or "none"
    what = "token" if is_exchange(request) else token.removeprefix("Bearer ").replace("canary-", "")
    host = request.url.netloc.decode()
    return what if host == API else f"{what} to {host}"


def build(case: dict[str, Any]) -> anthropic.Anthropic:
    given = {"profile": {"profile": "work"}, "token": {"auth_token": "canary-given"}, "key": {"api_key": "canary-given"}}
    return anthropic.Anthropic(max_retries=case["retries"], **given.get(case.get("given", ""), {}))


def run(case: dict[str, Any], folder: Path) -> dict[str, Any]:
    prepare(case, folder)
    server, clock, outcomes = Server(case["replies"]), Clock(), []
    errors = []
    with world(case, folder, server, clock):
        try:
            client = build(case)
            for step in case["steps"]:
                if isinstance(step, int):
                    clock.now += step
                elif isinstance(step, list):
                    write(folder, step[0], step[1])
                elif step == "client":
                    client = build(case)
                else:
                    try:
                        client.get("/v1/thing", cast_to=object)
                        outcomes.append("ok")
                    except Exception as error:  # any of it is an outcome
                        outcomes.append("fails")
                        errors.append(repr(error))
        except anthropic.AnthropicError as error:
            outcomes.append("fails")
            errors.append(repr(error))
    stored = folder / case.get("stored_at", STORED)
    requests = [request for request in server.sent if not is_exchange(request)]
    return {
        "sent": [short(request) for request in server.sent],
        "outcomes": outcomes,
        "grants": [json.loads(request.content) for request in server.sent if is_exchange(request)],
        "workspace": [request.headers.get("anthropic-workspace-id") for request in requests],
        "beta": [request.headers.get("anthropic-beta") for request in requests],
        "stored": json.loads(stored.read_text()) if case.get("stored") else stored.exists() and {} or None,
        "errors": errors,
    }


def differences(case: dict[str, Any], result: dict[str, Any], folder: Path) -> list[str]:
    """What the official client does otherwise than the case says."""
    official = dict(case.get("official", {}))
    official.pop("why", None)
    expected = case | official
    sends = sum(step == "send" for step in case["steps"])
    outcomes = ["ok"] * sends
    if "fails" in expected and expected["fails"] is not None:
        outcomes[-1] = "fails"
    expected.setdefault("outcomes", outcomes)
    if "fails" in official and "outcomes" not in official:
        expected["outcomes"] = outcomes
    found = []
    for key in COMPARED:
        if key not in expected:
            continue
        want, is_ = placed(expected[key], folder) if key == "stored" else expected[key], result[key]
        if key == "outcomes" and is_ == ["fails"] and "fails" in want:
            continue
        if key in ("workspace", "beta"):
            is_ = list(dict.fromkeys(is_))
            want = [want]
        if want != is_:
            found.append(f"{key}: {is_} and not {want}")
    return found


def main() -> int:
    import anthropic.lib.credentials._cache

    names = set(sys.argv[1:])
    count = differing = 0
    failed = []
    for subject in sorted(CASES.glob("*.json")):
        if subject.name == "official.json":
            continue
        for case in map(complete, json.loads(subject.read_text())):
            if names and case["case"] not in names:
                continue
            count += 1
            differing += "official" in case
            # Its path may have no `@`, and a folder of the case's own is its home.
            folder = Path(tempfile.mkdtemp(prefix="credentials-"))
            try:
                result = run(case, folder)
                found = differences(case, result, folder)
            finally:
                shutil.rmtree(folder, ignore_errors=True)
            if found:
                failed.append(f"{case['case']}: " + "; ".join([*found, *result["errors"]]))
    print("\n".join(failed))
    print(f"{count} cases of credentials: {count - differing} the same with the official client, {differing} differ on purpose")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
