"""The official runner, with and without `async`, over a scripted conversation."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import AsyncIterator
from typing import Any

import anthropic
from anthropic.lib.tools import (
    BetaAsyncBuiltinFunctionTool,
    BetaAsyncRunnableToolset,
    BetaBuiltinFunctionTool,
    BetaRunnableToolset,
    ToolError,
    beta_async_tool,
    beta_tool,
)

from ..record import KEY
from ..server import Recorder
from .case import Case

Ended = dict[str, Any]


class Official:
    """The two official clients."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        given: dict[str, Any] = {"api_key": KEY, "base_url": recorder.url, "max_retries": 0, "timeout": 30}
        self._sync = anthropic.Anthropic(**given)
        self._async = anthropic.AsyncAnthropic(**given)
        self._runner = asyncio.Runner()

    def __enter__(self) -> Official:
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._async.close())
        self._runner.close()

    def run(self, case: Case, stream: bool, sync: bool) -> Ended:
        """Runs a conversation. Returns the requests, the calls that ran, and how it ended."""
        calls: list[Any] = []
        ended = self._runner.run(self._drive(case, stream, sync, calls))
        return {"requests": self._recorder.take(), "calls": calls, "ended": ended}

    async def _drive(self, case: Case, stream: bool, sync: bool, calls: list[Any]) -> str | None:
        client: Any = self._sync if sync else self._async
        make = Tools(sync, calls)
        given = {**case.params}
        given["tools"] = [*given.get("tools", []), *map(make.tool, case.tools)]
        if case.betas:
            given["betas"] = case.betas
        if case.max_turns is not None:
            given["max_iterations"] = case.max_turns
        if not case.thread:
            given["thread"] = False
        if case.eager and stream:
            given["run_tools_eagerly"] = True
        number, reason = 0, None
        try:
            runner = client.beta.messages.tool_runner(stream=stream, **given)
            async for item in items(runner):
                message = await settled(item.get_final_message()) if stream else item
                if "compaction" in self._recorder.last()["body"]:
                    continue
                number, reason = number + 1, message.stop_reason
                if case.compact_above is not None and message.usage.input_tokens > case.compact_above:
                    runner.compact_before_next_turn()
                for step in case.between.get(str(number), []):
                    for op, value in step.items():
                        await act(runner, op, value, message, make)
        except Exception:
            return "error"
        return reason


async def items(runner: Any) -> AsyncIterator[Any]:
    if hasattr(runner, "__aiter__"):
        async for item in runner:
            yield item
    else:
        for item in runner:
            yield item


async def settled(value: Any) -> Any:
    return await value if inspect.isawaitable(value) else value


async def act(runner: Any, op: str, value: Any, message: Any, make: Tools) -> None:
    """What the caller does in the loop's body."""
    if op == "set":
        runner.set_messages_params(
            lambda params: {key: it for key, it in {**params, **value}.items() if it is not None}
        )
    elif op == "append":
        # Who appends has to append the turn itself, too.
        results = await settled(runner.generate_tool_call_response())
        runner.append_messages(message, *filter(None, [results]), *value)
    elif op == "append_alone":
        runner.append_messages(*value)
    elif op == "add_tools":
        runner.add_tools(*map(make.tool, value))
    elif op == "remove_tools":
        runner.remove_tools(*value)
    elif op == "compact":
        runner.compact_before_next_turn(value)
    elif op == "stop":
        await settled(runner.close())
    else:
        raise ValueError(f"there is no step `{op}`")


class Tools:
    """Makes the official tools."""

    def __init__(self, sync: bool, calls: list[Any]) -> None:
        self._sync = sync
        self._calls = calls

    def tool(self, given: dict[str, Any]) -> Any:
        definition = dict(given["definition"])
        if "toolset" in given:
            return self._toolset(given, definition)
        if definition.get("type", "custom") != "custom":
            return self._builtin(given, definition)
        definition.pop("type", None)
        decorate = beta_tool if self._sync else beta_async_tool
        return decorate(self._function(given), **definition)

    def _function(self, given: dict[str, Any]) -> Any:
        def run(input: dict[str, Any]) -> Any:
            self._calls.append([given["name"], input])
            return do(given["does"])

        def typed(city: str) -> Any:
            return run({"city": city})

        def untyped(**input: Any) -> Any:
            return run(input)

        async def async_typed(city: str) -> Any:
            return run({"city": city})

        async def async_untyped(**input: Any) -> Any:
            return run(input)

        if given.get("typed"):
            return typed if self._sync else async_typed
        return untyped if self._sync else async_untyped

    def _builtin(self, given: dict[str, Any], definition: dict[str, Any]) -> Any:
        calls = self._calls

        class Builtin(BetaBuiltinFunctionTool):
            def to_dict(self) -> Any:
                return definition

            def call(self, input: object) -> Any:
                calls.append([given["name"], input])
                return do(given["does"])

        class AsyncBuiltin(BetaAsyncBuiltinFunctionTool):
            def to_dict(self) -> Any:
                return definition

            async def call(self, input: object) -> Any:
                calls.append([given["name"], input])
                return do(given["does"])

        return Builtin() if self._sync else AsyncBuiltin()

    def _toolset(self, given: dict[str, Any], definition: dict[str, Any]) -> Any:
        calls = self._calls

        class Toolset(BetaRunnableToolset):
            toolset_name = given["toolset"]

            def to_dict(self) -> Any:
                return definition

            def call(self, context: object, name: str, input: object) -> Any:
                calls.append([name, input])
                return do(given["does"])

        class AsyncToolset(BetaAsyncRunnableToolset):
            toolset_name = given["toolset"]

            def to_dict(self) -> Any:
                return definition

            async def call(self, context: object, name: str, input: object) -> Any:
                calls.append([name, input])
                return do(given["does"])

        return Toolset() if self._sync else AsyncToolset()


def do(does: dict[str, Any]) -> Any:
    """What a tool returns or raises."""
    ((what, value),) = does.items()
    if what == "raise":
        raise RuntimeError(value)
    if what == "fail":
        raise ToolError(value)
    if what == "return_long":
        return "x" * value
    # What is no text is taken for content blocks there, so a value has to be written by the tool.
    return value if what == "return" else json.dumps(value, separators=(",", ":"))
