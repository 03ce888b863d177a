"""The comparer sees what differs, and only that."""

from __future__ import annotations

import unittest
from typing import Any

from wire.compare import ABSENT, Allowed, Difference, compare
from wire.description import Description
from wire.generate import Generator, Object, optional_places


def request(**changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "method": "POST",
        "path": "/v1/x",
        "query": [],
        "headers": {"anthropic-version": "2026-10-21"},
        "body": None,
    }
    return base | changes


def differences(official: dict[str, Any], ours: dict[str, Any]) -> list[Difference]:
    return list(compare([official], [ours]))


class Compare(unittest.TestCase):
    def test_equal_requests_have_no_difference(self) -> None:
        self.assertEqual(differences(request(body={"a": [1, None]}), request(body={"a": [1.0, None]})), [])

    def test_order_of_the_query_counts_only_within_a_key(self) -> None:
        one = request(query=[("a[]", "1"), ("b", "x"), ("a[]", "2")])
        self.assertEqual(differences(one, request(query=[("b", "x"), ("a[]", "1"), ("a[]", "2")])), [])
        found = differences(one, request(query=[("b", "x"), ("a[]", "2"), ("a[]", "1")]))
        self.assertEqual([difference.at for difference in found], ["query.a[][0]", "query.a[][1]"])

    def test_smallest_place_of_a_body(self) -> None:
        found = differences(request(body={"a": [{"b": 1}]}), request(body={"a": [{"b": True, "c": None}]}))
        self.assertEqual(found, [Difference("body.a[0].b", 1, True), Difference("body.a[0].c", ABSENT, None)])

    def test_headers_body_and_path_are_compared(self) -> None:
        ours = request(path="/v1/y", headers={}, body={})
        places = [difference.at for difference in differences(request(), ours)]
        self.assertEqual(places, ["path", "headers.anthropic-version", "body"])

    def test_order_of_parts_counts(self) -> None:
        one, other = {"name": "a", "text": "1"}, {"name": "b", "text": "1"}
        found = differences(request(parts=[one, other]), request(parts=[other, one]))
        self.assertEqual([difference.at for difference in found], ["parts[0].name", "parts[1].name"])

    def test_earlier_requests_are_a_difference(self) -> None:
        found = list(compare([request(path="/v1/w"), request()], [request()]))
        self.assertEqual(found, [Difference("earlier", ["POST /v1/w"], [])])

    def test_no_request_is_a_difference(self) -> None:
        self.assertEqual(list(compare([request()], [])), [Difference("requests", ["POST /v1/x"], [])])


class Allow(unittest.TestCase):
    def test_everything_that_is_said_must_match(self) -> None:
        entry = Allowed("because", ["beta.*"], ["headers.a"], official="")
        self.assertTrue(entry.allows("beta.x", {}, Difference("headers.a", "", ABSENT)))
        self.assertFalse(entry.allows("x", {}, Difference("headers.a", "", ABSENT)))
        self.assertFalse(entry.allows("beta.x", {}, Difference("headers.b", "", ABSENT)))
        self.assertFalse(entry.allows("beta.x", {}, Difference("headers.a", "1", ABSENT)))
        self.assertEqual(entry.used, 1)

    def test_repeats(self) -> None:
        entry = Allowed("because", ["*"], ["h"], rule="without repeats")
        self.assertTrue(entry.allows("x", {}, Difference("h", "a,b,a", "a,b")))
        self.assertFalse(entry.allows("x", {}, Difference("h", "a,b,a", "b,a")))
        self.assertFalse(entry.allows("x", {}, Difference("h", "a", ABSENT)))

    def test_null(self) -> None:
        entry = Allowed("because", ["*"], ["body.*"], rule="null or absent")
        self.assertTrue(entry.allows("x", {}, Difference("body.a.b", None, ABSENT, optional=True)))
        self.assertFalse(entry.allows("x", {}, Difference("body.a.b", None, ABSENT)))
        self.assertFalse(entry.allows("x", {}, Difference("body.a.b", ABSENT, None, optional=True)))
        self.assertFalse(entry.allows("x", {}, Difference("body.a.b", 0, ABSENT, optional=True)))

    def test_arguments(self) -> None:
        entry = Allowed("because", ["*"], ["body.stream"], given={"max_tokens": 64_000})
        streamed = Difference("body.stream", ABSENT, True)
        self.assertTrue(entry.allows("x", {"max_tokens": 64_000, "model": "m"}, streamed))
        self.assertFalse(entry.allows("x", {"max_tokens": 1}, streamed))
        self.assertFalse(entry.allows("x", {}, streamed))


class Optional(unittest.TestCase):
    """Where a null may be left out follows from the description."""

    def places(self, endpoint: dict[str, Any], **arguments: Any) -> set[str]:
        return set(optional_places(endpoint, arguments))

    def test_parameters_and_fields_that_are_not_required(self) -> None:
        inner = Object({"must": None, "may": None, "free": {"may": None}})
        inner.optional = frozenset({"may", "free"})
        endpoint = {
            "params": [
                {"name": "from_", "wire": "from", "in": "body", "required": False},
                {"name": "items", "wire": "items", "in": "body", "required": True},
                {"name": "query", "wire": "query", "in": "query", "required": False},
            ]
        }
        self.assertEqual(
            self.places(endpoint, from_=None, items=[inner, {"may": None}], query=None),
            {"body.from", "body.items[0].may", "body.items[0].free"},
        )
        self.assertEqual(self.places(endpoint, items=[]), set())

    def test_a_parameter_that_is_the_body(self) -> None:
        body = Object({"may": None})
        body.optional = frozenset({"may"})
        param = {"name": "target", "wire": "target", "in": "body", "required": True, "whole_body": True}
        self.assertEqual(self.places({"params": [param]}, target=body), {"body.may"})

    def test_generated_arguments_know_their_types(self) -> None:
        description = Description(["messages.create"])
        (endpoint,) = description.endpoints
        places: set[str] = set()
        for number in range(60):
            generator = Generator(description, endpoint["id"], number)
            places |= self.places(endpoint, **generator.arguments(endpoint, number))
        self.assertIn("body.messages[0].content[0].cache_control", places)
        self.assertIn("body.system", places)
        self.assertNotIn("body.model", places)
        self.assertNotIn("body.messages[0].role", places)


if __name__ == "__main__":
    unittest.main()
