"""The official clients of the clouds against the simulator's dialects.

    python platforms.py PROGRAM     # the program anthropic-sim

For each cloud the program is started once. Credentials come from where they come from there: access keys that sign,
roles by STS and by an instance's metadata, tokens from Google's and Entra's endpoints.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anthropic

KEY = {"aws_access_key": "AKIDEXAMPLE", "aws_secret_key": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
REGION = "eu-west-1"
ASKED = {"max_tokens": 200, "messages": [{"role": "user", "content": "Name three rivers."}]}


@contextmanager
def simulator(platform: str, *arguments: str) -> Iterator[tuple[str, str]]:
    """The URL of one, and the base URL for clients."""
    process = subprocess.Popen(
        [sys.argv[1], "--platform", platform, *arguments], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout
        base = process.stdout.readline().strip()
        parts = urllib.parse.urlsplit(base)
        yield f"{parts.scheme}://{parts.netloc}", base
    finally:
        process.terminate()
        process.wait()


@contextmanager
def environment(**variables: str) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def talk(client: Any, model: str) -> None:
    """A message, the same streamed, and the beta's."""
    asked = {**ASKED, "model": model}
    message = client.messages.create(**asked)
    assert message.type == "message" and message.content[0].text, message
    with client.messages.stream(**asked) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert text == final.content[0].text == message.content[0].text, (text, message)
    assert final.stop_reason == "end_turn" and final.usage.output_tokens == message.usage.output_tokens
    events = list(client.messages.create(**asked, stream=True))
    assert events[-1].type == "message_stop", events[-1]
    beta = client.beta.messages.create(**asked, betas=["simulated-2026-01-01"])
    assert beta.content[0].text == message.content[0].text


def counts(client: Any, model: str) -> None:
    counted = client.messages.count_tokens(model=model, messages=ASKED["messages"])
    assert counted.input_tokens > 0, counted


def fails(error: type[Exception], call: Any) -> Any:
    try:
        call()
    except error as failure:
        return failure
    raise AssertionError(f"no {error.__name__}")


def bedrock() -> None:
    model = "eu.anthropic.claude-opus-5-5"
    with simulator("bedrock") as (url, base):
        options = {"base_url": base, "aws_region": REGION, "max_retries": 0}
        client = anthropic.AnthropicBedrock(**options, **KEY)
        talk(client, model)
        arn = f"arn:aws:bedrock:{REGION}:1:inference-profile/{model}"
        talk(client, arn)
        talk(anthropic.AnthropicBedrock(**options, api_key="any"), model)
        wrong = anthropic.AnthropicBedrock(**options, **{**KEY, "aws_secret_key": "wrong"})
        failure = fails(anthropic.PermissionDeniedError, lambda: talk(wrong, model))
        assert "signature" in failure.message, failure.message
        fails(anthropic.BadRequestError, lambda: talk(client, "claude-opus-5-5"))
        with tempfile.TemporaryDirectory() as folder:
            roles(Path(folder), url, options, model)
    with simulator("bedrock", "--fault", "error-after=3; type=rate_limit_error; message=slow") as (_, base):
        client = anthropic.AnthropicBedrock(base_url=base, aws_region=REGION, api_key="any", max_retries=0)
        events = client.messages.create(**ASKED, model=model, stream=True)
        failure = fails(anthropic.APIStatusError, lambda: list(events))
        assert "throttlingException" in str(failure.body), failure.body


def roles(folder: Path, url: str, options: dict[str, Any], model: str) -> None:
    """A role that is assumed, one for a web identity, and one of an instance."""
    config, token = folder / "config", folder / "token"
    role = "role_arn = arn:aws:iam::123456789012:role/claude"
    config.write_text(
        f"[profile plain]\naws_access_key_id = {KEY['aws_access_key']}\n"
        f"aws_secret_access_key = {KEY['aws_secret_key']}\n"
        f"[profile role]\n{role}\nsource_profile = plain\n"
        f"[profile web]\n{role}\nweb_identity_token_file = {token}\n"
    )
    token.write_text("a token of a cluster")
    nothing = str(folder / "nothing")
    with environment(
        AWS_CONFIG_FILE=str(config),
        AWS_SHARED_CREDENTIALS_FILE=nothing,
        AWS_ENDPOINT_URL_STS=url,
        AWS_EC2_METADATA_SERVICE_ENDPOINT=url,
    ):
        for profile in ("role", "web"):
            talk(anthropic.AnthropicBedrock(**options, aws_profile=profile), model)
        with environment(AWS_CONFIG_FILE=nothing):
            talk(anthropic.AnthropicBedrock(**options), model)


