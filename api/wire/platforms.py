"""The clouds: the official clients for them, and the same comparison.

Both sides are set up by the same environment, at a time that stands still, and send everything to the server here; the
origin that a request was meant for comes in a header. Signatures depend on every byte of a body and on headers that only
one side sends, so what is compared is what they are for, and whether botocore makes the same of the request that arrived.
"""

from __future__ import annotations

import binascii
import datetime
import json
import os
import struct
import warnings
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import reduce
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .answers import Answers
from .compare import Difference, Driver, Outcome, compare, line, outcome
from .description import Description, Endpoint, Type
from .generate import Generator
from .record import official
from .server import ORIGIN, Answer, Recorder, Request

NOW = datetime.datetime(2026, 11, 26, 12, 0, tzinfo=datetime.timezone.utc)
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "wire-token"
# Names of models as the clouds have them, and some that must not change a path.
MODELS = [
    "claude-opus-5-5",
    "anthropic.claude-opus-5-5",
    "eu.anthropic.claude-opus-4-5-20251101-v1:0",
    "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-opus-5-5",
    "claude-opus-4-5@20251101",
    "a b/c?d#e%2F",
    "ünï;x=1",
    "...",
    "~!$'()*+,&=@[]",
    "..",
    "",
    ";x",
]
# Headers that only Bedrock reads.
BEDROCK_HEADERS = {
    "X-Amzn-Bedrock-GuardrailIdentifier": "gr-1",
    "X-Amzn-Bedrock-GuardrailVersion": "DRAFT",
    "X-Amzn-Bedrock-PerformanceConfig-Latency": "optimized",
    "X-Amzn-Bedrock-ProjectIdentifier": "project-1",
    "X-Amzn-Bedrock-Request-Metadata": '{"team":  "a, b"}',
    "X-Amzn-Bedrock-Service-Tier": "priority",
    "X-Amzn-Bedrock-Trace": "ENABLED",
}
OWN_TOKEN = {"Authorization": "Bearer of-the-caller"}
# How many calls of each method; those of messages have more to say.
COUNT = 2
COUNT_OF_MESSAGES = 48

COMMON = {"ANTHROPIC_CUSTOM_HEADERS": "x-team: rivers"}
REGION = {"AWS_REGION": "eu-west-1"}
SIGNED = {
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": SECRET,
    "AWS_SESSION_TOKEN": "session",
    "AWS_EC2_METADATA_DISABLED": "true",
}
BEDROCK_KEY = {"AWS_BEARER_TOKEN_BEDROCK": "bedrock-key"}
AWS_KEY = {"ANTHROPIC_AWS_API_KEY": "aws-key"}
WORKSPACE = {"ANTHROPIC_AWS_WORKSPACE_ID": "wrkspc_1"}
VERTEX = {"CLOUD_ML_REGION": "europe-west1", "ANTHROPIC_VERTEX_PROJECT_ID": "my-project"}
GOOGLE_CLOUD = {
    "ANTHROPIC_GOOGLE_CLOUD_PROJECT": "my-project",
    "ANTHROPIC_GOOGLE_CLOUD_WORKSPACE_ID": "wrkspc_1",
}
RESOURCE = {"ANTHROPIC_FOUNDRY_RESOURCE": "my-resource"}
FOUNDRY_KEY = {"ANTHROPIC_FOUNDRY_API_KEY": "foundry-key"}

# The platform of the driver, the official client's class and its arguments, and the environment.
Setup = tuple[str, str, dict[str, Any], dict[str, str]]
PLATFORMS: dict[str, Setup] = {
    "bedrock": ("bedrock", "AnthropicBedrock", {}, REGION | SIGNED),
    "bedrock-key": ("bedrock", "AnthropicBedrock", {}, REGION | BEDROCK_KEY),
    "mantle": ("mantle", "AnthropicBedrockMantle", {}, REGION | SIGNED),
    "mantle-key": ("mantle", "AnthropicBedrockMantle", {}, REGION | SIGNED | BEDROCK_KEY | AWS_KEY),
    "aws": ("aws", "AnthropicAWS", {}, REGION | SIGNED | WORKSPACE),
    "aws-key": ("aws", "AnthropicAWS", {}, REGION | AWS_KEY | WORKSPACE),
    "vertex": ("vertex", "AnthropicVertex", {"access_token": TOKEN}, VERTEX),
    "vertex-global": ("vertex", "AnthropicVertex", {"access_token": TOKEN}, VERTEX | {"CLOUD_ML_REGION": "global"}),
    "vertex-eu": ("vertex", "AnthropicVertex", {"access_token": TOKEN}, VERTEX | {"CLOUD_ML_REGION": "eu"}),
    "google-cloud": ("google-cloud", "AnthropicGoogleCloud", {"token_provider": lambda: TOKEN}, GOOGLE_CLOUD),
    "google-cloud-custom": (
        "google-cloud",
        "AnthropicGoogleCloud",
        {"token_provider": lambda: TOKEN},
        GOOGLE_CLOUD | {"ANTHROPIC_CUSTOM_HEADERS": "x-team: rivers\nAuthorization: Bearer of-the-environment"},
    ),
    "foundry": ("foundry", "AnthropicFoundry", {}, RESOURCE | FOUNDRY_KEY),
    "foundry-token": (
        "foundry-token",
        "AnthropicFoundry",
        {"azure_ad_token_provider": lambda: TOKEN},
        RESOURCE | FOUNDRY_KEY,
    ),
}
# Where all methods are called; for the others those of messages are enough, since only the credential or the place differs.
WHOLE = {"bedrock", "mantle", "aws", "vertex", "google-cloud", "foundry"}
# Which have all of the API, or nearly.
WIDE = {"aws", "google-cloud", "foundry"}
# Headers of the caller's that one more message is sent with.
HEADERS = {
    "bedrock": BEDROCK_HEADERS,
    "bedrock-key": BEDROCK_HEADERS,
    "mantle": BEDROCK_HEADERS,
    "vertex": OWN_TOKEN,
    "google-cloud": OWN_TOKEN,
}

