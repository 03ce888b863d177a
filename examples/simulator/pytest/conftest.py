"""The fixture `simulator`: a local simulator of the Claude API, reset before each test.

It needs the standard library alone. `ANTHROPIC_SIM` names the program, which is `anthropic-sim` otherwise.
"""

import json
import os
import subprocess
import urllib.error
import urllib.request

import pytest


class Simulator:
    """What a test says to the simulator."""

    def __init__(self, url):
        self.url = url

    def rule(self, reply, *, times=None, **when):
        """Answers requests that the condition holds for: `rule("It rains.", text="weather")`."""
        rule = {"when": when, "reply": reply}
        if times is not None:
            rule["times"] = times
        return self._ask("POST", "/_sim/rules", rule)

    def queue(self, *replies):
        """Answers the next requests, one after the other."""
        return self._ask("POST", "/_sim/rules", {"queue": list(replies)})

    def requests(self, path="/v1/messages"):
        """The requests received since the test began, oldest first."""
        return self._ask("GET", f"/_sim/requests?path={path}")["requests"]

    def advance(self, seconds):
        """Moves the simulator's clock: batches end, files expire."""
        return self._ask("POST", "/_sim/clock", {"advance": seconds})

    def reset(self):
        return self._ask("POST", "/_sim/reset", {})

    def _ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json"}
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            raise ValueError(json.load(error)["error"]) from None


@pytest.fixture(scope="session")
def simulator_process():
    program = os.environ.get("ANTHROPIC_SIM", "anthropic-sim")
    with subprocess.Popen([program], stdout=subprocess.PIPE, text=True) as process:
        yield Simulator(process.stdout.readline().strip())
        process.terminate()


@pytest.fixture
def simulator(simulator_process):
    simulator_process.reset()
    return simulator_process
