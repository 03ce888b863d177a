#!/usr/bin/env bash
# Builds the program and prints the table: bench/runner/run.sh. It needs valgrind.
set -euo pipefail
cd "$(dirname "$0")"
cp ../../Cargo.lock Cargo.lock
cargo build --quiet --release
exec python3 measure.py "$(cargo metadata --format-version 1 --no-deps |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')/release/bench-runner"
