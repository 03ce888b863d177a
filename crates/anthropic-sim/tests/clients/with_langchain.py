"""LangChain (langchain-anthropic)."""

import asyncio
import functools
import operator

from langchain_anthropic import ChatAnthropic
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.tools import tool
from shared import MODEL, OLDER, PIXEL, City


@tool
def get_weather(city: str) -> str:
    """The weather in a city."""
    return f"Rain in {city}."


def chat(url, **more):
    return ChatAnthropic(**{"model": MODEL, "base_url": url, "api_key": "any", "max_tokens": 4096, "max_retries": 0, **more})


def whole(pieces):
    return functools.reduce(operator.add, pieces)


def text(url):
    answer = chat(url).invoke([SystemMessage("Be brief."), HumanMessage("One"), AIMessage("Two"), HumanMessage("Three")])
    assert "“Three”" in answer.text, answer
    assert answer.usage_metadata["input_tokens"] > 0 and answer.usage_metadata["output_tokens"] > 0
    assert answer.response_metadata["stop_reason"] == "end_turn"


def chains(url):
    chain = ChatPromptTemplate([("system", "Name {what}."), ("human", "{text}")]) | chat(url)
    assert "“Hello there”" in chain.invoke({"what": "rivers", "text": "Hello there"}).text
    assert len(chain.batch([{"what": "lakes", "text": f"Number {n}"} for n in range(3)])) == 3


def stream(url):
    pieces = list(chat(url).stream("Hello there"))
    answer = whole(pieces)
    assert len(pieces) > 3 and answer.text == chat(url).invoke("Hello there").text
    assert answer.usage_metadata["output_tokens"] > 0

    async def later():
        pieces = [piece async for piece in chat(url).astream("Hello there")]
        return whole(pieces), await chat(url).ainvoke("Hello there")

    assert {message.text for message in asyncio.run(later())} == {answer.text}


def tools(url):
    model = chat(url).bind_tools([get_weather])
    for streamed in (False, True):
        messages = [HumanMessage("What is the weather in SF?")]
        messages.append(whole(model.stream(messages)) if streamed else model.invoke(messages))
        (call,) = messages[-1].tool_calls
        messages.append(get_weather.invoke(call))
        assert "Rain in " in model.invoke(messages).text
    forced = chat(url, model=OLDER).bind_tools([get_weather], tool_choice="get_weather").invoke("Hello there")
    assert forced.tool_calls[0]["name"] == "get_weather" and isinstance(forced.tool_calls[0]["args"]["city"], str)


def objects(url):
    for method in ("function_calling", "json_schema"):
        city = chat(url).with_structured_output(City, method=method).invoke("Bern")
        assert isinstance(city, City) and isinstance(city.inhabitants, int), (method, city)


def thinking(url):
    model = chat(url, thinking={"type": "adaptive"})
    answer = model.invoke("Hello there")
    assert [block["type"] for block in answer.content] == ["thinking", "text"], answer
    # The thinking goes back with its signature.
    assert "“Again”" in model.invoke([HumanMessage("Hello there"), answer, HumanMessage("Again")]).text


def images(url):
    image = {"type": "image", "base64": PIXEL, "mime_type": "image/png"}
    asked = HumanMessage([{"type": "text", "text": "What is this?"}, image])
    assert "“What is this?”" in chat(url).invoke([asked]).text


def caching(url):
    system = SystemMessage([{"type": "text", "text": "Be brief. " * 50, "cache_control": {"type": "ephemeral"}}])
    first, second = (chat(url).invoke([system, HumanMessage("langchain")]).usage_metadata for _ in range(2))
    assert second["input_token_details"]["cache_read"] > 0, (first, second)


CHECKS = (text, chains, stream, tools, objects, thinking, images, caching)
