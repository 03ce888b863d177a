"""Bounds and defaults of a field, as numbers: what its docstring says beside its prose.

The patterns read the few ways in which the package states a bound. What a bound is of follows from
the field's type: a number's value, a string's length, a list's or map's size. `REVIEWED` has what
they misread. Only numbers, words of a set and units leave this module, never a sentence.
"""

from __future__ import annotations

import re
from typing import Any

Type = dict[str, Any]
Limits = dict[str, Any]

# Bounds that the patterns misread, by class and field: what they should be, and nothing is none.
REVIEWED: dict[tuple[str, str], Limits] = {
    # The default is 0, which stands for 20.
    ("WebhookListParams", "limit"): {"max": 100, "default": 20},
    # They follow from another parameter.
    ("CostReportListParams", "limit"): {},
    ("UsageReportListParams", "limit"): {},
    # Said in another way.
    ("WorkPollParams", "reclaim_older_than_ms"): {"default": 5000},
    # 256 tools in all the entries together.
    ("AgentCreateParams", "tools"): {},
    ("AgentUpdateParams", "tools"): {},
}

_NUMBER = r"(\d+(?:\.\d+)?)"
# (3600 (one hour) and 7776000): an explanation may stand behind a bound.
_ASIDE = r"(?: \([a-z ]+\))?"
_RANGE = rf"{_NUMBER}{_ASIDE}(?: to | and | ?- ?){_NUMBER}(?!-?\d)"
_AT_MOST = (
    r"(?:\bmax(?:imum)?(?: of| size is)?|\bat most|\bup to|\bcapped at|\bno more than) " + _NUMBER
)
_AT_LEAST = rf"(?:\bmin(?:imum)?(?: of)?|\bat least) {_NUMBER}"
_CHARACTERS = r" ?(?:[a-z]+ ){0,2}char(?:acter)?s?\b"
_BYTES = r" ?(?:\([^)]*\) )?bytes\b"
# What is no count of entries: a length, a size, a time.
_NO_COUNT = (
    r"(?! ?-?(?:char|byte|[kmg]i?b\b|second|minute|hour|day|week|month|year|token|%|\d|\.\d))"
)
_WORD = r"[`\"']?([A-Za-z0-9_.-]+?)[`\"']?"
_DEFAULT = re.compile(
    rf"(?:\bdefaults? (?:to|is)|\bdefault:?) {_WORD}(?=[.,;)]*(?:\s|$))"
    r"(?! (?:per|for|value|of|on|when it)\b)",
    re.IGNORECASE,
)
_THE_DEFAULT = re.compile(r"[`\"]{1,2}([a-z0-9_.-]+)[`\"]{1,2} \((?:the )?default(?:,[^)]*)?\)")
_SECTION = re.compile(r"(?<=\d),(?=\d{3}\b)")


def limits(owner: str, field: str, type_: Type, doc: str) -> Limits:
    """The bounds of a field of a class."""
    if (owner, field) in REVIEWED:
        return REVIEWED[owner, field]
    text = _SECTION.sub("", " ".join(doc.split()).replace("\u2013", "-"))
    plain = re.sub(rf"`{_NUMBER}`", r"\1", text)
    found: Limits = {}
    match type_["k"]:
        case "integer" | "number":
            found = _value(plain)
        case "string":
            found = _lengths(plain)
        case "list":
            found = _sizes(plain)
        case "map":
            found = _pairs(plain)
    default = _default(type_, text)
    return found if default is None else {**found, "default": default}


def _value(text: str) -> Limits:
    anchors = rf"(?:\bbetween |\bfrom |\bmust be |\brange[ds]? |\()(?:between |from )?{_RANGE}"
    return _bounds(text, re.compile(anchors, re.IGNORECASE), ("min", "max"), "")


def _lengths(text: str) -> Limits:
    span = re.compile(_RANGE + _CHARACTERS)
    exact = re.search(rf"(?:\(| as ){_NUMBER}{_CHARACTERS}", text)
    if exact and not span.search(text):
        return {"min_length": int(exact[1]), "max_length": int(exact[1])}
    found = _bounds(text, span, ("min_length", "max_length"), _CHARACTERS)
    size = re.search(rf"(?:{_AT_MOST}|\({_NUMBER}){_BYTES}", text, re.IGNORECASE)
    if size:
        found["max_bytes"] = int(size[1] or size[2])
    return found


def _sizes(text: str) -> Limits:
    anchored = re.compile(rf"(?:\bbetween |^|\. ){_RANGE} (?:entries|items)", re.IGNORECASE)
    return _bounds(text, anchored, ("min_items", "max_items"), _NO_COUNT)


def _pairs(text: str) -> Limits:
    found: Limits = {}
    entries = "(?:(?:key-value )?pairs|keys|headers)"
    pairs = re.search(
        rf"(?:{_AT_MOST}|\blimited to {_NUMBER}) {entries}", text, re.IGNORECASE
    )
    if pairs:
        found["max_items"] = int(pairs[1] or pairs[2])
    for what, name in (("key", "(?:key|name)"), ("value", "value")):
        span = re.search(rf"\b{name}s(?: are)? {_RANGE}{_CHARACTERS}", text, re.IGNORECASE)
        top = re.search(rf"\b{name}s(?: are)? {_AT_MOST}{_CHARACTERS}", text, re.IGNORECASE)
        if span:
            found[f"min_{what}_length"] = int(span[1])
            found[f"max_{what}_length"] = int(span[2])
        elif top:
            found[f"max_{what}_length"] = int(top[1])
    keys = re.search(rf"\bkeys \({_AT_MOST}{_CHARACTERS} each", text, re.IGNORECASE)
    if keys:
        found["max_key_length"] = int(keys[1])
    return found


def _bounds(text: str, span: re.Pattern[str], keys: tuple[str, str], unit: str) -> Limits:
    """A range, or else an upper and a lower bound, each in its unit."""
    low, high = keys
    if found := span.search(text):
        return {low: _number(found[1]), high: _number(found[2])}
    limits: Limits = {}
    for key, pattern in ((low, _AT_LEAST), (high, _AT_MOST)):
        if found := re.search(pattern + unit, text, re.IGNORECASE):
            limits[key] = _number(found[1])
    return limits


def _default(type_: Type, text: str) -> Any:
    found = _DEFAULT.search(text) or _THE_DEFAULT.search(text)
    if found is None:
        return None
    word = found[1]
    match type_["k"]:
        case "integer" | "number":
            return _number(word) if re.fullmatch(_NUMBER, word) else None
        case "boolean":
            return {"true": True, "false": False}.get(word.lower())
        case "literal" | "open":
            return word if word in type_["values"] else None
        case "ref":
            # Whether it is a word of the set that is referred to shows when all types are known.
            return word
    return None


def _number(text: str) -> int | float:
    return float(text) if "." in text else int(text)
