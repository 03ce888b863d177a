#!/usr/bin/env bash
# What event streams and signatures cost, beside server-sent events, one SHA-256 and the official Python client.
#
#     bench/clouds/run.sh [--repeat N] [--deltas N]
#
# Needs cargo, python3 and, for instructions, valgrind. BENCH_PYTHON names a Python that has the packages of
# requirements.txt already. Fails beyond a limit; `.ci/long clouds` runs it.
set -euo pipefail
cd "$(dirname "$0")"

work=${BENCH_WORK:-$PWD/.work}
target=${CARGO_TARGET_DIR:-$work/target}
mkdir -p "$work"
if [[ -z ${BENCH_PYTHON:-} ]]; then
    [[ -x $work/venv/bin/python ]] || python3 -m venv "$work/venv"
    "$work/venv/bin/pip" install --quiet --disable-pip-version-check -r requirements.txt
    BENCH_PYTHON=$work/venv/bin/python
fi
# The versions of the workspace, where the two share crates.
cp ../../Cargo.lock .
cargo build --release --quiet --target-dir "$target"
exec python3 -B measure.py --program "$target/release/bench-clouds" --python "$BENCH_PYTHON" "$@"
