"""Every method of the official Python client against a running simulator, with strict validation of every answer.

    anthropic-sim --port 4010 &
    python endpoints.py http://127.0.0.1:4010

The methods and their arguments come from the API's description, by way of what `api/wire` generates its calls with.
What a path goes through is made first, with the same client; where nothing makes it, the first one listed is taken.
"""

from __future__ import annotations

import sys
import time
import traceback
import warnings
from collections import Counter
from functools import reduce
from itertools import count, islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[4] / "api"))

import anthropic  # noqa: E402
from wire.description import Description, Endpoint  # noqa: E402
from wire.generate import Generator  # noqa: E402
from wire.record import official  # noqa: E402

# Required arguments only; all of them; a mixture.
CALLS = 4
SHOWN = 12

# Methods that are not expected to be answered, with the reason.
EXCEPTIONS: dict[str, str] = {}

MODEL = "claude-opus-5-5"
MESSAGES = [{"role": "user", "content": "Hello there"}]
SKILL = {"@file": "tidy-up/SKILL.md", "content": "---\nname: tidy-up\ndescription: Tidies up.\n---\n# Tidy up\n"}
REQUESTS = [{"custom_id": "one", "params": {"model": MODEL, "max_tokens": 10, "messages": MESSAGES}}]
# What has to make sense beyond its type.
VALUES: dict[str, Any] = {
    "environments.create:config": {"type": "self_hosted"},
    "messages.batches.create:requests": REQUESTS,
    "files.upload:file": {"@file": "notes.txt", "content": "plain"},
    "skills.create:files": [SKILL],
    "versions.create:files": [SKILL],
    "expires_in_seconds": 3600,
    "max_jwt_lifetime_seconds": 3600,
    "max_tokens": 1024,
    "model": MODEL,
    "limit": 3,
    "thinking": {"type": "adaptive"},
    "token_lifetime_seconds": 3600,
    "user_id": "user_01abc",
    "workspace_id": "wrkspc_01abc",
}
# The same for fields at any depth.
FIELDS: dict[str, Any] = {"max_iterations": 3}
# What has ids that come from elsewhere: from a review case, and from Google.
UNLISTED = {
    "/v1/compliance/review/items": "msg_01abc",
    "/v1/organizations/providers/google/projects": "123456789012",
}
# Cursors, and what has to be the value that is there.
LEFT_OUT = {
    "after_id", "before_id", "page", "page_token", "version", "expected_content_sha256", "ids", "thread",
    "tool_choice",
}


def sensible(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: FIELDS.get(name, sensible(inner)) for name, inner in value.items()}
    return [sensible(inner) for inner in value] if isinstance(value, list) else value


class Caller:
    def __init__(self, url: str) -> None:
        self.description = Description()
        self.client = anthropic.Anthropic(
            api_key="sk-ant-sim",
            base_url=url,
            max_retries=0,
            timeout=30,
            _strict_response_validation=True,
        )
        self.numbers = count()
        self.by_path: dict[tuple[str, str], list[Endpoint]] = {}
        for endpoint in self.description.endpoints:
            self.by_path.setdefault((endpoint["method"], endpoint["path"]), []).append(endpoint)

    def call(self, endpoint: Endpoint, number: int) -> Any:
        """One call, with the ids that its path needs."""
        ids = self.ids(endpoint)
        arguments = self.arguments(endpoint, number)
        return self.send(endpoint, {**arguments, **ids})

    def send(self, endpoint: Endpoint, arguments: dict[str, Any]) -> Any:
        *resources, method = endpoint["id"].split(".")
        resource = reduce(getattr, resources, self.client)
        return getattr(resource, method)(**{name: official(value) for name, value in arguments.items()})

    def arguments(self, endpoint: Endpoint, number: int) -> dict[str, Any]:
        generator = Generator(self.description, "simulator", endpoint["id"], number)
        arguments = generator.arguments(endpoint, number)
        for param in endpoint["params"]:
            name = param["name"]
            if param["in"] == "path" or (name in LEFT_OUT and not param["required"]):
                arguments.pop(name, None)
            for key in (f"{endpoint['id']}:{name}", *(k for k in VALUES if f"{endpoint['id']}:{name}".endswith("." + k))):
                if key in VALUES:
                    arguments[name] = VALUES[key]
            if name in arguments and name in VALUES and param["in"] != "path":
                arguments[name] = VALUES[name]
        if endpoint["id"].endswith("invites.create"):
            # Nobody is invited twice.
            arguments["email"] = f"{next(self.numbers)}@example.com"
        if "messages" in arguments:
            arguments["messages"] = MESSAGES + arguments["messages"]
        if number and any(param["name"] == "betas" for param in endpoint["params"]):
            # Parameters of the beta need one.
            arguments["betas"] = ["any-2026-01-01"]
        return {name: sensible(value) for name, value in arguments.items()}

    def ids(self, endpoint: Endpoint) -> dict[str, str]:
        """Ids of objects that are there, for each parameter of the path."""
        ids: dict[str, str] = {}
        prefix = ""
        for part in endpoint["path"].strip("/").split("/"):
            if part.startswith("{"):
                name = part[1:-1]
                ids[name] = self.obtain(prefix, name, ids)
            prefix += "/" + part
        return ids

    def obtain(self, path: str, name: str, ids: dict[str, str]) -> str:
        """The id of an object of a collection: of a new one, if there is a method to make one."""

        def variant(method: str, path: str) -> Endpoint | None:
            endpoints = self.by_path.get((method, path), [])
            return max(endpoints, key=lambda endpoint: endpoint["id"].startswith("beta."), default=None)

        create = variant("POST", path)
        put = variant("POST", f"{path}/{{{name}}}")
        if path == "/v1/models":
            return MODEL
        if path in UNLISTED:
            return UNLISTED[path]
        if path.endswith("/work") or path.endswith("/threads"):
            create = None
        if create:
            made = self.send(create, {**self.arguments(create, 0), **ids})
            return identity(made, name)
        if put and put["id"].rsplit(".", 1)[1] in ("add", "set"):
            key = "organization" if name == "target" else f"{name}_01chosen"
            self.send(put, {**self.arguments(put, 0), **ids, name: key})
            return key
        if path.endswith("/work"):
            self.send(variant("POST", "/v1/sessions"), {"agent": "agent_01", **ids})
        if path.endswith("/memory_versions"):
            memories = variant("POST", path.replace("memory_versions", "memories"))
            self.send(memories, {**self.arguments(memories, 0), **ids})
        if path == "/v1/deployment_runs":
            run = variant("POST", "/v1/deployments/{deployment_id}/run")
            self.send(run, self.ids(run))
        listing = variant("GET", path)
        assert listing, f"nothing lists {path}"
        page = self.send(listing, {**self.arguments(listing, 0), **ids})
        assert page.data, f"{path} is empty"
        return identity(page.data[0], name)


    def fill(self, path: str, ids: dict[str, str]) -> None:
        """Sees to it that a list isn't empty."""
        if path.endswith(("/events", "/stream")):
            message = {"type": "user.message", "content": [{"type": "text", "text": "Hello"}]}
            self.client.beta.sessions.events.send(ids["session_id"], events=[message])
            return
        below = (other.removeprefix(path + "/{") for _, other in self.by_path if other.startswith(path + "/{"))
        name = next((rest.split("}")[0] for rest in below), None)
        if name or ("POST", path) in self.by_path:
            self.obtain(path, name or "id", ids)


