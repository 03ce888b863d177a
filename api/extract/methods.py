"""Reads one method: where each of its parameters goes, and what comes back."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

from .annotations import AnnotationReader, Type
from .source import ExtractError
from .syntax import calls_in, items, request_options, signature, singulars, strings_in, verb

if TYPE_CHECKING:
    from .endpoints import ResourceReader

Endpoint = dict[str, Any]
Param = dict[str, Any]

_BETA_HEADER = "anthropic-beta"
# Says that a body is multipart, which "body" and "files" of an endpoint say already.
_CONTENT_TYPE = "Content-Type"


class MethodReader:
    def __init__(
        self,
        resource: ResourceReader,
        id_: str,
        method: ast.FunctionDef,
        overloads: list[ast.FunctionDef],
        call: ast.Call,
    ) -> None:
        self.source = resource.source
        self.types = resource.types
        self.module = resource.module
        self.resource = resource.resource
        self.differences = resource.extracted.differences
        self.id = id_
        self.method = method
        self.overloads = overloads
        self.call = call
        self.words = {word.arg: word.value for word in call.keywords}
        self.options = {word.arg: word.value for word in request_options(call)}
        self.annotations = AnnotationReader(self.source)
        self.signature = signature(method)
        # parameter name -> (where, name on the wire)
        self.places: dict[str, tuple[str, str]] = {}
        self.whole_body: str | None = None

    def read(self) -> Endpoint:
        path, notes = self._path()
        self._query()
        betas, headers = self._headers()
        body = self._body()
        files = self._files()
        body_type = self._params_type()
        params = self._params(body_type)
        stream = self._stream()
        endpoint: Endpoint = {
            "id": self.id,
            "class": self.source.relative(self.resource.symbol.qualified),
            "method": self._http_method(),
            "path": path,
            "params": params,
            "body": "multipart" if files else body,
            "body_type": body_type,
            "response": self._response(stream),
            "stream": stream,
            "betas": betas,
            "headers": headers,
            "errors": self._errors(),
            "route": ast.literal_eval(self.options["span_route"]),
            "span": ast.literal_eval(self.options["span_name"]),
            "files": files,
        }
        local = [name for name in self.signature if name not in self.places]
        if local:
            endpoint["local_params"] = local
        if "qualifiers" in self.options:
            # Never on the wire: tells the client's own layers that this is the beta method.
            if ast.literal_eval(self.options["qualifiers"]) != {"beta": "true"}:
                raise ExtractError(f"{self.id}: unknown qualifiers")
            endpoint["beta"] = True
        endpoint.update(self._span_facts())
        if notes:
            endpoint["notes"] = notes
        return endpoint

    def _http_method(self) -> str:
        if "method" in self.words:
            return str(ast.literal_eval(self.words["method"])).upper()
        found = verb(self.call)
        assert found is not None
        return found

    # -- where the parameters go ---------------------------------------------------------------

    def _place(self, value: ast.expr, where: str, wire: str) -> None:
        name = self._parameter_in(value, wire)
        if name in self.places:
            raise ExtractError(f"{self.id}: {name} is sent twice")
        self.places[name] = (where, wire)

    def _parameter_in(self, value: ast.expr, wire: str) -> str:
        """The one parameter an expression is made of."""
        names = {node.id for node in ast.walk(value) if isinstance(node, ast.Name)}
        used = sorted(names & set(self.signature))
        if len(used) == 1:
            return used[0]
        if isinstance(value, ast.Name) and wire in self.signature:
            # A local variable made from the parameter of that name.
            return wire
        raise ExtractError(f"{self.id}: which parameter is {ast.unparse(value)}?")

    def _path(self) -> tuple[str, str | None]:
        target = self.call.args[0]
        match target:
            case ast.Constant(value=str(path)):
                return path, None
            case ast.Call(func=ast.Name(id="path_template"), args=[template], keywords=words):
                notes = None
                match template:
                    case ast.Constant(value=str(path)):
                        pass
                    case ast.Attribute(attr=attribute):
                        # The address is a field of another response; the route is its usual form.
                        path = ast.literal_eval(self.options["span_route"])
                        notes = f"url from field {attribute} of {ast.unparse(template.value)}"
                    case _:
                        raise ExtractError(f"{self.id}: path {ast.unparse(template)}")
                for word in words:
                    assert word.arg is not None
                    self._place(word.value, "path", word.arg)
                return path, notes
        raise ExtractError(f"{self.id}: path {ast.unparse(target)}")

    def _query(self) -> None:
        query = self.options.get("query")
        if query is None:
            return
        if not isinstance(query, ast.Dict):
            raise ExtractError(f"{self.id}: query {ast.unparse(query)}")
        for key, value in items(query):
            self._place(value, "query", key)

    def _headers(self) -> tuple[list[str], dict[str, str]]:
        """Places header parameters; returns the betas and other headers that are always sent."""
        betas: list[str] = []
        joined: list[str] | None = None
        fixed: dict[str, str] = {}
        for statement in ast.walk(self.method):
            if not isinstance(statement, ast.Assign):
                continue
            target = ast.unparse(statement.targets[0])
            if target == f"extra_headers['{_CONTENT_TYPE}']":
                continue
            if target != "extra_headers":
                continue
            for node in ast.walk(statement.value):
                if not isinstance(node, ast.Dict):
                    continue
                for key, value in items(node):
                    if not isinstance(value, ast.Constant):
                        self._place(value, "header", key)
                        if key == _BETA_HEADER:
                            joined = strings_in(value)
                    elif key == _BETA_HEADER:
                        betas.extend(strings_in(value))
                    elif key != _CONTENT_TYPE:
                        fixed[key] = str(value.value)
        # With and without the caller's own betas the same ones must be added.
        if joined is not None and joined != betas:
            raise ExtractError(f"{self.id}: betas {betas} alone, but {joined} with others")
        return betas, dict(sorted(fixed.items()))

    def _body(self) -> str:
        body = self.words.get("body")
        if body is None:
            return "none"
        if isinstance(body, ast.Name) and body.id in self.signature:
            # the parameter is the body, not a key of it
            self.whole_body = body.id
            self.places[body.id] = ("body", body.id)
            return "json"
        if isinstance(body, ast.Name):
            body = self._assigned(body.id)
        match body:
            case ast.Call(func=ast.Name(id="deepcopy_with_paths"), args=[inner, _]):
                body = inner
        if not isinstance(body, ast.Dict):
            raise ExtractError(f"{self.id}: body {ast.unparse(body)}")
        for key, value in items(body):
            self._place(value, "body", key)
        return "json"

    def _assigned(self, name: str) -> ast.expr:
        for statement in ast.walk(self.method):
            match statement:
                case ast.Assign(targets=[ast.Name(id=found)], value=value) if found == name:
                    return value
        raise ExtractError(f"{self.id}: {name} is never assigned")

    def _files(self) -> list[list[str]]:
        if "files" not in self.words:
            return []
        for call in calls_in(self.method):
            if ast.unparse(call.func) == "extract_files":
                return next(
                    ast.literal_eval(word.value) for word in call.keywords if word.arg == "paths"
                )
        raise ExtractError(f"{self.id} sends files, but which?")

    # -- the parameters themselves -------------------------------------------------------------

    def _params_type(self) -> str | None:
        """The params dictionary, by the package's naming convention."""
        parents, _, own = self.resource.path.rpartition(".")
        package = ".".join(filter(None, ("types", parents)))
        for singular in singulars(own):
            module_name = f"{package}.{singular}_{self.method.name}_params"
            module = self.source.find_module(f"{self.source.package}.{module_name}")
            if module is None:
                continue
            wanted = module_name.rpartition(".")[2].replace("_", "").lower()
            for name in module.definitions:
                if name.lower() == wanted:
                    return f"{module_name}.{name}"
        return None

    def _dictionary_fields(self, qualified: str | None) -> dict[str, dict[str, Any]]:
        if qualified is None:
            return {}
        definition = self.types[qualified]
        if definition["kind"] == "dict":
            return {item["name"]: item for item in definition["fields"]}
        type_ = definition["type"]
        merged: dict[str, dict[str, Any]] = {}
        for member in type_["of"] if type_["k"] == "union" else [type_]:
            if member["k"] == "ref":
                for name, item in self._dictionary_fields(member["to"]).items():
                    merged.setdefault(name, item)
        return merged

    def _params(self, body_type: str | None) -> list[Param]:
        dictionary = self._dictionary_fields(body_type)
        params = []
        for name, (annotation, required) in self.signature.items():
            if name not in self.places:
                continue
            if not required and self.overloads:
                required = all(signature(overload)[name][1] for overload in self.overloads)
            where, wire = self.places[name]
            type_, nullable = self._param_type(name, annotation, dictionary)
            param: Param = {
                "name": name,
                "wire": wire,
                "in": where,
                "required": required,
                "nullable": nullable,
                "type": type_,
            }
            if name == self.whole_body:
                param["whole_body"] = True
            if where == "header" and type_["k"] == "list":
                param["join"] = ","
            self._compare(param, dictionary.get(name), body_type)
            params.append(param)
        sent = set(self.places)
        for name in dictionary:
            if name not in sent:
                self.differences.append(f"{self.id}: {body_type} has {name}, which is not sent")
        return params

    def _param_type(
        self, name: str, annotation: ast.expr, dictionary: dict[str, dict[str, Any]]
    ) -> tuple[Type, bool]:
        try:
            return self.annotations.read_nullable(self.module, annotation)
        except ExtractError:
            # The method accepts more than the API, for example a runnable tool.
            if name not in dictionary:
                raise
            return dictionary[name]["type"], dictionary[name]["nullable"]

    def _compare(
        self, param: Param, item: dict[str, Any] | None, body_type: str | None
    ) -> None:
        if item is None:
            # a method whose only parameters are path and header ones has no dictionary
            if param["in"] != "path" and (body_type is not None or param["in"] != "header"):
                self.differences.append(f"{self.id}: {param['name']} is not in {body_type}")
            return
        if item["required"] != param["required"]:
            self.differences.append(f"{self.id}: {param['name']} required {param['required']}")
        if item["nullable"] != param["nullable"]:
            self.differences.append(f"{self.id}: {param['name']} nullable {param['nullable']}")
        if item["type"] != param["type"]:
            self.differences.append(
                f"{self.id}: {param['name']} {param['type']} but {item['type']} in {body_type}"
            )

    # -- the response --------------------------------------------------------------------------

    def _stream(self) -> dict[str, Any] | None:
        stream_class = self.words.get("stream_cls")
        if stream_class is None:
            return None
        match stream_class:
            case ast.Subscript(value=ast.Name(id="Stream"), slice=event):
                pass
            case _:
                raise ExtractError(f"{self.id}: stream {ast.unparse(stream_class)}")
        switch = self.words["stream"]
        always = isinstance(switch, ast.Constant) and switch.value is True
        return {
            "param": None if always else self._parameter_in(switch, "stream"),
            "event": self.annotations.read(self.module, event),
        }

    def _response(self, stream: dict[str, Any] | None) -> dict[str, Any]:
        if stream is not None and stream["param"] is None:
            return {"kind": "none", "type": None}
        if "page" in self.words:
            page = self.words["page"]
            assert isinstance(page, ast.Subscript)
            symbol = self.source.resolve_expression(self.module, page.value)
            return {
                "kind": "page",
                "type": self.annotations.read(self.module, page.slice),
                "page": symbol.name.removeprefix("Sync"),
            }
        target = self.words["cast_to"]
        match target:
            case ast.Call(func=ast.Name(id="cast"), args=[_, inner]):
                target = inner
            case ast.Subscript(value=ast.Name(id="JSONLDecoder"), slice=item):
                return {"kind": "jsonl", "type": self.annotations.read(self.module, item)}
            case ast.Name(id="BinaryAPIResponse"):
                return {"kind": "binary", "type": None}
            case ast.Name(id="NoneType"):
                return {"kind": "none", "type": None}
        type_ = self.annotations.read(self.module, target)
        returned = self.method.returns
        match returned:
            case ast.Subscript(value=ast.Name(id="Optional")):
                type_ = {"k": "nullable", "of": type_}
        return {"kind": "json", "type": type_}

    def _errors(self) -> list[str]:
        """Names below `Raises:`; those of all overloads, in the order they first appear."""
        names: list[str] = []
        for method in [*self.overloads, self.method]:
            text = ast.get_docstring(method) or ""
            _, found, section = text.partition("\nRaises:\n")
            for line in section.splitlines() if found else []:
                match = re.fullmatch(r"\s+([A-Z]\w+):.*", line)
                if match and match[1] not in names:
                    names.append(match[1])
        return names

    def _span_facts(self) -> dict[str, Any]:
        """Attributes of the trace span that are plain copies of parameters."""
        facts: dict[str, Any] = {}
        attributes = self.options.get("span_attributes")
        if isinstance(attributes, ast.Dict):
            facts["span_attributes"] = {
                key: value.id for key, value in items(attributes) if isinstance(value, ast.Name)
            }
        for option, key in (
            ("span_created_id", "span_created_id"),
            ("span_content_query_params", "span_content_query"),
        ):
            if option in self.options:
                value = ast.literal_eval(self.options[option])
                facts[key] = list(value) if isinstance(value, tuple) else value
        return facts