# An endpoint, its arguments, and headers of the caller's.
Made = tuple[Endpoint, dict[str, Any], dict[str, str]]


def calls(description: Description, platform: str) -> Iterator[Made]:
    for endpoint in description.endpoints:
        is_message = endpoint["id"].endswith(("messages.create", "messages.count_tokens"))
        if is_message:
            count = COUNT_OF_MESSAGES
        elif platform in WHOLE:
            count = COUNT if platform in WIDE else 1
        else:
            count = 0
        for number in range(count):
            generator = Generator(description, platform, endpoint["id"], number)
            arguments = generator.arguments(endpoint, number)
            if is_message:
                arguments["model"] = MODELS[number % len(MODELS)]
            yield endpoint, arguments, {}
        if platform in HEADERS and endpoint["id"].endswith("messages.create"):
            arguments = Generator(description, platform, endpoint["id"], "headers").arguments(endpoint, 0)
            yield endpoint, arguments | {"model": MODELS[0]}, HEADERS[platform]


class CloudAnswers(Answers):
    """Answers in the way of a cloud. The request is for what was called: paths say it otherwise."""

    def endpoint(self, request: Request) -> Endpoint:
        assert self.called
        # The official client reads the batch first, to learn where its results are.
        if self.called["id"].endswith("batches.results") and not request["path"].endswith("/results"):
            before = self.called["id"].replace("results", "retrieve")
            return next(endpoint for endpoint in self.description.endpoints if endpoint["id"] == before)
        return self.called

    def __call__(self, request: Request) -> Answer:
        path = request["path"]
        self.url = request.get("origin", "")
        if path.endswith("/count-tokens"):
            return "application/json", b'{"inputTokens": 1}'
        if path.endswith("/invoke-with-response-stream"):
            return "application/vnd.amazon.eventstream", frames(self.events(self.endpoint(request)))
        return super().__call__(request)


def frames(events: bytes) -> bytes:
    """One frame of AWS's for each event."""
    data = [line[6:] for line in events.splitlines() if line.startswith(b"data: ")]
    return b"".join(map(frame, data))


def frame(data: bytes) -> bytes:
    headers = b""
    for name, value in ((b":event-type", b"chunk"), (b":message-type", b"event")):
        headers += bytes([len(name)]) + name + b"\x07" + struct.pack(">H", len(value)) + value
    payload = json.dumps({"bytes": b64encode(data).decode()}).encode()
    prelude = struct.pack(">II", len(headers) + len(payload) + 16, len(headers))
    start = prelude + struct.pack(">I", binascii.crc32(prelude)) + headers + payload
    return start + struct.pack(">I", binascii.crc32(start))


def describe_cloud(request: Request, headers: list[tuple[str, str]], body: bytes) -> None:
    """What else is compared of a request to a cloud: where it was meant to go, more headers, and its signature."""
    named = {name.lower(): value for name, value in headers}
    request["origin"] = named.get(ORIGIN, "")
    for name, value in named.items():
        if name in ("api-key", "x-team", "host") or name.startswith("x-amzn-bedrock-"):
            request["headers"][name] = value
    if named.get("authorization", "").startswith("AWS4-"):
        request["headers"]["authorization"] = "AWS4"
        request["signature"] = signature(request, named, body)


