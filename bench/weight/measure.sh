#!/usr/bin/env bash
# What the SDK costs a program: CPU time of a cold release build, size of the binary, number of crates,
# beside the same program on bare reqwest. Both are built from nothing, one after the other.
#
#     bench/weight/measure.sh
#
# Crates are downloaded first, so that the network is not measured. Builds go to a fresh temporary folder.
set -euo pipefail
cd "$(dirname "$0")"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Neither a shared target folder nor a compiler cache may warm the builds up.
unset CARGO_TARGET_DIR CARGO_BUILD_TARGET_DIR RUSTC_WRAPPER CARGO_BUILD_RUSTC_WRAPPER
export CARGO_INCREMENTAL=0

# Both programs resolve against the workspace's lock file where they share crates.
for program in bare ours; do
    mkdir -p "$work/$program"
    cp -R "$program/src" "$work/$program/"
    sed "s|\.\./\.\./\.\.|$(cd ../.. && pwd)|" "$program/Cargo.toml" >"$work/$program/Cargo.toml"
    cp ../../Cargo.lock "$work/$program/Cargo.lock"
    (cd "$work/$program" && cargo fetch --quiet)
done

TIMEFORMAT='%U %S'
for program in bare ours; do
    cd "$work/$program"
    { time cargo build --release --offline --quiet --target-dir "$work/target-$program" 2>"$work/$program.log"; } \
        2>"$work/$program.time" || { cat "$work/$program.log"; exit 1; }
    cargo tree --offline -e normal --prefix none | sed 's/ (\*)$//' | sort -u | wc -l >"$work/$program.crates"
done

seconds() { awk '{ printf "%.1f", $1 + $2 }' "$work/$1.time"; }
bytes() { wc -c <"$work/target-$1/release/$1"; }
echo "| program | CPU seconds (user + sys) | stripped binary, bytes | crates |"
echo "|---|---|---|---|"
for program in bare ours; do
    # The program itself is no dependency.
    echo "| $program | $(seconds "$program") | $(bytes "$program") | $(($(cat "$work/$program.crates") - 1)) |"
done
awk -v a="$(seconds ours)" -v b="$(seconds bare)" 'BEGIN { printf "\nratio of CPU seconds: %.3f\n", a / b }'
rustc --version
