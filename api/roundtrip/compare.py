"""Whether what came back is what was sent: `null` and absent are alike for optional fields, and only there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .generate import Object

ABSENT = "(absent)"


def differences(sent: Any, got: Any, at: str = "") -> Iterator[str]:
    """The places at which two JSON values differ; `1` is `1.0`, but not `true`."""
    if isinstance(sent, dict) and isinstance(got, dict):
        optional = sent.optional if isinstance(sent, Object) else ()
        for key in [*sent, *(key for key in got if key not in sent)]:
            one, other = sent.get(key, ABSENT), got.get(key, ABSENT)
            if key in optional and is_nothing(sent, key) and is_nothing(got, key):
                continue
            if (key in sent) != (key in got):
                yield f"{at}.{key}: {shorten(one)} became {shorten(other)}"
            else:
                yield from differences(one, other, f"{at}.{key}")
    elif isinstance(sent, list) and isinstance(got, list) and len(sent) == len(got):
        for index, (one, other) in enumerate(zip(sent, got, strict=True)):
            yield from differences(one, other, f"{at}[{index}]")
    elif sent != got or isinstance(sent, bool) != isinstance(got, bool):
        yield f"{at or 'value'}: {shorten(sent)} became {shorten(got)}"


def is_nothing(value: dict[str, Any], key: str) -> bool:
    return value.get(key) is None


def shorten(value: Any) -> str:
    text = value if value == ABSENT else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 160 else f"{text[:160]}…"
