"""The annotation reader, on small packages made for the purpose."""

from __future__ import annotations

import tempfile
import textwrap
import unittest
from pathlib import Path
from typing import Any

from extract import typedefs
from extract.source import ExtractError, Source
from extract.tags import Tagger

_SUPPORT = {
    "__init__.py": "",
    "_models.py": "class BaseModel:\n    pass\n",
    "_exceptions.py": "class APIStatusError(Exception):\n    pass\n",
    "_types.py": """
        from typing import IO, TYPE_CHECKING, Sequence, Union
        FileTypes = Union[IO[bytes], bytes]
        Base64FileInput = Union[IO[bytes], bytes]
        if TYPE_CHECKING:
            class SequenceNotStr:
                pass
        else:
            SequenceNotStr = Sequence
        """,
    "types/__init__.py": "",
}


def read(**modules: str) -> dict[str, Any]:
    """The typedefs of a package with these modules below `types`."""
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory) / "pack"
        files = _SUPPORT | {f"types/{name}.py": text for name, text in modules.items()}
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text), "utf-8")
        types = typedefs.collect(Source(root, "pack"))
    Tagger(types).tag_all(types)
    return types


def field(definition: dict[str, Any], name: str) -> dict[str, Any]:
    return next(item for item in definition["fields"] if item["name"] == name)


STRING = {"k": "string"}


def ref(name: str) -> dict[str, str]:
    return {"k": "ref", "to": f"types.{name}"}


class Scalars(unittest.TestCase):
    def test_plain_types_and_containers(self) -> None:
        types = read(
            a="""
            from typing import Any, Dict, Iterable, List, Mapping
            from datetime import date, datetime
            from .._models import BaseModel
            from .._types import FileTypes, SequenceNotStr
            class A(BaseModel):
                s: str
                i: int
                f: float
                b: bool
                t: datetime
                d: date
                o: object
                x: Any
                raw: bytes
                up: FileTypes
                l: List[str]
                it: Iterable[int]
                sq: SequenceNotStr[str]
                m: Dict[str, object]
                mm: Mapping[str, List[int]]
                bare: Dict
            """
        )
        found = {item["name"]: item["type"] for item in types["types.a.A"]["fields"]}
        self.assertEqual(
            found,
            {
                "s": STRING,
                "i": {"k": "integer"},
                "f": {"k": "number"},
                "b": {"k": "boolean"},
                "t": {"k": "datetime"},
                "d": {"k": "date"},
                "o": {"k": "any"},
                "x": {"k": "any"},
                "raw": {"k": "binary"},
                "up": {"k": "file"},
                "l": {"k": "list", "of": STRING},
                "it": {"k": "list", "of": {"k": "integer"}},
                "sq": {"k": "list", "of": STRING},
                "m": {"k": "map", "of": {"k": "any"}},
                "mm": {"k": "map", "of": {"k": "list", "of": {"k": "integer"}}},
                "bare": {"k": "map", "of": {"k": "any"}},
            },
        )

    def test_unknown_name_is_an_error(self) -> None:
        with self.assertRaises(ExtractError):
            read(a="from decimal import Decimal\nX: TypeAlias = Decimal\n")
        with self.assertRaises(ExtractError):
            read(a="X: TypeAlias = Nowhere\n")


