#!/usr/bin/env bash
# The sizes of modules for browsers, and the CPU time of a long stream in Chromium beside the TypeScript SDK's. It fails where
# a limit of bench/README.md is exceeded. Five minutes on two cores; it needs Node, npm and Chromium.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=${CARGO_TARGET_DIR:-$PWD/target}/web
npm install --prefix bench/web --no-package-lock --no-audit --no-fund --ignore-scripts --silent
rustup target add wasm32-unknown-unknown || {
    echo 'the sizes are measured with the standard library that rustup has for wasm32, which is not to be had here' >&2
    exit 1
}
cp Cargo.lock examples/web/

# Builds a package, lets wasm-opt at it, and prints a row: bytes as built, after wasm-opt, and that in gzip.
row() {
    local name=$1 raw=$2 packed=$3 module
    (cd examples/web && CARGO_TARGET_DIR=$target cargo web "$name" "$target/small/$name" --release >/dev/null)
    module=$target/small/$name/${name//-/_}_bg.wasm
    node bench/web/node_modules/binaryen/bin/wasm-opt -Oz "$module" -o "$target/small/$name.wasm"
    local sizes
    sizes=("$(wc -c <"$module")" "$(wc -c <"$target/small/$name.wasm")" "$(gzip -9 <"$target/small/$name.wasm" | wc -c)")
    echo "| \`$name\` | ${sizes[0]} | ${sizes[1]} | ${sizes[2]} |"
    [ "${sizes[1]}" -le "$raw" ] && [ "${sizes[2]}" -le "$packed" ] || {
        echo "$name: more than $raw bytes, or than $packed in gzip" >&2
        return 1
    }
}

row types 250000 100000
row page 900000 350000
row ask 900000 350000
row worker 900000 350000
row web-tests 2000000 1000000
node bench/web/run.mjs "$target/small/web-tests"
