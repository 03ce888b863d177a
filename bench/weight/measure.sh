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
for profile in release small; do
    for program in bare ours; do
        cd "$work/$program"
        { time cargo build --profile "$profile" --offline --quiet --target-dir "$work/target-$profile-$program" \
            2>"$work/$program.log"; } 2>"$work/$profile-$program.time" || { cat "$work/$program.log"; exit 1; }
    done
done

seconds() { awk '{ printf "%.1f", $1 + $2 }' "$work/$1-$2.time"; }
bytes() { wc -c <"$work/target-$1-$2/$1/$2"; }
# The program itself is no dependency.
crates() { (cd "$work/$1" && cargo tree --offline -e normal --prefix none | sed 's/ (\*)$//' | sort -u | tail -n +2 | wc -l); }
echo "| profile | program | CPU seconds (user + sys) | stripped binary, bytes | crates |"
echo "|---|---|---|---|---|"
for profile in release small; do
    for program in bare ours; do
        echo "| $profile | $program | $(seconds "$profile" "$program") | $(bytes "$profile" "$program") | $(crates "$program") |"
    done
done
for profile in release small; do
    awk -v p="$profile" -v a="$(seconds "$profile" ours)" -v b="$(seconds "$profile" bare)" \
        'BEGIN { printf "ratio of CPU seconds, %s: %.3f\n", p, a / b }'
done
rustc --version
