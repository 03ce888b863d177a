"""The official Python client against a running simulator, with strict validation of every answer.

    anthropic-sim --port 4010 &
    python smoke.py http://127.0.0.1:4010
"""

import asyncio
import datetime
import enum
import io
import json
import sys
import time
import uuid
import zipfile
from typing import Annotated, Literal

import anthropic
from anthropic import Anthropic, AsyncAnthropic

MODEL = "claude-opus-5-5"
HELLO = [{"role": "user", "content": "Hello there"}]
WEATHER = {
    "name": "weather",
    "description": "The weather in a city.",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 2}},
        "required": ["city", "days"],
    },
}
SKILL = b"---\nname: tidy-up\ndescription: Tidies up.\n---\n# Tidy up\n"


def same(one, other):
    """Equal as JSON, null and absent alike, without what the client adds to parsed messages."""

    def clean(value):
        if isinstance(value, dict):
            return {k: clean(v) for k, v in value.items() if v is not None and k != "parsed_output"}
        return [clean(item) for item in value] if isinstance(value, list) else value

    left, right = (clean(json.loads(message.to_json())) for message in (one, other))
    assert left == right, (left, right)


def messages(client):
    for resource in (client.messages, client.beta.messages):
        request = {"model": MODEL, "max_tokens": 1024, "messages": HELLO}
        message = resource.create(**request)
        assert message.stop_reason == "end_turn" and "simulator" in message.content[0].text
        assert message._request_id.startswith("req_") and message._workspace_id
        for more in (
            {},
            {"max_tokens": 5},
            {"stop_sequences": ["API"]},
            {"thinking": {"type": "adaptive"}},
            {"tools": [WEATHER], "tool_choice": {"type": "any"}},
        ):
            plain = resource.create(**{**request, **more})
            with resource.stream(**{**request, **more}) as stream:
                events = [event.type for event in stream]
                same(stream.get_final_message(), plain)
            assert events[-1] == "message_stop", events
        assert plain.stop_reason == "tool_use" and plain.content[0].input == {"city": "simulated city", "days": 2}
        raw = [event.type for event in resource.create(**request, stream=True)]
        assert raw[0] == "message_start" and raw[-1] == "message_stop", raw
        count = resource.count_tokens(model=MODEL, messages=HELLO)
        assert count.input_tokens == message.usage.input_tokens


def parsing(client):
    import pydantic

    class Unit(enum.Enum):
        KELVIN = "K"

    class Place(pydantic.BaseModel):
        name: str
        country: Literal["CH"]

    class Report(pydantic.BaseModel):
        place: Place
        places: list[Place] = pydantic.Field(min_length=2)
        unit: Unit
        degrees: float = pydantic.Field(ge=250, lt=320)
        days: Annotated[int, pydantic.Field(gt=3, multiple_of=7)]
        when: datetime.datetime
        day: datetime.date
        id: uuid.UUID
        either: Place | int
        note: str | None
        next: Place | None

    class Tree(pydantic.BaseModel):
        branches: list["Tree"]

    class City(pydantic.BaseModel):
        name: str
        inhabitants: int

    for resource in (client.messages, client.beta.messages):
        request = {"model": MODEL, "max_tokens": 4096, "messages": HELLO}
        parsed = resource.parse(**request, output_format=City)
        assert parsed.parsed_output == City(name="simulated name", inhabitants=1), parsed
        report = resource.parse(**request, output_format=Report).parsed_output
        assert isinstance(report, Report) and len(report.places) == 2 and report.days == 7
        with resource.stream(**request, output_format=Report) as stream:
            assert stream.get_final_message().parsed_output == report
        try:
            resource.parse(**request, output_format=Tree)
            raise AssertionError("a schema that contains itself is taken")
        except anthropic.BadRequestError as error:
            assert "Tree -> Tree" in str(error), error


def tool_runner(client):
    asked = []

    @anthropic.beta_tool
    def weather(city: str) -> str:
        """The weather in a city.

        Args:
            city: Which city.
        """
        asked.append(city)
        return f"12 degrees in {city}"

    # The simulator calls a tool that the last message names. By default the runner goes over a message thread.
    ask = [{"role": "user", "content": "Ask weather, please."}]
    for more in ({}, {"thread": False}, {"stream": True}):
        asked.clear()
        runner = client.beta.messages.tool_runner(model=MODEL, max_tokens=1024, messages=ask, tools=[weather], **more)
        answer = runner.until_done()
        assert asked == ["simulated city"], (more, asked)
        assert answer.stop_reason == "end_turn" and "12 degrees" in answer.content[0].text, answer