def mantle() -> None:
    model = "anthropic.claude-opus-5-5"
    with simulator("mantle") as (_, base):
        options = {"base_url": base, "aws_region": REGION, "max_retries": 0}
        client = anthropic.AnthropicBedrockMantle(**options, **KEY)
        talk(client, model)
        counts(client, model)
        talk(anthropic.AnthropicBedrockMantle(**options, api_key="any"), model)
        wrong = anthropic.AnthropicBedrockMantle(**options, **{**KEY, "aws_access_key": "AKIDOTHER"})
        fails(anthropic.PermissionDeniedError, lambda: talk(wrong, model))


def aws() -> None:
    model = "claude-opus-5-5"
    with simulator("aws", "--access-key", "AKIDMINE:secret") as (_, base):
        options = {"base_url": base, "aws_region": REGION, "workspace_id": "wrkspc_1", "max_retries": 0}
        mine = {"aws_access_key": "AKIDMINE", "aws_secret_key": "secret"}
        client = anthropic.AnthropicAWS(**options, **mine)
        talk(client, model)
        counts(client, model)
        assert list(client.models.list())
        uploaded = client.files.upload(file=("a.txt", b"rivers", "text/plain"))
        assert client.files.delete(uploaded.id).id == uploaded.id
        talk(anthropic.AnthropicAWS(**options, api_key="any"), model)
        fails(anthropic.PermissionDeniedError, lambda: talk(anthropic.AnthropicAWS(**options, **KEY), model))


def vertex() -> None:
    model = "claude-opus-4-5@20251101"
    with simulator("vertex") as (url, base):
        options = {"base_url": base, "region": "eu", "max_retries": 0}
        client = anthropic.AnthropicVertex(**options, project_id="p", access_token="any")
        talk(client, model)
        counts(client, "claude-opus-5-5")
        fails(anthropic.NotFoundError, lambda: talk(client, "claude-opus-999"))
        with tempfile.TemporaryDirectory() as folder:
            with environment(GOOGLE_APPLICATION_CREDENTIALS=account(Path(folder), url)):
                talk(anthropic.AnthropicVertex(**options, project_id="p"), model)
        host = urllib.parse.urlsplit(url).netloc
        # Without a key in a file, on an instance.
        with environment(GCE_METADATA_HOST=host, GCE_METADATA_IP=host, HOME="/nonexistent", CLOUDSDK_CONFIG="/nonexistent"):
            talk(anthropic.AnthropicVertex(**options, project_id="p"), model)
    with simulator("vertex", "--fault", "status=429") as (_, base):
        client = anthropic.AnthropicVertex(base_url=base, region="eu", project_id="p", access_token="any", max_retries=0)
        failure = fails(anthropic.RateLimitError, lambda: talk(client, model))
        assert failure.body["error"]["status"] == "RESOURCE_EXHAUSTED", failure.body


def account(folder: Path, url: str) -> str:
    """A service account's file, whose key is made here."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "account.json"
    fields = {
        "type": "service_account",
        "project_id": "account-project",
        "private_key_id": "1",
        "private_key": pem.decode(),
        "client_email": "robot@account-project.iam.gserviceaccount.com",
        "token_uri": f"{url}/token",
    }
    path.write_text(json.dumps(fields))
    return str(path)


def google_cloud() -> None:
    model = "claude-opus-5-5"
    with simulator("google-cloud") as (_, base):
        client = anthropic.AnthropicGoogleCloud(base_url=base, token_provider=lambda: "any", max_retries=0)
        talk(client, model)
        counts(client, model)
        assert list(client.models.list())
        nobody = anthropic.AnthropicGoogleCloud(base_url=base, skip_auth=True, max_retries=0)
        fails(anthropic.AuthenticationError, lambda: talk(nobody, model))


def foundry() -> None:
    with simulator("foundry") as (url, base):
        talk(anthropic.AnthropicFoundry(base_url=base, api_key="any", max_retries=0), "my-deployment")

        def token() -> str:
            form = {
                "grant_type": "client_credentials",
                "client_id": "a",
                "client_secret": "b",
                "scope": "https://ai.azure.com/.default",
            }
            body = urllib.parse.urlencode(form).encode()
            with urllib.request.urlopen(f"{url}/tenant/oauth2/v2.0/token", body) as response:
                return json.load(response)["access_token"]

        client = anthropic.AnthropicFoundry(base_url=base, azure_ad_token_provider=token, max_retries=0)
        talk(client, "claude-opus-5-5")
        counts(client, "claude-opus-5-5")


def main() -> None:
    for name in ("AWS_PROFILE", "AWS_BEARER_TOKEN_BEDROCK", "ANTHROPIC_AWS_API_KEY", "GOOGLE_APPLICATION_CREDENTIALS"):
        os.environ.pop(name, None)
    clouds = (bedrock, mantle, aws, vertex, google_cloud, foundry)
    for cloud in clouds:
        cloud()
        print(f"{cloud.__name__}: good")
    print(f"{len(clouds)} passed, 0 failed")


if __name__ == "__main__":
    main()
