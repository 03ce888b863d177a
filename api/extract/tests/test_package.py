"""The whole description, of a small package written in the form of older releases and of newer ones.

What differs between the forms is where the package keeps its tables, and how a method that needs two betas writes
them. The facts are the same.
"""

from __future__ import annotations

import tempfile
import textwrap
import unittest
from pathlib import Path
from typing import Any

from extract.check import complaints
from extract.describe import describe, render
from extract.source import ExtractError, Source

_TABLES = """
    DEPRECATED_MODELS = {"river-1": "January 1st, 2027"}
    MODELS_TO_WARN_WITH_THINKING_ENABLED = ["river-2"]
    """

_SHARED = {
    "__init__.py": "",
    "_version.py": '__version__ = "9.8.7"\n',
    "_models.py": "class BaseModel:\n    pass\n",
    "_exceptions.py": """
        class APIStatusError(Exception):
            pass
        class ConflictError(APIStatusError):
            pass
        """,
    "_constants.py": """
        from httpx import Timeout
        ANTHROPIC_API_VERSION = "2026-10-21"
        DEFAULT_TIMEOUT = Timeout(timeout=10 * 60, connect=5.0)
        DEFAULT_MAX_RETRIES = 2
        INITIAL_RETRY_DELAY = 0.5
        MAX_RETRY_DELAY = 8.0
        MODEL_NONSTREAMING_TOKENS = {"river-1": 8_192}
        """,
    "_error_classes.py": """
        from ._exceptions import ConflictError
        from .types.river_dry_error import RiverDryError
        ERROR_CLASSES = {(409, "river_dry"): RiverDryError, (409, None): ConflictError}
        """,
    "_resource.py": "class SyncAPIResource:\n    pass\n",
    "_client.py": """
        from ._utils import cached_property
        from .resources.messages import Messages
        BASE = "https://api.example.com"
        class Anthropic:
            @cached_property
            def messages(self) -> Messages:
                return Messages(self)
        """,
    "pagination.py": "",
    "resources/__init__.py": "",
    "resources/messages/__init__.py": "from .messages import Messages as Messages\n",
    "types/__init__.py": "",
    "types/model.py": """
        from typing import Literal, Union
        from typing_extensions import TypeAlias
        Model: TypeAlias = Union[Literal["river-1", "river-2"], str]
        """,
    "types/shared/__init__.py": "",
    "types/shared/error_type.py": """
        from typing import Literal
        from typing_extensions import TypeAlias
        ErrorType: TypeAlias = Literal["api_error"]
        """,
    "types/river_dry_error_details.py": """
        from typing import Literal
        from .._models import BaseModel
        class RiverDryErrorDetails(BaseModel):
            error_code: Literal["river_dry"]
            river: str
        """,
    "types/river_dry_error.py": """
        from .._exceptions import ConflictError
        from .river_dry_error_details import RiverDryErrorDetails
        class RiverDryError(ConflictError):
            details: RiverDryErrorDetails
        """,
    "types/message.py": """
        from .._models import BaseModel
        class Message(BaseModel):
            id: str
        """,
    "types/message_create_params.py": """
        from typing import List
        from typing_extensions import Annotated, Required, TypedDict
        from .._utils import PropertyInfo
        class MessageCreateParams(TypedDict, total=False):
            text: Required[str]
            betas: Annotated[List[str], PropertyInfo(alias="anthropic-beta")]
        """,
}

_RESOURCE = """
    from ..._resource import SyncAPIResource
    from ...types.message import Message
    {imports}

    class Messages(SyncAPIResource):
        def create(self, *, text: str, betas: List[str] | Omit = omit, extra_headers: Headers | None = None) -> Message:
            \"\"\"Sends it.

            Raises:
                RiverDryError: there is none.
            \"\"\"
            extra_headers = {{
                **strip_not_given(
                    {{
                        "anthropic-beta": ",".join(chain((str(e) for e in betas), {joined}))
                        if is_given(betas)
                        else not_given,
                    }}
                ),
                **(extra_headers or {{}}),
            }}
            extra_headers = {{"anthropic-beta": {alone}, **(extra_headers or {{}})}}
            return self._post(
                "/v1/messages",
                body={{"text": text}},
                options=make_request_options(
                    extra_headers=extra_headers, span_route="/v1/messages", span_name="messages.create"
                ),
                cast_to=Message,
            )
    """

