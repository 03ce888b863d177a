"""Pydantic AI."""

import base64

from pydantic_ai import Agent, BinaryContent, NativeOutput, ToolOutput
from pydantic_ai.messages import ThinkingPart
from pydantic_ai.models.anthropic import AnthropicModel, AnthropicModelSettings
from pydantic_ai.providers.anthropic import AnthropicProvider
from shared import MODEL, PIXEL, City


def agent(url, **more):
    model = AnthropicModel(MODEL, provider=AnthropicProvider(base_url=url, api_key="any"))
    return Agent(model, **more)


def with_weather(url, **more):
    made = agent(url, **more)

    @made.tool_plain
    def get_weather(city: str) -> str:
        """The weather in a city."""
        return f"Rain in {city}."

    return made


def text(url):
    made = agent(url, instructions="Be brief.")
    first = made.run_sync("Hello there")
    assert "simulator" in first.output and first.usage.output_tokens > 0, first
    second = made.run_sync("And again", message_history=first.all_messages())
    assert "“And again”" in second.output, second


def stream(url):
    result = agent(url).run_stream_sync("Hello there")
    pieces = list(result.stream_text(delta=True, debounce_by=None))
    assert len(pieces) > 3 and "“Hello there”" in "".join(pieces), pieces


def tools(url):
    assert "Rain in " in with_weather(url).run_sync("What is the weather in SF?").output
    streamed = with_weather(url).run_stream_sync("What is the weather in SF?")
    assert "Rain in " in streamed.get_output()


def objects(url):
    for form in (City, ToolOutput(City), NativeOutput(City), ToolOutput(City, strict=True)):
        output = agent(url, output_type=form).run_sync("Bern").output
        assert isinstance(output, City) and isinstance(output.inhabitants, int), (form, output)
    # A tool, then the object.
    assert isinstance(with_weather(url, output_type=NativeOutput(City)).run_sync("The weather in Bern?").output, City)


def thinking(url):
    settings = AnthropicModelSettings(anthropic_thinking={"type": "adaptive"}, max_tokens=4096)
    result = with_weather(url).run_sync("What is the weather in SF?", model_settings=settings)
    parts = [part for message in result.all_messages() for part in message.parts]
    assert any(isinstance(part, ThinkingPart) and part.signature for part in parts), parts
    assert "Rain in " in result.output


def images(url):
    image = BinaryContent(base64.b64decode(PIXEL), media_type="image/png")
    assert "“What is this?”" in agent(url).run_sync(["What is this?", image]).output


CHECKS = (text, stream, tools, objects, thinking, images)
