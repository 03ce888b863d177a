"""The description of the pinned package: numbers, hand-picked facts, and agreement with it."""

from __future__ import annotations

import functools
import importlib
import json
import re
import typing
import unittest
from pathlib import Path
from typing import Any

from extract.check import complaints
from extract.describe import describe, installed_source, render

COMMITTED = Path(__file__).parents[2] / "api.json"


@functools.cache
def described() -> tuple[dict[str, Any], list[str]]:
    return describe(installed_source())


class Described(unittest.TestCase):
    api: dict[str, Any]
    differences: list[str]

    @classmethod
    def setUpClass(cls) -> None:
        cls.api, cls.differences = described()
        cls.types = cls.api["types"]
        cls.endpoints = {endpoint["id"]: endpoint for endpoint in cls.api["endpoints"]}

    def params(self, id_: str, where: str) -> dict[str, dict[str, Any]]:
        found = self.endpoints[id_]["params"]
        return {param["name"]: param for param in found if param["in"] == where}


class Whole(Described):
    def test_same_bytes_again_and_as_committed(self) -> None:
        text = render(self.api)
        again, _ = describe(installed_source())
        self.assertEqual(render(again), text)
        self.assertEqual(COMMITTED.read_text("utf-8"), text)

    def test_file_is_small_and_plain(self) -> None:
        text = render(self.api)
        self.assertLess(len(text.encode()), 4_000_000)
        self.assertTrue(text.endswith("}\n"))
        self.assertEqual(json.loads(text), self.api)

    def test_consistent(self) -> None:
        self.assertEqual(complaints(self.api), [])

    def test_signatures_and_dictionaries_agree(self) -> None:
        # The two halves of `stream` are one parameter of the method.
        names = {difference.split(" {")[0] for difference in self.differences}
        self.assertEqual(names, {"messages.create: stream", "beta.messages.create: stream"})

    def test_counts(self) -> None:
        counts = self.api["counts"]
        self.assertEqual(counts["models"], 1434)
        # 788 classes with `total=False`, and four others: the two streaming variants of the
        # message parameters, the base of `parse`'s, and one in the functional form.
        self.assertEqual(counts["dicts"], 792)
        self.assertEqual(counts["endpoints"], 397)
        # 285 written in methods, and the address of batch results, which comes from a response.
        self.assertEqual(counts["method_path_pairs"], 286)
        self.assertEqual(counts["errors"], 133)

    def test_no_prose(self) -> None:
        """No string is longer than a name: nothing of a docstring has slipped in."""
        routes = {endpoint["route"] for endpoint in self.api["endpoints"]}
        allowed = {helper["why"] for helper in self.api["helpers"]}
        allowed |= {endpoint.get("notes") for endpoint in self.api["endpoints"]}
        allowed |= set(self.api["constants"]["deprecated_models"].values())
        strings = set(_strings(self.api)) - routes - allowed
        self.assertEqual([text for text in strings if " " in text.strip()], [])


class Types(Described):
    def test_tool_use_block(self) -> None:
        block = self.types["types.tool_use_block.ToolUseBlock"]
        names = [field["name"] for field in block["fields"]]
        self.assertEqual(names, ["id", "caller", "input", "name", "type", "toolset_name"])
        caller = block["fields"][1]
        self.assertEqual(caller["type"], {"k": "ref", "to": "types.tool_use_block.Caller"})
        self.assertEqual((caller["required"], caller["nullable"]), (False, True))
        self.assertEqual(block["fields"][4]["type"], {"k": "literal", "values": ["tool_use"]})

    def test_caller_is_a_tagged_union(self) -> None:
        caller = self.types["types.tool_use_block.Caller"]["type"]
        self.assertEqual(caller["tag"], "type")
        self.assertEqual(
            [member["to"].rpartition(".")[2] for member in caller["of"]],
            ["DirectCaller", "ServerToolCaller", "ServerToolCaller20260120"],
        )

    def test_stop_reason_is_kept_by_name(self) -> None:
        stop_reason = self.types["types.stop_reason.StopReason"]["type"]
        self.assertEqual(stop_reason["k"], "literal")
        self.assertIn("end_turn", stop_reason["values"])
        fields = self.types["types.message.Message"]["fields"]
        field = next(field for field in fields if field["name"] == "stop_reason")
        self.assertEqual(field["type"], {"k": "ref", "to": "types.stop_reason.StopReason"})
        self.assertTrue(field["nullable"])

    def test_model_is_open(self) -> None:
        model = self.types["types.model.Model"]["type"]
        self.assertEqual(model["k"], "open")
        self.assertEqual(model["values"], self.api["models"])

    def test_reserved_words(self) -> None:
        model = self.types["types.beta.beta_fallback_block.BetaFallbackBlock"]
        self.assertIn(("from_", "from"), [(item["name"], item["wire"]) for item in model["fields"]])
        params = self.types["types.beta.beta_fallback_block_param.BetaFallbackBlockParam"]
        self.assertEqual(params["fields"][0]["wire"], "from")

    def test_tags_of_request_unions(self) -> None:
        tool = self.types["types.tool_union_param.ToolUnionParam"]["type"]
        self.assertEqual(tool["tag"], "type")

    def test_nullable_alias_is_lifted_to_its_fields(self) -> None:
        name = "types.organization.api_key.Principal"
        self.assertTrue(self.types[name]["nullable"])
        self.assertEqual(self.types[name]["type"]["k"], "union")
        fields = self.types["types.organization.api_key.APIKey"]["fields"]
        principal = next(field for field in fields if field["name"] == "principal")
        self.assertTrue(principal["nullable"])

    def test_beta_is_marked(self) -> None:
        self.assertTrue(self.types["types.beta.beta_message.BetaMessage"]["beta"])
        self.assertNotIn("beta", self.types["types.message.Message"])


