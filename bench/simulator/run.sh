#!/usr/bin/env bash
# How long a plain request takes, what of it the rules on conversations take, what memory large batches take, and whether
# a thousand streams keep their pace, with the simulator on one core and the load on the other.
#
#     bench/simulator/run.sh
#
# Needs cargo, Python, valgrind, taskset and two cores. CI does not run it.
set -euo pipefail
cd "$(dirname "$0")"

target=${CARGO_TARGET_DIR:-$PWD/target}
# The versions of the workspace, where the two share crates.
cp ../../Cargo.lock .
cargo build --release --quiet --target-dir "$target"
ulimit -n 8192 2>/dev/null || ulimit -n "$(ulimit -Hn)"

url=$(mktemp)
pid=
stop() {
    [ -z "$pid" ] || kill "$pid" 2>/dev/null || true
    [ -z "$pid" ] || wait "$pid" 2>/dev/null || true
    pid=
}
trap 'stop; rm -f "$url"' EXIT
serve() {
    : >"$url"
    taskset -c 0 "$target/release/server" "$@" >"$url" &
    pid=$!
    until [ -s "$url" ]; do sleep 0.05; done
}
load() {
    taskset -c 1 "$target/release/load" "$@"
}
# User and system time of the server so far, in seconds.
cpu() {
    awk -v tick="$(getconf CLK_TCK)" '{ print ($14 + $15) / tick }' "/proc/$pid/stat"
}

# Prints how long plain requests take, and keeps the p50 in whole µs.
plain() {
    local line
    line=$(load plain "$(cat "$url")" 20000)
    echo "$1, $line"
    p50=$(awk -v line="$line" 'BEGIN { if (match(line, /p50 [0-9]+ /)) print substr(line, RSTART + 4, RLENGTH - 5) }')
    [ -n "$p50" ] || {
        echo "no p50 in: $line" >&2
        exit 1
    }
}
more=()
for round in 1 2 3; do
    serve floor
    plain floor
    floor=$p50
    stop
    serve simulator 10
    plain simulator
    more+=($((p50 - floor)))
    stop
done
median=$(printf '%s\n' "${more[@]}" | sort -n | sed -n 2p)
echo "a plain request takes $median µs more than the floor, the median of ${more[*]}"
[ "$median" -le 120 ] || {
    echo 'above the limit of 120 µs' >&2
    exit 1
}

python3 -B rules.py "$target/release"

# Ten of the largest batches at once, in a limited memory.
serve simulator 10
load batches "$(cat "$url")" "${BATCHES:-10}" "${ROWS:-100000}"
peak=$(awk '/VmHWM/ { print int($2 / 1024) }' "/proc/$pid/status")
echo "server: $(cpu) s of CPU, at most $peak MiB"
[ "$peak" -le 1024 ] || {
    echo 'above the limit of 1024 MiB' >&2
    exit 1
}
stop

# A text of so many events on average, and how many it has.
serve simulator "${EVENTS:-2500}"
start=$(date +%s.%N)
load streams "$(cat "$url")" "${STREAMS:-1000}" "${EXPECTED:-2493}" "${RAMP:-15}"
end=$(date +%s.%N)
echo "server: $(cpu) s of CPU in $(echo "$end $start" | awk '{ printf "%.1f", $1 - $2 }') s," \
    "at most $(awk '/VmHWM/ { print int($2 / 1024) }' "/proc/$pid/status") MiB"
stop
