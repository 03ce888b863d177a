"""The generated values are of the official types, reach all of them, and are the same every time."""

from __future__ import annotations

import json
import unittest
from collections import Counter
from functools import cache
from typing import Any

from roundtrip import shapes
from roundtrip.catalog import API, Official, official_types, without_type
from roundtrip.generate import VALUES, Generator


@cache
def officials() -> list[Official]:
    return official_types()


def named(name: str) -> Official:
    return next(official for official in officials() if str(official) == name)


class Catalog(unittest.TestCase):
    def test_every_described_type_is_found(self) -> None:
        described = json.loads(API.read_text(encoding="utf-8"))["types"]
        found = {str(official): official.kind for official in officials()}
        self.assertEqual(found, {name: definition["kind"] for name, definition in described.items()})
        self.assertEqual(len(found), len(officials()))


    def test_every_response_has_a_type(self) -> None:
        models = {str(official) for official in officials() if official.kind == "model"}
        self.assertEqual(models & without_type().keys(), set())
        self.assertLess(without_type().keys(), {str(official) for official in officials()})


class Values(unittest.TestCase):
    def test_the_same_seed_makes_the_same_values(self) -> None:
        message = named("types.beta.beta_message.BetaMessage")
        once = Generator(message).values()
        self.assertEqual(len(once), VALUES)
        self.assertEqual(once, Generator(message).values())
        self.assertNotEqual(once, Generator(message, seed=1).values())

    def test_known_values_are_valid_for_the_official_models(self) -> None:
        # Which also shows that fields, their names and their types were read as pydantic reads them.
        for official in officials():
            if official.kind == "model":
                for value in Generator(official).values(3):
                    official.annotation.model_validate(value)

    def test_the_first_value_has_every_field_and_the_second_what_is_required(self) -> None:
        for official in officials():
            if official.kind != "alias":
                full, least = Generator(official).values(2)
                fields = [field for field in shapes.fields(official.annotation) if shapes.is_json(field.annotation)]
                self.assertEqual(set(full), {field.name for field in fields}, official)
                self.assertEqual(set(least), {field.name for field in fields if field.is_required}, official)

    def test_nulls_stand_wherever_they_may(self) -> None:
        value = Generator(named("types.message.Message")).values(3)[2]
        self.assertIsNone(value["stop_reason"])
        self.assertIsNone(value["stop_sequence"])
        self.assertIsNotNone(value["content"])

    def test_something_new_is_among_the_values_of_every_type(self) -> None:
        total: Counter[str] = Counter()
        for official in officials():
            generator = Generator(official)
            values = generator.values()
            total += generator.novelties
            if official.kind == "model":
                known = {field.name for field in shapes.fields(official.annotation)}
                self.assertTrue(any(set(value) - known for value in values), official)
        for what in ("field", "value", "variant", "shape", "broken"):
            self.assertGreater(total[what], 100, what)


class Shapes(unittest.TestCase):
    def fields(self, name: str) -> dict[str, shapes.Field]:
        return {field.name: field for field in shapes.fields(named(name).annotation)}

    def test_fields_have_their_names_in_json(self) -> None:
        self.assertIn("from", self.fields("types.beta.beta_fallback_block.BetaFallbackBlock"))

    def test_what_is_required_of_a_dictionary(self) -> None:
        fields = self.fields("types.message_create_params.MessageCreateParamsStreaming")
        required = {name for name, field in fields.items() if field.is_required}
        self.assertEqual(required, {"max_tokens", "messages", "model", "stream"})

    def test_files_are_no_json(self) -> None:
        file = self.fields("types.beta.file_upload_params.FileUploadParams")["file"]
        self.assertFalse(shapes.is_json(file.annotation))
        source = self.fields("types.base64_pdf_source_param.Base64PDFSourceParam")["data"]
        self.assertTrue(shapes.is_json(source.annotation))

    def test_unions_know_their_tag(self) -> None:
        def tag(name: str) -> Any:
            return shapes.tag_of(tuple(shapes.flat(shapes.unwrap(named(name).annotation)[0])))

        self.assertEqual(tag("types.thinking_config_param.ThinkingConfigParam"), "type")
        self.assertEqual(tag("types.shared.error_details.ErrorDetails"), "error_code")
        # Two forms of one type.
        self.assertIsNone(tag("types.message_create_params.MessageCreateParams"))


if __name__ == "__main__":
    unittest.main()
