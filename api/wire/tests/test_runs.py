"""The comparison of runs sees what differs, and only that; its scripts are read by the official client as they are meant."""

from __future__ import annotations

import copy
import json
import logging
import tempfile
import unittest
import warnings
from pathlib import Path
from typing import Any

import anthropic

from wire.record import KEY
from wire.runs.case import Case, case, load
from wire.runs.compare import Verdict, judge
from wire.runs.official import Official
from wire.runs.script import Script, events, whole
from wire.server import Recorder

TOOL = {
    "name": "weather",
    "definition": {
        "name": "weather",
        "description": "The weather.",
        "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
    "typed": True,
    "does": {"return": "rain"},
}
CALL = {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Oslo"}}
OTHER_CALL = {**CALL, "id": "toolu_2", "input": {"city": "Røst"}}


def conversation(**changes: Any) -> Case:
    given: dict[str, Any] = {
        "expect": "alike",
        "outcome": "answer",
        "replies": [{"content": [CALL, OTHER_CALL]}, {"content": ["Rain."]}],
    }
    return case("test", {"weather": TOOL}, **{**given, **changes})


RECORDER = Recorder(Script([]))
OFFICIAL = Official(RECORDER)


def setUpModule() -> None:
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    unittest.addModuleCleanup(logging.disable, logging.NOTSET)
    unittest.enterModuleContext(RECORDER)
    unittest.enterModuleContext(OFFICIAL)


def run(of: Case, stream: bool = False, sync: bool = True) -> dict[str, Any]:
    """What the official runner makes of a case, as if ours had made it."""
    script = RECORDER.answer = Script(of.replies)
    ended = OFFICIAL.run(of, stream=stream, sync=sync)
    return {**ended, "left": script.left, "outcome": of.outcome, "error": ""}


class Judge(unittest.TestCase):
    """What one side does otherwise than the other is found."""

    recorded: dict[str, Any]

    @classmethod
    def setUpClass(cls) -> None:
        cls.recorded = run(conversation())

    def verdict(self, ours: dict[str, Any], **changes: Any) -> Verdict:
        return judge(conversation(**changes), "plain", self.recorded, ours)

    def changed(self) -> dict[str, Any]:
        return copy.deepcopy(self.recorded)

    def places(self, ours: dict[str, Any]) -> list[str]:
        return [difference.at for difference in self.verdict(ours).unmeant]

    def test_the_same_run_is_alike(self) -> None:
        self.assertEqual(len(self.recorded["requests"]), 2)
        self.assertTrue(self.verdict(self.changed()).passed)

    def test_another_body(self) -> None:
        ours = self.changed()
        ours["requests"][1]["body"]["messages"][2]["content"][0]["content"] = "snow"
        self.assertEqual(self.places(ours), ["2.body.messages.2.content.0.content"])

    def test_results_in_another_order(self) -> None:
        ours = self.changed()
        ours["requests"][1]["body"]["messages"][2]["content"].reverse()
        self.assertEqual(
            self.places(ours),
            ["2.body.messages.2.content.0.tool_use_id", "2.body.messages.2.content.1.tool_use_id"],
        )

    def test_a_result_that_is_missing(self) -> None:
        ours = self.changed()
        del ours["requests"][1]["body"]["messages"][2]["content"][1]
        self.assertEqual(self.places(ours), ["2.body.messages.2.content"])

    def test_another_header(self) -> None:
        ours = self.changed()
        ours["requests"][0]["headers"]["anthropic-beta"] = "more"
        self.assertEqual(self.places(ours), ["1.headers.anthropic-beta"])

    def test_the_order_of_betas_means_nothing(self) -> None:
        self.recorded["requests"][0]["headers"]["anthropic-beta"] = "a,b"
        self.addCleanup(self.recorded["requests"][0]["headers"].pop, "anthropic-beta")
        ours = self.changed()
        ours["requests"][0]["headers"]["anthropic-beta"] = "b,a"
        self.assertEqual(self.places(ours), [])
        ours["requests"][0]["headers"]["anthropic-beta"] = "b,a,a"
        self.assertEqual(self.places(ours), ["1.headers.anthropic-beta"])

    def test_another_path_or_query(self) -> None:
        ours = self.changed()
        ours["requests"][0] |= {"path": "/v1/messages/more", "query": [("beta", "true")]}
        self.assertEqual(self.places(ours), ["1.path", "1.query.beta"])

    def test_a_request_that_is_missing_or_too_many(self) -> None:
        ours = self.changed()
        ours["requests"].append(ours["requests"][1])
        self.assertEqual(self.places(ours), ["requests"])
        del ours["requests"][1:]
        self.assertEqual(self.places(ours), ["requests"])

    def test_requests_in_another_order(self) -> None:
        ours = self.changed()
        ours["requests"].reverse()
        self.assertEqual(self.places(ours), ["1.body.messages", "2.body.messages"])

    def test_a_call_that_ran_on_one_side_or_twice(self) -> None:
        ours = self.changed()
        ours["calls"].append(ours["calls"][0])
        self.assertEqual(self.places(ours), ["calls"])

    def test_another_end(self) -> None:
        ours = self.changed()
        ours["ended"] = "error"
        self.assertEqual(self.places(ours), ["ended"])
        self.assertEqual(len(self.verdict({**self.changed(), "outcome": "cut"}).faults), 1)

    def test_replies_that_nobody_asks_for(self) -> None:
        self.recorded["left"] = 1
        self.addCleanup(self.recorded.update, left=0)
        self.assertEqual(len(self.verdict({**self.changed(), "left": 1}).faults), 1)
        self.assertEqual(self.verdict({**self.changed(), "left": 0}).faults, [])


class Expectations(unittest.TestCase):
    """What is said of a case has to be so, neither more nor less."""

    meant = {"at": ["*.content.0.content"], "official": "rain", "reason": "ours is better"}

    @classmethod
    def setUpClass(cls) -> None:
        cls.recorded = run(conversation())
        cls.other = copy.deepcopy(cls.recorded)
        cls.other["requests"][1]["body"]["messages"][2]["content"][0]["content"] = "snow"

    def verdict(self, ours: dict[str, Any], *meant: dict[str, Any]) -> Verdict:
        expected = conversation(expect="differs", differences=list(meant))
        return judge(expected, "plain", self.recorded, ours)

    def test_a_difference_that_is_meant(self) -> None:
        self.assertTrue(self.verdict(self.other, self.meant).passed)

    def test_one_that_does_not_occur(self) -> None:
        verdict = self.verdict(self.recorded, self.meant)
        self.assertEqual(len(verdict.unneeded), 1)
        self.assertFalse(verdict.passed)
        self.assertFalse(self.verdict(self.other, self.meant, {**self.meant, "at": ["calls"]}).passed)

    def test_another_at_the_same_place(self) -> None:
        self.assertFalse(self.verdict(self.other, {**self.meant, "official": "sun"}).passed)
        self.assertFalse(self.verdict(self.other, {**self.meant, "ours": "hail"}).passed)

    def test_one_more_beside_it(self) -> None:
        ours = copy.deepcopy(self.other)
        ours["requests"][0]["body"]["max_tokens"] = 1
        self.assertEqual([it.at for it in self.verdict(ours, self.meant).unmeant], ["1.body.max_tokens"])

    def test_expectations_have_reasons(self) -> None:
        with self.assertRaises(ValueError):
            conversation(expect="differs")
        with self.assertRaises(ValueError):
            conversation(differences=[self.meant])
        with self.assertRaises(ValueError):
            conversation(expect="same")
        with self.assertRaises(TypeError):
            conversation(expects="alike")


class Table(unittest.TestCase):
    def test_every_case_is_read(self) -> None:
        cases = list(load())
        names = [it.name for it in cases]
        self.assertGreater(len(names), 80)
        self.assertEqual(len(names), len(set(names)))
        for it in cases:
            self.assertTrue(it.flavours(full=False), it.name)
            for meant in it.differences:
                self.assertGreater(len(meant.reason), 20, it.name)

    def test_a_tool_may_be_changed(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            changed = {"name": "weather", "does": {"return": "snow"}}
            one = {"expect": "alike", "outcome": "answer", "replies": [], "tools": [changed]}
            (Path(folder) / "tools.json").write_text(json.dumps({"weather": TOOL}))
            (Path(folder) / "some.json").write_text(json.dumps({"one": one}))
            (loaded,) = load(Path(folder))
        self.assertEqual(loaded.name, "some.one")
        self.assertEqual(loaded.tools, [{**TOOL, "does": {"return": "snow"}}])


class Scripts(unittest.TestCase):
    """The official client reads a message in the same way from a stream."""

    def test_streams_make_the_message(self) -> None:
        replies = [(it.name, reply) for it in load() for reply in it.replies]
        odd = ('"error"', '"@text"', '"input": null')
        replies = [it for it in replies if not any(part in json.dumps(it[1]) for part in odd)]
        self.addCleanup(RECORDER.take)
        client = anthropic.Anthropic(api_key=KEY, base_url=RECORDER.url, max_retries=0)
        for name, reply in replies:
            RECORDER.answer = Script([reply])
            message = whole(reply, 1)
            with client.beta.messages.stream(model="m", max_tokens=1, messages=[]) as stream:
                made = stream.get_final_message().to_dict()
            for key in ("content", "stop_reason", "stop_sequence", "id"):
                self.assertEqual(made[key], message[key], name)

    def test_pieces_are_no_more_than_that(self) -> None:
        types = [event["type"] for event in events(whole({"content": ["Rain.", CALL]}, 1))]
        self.assertEqual(types.count("content_block_delta"), 4)
        self.assertEqual(types[0], "message_start")
        self.assertEqual(types[-1], "message_stop")

    def test_a_script_ends(self) -> None:
        script = Script([{"content": ["a"]}])
        self.assertEqual(script({"body": {}})[0], "application/json")
        self.assertEqual(script.left, 0)
        self.assertEqual(script({"body": {}})[2:], (400,))


class Flavours(unittest.TestCase):
    def test_all_official_runners_send_the_same(self) -> None:
        plain = run(conversation())
        for stream in (False, True):
            for sync in (False, True):
                other = run(conversation(), stream=stream, sync=sync)
                for request in other["requests"]:
                    self.assertEqual(request["body"].pop("stream", False), stream)
                for request in plain["requests"]:
                    request["body"].pop("stream", None)
                self.assertEqual(
                    [it["body"] for it in other["requests"]], [it["body"] for it in plain["requests"]]
                )
                self.assertEqual(other["calls"], [["weather", {"city": "Oslo"}], ["weather", {"city": "Røst"}]])


if __name__ == "__main__":
    unittest.main()
