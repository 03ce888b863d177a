"""What the clients' checks have in common."""

import pydantic

MODEL = "claude-opus-5-5"
# LiteLLM and LangChain force no tool on newer models.
OLDER = "claude-haiku-4-5"
# A PNG of one pixel.
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


class City(pydantic.BaseModel):
    """A city."""

    name: str
    inhabitants: int
    rivers: list[str]
