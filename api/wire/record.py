"""Makes calls with the official Python client and writes down the requests that it sends."""

from __future__ import annotations

import json
import mimetypes
import sys
import warnings
from collections.abc import Iterator
from functools import reduce
from typing import Any

from .answers import Answers
from .description import Description, Endpoint
from .generate import Generator
from .server import Recorder

KEY = "sk-ant-wire"
# An endpoint with a JSON body has more to say than ten calls could.
COUNT = 10
COUNT_WITH_BODY = 60
CITED = {
    "role": "assistant",
    "content": [
        {
            "type": "text",
            "text": "A river.",
            "citations": [
                {
                    "type": "page_location",
                    "cited_text": "A river.",
                    "document_index": 0,
                    "start_page_number": 1,
                    "end_page_number": 2,
                },
                {
                    "type": "web_search_result_location",
                    "cited_text": "A river.",
                    "encrypted_index": "index",
                    "url": "https://example.com",
                },
            ],
        }
    ],
}


def calls(description: Description) -> Iterator[tuple[Endpoint, dict[str, Any]]]:
    """The calls to make."""
    for endpoint in description.endpoints:
        count = COUNT_WITH_BODY if endpoint["body"] == "json" else COUNT
        for number in range(count):
            generator = Generator(description, endpoint["id"], number)
            yield endpoint, generator.arguments(endpoint, number)
        if endpoint["id"].endswith("messages.create"):
            # One that the official client lets pass only because a timeout is given.
            generator = Generator(description, endpoint["id"], "long")
            yield endpoint, {**generator.arguments(endpoint, 0), "max_tokens": 64_000}
            # A message of a response whose citations have no title, sent back.
            yield endpoint, {**generator.arguments(endpoint, 0), "messages": [CITED]}


def record(description: Description) -> Iterator[dict[str, Any]]:
    """One record a call: its name, its arguments, and the requests that it led to."""
    import anthropic

    # The tables of the machine would make it depend on the machine.
    mimetypes.init(files=[])
    warnings.simplefilter("ignore")
    answers = Answers(description)
    with Recorder(answers) as recorder:
        answers.url = recorder.url
        client = anthropic.Anthropic(api_key=KEY, base_url=recorder.url, max_retries=0, timeout=30)
        for endpoint, arguments in calls(description):
            *resources, method = endpoint["id"].split(".")
            resource = reduce(getattr, resources, client).with_raw_response
            answers.called = endpoint
            given = {name: official(value) for name, value in arguments.items()}
            getattr(resource, method)(**given)
            requests = recorder.take()
            yield {"call": endpoint["id"], "args": arguments, "requests": requests}


def official(value: Any) -> Any:
    """An argument as the official client takes it: uploads are tuples there."""
    if isinstance(value, list):
        return [official(item) for item in value]
    if isinstance(value, dict) and "@file" in value:
        return (value["@file"], value["content"].encode(), *filter(None, [value.get("type")]))
    return value


def main() -> None:
    for line in record(Description()):
        json.dump(line, sys.stdout, ensure_ascii=False)
        print()


if __name__ == "__main__":
    main()
