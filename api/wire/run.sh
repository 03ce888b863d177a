#!/bin/sh
# Compares the requests of the Rust client with those of the official Python client, and runs of tools with its runner;
# with --platforms, those of the clouds' clients.
# The Python packages go into api/.venv; PYTHON names the interpreter to make it with.
set -eu
cd "$(dirname "$0")/.."
if ! cat extract/requirements.txt wire/requirements.txt | cmp -s - .venv/wire.txt; then
    "${PYTHON:-python3}" -m venv .venv
    .venv/bin/pip install --quiet --disable-pip-version-check -r wire/requirements.txt
    cat extract/requirements.txt wire/requirements.txt >.venv/wire.txt
fi
.venv/bin/python -m unittest discover --quiet -s wire/tests -t .
features=
case " $* " in *" --platform"*) features=platforms ;; esac
cargo build --quiet -p conformance --features "$features" --manifest-path ../Cargo.toml
target="$(cargo metadata --format-version 1 --no-deps --manifest-path ../Cargo.toml |
    .venv/bin/python -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')"
[ $# -gt 0 ] || .venv/bin/python -m wire.runs "$target/debug/conformance"
exec .venv/bin/python -m wire "$target/debug/conformance" "$@"
