#!/usr/bin/env bash
# What each platform's crate costs a program: CPU time of a cold release build, size of the binary, number of crates,
# beside the client alone, and AWS's own SDK for Bedrock with its default features.
#
#     bench/weight/platforms.sh [PROGRAM...]
#
# Crates are downloaded first, so that the network is not measured. Builds go to a fresh temporary folder, one after the
# other.
set -euo pipefail
cd "$(dirname "$0")"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Neither a shared target folder nor a compiler cache may warm the builds up.
unset CARGO_TARGET_DIR CARGO_BUILD_TARGET_DIR RUSTC_WRAPPER CARGO_BUILD_RUSTC_WRAPPER
export CARGO_INCREMENTAL=0
root=$(cd ../.. && pwd)
TIMEFORMAT='%U %S'

echo "| program | CPU seconds (user + sys) | stripped binary, bytes | crates |"
echo "|---|---|---|---|"
[ $# -gt 0 ] || set -- ours aws google azure vendor
for program in "$@"; do
    from=platforms/$program
    [ "$program" != ours ] || from=ours
    mkdir -p "$work/$program"
    cp -R "$from/src" "$work/$program/"
    sed -E "s|\"(\.\./)+crates|\"$root/crates|" "$from/Cargo.toml" >"$work/$program/Cargo.toml"
    # The versions of the workspace, where the two share crates.
    [ "$program" = vendor ] || cp ../../Cargo.lock "$work/$program/Cargo.lock"
    (
        cd "$work/$program"
        cargo fetch --quiet
        { time cargo build --release --offline --quiet --target-dir "$work/target" 2>"$work/log"; } 2>"$work/time" ||
            { cat "$work/log"; exit 1; }
        # The program itself is no dependency.
        crates=$(cargo tree --offline -e normal --prefix none | sed 's/ (\*)$//' | sort -u | tail -n +2 | wc -l)
        echo "| \`$program\` | $(awk '{ printf "%.0f", $1 + $2 }' "$work/time") | $(wc -c <"$work/target/release/$program") | $crates |"
    )
    rm -rf "$work/target"
done