def thread(client):
    conversation = client.beta.messages.thread(model=MODEL, max_tokens=1024)
    first = conversation.send({"role": "user", "content": "One."})
    assert conversation.previous_message_id == first.id
    second = conversation.send({"role": "user", "content": "Two."})
    assert "Two." in second.content[0].text and second.usage.input_tokens > first.usage.input_tokens
    with conversation.stream({"role": "user", "content": "Three."}) as stream:
        assert stream.get_final_message().stop_reason == "end_turn"
    lost = client.beta.messages.create(
        model=MODEL,
        max_tokens=9,
        messages=HELLO,
        betas=["message-threads-2026-08-12"],
        thread={"type": "create"},
    )
    follow = {"type": "continue", "previous_message_id": lost.id}
    again = lambda: client.beta.messages.create(
        model=MODEL, max_tokens=9, messages=HELLO, betas=["message-threads-2026-08-12"], thread=follow
    )
    again()
    try:
        again()
    except anthropic.BadRequestError as error:
        assert error.body["error"]["details"]["error_code"] == "thread_already_continued"
    else:
        raise AssertionError("a turn was continued twice")


def server_tools(client):
    """Each is called by being named, and its blocks must validate and fold."""
    tools = [
        ({"type": "web_search_20250305", "name": "web_search"}, "web_search_tool_result"),
        ({"type": "web_fetch_20250910", "name": "web_fetch"}, "web_fetch_tool_result"),
        ({"type": "code_execution_20250522", "name": "code_execution"}, "code_execution_tool_result"),
        ({"type": "code_execution_20250825", "name": "code_execution"}, "bash_code_execution_tool_result"),
        ({"type": "advisor_20260301", "name": "advisor", "model": MODEL}, "advisor_tool_result"),
        ({"type": "tool_search_tool_bm25_20251119", "name": "tool_search_tool_bm25"}, "tool_search_tool_result"),
        ({"type": "mcp_toolset", "mcp_server_name": "notes"}, "mcp_tool_result"),
    ]
    for tool, result in tools:
        name = tool.get("name") or tool["mcp_server_name"]
        betas = ["advisor-tool-2026-03-01", "mcp-client-2025-11-20"]
        request = {"model": MODEL, "max_tokens": 1024, "tools": [tool], "betas": betas}
        request["messages"] = [{"role": "user", "content": f"Use {name} for this."}]
        message = client.beta.messages.create(**request)
        assert result in [block.type for block in message.content], message
        with client.beta.messages.stream(**request) as stream:
            same(stream.get_final_message(), message)


def citations(client):
    source = {"type": "text", "media_type": "text/plain", "data": "The sky is blue."}
    document = {"type": "document", "source": source, "citations": {"enabled": True}}
    request = {"model": MODEL, "max_tokens": 1024, "messages": [{"role": "user", "content": [document]}]}
    for resource in (client.messages, client.beta.messages):
        message = resource.create(**request)
        assert message.content[-1].citations[0].cited_text == "The sky is blue."
        with resource.stream(**request) as stream:
            same(stream.get_final_message(), message)


def compaction(client):
    edit = {"type": "compact_20260112", "trigger": {"type": "input_tokens", "value": 1}}
    request = {"model": MODEL, "max_tokens": 1024, "messages": HELLO}
    for more in ({"context_management": {"edits": [edit]}}, {"compaction": {"type": "summarize"}}):
        message = client.beta.messages.create(**request, **more, betas=["compact-2026-01-12"])
        assert message.content[0].type == "compaction" and message.usage.iterations[0].type == "compaction"
        with client.beta.messages.stream(**request, **more, betas=["compact-2026-01-12"]) as stream:
            same(stream.get_final_message(), message)


def caching(client):
    system = [{"type": "text", "text": f"Be brief. {time.time()}", "cache_control": {"type": "ephemeral"}}]
    first, second = (
        client.messages.create(model=MODEL, max_tokens=99, messages=HELLO, system=system).usage for _ in range(2)
    )
    assert first.cache_creation_input_tokens == second.cache_read_input_tokens > 0
    assert first.cache_read_input_tokens == second.cache_creation_input_tokens == 0


def models(client):
    for resource in (client.models, client.beta.models):
        paged = [model.id for model in resource.list(limit=5)]
        assert len(paged) == len(set(paged)) > 15 and MODEL in paged
        backwards = resource.list(limit=3, before_id=paged[5])
        assert [model.id for model in backwards.data] == paged[2:5]
        assert resource.retrieve(MODEL).display_name == "Claude Opus 5.5"
        assert [model.lifecycle for model in resource.list(lifecycle=["deprecated"])] == ["deprecated"] * 2


def batches(client):
    for resource in (client.messages.batches, client.beta.messages.batches):
        good = {"model": MODEL, "max_tokens": 100, "messages": HELLO}
        requests = [{"custom_id": "good", "params": good}, {"custom_id": "bad", "params": {**good, "max_tokens": -1}}]
        batch = resource.create(requests=requests)
        assert batch.processing_status == "in_progress" and batch.results_url is None
        while (batch := resource.retrieve(batch.id)).processing_status != "ended":
            time.sleep(0.02)
        results = {line.custom_id: line.result for line in resource.results(batch.id)}
        same(results["good"].message.usage, client.messages.create(**good).usage.model_copy(update={"service_tier": "batch"}))
        assert results["bad"].error.error.type == "invalid_request_error"
        cancelled = resource.cancel(resource.create(requests=requests).id)
        assert cancelled.processing_status == "canceling" and cancelled.cancel_initiated_at
        assert batch.id in [listed.id for listed in resource.list(limit=1)]
        assert resource.delete(batch.id).type == "message_batch_deleted"


