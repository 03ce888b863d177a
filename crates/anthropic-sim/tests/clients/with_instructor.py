"""Instructor."""

from typing import Literal

import anthropic
import instructor
import pydantic
from shared import MODEL, City

CITY = [{"role": "user", "content": "Bern"}]


def client(url, mode=instructor.Mode.TOOLS):
    own = anthropic.Anthropic(base_url=url, api_key="any", max_retries=0)
    return instructor.from_anthropic(own, mode=mode)


def options(**more):
    return {"model": MODEL, "max_tokens": 4096, "messages": CITY, "max_retries": 0, **more}


def objects(url):
    city = client(url).chat.completions.create(**options(response_model=City))
    assert isinstance(city, City) and isinstance(city.inhabitants, int), city


def text(url):
    answer = client(url).chat.completions.create(**options(response_model=None))
    assert "“Bern”" in answer.content[0].text, answer


def stream(url):
    parts = list(client(url).chat.completions.create_partial(**options(response_model=City)))
    assert len(parts) > 1 and isinstance(parts[-1].inhabitants, int), parts


def tools(url):
    class Search(pydantic.BaseModel):
        """Looks something up."""

        query: str
        where: Literal["web", "library"]

    found, answer = client(url).chat.completions.create_with_completion(**options(response_model=Search))
    assert found.where == "web" and answer.stop_reason == "tool_use", answer


def lists(url):
    cities = list(client(url).chat.completions.create_iterable(**options(response_model=City)))
    assert all(isinstance(city, City) for city in cities), cities


def again(url):
    """What does not validate goes back with an error, and the next answer is taken."""
    seen = []

    class Checked(pydantic.BaseModel):
        name: str

        @pydantic.field_validator("name")
        @classmethod
        def second(cls, value):
            seen.append(value)
            if len(seen) == 1:
                raise ValueError("once more")
            return value

    answer = client(url).chat.completions.create(**options(response_model=Checked, max_retries=2))
    assert answer.name == seen[-1] and len(seen) == 2, seen


CHECKS = (text, stream, tools, objects, lists, again)