def identity(value: Any, name: str) -> str:
    return getattr(value, "id", None) or getattr(value, name)


def consume(endpoint: Endpoint, answer: Any) -> None:
    """Reads an answer to its end, or what has come of one that has none."""
    kind = endpoint["response"]["kind"]
    if kind == "page":
        list(islice(answer, 10))
    elif kind == "binary":
        assert answer.read()
    elif kind == "jsonl":
        assert list(answer)
    elif isinstance(answer, anthropic.Stream) and kind == "json":
        assert list(answer)[-1].type == "message_stop"
    elif endpoint["stream"] and kind == "none":
        with answer as events:
            assert list(islice(events, 2)), "no events"


def prepared(caller: Caller, endpoint: Endpoint, number: int) -> Any:
    """A call, after what it needs beside its arguments: a list that isn't empty, a batch that has ended."""
    kind = endpoint["response"]["kind"]
    if (endpoint["stream"] and kind == "none") or (kind == "page" and number == 0):
        ids = caller.ids(endpoint)
        caller.fill(endpoint["path"], ids)
        answer = caller.send(endpoint, {**caller.arguments(endpoint, 0), **ids})
        assert kind == "none" or answer.data, "an empty list"
        return answer
    if "message_batch_id" in endpoint["path"] and endpoint["id"].endswith((".results", ".delete")):
        ids = caller.ids(endpoint)
        while caller.client.messages.batches.retrieve(**ids).processing_status != "ended":
            time.sleep(0.02)
        return caller.send(endpoint, ids)
    return caller.call(endpoint, number)


def main() -> int:
    warnings.simplefilter("ignore")
    caller = Caller(sys.argv[1])
    failures: Counter[str] = Counter()
    calls = 0
    for endpoint in caller.description.endpoints:
        name = endpoint["id"]
        # Nobody can make another user, so not all of them are removed.
        for number in range(1 if name.endswith("users.remove") else CALLS):
            calls += 1
            try:
                consume(endpoint, prepared(caller, endpoint, number))
            except Exception as error:
                failures[name] += 1
                if failures[name] == 1 and name not in EXCEPTIONS and len(failures) <= SHOWN:
                    where = traceback.extract_tb(error.__traceback__)[-1]
                    print(f"{name}: {type(error).__name__}: {str(error)[:600]} ({where.name})")
    methods = len(caller.description.endpoints)
    unexpected = [name for name in failures if name not in EXCEPTIONS]
    unused = [name for name in EXCEPTIONS if name not in failures]
    for name, reason in EXCEPTIONS.items():
        print(f"not answered: {name}: {reason}")
    for name in unused:
        print(f"excepted, but answered: {name}")
    print(f"{methods - len(failures)} of {methods} methods answered strictly, in {calls} calls")
    if unexpected:
        print(f"failed: {' '.join(unexpected)}")
    # Nothing called is nothing shown.
    return 1 if unexpected or unused or not calls else 0


if __name__ == "__main__":
    sys.exit(main())
