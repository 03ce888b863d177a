#!/usr/bin/env python3
"""Tests of `.ci/rustc` with made-up programs in place of apt's and rustup."""

from __future__ import annotations

import os
import pathlib
import subprocess
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).with_name("rustc")
# What the script needs of the system.
SYSTEM = ["bash", "cat", "chmod", "cut", "env", "find", "grep", "id", "mkdir", "paste", "rm", "sh", "sort", "touch", "tr"]
MADISON = 'echo " $2 | 1.85.0+dfsg3-1 | http://deb.example trixie/main"'
FETCH = 'for arg; do case $arg in Dir::Cache::archives=*) touch "${arg#*=}/one.deb";; esac; done'
RUSTUP = 'case $1 in toolchain) echo "$*" >>"$LOG";; which) echo /rustup/rustc;; esac'


class Rustc(unittest.TestCase):
    def run_with(self, *arguments: str, **programs: str) -> tuple[int, str, str]:
        """The status, what is printed, and what rustup installed; `FOLDER` is the folder."""
        with tempfile.TemporaryDirectory() as name:
            root = pathlib.Path(name)
            bin = root / "bin"
            bin.mkdir()
            for program in SYSTEM:
                found = next(path for path in (pathlib.Path("/usr/bin") / program, pathlib.Path("/bin") / program) if path.exists())
                (bin / program).symlink_to(found)
            for program, body in programs.items():
                path = bin / program.replace("_", "-")
                path.write_text(f"#!/bin/sh\n{body}\n")
                path.chmod(0o755)
            log, folder = root / "log", root / "folder"
            environment = os.environ | {"PATH": str(bin), "LOG": str(log)}
            command = [str(bin / "bash"), str(SCRIPT), *arguments, str(folder)]
            run = subprocess.run(command, env=environment, capture_output=True, text=True)
            installed = log.read_text() if log.exists() else ""
            installed = "".join(line for line in installed.splitlines() if "install" in line)
            return run.returncode, run.stdout.strip().replace(str(folder), "FOLDER"), installed

    def test_debian_comes_first(self) -> None:
        found = self.run_with("1.85", apt_cache=MADISON, apt_get=FETCH, dpkg='touch "$3/x"', rustup=RUSTUP)
        self.assertEqual(found, (0, "FOLDER/rustc", ""))

    def test_what_debian_does_not_give_comes_by_rustup(self) -> None:
        fails = "exit 100"
        only_update = 'case $1 in update) exit 0;; *) exit 100;; esac'
        for name, programs in {
            "no network": {"apt_cache": MADISON, "apt_get": fails},
            "no package": {"apt_cache": "exit 0", "apt_get": FETCH},
            "no download": {"apt_cache": MADISON, "apt_get": only_update},
            "a broken package": {"apt_cache": MADISON, "apt_get": FETCH, "dpkg": "exit 2"},
            "no apt": {},
        }.items():
            with self.subTest(name):
                status, path, installed = self.run_with("1.85", **programs, rustup=RUSTUP)
                self.assertEqual((status, path), (0, "/rustup/rustc"))
                self.assertTrue(installed.endswith(" 1.85"), installed)

    def test_the_source_comes_by_rustup_too(self) -> None:
        _, path, installed = self.run_with("--src", "1.85", apt_get="exit 100", rustup=RUSTUP)
        self.assertEqual(path, "/rustup/rustc")
        self.assertIn("--component rust-src", installed)

    def test_without_either_it_fails(self) -> None:
        status, path, _ = self.run_with("1.85", apt_cache=MADISON, apt_get="exit 100")
        self.assertNotEqual(status, 0)
        self.assertEqual(path, "")


if __name__ == "__main__":
    unittest.main()