_BETAS = ["dam-2026-01-02", "weir-2026-03-04"]
_ALONE = '"dam-2026-01-02,weir-2026-03-04"'


def _resource(joined: str, alone: str = _ALONE, imports: str = "") -> str:
    typing = "from typing import List\n    from ..._types import Headers, Omit\n    "
    return textwrap.dedent(_RESOURCE.format(joined=joined, alone=alone, imports=typing + imports))


def _older(joined: str = '["dam-2026-01-02", "weir-2026-03-04"]') -> dict[str, str]:
    """The tables stand in the resource's module, and each beta is a string of its own."""
    return {"resources/messages/messages.py": _resource(joined) + textwrap.dedent(_TABLES)}


def _newer() -> dict[str, str]:
    """The tables are imported from a package of their own, and both betas are one string."""
    tables = "from ..._data import DEPRECATED_MODELS, MODELS_TO_WARN_WITH_THINKING_ENABLED"
    return {
        "resources/messages/messages.py": _resource(f"[{_ALONE}]", imports=tables),
        "_data/__init__.py": """
            from .tables import DEPRECATED_MODELS as DEPRECATED_MODELS
            from .tables import MODELS_TO_WARN_WITH_THINKING_ENABLED as MODELS_TO_WARN_WITH_THINKING_ENABLED
            """,
        "_data/tables.py": _TABLES,
    }


_TYPES = "class Headers:\n    pass\nclass Omit:\n    pass\n"


def read(files: dict[str, str]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory) / "pack"
        for name, text in (_SHARED | {"_types.py": _TYPES} | files).items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text), "utf-8")
        api, differences = describe(Source(root, "pack"))
    assert not differences, differences
    return api


class Forms(unittest.TestCase):
    def test_both_forms_are_the_same_facts(self) -> None:
        older, newer = read(_older()), read(_newer())
        self.assertEqual(render(newer), render(older))
        self.assertEqual(complaints(newer), [])

    def test_betas_in_one_literal_are_several(self) -> None:
        for api in (read(_older()), read(_newer())):
            (endpoint,) = api["endpoints"]
            self.assertEqual(endpoint["betas"], _BETAS)
            self.assertEqual(api["betas"], _BETAS)
            self.assertEqual(
                [(param["name"], param["in"]) for param in endpoint["params"]],
                [("text", "body"), ("betas", "header")],
            )

    def test_tables_are_found_where_they_are_used(self) -> None:
        for api in (read(_older()), read(_newer())):
            constants = api["constants"]
            self.assertEqual(constants["deprecated_models"], {"river-1": "January 1st, 2027"})
            self.assertEqual(constants["models_to_warn_with_thinking_enabled"], ["river-2"])

    def test_errors_come_with_their_details(self) -> None:
        (error,) = read(_newer())["errors"]
        self.assertEqual(
            error,
            {
                "status": 409,
                "error_code": "river_dry",
                "class": "RiverDryError",
                "parent": "ConflictError",
                "details": "types.river_dry_error_details.RiverDryErrorDetails",
            },
        )

    def test_other_betas_with_the_callers_than_without_are_an_error(self) -> None:
        for joined in ('["dam-2026-01-02"]', '["weir-2026-03-04,dam-2026-01-02"]', "[]"):
            with self.assertRaisesRegex(ExtractError, "betas .* alone"):
                read(_older(joined))

    def test_a_table_that_is_nowhere_is_an_error(self) -> None:
        with self.assertRaises(ExtractError):
            read({"resources/messages/messages.py": _resource(f"[{_ALONE}]")})


if __name__ == "__main__":
    unittest.main()