class Endpoints(Described):
    def test_messages_create(self) -> None:
        endpoint = self.endpoints["messages.create"]
        self.assertEqual((endpoint["method"], endpoint["path"]), ("POST", "/v1/messages"))
        self.assertEqual(
            endpoint["body_type"], "types.message_create_params.MessageCreateParams"
        )
        body = self.params("messages.create", "body")
        required = {name for name, param in body.items() if param["required"]}
        self.assertEqual(required, {"max_tokens", "messages", "model"})
        header = self.params("messages.create", "header")
        self.assertEqual(
            {name: param["wire"] for name, param in header.items()},
            {
                "user_profile_id": "anthropic-user-profile-id",
                "workspace_id": "anthropic-workspace-id",
            },
        )
        self.assertEqual(endpoint["stream"]["param"], "stream")
        self.assertIn("OrganizationOnHoldError", endpoint["errors"])

    def test_every_parameter_has_one_place(self) -> None:
        for endpoint in self.api["endpoints"]:
            names = [param["name"] for param in endpoint["params"]]
            self.assertEqual(len(names), len(set(names)), endpoint["id"])

    def test_runnable_tools_fall_back_to_what_is_sent(self) -> None:
        tools = self.params("beta.messages.create", "body")["tools"]["type"]["of"]
        self.assertEqual(tools["to"], "types.beta.beta_tool_union_param.BetaToolUnionParam")

    def test_several_betas_in_one_literal(self) -> None:
        endpoint = self.endpoints["beta.user_profiles.providers.google.data_controls.update"]
        self.assertEqual(
            endpoint["betas"],
            ["user-profiles-2026-09-04", "google-managed-data-controls-2026-09-01"],
        )

    def test_mandatory_beta(self) -> None:
        for id_ in ("beta.agents.create", "beta.agents.list", "beta.sessions.events.stream"):
            self.assertEqual(self.endpoints[id_]["betas"], ["managed-agents-2026-04-01"])
        self.assertEqual(self.endpoints["beta.messages.create"]["betas"], [])

    def test_multipart(self) -> None:
        upload = self.endpoints["files.upload"]
        self.assertEqual((upload["body"], upload["files"]), ("multipart", [["file"]]))
        self.assertEqual(self.params("files.upload", "body")["file"]["type"], {"k": "file"})
        create = self.endpoints["skills.create"]
        self.assertEqual((create["body"], create["files"]), ("multipart", [["files", "<array>"]]))

    def test_pages(self) -> None:
        self.assertEqual(self.endpoints["models.list"]["response"]["page"], "Page")
        report = self.endpoints["beta.organization.analytics.cost.list"]["response"]
        self.assertEqual(report["page"], "ReportPageCursor")
        self.assertEqual(
            self.api["pages"]["Page"]["next"], [["before_id", "first_id"], ["after_id", "last_id"]]
        )
        self.assertEqual(self.api["pages"]["TokenPage"]["next"], [["page_token", "next_page"]])
        self.assertIn("data_refreshed_at", self.api["pages"]["ReportPageCursor"]["fields"])
        self.assertEqual(len(self.api["pages"]), 5)

    def test_batch_results(self) -> None:
        results = self.endpoints["messages.batches.results"]
        self.assertEqual(results["response"]["kind"], "jsonl")
        self.assertEqual(results["headers"], {"Accept": "application/binary"})
        self.assertIn("results_url", results["notes"])

    def test_unusual_places(self) -> None:
        target = self.params("beta.organization.claude_tag.bundles.targets.create", "body")
        self.assertTrue(target["target"]["whole_body"])
        query = self.params("beta.agents.list", "query")
        self.assertEqual(query["created_at_gte"]["wire"], "created_at[gte]")
        header = self.params("beta.environments.work.poll", "header")
        self.assertEqual(header["anthropic_worker_id"]["wire"], "Anthropic-Worker-ID")
        self.assertEqual(
            self.endpoints["beta.environments.work.poll"]["response"]["type"]["k"], "nullable"
        )

    def test_placeholders(self) -> None:
        for endpoint in self.api["endpoints"]:
            wanted = set(re.findall(r"\{(\w+)\}", endpoint["path"]))
            given = {param["wire"] for param in endpoint["params"] if param["in"] == "path"}
            self.assertEqual(wanted, given, endpoint["id"])

    def test_helpers_are_named(self) -> None:
        self.assertEqual(
            [helper["id"] for helper in self.api["helpers"]],
            [
                "beta.messages.parse",
                "beta.messages.stream",
                "beta.messages.thread",
                "beta.messages.tool_runner",
                "beta.webhooks.parse_unverified",
                "beta.webhooks.unwrap",
                "messages.parse",
                "messages.stream",
            ],
        )