def files(client):
    for resource in (client.files, client.beta.files):
        uploaded = [resource.upload(file=(f"{n}.txt", b"\x00one\r\ntwo", "text/plain")) for n in range(3)]
        unnamed = resource.upload(file=b"bytes", expires_in_seconds=3600)
        assert unnamed.expires_at and unnamed.mime_type == "application/octet-stream"
        ids = [file.id for file in uploaded]
        assert set(ids) <= {file.id for file in resource.list(limit=2)}
        assert [file.id for file in resource.list(ids=ids[:1])] == ids[:1]
        assert resource.retrieve_metadata(ids[0]).size_bytes == 9
        assert resource.download(ids[0]).read() == b"\x00one\r\ntwo"
        for listed in resource.list(limit=1):
            assert resource.delete(listed.id).type == "file_deleted"
        assert list(resource.list()) == []


def skills(client):
    for resource in (client.skills, client.beta.skills):
        upload = [("tidy/SKILL.md", SKILL), ("tidy/run.py", b"print()")]
        skill = resource.create(files=upload, display_name="Tidy up")
        assert resource.retrieve(skill.id) == skill and skill in list(resource.list(limit=1))
        version = resource.versions.create(skill.id, files=upload)
        assert version.name == "tidy-up" and version.description == "Tidies up."
        assert [listed.id for listed in resource.versions.list(skill.id, limit=1)] == [
            version.id,
            skill.latest_version_id,
        ]
        assert resource.versions.retrieve(version.id, skill_id=skill.id) == version
        download = client.beta.skills.versions.download(version.id, skill_id=skill.id)
        archive = zipfile.ZipFile(io.BytesIO(download.read()))
        assert archive.read("tidy/SKILL.md") == SKILL and archive.testzip() is None
        assert resource.versions.delete(version.id, skill_id=skill.id).type == "skill_version_deleted"
        assert resource.delete(skill.id).type == "skill_deleted"


def errors(client):
    def raises(kind, api_type, call):
        try:
            call()
        except kind as error:
            assert type(error) is kind and error.type == api_type, (type(error), error.type)
            assert error.request_id.startswith("req_") and error.body["request_id"] == error.request_id
            return error
        raise AssertionError(f"{kind.__name__} was not raised")

    create = lambda **more: client.messages.create(**{"model": MODEL, "max_tokens": 9, "messages": HELLO, **more})
    error = raises(anthropic.BadRequestError, "invalid_request_error", lambda: create(max_tokens=-1))
    assert error.api_message.startswith("max_tokens:")
    raises(anthropic.BadRequestError, "invalid_request_error", lambda: create(extra_body={"temperature": 1}))
    create(extra_body={"temperature": 1}, extra_headers={"anthropic-version": "2023-06-01"})
    raises(anthropic.NotFoundError, "not_found_error", lambda: create(model="gpt"))
    raises(anthropic.NotFoundError, "not_found_error", lambda: client.files.retrieve_metadata("file_gone"))
    raises(anthropic.ContentTooLargeError, "request_too_large", lambda: create(system="x" * (33 << 20)))
    keyless = client.with_options(set_default_headers={"Authorization": anthropic.Omit(), "x-api-key": ""})
    raises(anthropic.AuthenticationError, "authentication_error", lambda: keyless.models.list())

    def fault(text, retries=0):
        return client.with_options(max_retries=retries).messages.create(
            model=MODEL, max_tokens=9, messages=HELLO, extra_headers={"anthropic-sim-fault": text}
        )

    error = raises(anthropic.RateLimitError, "rate_limit_error", lambda: fault("status=429; retry-after=1"))
    assert error.response.headers["retry-after"] == "1"
    raises(anthropic.OverloadedError, "overloaded_error", lambda: fault("status=529"))
    raises(anthropic.PermissionDeniedError, "permission_error", lambda: fault("status=403"))
    raises(anthropic.InternalServerError, "api_error", lambda: fault("status=500"))
    # The first try fails, the second succeeds.
    assert fault("status=529; attempts=1", retries=1).type == "message"


async def asynchronous(url):
    async with AsyncAnthropic(api_key="any", base_url=url, _strict_response_validation=True) as client:
        request = {"model": MODEL, "max_tokens": 1024, "messages": HELLO}
        answers = await asyncio.gather(*(client.messages.create(**request) for _ in range(20)))
        assert len({answer.id for answer in answers}) == 1
        async with client.messages.stream(**request) as stream:
            text = "".join([piece async for piece in stream.text_stream])
        assert text == answers[0].content[0].text
        assert len([model async for model in client.models.list(limit=3)]) > 15


def main(url):
    client = Anthropic(api_key="any", base_url=url, max_retries=0, _strict_response_validation=True)
    checks = (messages, parsing, tool_runner, thread, server_tools, citations, compaction, caching)
    for check in (*checks, models, batches, files, skills, errors):
        check(client)
        print(f"{check.__name__}: ok")
    asyncio.run(asynchronous(url))
    print("asynchronous: ok")


if __name__ == "__main__":
    main(sys.argv[1])