def signature(request: Request, headers: dict[str, str], body: bytes) -> dict[str, Any]:
    """What a signature is for, and whether botocore makes the same one."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    fields = dict(field.strip().split("=", 1) for field in headers["authorization"][len("AWS4-HMAC-SHA256 ") :].split(","))
    key, date, region, service, _ = scope = fields["Credential"].split("/")
    names = fields["SignedHeaders"].split(";")
    target = request["target"]
    signed = AWSRequest(
        method=request["method"],
        url=f"{request['origin']}{target}",
        headers={name: headers[name] for name in names if name in headers},
        data=body,
    )
    signed.context["timestamp"] = headers["x-amz-date"]
    auth = SigV4Auth(Credentials(key, SECRET, headers.get("x-amz-security-token")), service, region)
    text = auth.string_to_sign(signed, auth.canonical_request(signed))
    # Those that matter to the service, whoever else passes the request on.
    matters = ("content-type", "host", "x-team", "anthropic-", "x-amz-", "x-amzn-bedrock-")
    return {
        "scope": scope,
        "date": headers["x-amz-date"],
        "token": headers.get("x-amz-security-token"),
        "is_right": auth.signature(text, signed) == fields["Signature"],
        "unsigned": sorted(name for name in headers if name.startswith(matters) and name not in names),
        "day_is_right": date == headers["x-amz-date"][:8],
    }


@contextmanager
def environment(variables: dict[str, str]) -> Iterator[None]:
    """These variables, and none that a client would read."""
    before = dict(os.environ)
    for name in before:
        if name.startswith(("ANTHROPIC_", "AWS_", "GOOGLE_", "CLOUD_ML_")):
            del os.environ[name]
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def official_client(name: str, arguments: dict[str, Any], server: str) -> Any:
    """The official client of a cloud, all of whose requests go to this server."""
    import anthropic
    import botocore.auth
    import httpx2

    botocore.auth.get_current_datetime = lambda *_, **__: NOW.replace(tzinfo=None)

    class Redirected(httpx2.HTTPTransport):
        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            url = request.url
            request.headers[ORIGIN] = f"{url.scheme}://{url.netloc.decode()}"
            here = urlsplit(server)
            # The header of the host stays, as it was signed.
            request.url = url.copy_with(scheme="http", host=here.hostname, port=here.port)
            return super().handle_request(request)

    client = httpx2.Client(transport=Redirected(), timeout=30)
    return getattr(anthropic, name)(**arguments, http_client=client, max_retries=0)


def recorded(
    description: Description, platform: str, client: Any, recorder: Recorder, answers: Answers
) -> Iterator[dict[str, Any]]:
    for endpoint, arguments, headers in calls(description, platform):
        answers.called = endpoint
        made = {"call": endpoint["id"], "args": arguments, "headers": headers, "absent": False}
        try:
            *resources, method = endpoint["id"].split(".")
            resource = reduce(getattr, resources, client).with_raw_response
            call: Callable[..., Any] = getattr(resource, method)
        except AttributeError:
            # There is no such method.
            yield made | {"requests": [], "absent": True}
            continue
        refused = None
        try:
            call(**{name: official(value) for name, value in arguments.items()}, extra_headers=headers)
        except Exception as error:
            refused = f"{type(error).__name__}: {error}"
        requests = recorder.take()
        if refused and requests:
            raise RuntimeError(f"{endpoint['id']} {arguments}: {refused}")
        yield made | {"requests": requests, "refused": refused}


def platform_outcomes(description: Description, program: Path, platform: str) -> Iterator[Outcome]:
    """The calls of a cloud's client, made by both."""
    ours, name, arguments, own = PLATFORMS[platform]
    variables = COMMON | own
    warnings.simplefilter("ignore")
    answers = CloudAnswers(description)
    with environment(variables), Recorder(answers, describe_cloud) as recorder:
        server = urlsplit(recorder.url).netloc
        client = official_client(name, arguments, recorder.url)
        with Driver([program, "--platform", ours, server], variables) as driver:
            for record in recorded(description, platform, client, recorder, answers):
                assert answers.called
                found = judged(driver, recorder, answers.called, record)
                yield Outcome(f"{platform}:{found.call}", found.by, found.arguments, found.differences)


def judged(driver: Driver, recorder: Recorder, endpoint: Endpoint, record: dict[str, Any]) -> Outcome:
    """Where the official client sends nothing, ours has to send nothing either, and to say why."""
    if record["requests"]:
        return outcome(driver, recorder, endpoint, record, "types")
    answer = driver.ask(line(record, "types"))
    differences = list(compare([], sent)) if (sent := recorder.take()) else []
    if not differences and record["absent"] and answer["ok"]:
        differences.append(Difference("answer", "no such method", answer))
    elif not differences and answer["ok"]:
        differences.append(Difference("answer", record["refused"], answer))
    return Outcome(record["call"], "types", record["args"], differences)