class Catalog(Described):
    def test_errors(self) -> None:
        errors = self.api["errors"]
        self.assertEqual(len(errors), 133)
        self.assertEqual(len({(error["status"], error["error_code"]) for error in errors}), 133)
        self.assertTrue(all(error["details"] in self.types for error in errors))
        self.assertEqual(len(self.api["status_errors"]), 17)

    def test_betas_contain_what_is_sent(self) -> None:
        for endpoint in self.api["endpoints"]:
            self.assertLessEqual(set(endpoint["betas"]), set(self.api["betas"]))

    def test_betas_that_only_code_knows(self) -> None:
        alias = self.types["types.anthropic_beta_param.AnthropicBetaParam"]["type"]["values"]
        self.assertEqual(
            set(self.api["betas"]) - set(alias),
            {
                "fine-grained-tool-streaming-2025-05-14",
                "oauth-2025-04-20",
                "oidc-federation-2026-04-01",
            },
        )

    def test_constants(self) -> None:
        constants = self.api["constants"]
        self.assertEqual(constants["default_timeout_seconds"], 600)
        self.assertEqual(constants["model_nonstreaming_tokens"]["claude-opus-4-0"], 8192)
        self.assertIn("overloaded_error", self.api["error_types"])


class AgainstTheRunningPackage(Described):
    """The same facts as the package's own classes report them at run time."""

    def runtime_class(self, qualified: str) -> Any:
        module_name, _, name = qualified.rpartition(".")
        return getattr(importlib.import_module(f"anthropic.{module_name}"), name)

    def test_models(self) -> None:
        for qualified, definition in self.types.items():
            if definition["kind"] != "model":
                continue
            cls = self.runtime_class(qualified)
            cls.model_rebuild()
            expected = [
                (name, info.alias or name, info.is_required(), _may_be_null(info.annotation))
                for name, info in cls.model_fields.items()
            ]
            found = [
                (field["name"], field["wire"], field["required"], field["nullable"])
                for field in definition["fields"]
            ]
            self.assertEqual(found, expected, qualified)

    def test_dictionaries(self) -> None:
        for qualified, definition in self.types.items():
            if definition["kind"] != "dict":
                continue
            cls = self.runtime_class(qualified)
            expected = {
                name: name in cls.__required_keys__ or _says_required(annotation)
                for name, annotation in cls.__annotations__.items()
            }
            found = {field["name"]: field["required"] for field in definition["fields"]}
            self.assertEqual(found, expected, qualified)


def _may_be_null(annotation: Any) -> bool:
    if typing.get_origin(annotation) is typing.Annotated:
        return _may_be_null(typing.get_args(annotation)[0])
    return type(None) in typing.get_args(annotation)


def _says_required(annotation: Any) -> bool:
    """Required, also when the annotation is still text."""
    return str(getattr(annotation, "__forward_arg__", "")).startswith("Required[")


def _strings(value: Any) -> typing.Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


if __name__ == "__main__":
    unittest.main()
