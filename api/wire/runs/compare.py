"""Runs both sides over a conversation, and says where they differ."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..compare import Difference, Driver, compare_requests, compare_values, summary
from ..server import Recorder, Request
from .case import Case
from .official import Ended, Official
from .script import Script


@dataclass
class Verdict:
    """What speaks against a case in one of its flavours."""

    case: str
    flavour: str
    # What differs, and is not meant to.
    unmeant: list[Difference] = field(default_factory=list)
    # What is meant to differ, and does not.
    unneeded: list[str] = field(default_factory=list)
    # What is wrong with the case itself.
    faults: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return not (self.unmeant or self.unneeded or self.faults)

    def lines(self) -> Iterator[str]:
        yield f"{self.case} ({self.flavour})"
        for difference in self.unmeant:
            yield f"    {difference}"
        for reason in self.unneeded:
            yield f"    does not differ as it is said to: {reason}"
        for fault in self.faults:
            yield f"    {fault}"


def differences(official: Ended, ours: Ended) -> Iterator[Difference]:
    """Where two runs differ. Places begin with the number of the request, from 1, as in `2.body.messages.2`."""
    theirs, mine = ([in_order(it) for it in side["requests"]] for side in (official, ours))
    if len(theirs) != len(mine):
        yield Difference("requests", summary(theirs), summary(mine))
    for number, pair in enumerate(zip(theirs, mine, strict=False), 1):
        for it in compare_requests(*pair):
            yield Difference(f"{number}.{plain(it.at)}", it.official, it.ours)
    for key in ("calls", "ended"):
        for it in compare_values(key, official[key], ours[key]):
            yield Difference(plain(it.at), it.official, it.ours)


def in_order(request: Request) -> Request:
    """The request with its betas in order, since theirs means nothing."""
    headers = dict(request["headers"])
    if betas := headers.get("anthropic-beta"):
        headers["anthropic-beta"] = ",".join(sorted(betas.split(",")))
    return {**request, "headers": headers}


def plain(at: str) -> str:
    """A place without brackets, which mean something else in a pattern."""
    return at.replace("[", ".").replace("]", "")


def judge(case: Case, flavour: str, official: Ended, ours: Ended) -> Verdict:
    """Whether two runs differ as they are meant to, and in nothing else."""
    verdict = Verdict(case.name, flavour)
    used: set[int] = set()
    for difference in differences(official, ours):
        meant = {at for at, entry in enumerate(case.differences) if entry.allows(difference)}
        used |= meant
        if not meant:
            verdict.unmeant.append(difference)
    entries = enumerate(case.differences)
    verdict.unneeded = [f"{entry.at}: {entry.reason}" for at, entry in entries if at not in used]
    if ours["outcome"] != case.outcome:
        verdict.faults.append(f"ours ends with {ours['outcome']!r} {ours['error']}, not {case.outcome!r}")
    if official["left"] and ours["left"]:
        verdict.faults.append("nobody asks for the last of the replies")
    return verdict


class Both:
    """The official runner and ours, with one server."""

    def __init__(self, recorder: Recorder, official: Official, driver: Driver) -> None:
        self._recorder = recorder
        self._official = official
        self._driver = driver

    def verdicts(self, case: Case, full: bool) -> Iterator[Verdict]:
        for flavour in case.flavours(full):
            official = self.official(case, flavour)
            yield judge(case, flavour["name"], official, self.ours(case, flavour))

    def official(self, case: Case, flavour: dict[str, Any]) -> Ended:
        script = self._recorder.answer = Script(case.replies)
        return {**self._official.run(case, flavour["stream"], flavour["sync"]), "left": script.left}

    def ours(self, case: Case, flavour: dict[str, Any]) -> Ended:
        script = self._recorder.answer = Script(case.replies)
        line = {
            "params": case.params,
            "tools": case.tools,
            "betas": case.betas,
            "stream": flavour["stream"],
            "read": not flavour["sync"],
            "between": case.between,
            "max_turns": case.max_turns,
            "compact_above": case.compact_above,
            "thread": case.thread,
            "eager": case.eager,
            "ga": case.ga,
        }
        answer = self._driver.ask({"run": line})
        if not answer["ok"]:
            raise ValueError(f"{case.name}: {json.dumps(answer['error'])}")
        value = answer["value"]
        return {
            "requests": self._recorder.take(),
            "calls": value["calls"],
            "ended": "error" if value["outcome"] == "error" else value["stop_reason"],
            "outcome": value["outcome"],
            "error": value.get("error", ""),
            "left": script.left,
        }
