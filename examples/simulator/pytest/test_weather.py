"""Tests of a program that uses Claude, without Claude."""

import anthropic
import pytest

WEATHER = {"name": "get_weather", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}}


def weather(client, question):
    """The program: asks, runs the tool if it is called, and returns what is said in the end."""
    messages = [{"role": "user", "content": question}]
    while True:
        answer = client.messages.create(
            model="claude-opus-5-5", max_tokens=1024, messages=messages, tools=[WEATHER]
        )
        calls = [block for block in answer.content if block.type == "tool_use"]
        if not calls:
            return answer.content[0].text
        results = [{"type": "tool_result", "tool_use_id": call.id, "content": "rain"} for call in calls]
        messages += [{"role": "assistant", "content": answer.content}, {"role": "user", "content": results}]


@pytest.fixture
def client(simulator):
    return anthropic.Anthropic(api_key="any", base_url=simulator.url, max_retries=1)


def test_the_tool_is_run_and_its_result_sent_back(simulator, client):
    simulator.rule({"tool": {"name": "get_weather", "input": {"city": "Bern"}}}, text="weather")
    simulator.rule("It rains.", answered="get_weather")
    assert weather(client, "How is the weather?") == "It rains."
    asked, answered = simulator.requests()
    assert asked["body"]["tools"][0]["name"] == "get_weather"
    assert answered["body"]["messages"][-1]["content"][0]["content"] == "rain"


def test_an_overloaded_api_is_asked_again(simulator, client):
    simulator.queue({"error": {"status": 529, "headers": {"retry-after": "0"}}}, "At last.")
    assert weather(client, "How is the weather?") == "At last."
    assert len(simulator.requests()) == 2


def test_a_mistake_in_a_rule_is_named(simulator):
    with pytest.raises(ValueError, match="when.modle: unknown"):
        simulator.rule("No.", modle="claude-*")