class Nullability(unittest.TestCase):
    def test_model(self) -> None:
        a = read(
            a="""
            from typing import List, Optional
            from .._models import BaseModel
            class A(BaseModel):
                both: Optional[str] = None
                must: Optional[str]
                nested: List[Optional[str]]
                new: str | None = None
            """
        )["types.a.A"]
        flags = {item["name"]: (item["required"], item["nullable"]) for item in a["fields"]}
        self.assertEqual(
            flags,
            {
                "both": (False, True),
                "must": (True, True),
                "nested": (True, False),
                "new": (False, True),
            },
        )
        self.assertEqual(
            field(a, "nested")["type"], {"k": "list", "of": {"k": "nullable", "of": STRING}}
        )

    def test_dictionary(self) -> None:
        types = read(
            a="""
            from __future__ import annotations
            from typing import Optional
            from typing_extensions import Required, TypedDict
            class Base(TypedDict, total=False):
                a: Required[Optional[str]]
                b: str
            class Sub(Base):
                b: int
                c: str
            """
        )
        sub = types["types.a.Sub"]
        self.assertEqual([item["name"] for item in sub["fields"]], ["a", "b", "c"])
        self.assertEqual([item["required"] for item in sub["fields"]], [True, True, True])
        self.assertEqual(field(sub, "b")["type"], {"k": "integer"})
        self.assertFalse(field(types["types.a.Base"], "b")["required"])
        self.assertTrue(field(sub, "a")["nullable"])


class Unions(unittest.TestCase):
    def test_literals(self) -> None:
        types = read(
            a="""
            from typing import Union
            from typing_extensions import Literal, TypeAlias
            Closed: TypeAlias = Literal["a", "b"]
            Open: TypeAlias = Union[Literal["a"], str]
            Hidden: TypeAlias = Union[str, Closed]
            Mixed: TypeAlias = Literal[False, 1, "x"]
            Joined: TypeAlias = Literal[True] | Literal[1]
            """
        )
        found = {name.rpartition(".")[2]: item["type"] for name, item in types.items()}
        self.assertEqual(found["Closed"], {"k": "literal", "values": ["a", "b"]})
        self.assertEqual(found["Open"], {"k": "open", "values": ["a"]})
        self.assertEqual(found["Hidden"], {"k": "open", "values": ["a", "b"]})
        self.assertEqual(found["Mixed"]["values"], [False, 1, "x"])
        self.assertEqual([repr(item) for item in found["Joined"]["values"]], ["True", "1"])

    def test_base64(self) -> None:
        types = read(
            a="""
            from typing import Union
            from typing_extensions import TypedDict
            from .._types import Base64FileInput
            class A(TypedDict):
                data: Union[str, Base64FileInput]
            """
        )
        self.assertEqual(types["types.a.A"]["fields"][0]["type"], {"k": "base64"})

    def test_names_are_kept_and_anonymous_unions_flattened(self) -> None:
        types = read(
            a="""
            from typing import List, Optional, Union
            from typing_extensions import TypeAlias
            Named: TypeAlias = Union[int, float]
            Outer: TypeAlias = Union[Union[str, List[str]], Optional[Named]]
            """
        )
        self.assertEqual(
            types["types.a.Outer"]["type"],
            {
                "k": "nullable",
                "of": {
                    "k": "union",
                    "of": [STRING, {"k": "list", "of": STRING}, ref("a.Named")],
                    "tag": None,
                },
            },
        )

    def test_tags(self) -> None:
        types = read(
            cats="""
            from typing import Union
            from typing_extensions import Annotated, Literal, TypeAlias
            from pydantic import Field as FieldInfo
            from .._models import BaseModel, UnionDiscriminator
            class Cat(BaseModel):
                kind: Literal["cat"]
                kind_: Literal["cat"] = FieldInfo(alias="kind!")
            class Dog(BaseModel):
                kind: Literal["dog"]
                kind_: Literal["dog"] = FieldInfo(alias="kind!")
            class Two(BaseModel):
                kind: Literal["a", "b"]
            class Three(BaseModel):
                kind: Literal["b", "c"]
            class Plain(BaseModel):
                kind: str
            Told: TypeAlias = Annotated[Union[Cat, Dog], UnionDiscriminator("kind_")]
            Inferred: TypeAlias = Union[Cat, Dog]
            Through: TypeAlias = Union[Inferred, Two]
            Several: TypeAlias = Union[Cat, Two]
            Overlap: TypeAlias = Union[Two, Three]
            Twice: TypeAlias = Union[Inferred, Cat]
            Untold: TypeAlias = Union[Cat, Plain]
            """
        )
        tags = {
            name.rpartition(".")[2]: item["type"]["tag"]
            for name, item in types.items()
            if item["kind"] == "alias"
        }
        self.assertEqual(
            tags,
            {
                "Told": "kind!",
                "Inferred": "kind",
                "Through": "kind",
                "Several": "kind",
                "Overlap": None,
                "Twice": None,
                "Untold": None,
            },
        )


