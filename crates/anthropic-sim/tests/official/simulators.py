"""Simulators for a while."""

import contextlib
import subprocess
from collections.abc import Iterator


@contextlib.contextmanager
def simulator(*command: str) -> Iterator[str]:
    """A running simulator's URL."""
    started = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield started.stdout.readline().strip()
    finally:
        started.terminate()
        started.wait()
