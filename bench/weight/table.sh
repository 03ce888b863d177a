#!/usr/bin/env bash
# What the table of operations costs a program, with every area of the API: the sizes of four programs, of which one
# uses nothing, one lists the operations, one lists what they take, and one makes a call of any of them.
#
#     bench/weight/table.sh
#
# Fails when the listing costs more than the table and its printing, which is when it links what opens responses.
set -euo pipefail
cd "$(dirname "$0")"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/table"
cp -R table/src "$work/table/"
sed "s|\.\./\.\./\.\.|$(cd ../.. && pwd)|" table/Cargo.toml >"$work/table/Cargo.toml"
cp ../../Cargo.lock "$work/table/Cargo.lock"
cd "$work/table"
cargo build --quiet --release --features operations --target-dir "$work/target"

bytes() { wc -c <"$work/target/release/$1"; }
echo "| program | stripped binary, bytes | more than nothing |"
echo "|---|---|---|"
for program in nothing listed described called; do
    echo "| $program | $(bytes "$program") | $(($(bytes "$program") - $(bytes nothing))) |"
done
listed=$(($(bytes listed) - $(bytes nothing)))
[ "$listed" -lt 400000 ] || { echo "listing the operations costs $listed bytes: it links more than the table"; exit 1; }