class Names(unittest.TestCase):
    def test_forward_references_imports_and_recursion(self) -> None:
        types = read(
            tree="""
            from __future__ import annotations
            from typing import TYPE_CHECKING, List, Union, Optional
            from typing_extensions import TypeAlias
            from .._models import BaseModel
            if TYPE_CHECKING:
                from .leaf import Leaf as Renamed
            Node: TypeAlias = Union["Tree", "Renamed", List["Node"]]
            class Tree(BaseModel):
                left: Optional[Node] = None
                right: "Optional[Tree]" = None
            """,
            leaf="""
            from . import tree
            from .._models import BaseModel
            class Leaf(BaseModel):
                up: "tree.Tree"
            """,
        )
        self.assertEqual(
            types["types.tree.Node"]["type"]["of"],
            [ref("tree.Tree"), ref("leaf.Leaf"), {"k": "list", "of": ref("tree.Node")}],
        )
        self.assertEqual(field(types["types.tree.Tree"], "left")["type"], ref("tree.Node"))
        self.assertTrue(field(types["types.tree.Tree"], "right")["nullable"])
        self.assertEqual(field(types["types.leaf.Leaf"], "up")["type"], ref("tree.Tree"))

    def test_recursive_alias_beside_a_string(self) -> None:
        types = read(
            a="""
            from typing import Dict, Union
            from typing_extensions import TypeAlias
            Json: TypeAlias = Union[str, Dict[str, "Json"]]
            Loop: TypeAlias = Union[str, "Loop"]
            """
        )
        self.assertEqual(
            types["types.a.Json"]["type"]["of"], [STRING, {"k": "map", "of": ref("a.Json")}]
        )
        self.assertEqual(types["types.a.Loop"]["type"]["of"], [STRING, ref("a.Loop")])

    def test_renamed_class_and_generics(self) -> None:
        types = read(
            a="""
            from typing import Generic, List, Optional
            from typing_extensions import TypeVar
            from pydantic import Field as FieldInfo
            from .._models import BaseModel
            T = TypeVar("T")
            class New(BaseModel, Generic[T]):
                parsed: Optional[T] = FieldInfo(default=None, exclude=True)
                more: List["New[T]"]
            Old = New
            """
        )
        self.assertEqual(types["types.a.Old"], {"kind": "alias", "type": ref("a.New")})
        new = types["types.a.New"]
        self.assertEqual(field(new, "parsed")["type"], {"k": "any"})
        self.assertTrue(field(new, "parsed")["local"])
        self.assertEqual(field(new, "more")["type"], {"k": "list", "of": ref("a.New")})
        self.assertNotIn("types.a.T", types)

    def test_functional_dictionary_and_extra_keys(self) -> None:
        types = read(
            a="""
            from typing import Dict
            from typing_extensions import Required, TypedDict
            from .._models import set_pydantic_config
            _Words = TypedDict("_Words", {"from": Required[str]}, total=False)
            class A(_Words, total=False, extra_items=object):
                to: str
            class B(TypedDict):
                to: str
            set_pydantic_config(B, {"extra": "allow"})
            """
        )
        self.assertEqual([item["name"] for item in types["types.a.A"]["fields"]], ["from", "to"])
        self.assertTrue(field(types["types.a.A"], "from")["required"])
        self.assertEqual(types["types.a.A"]["extra"], {"k": "any"})
        self.assertEqual(types["types.a.B"]["extra"], {"k": "any"})
        self.assertNotIn("extra", types["types.a._Words"])


if __name__ == "__main__":
    unittest.main()
