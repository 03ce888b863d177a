"""LiteLLM."""

import asyncio
import json

import litellm
from shared import MODEL, OLDER, PIXEL, City

# It prints whom to tell of each error.
litellm.suppress_debug_info = True

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def options(url, **more):
    return {"model": f"anthropic/{MODEL}", "api_base": url, "api_key": "any", "max_tokens": 4096, **more}


def said(text):
    return [{"role": "user", "content": text}]


def text(url):
    messages = [{"role": "system", "content": "Be brief."}, *said("One"), {"role": "assistant", "content": "Two"}]
    answer = litellm.completion(**options(url, messages=[*messages, *said("Three")]))
    assert "“Three”" in answer.choices[0].message.content, answer
    assert answer.choices[0].finish_reason == "stop" and answer.usage.completion_tokens > 0
    answer = asyncio.run(litellm.acompletion(**options(url, messages=said("Hello there"))))
    assert "simulator" in answer.choices[0].message.content


def stream(url):
    pieces = list(
        litellm.completion(
            **options(url, messages=said("Hello there"), stream=True, stream_options={"include_usage": True})
        )
    )
    whole = litellm.stream_chunk_builder(pieces)
    assert len(pieces) > 3 and "“Hello there”" in whole.choices[0].message.content, whole
    assert whole.usage.completion_tokens > 0


def tools(url):
    for streamed in (False, True):
        messages = said("What is the weather in SF?")
        answer = litellm.completion(**options(url, messages=messages, tools=[WEATHER], stream=streamed))
        if streamed:
            answer = litellm.stream_chunk_builder(list(answer))
        message = answer.choices[0].message
        (call,) = message.tool_calls
        city = json.loads(call.function.arguments)["city"]
        result = {"role": "tool", "tool_call_id": call.id, "content": f"Rain in {city}."}
        messages = [*messages, message.model_dump(exclude_none=True), result]
        answer = litellm.completion(**options(url, messages=messages, tools=[WEATHER]))
        assert "Rain in " in answer.choices[0].message.content, answer
    forced = {"type": "function", "function": {"name": "get_weather"}}
    request = options(url, messages=said("Hello there"), tools=[WEATHER], tool_choice=forced, model=f"anthropic/{OLDER}")
    answer = litellm.completion(**request)
    assert answer.choices[0].finish_reason == "tool_calls"


def objects(url):
    answer = litellm.completion(**options(url, messages=said("Bern"), response_format=City))
    City.model_validate_json(answer.choices[0].message.content)


def thinking(url):
    messages = said("What is the weather in SF?")
    more = {"thinking": {"type": "adaptive"}, "tools": [WEATHER]}
    answer = litellm.completion(**options(url, messages=messages, **more)).choices[0].message
    assert answer.thinking_blocks[0]["signature"], answer
    # Between a call and its result the thinking has to go back with its signature.
    result = {"role": "tool", "tool_call_id": answer.tool_calls[0].id, "content": "Rain."}
    messages = [*messages, answer.model_dump(exclude_none=True), result]
    assert "Rain." in litellm.completion(**options(url, messages=messages, **more)).choices[0].message.content


def images(url):
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}
    content = [{"type": "text", "text": "What is this?"}, image]
    answer = litellm.completion(**options(url, messages=[{"role": "user", "content": content}]))
    assert "“What is this?”" in answer.choices[0].message.content


def errors(url):
    try:
        litellm.completion(**options(url, messages=said("Hello there"), extra_headers={"anthropic-sim-fault": "status=529"}))
    except litellm.exceptions.InternalServerError as error:
        assert "overloaded" in str(error).lower(), error
    else:
        raise AssertionError("an error was not raised")


CHECKS = (text, stream, tools, objects, thinking, images, errors)
