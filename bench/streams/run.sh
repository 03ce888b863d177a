#!/usr/bin/env bash
# Reads the same streams with four clients, one process each, from one local server, and prints tables of
# their CPU time and memory.
#
#     bench/streams/run.sh [--repeat N] [--only TEXT]
#
# Needs cargo, python3 and node (20 or later). The official SDKs are installed in $BENCH_WORK, by default
# bench/streams/.work, from PyPI and npm, in the versions of requirements.txt and package.json; BENCH_PYTHON
# names a Python that has its SDK already. CI does not run it.
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
# Node looks for packages beside the script, so the script goes to the packages.
cp package.json client.mjs "$work/"
[[ -d $work/node_modules ]] || npm install --silent --no-audit --no-fund --prefix "$work"
# The versions of the workspace, where the two share crates.
cp ../../Cargo.lock .
cargo build --release --quiet --target-dir "$target"

# A thousand streams are as many sockets.
ulimit -n 8192 2>/dev/null || ulimit -n "$(ulimit -Hn)"
exec python3 measure.py --binaries "$target/release" --python "$BENCH_PYTHON" --typescript "$work/client.mjs" "$@"
