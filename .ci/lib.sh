# What `.ci/run` and `.ci/long` share; they source it from the root of the repository, with their sections in `sections`.

export CARGO_INCREMENTAL=0
# The same order of names everywhere.
export LC_ALL=C.UTF-8
unset ANTHROPIC_API_KEY ANTHROPIC_AUTH_TOKEN ANTHROPIC_BASE_URL ANTHROPIC_CUSTOM_HEADERS ANTHROPIC_PROFILE \
    ANTHROPIC_CONFIG_DIR ANTHROPIC_FEDERATION_RULE_ID

# Runs a function that installs something, one at a time among the sections that run side by side: each function looks
# first whether another has done it. What it starts doesn't keep the lock.
alone() (
    exec {lock}<.ci
    flock "$lock"
    "$@" {lock}<&-
)

# Programs that are missing, from Debian's packages. Without them nothing would be checked, so this fails where they
# can't be had.
packages() {
    alone debian_packages "$@"
}

debian_packages() {
    local root=
    [ "$(id -u)" -eq 0 ] || root=sudo
    $root apt-get update -qq
    $root apt-get install -y -qq --no-install-recommends "$@"
}

chromium() {
    alone install_chromium
}

install_chromium() {
    [ -x "${CHROMIUM:-/usr/bin/chromium}" ] || debian_packages chromium fonts-dejavu-core
}

command -v cc >/dev/null || packages gcc libc6-dev
command -v python3.11 >/dev/null || command -v python3 >/dev/null || packages python3
python=$(command -v python3.11 || command -v python3)
target=$(cargo metadata --format-version 1 --no-deps |
    "$python" -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')
scratch=$(mktemp -d)
simulator_pid=
section=
cleanup() {
    local status=$?
    [ "$status" -eq 0 ] || echo "=== ${section:-.ci/run} failed after $SECONDS s" >&2
    [ -z "$simulator_pid" ] || kill "$simulator_pid" 2>/dev/null || true
    rm -rf "$scratch"
}
trap cleanup EXIT

fail() {
    echo "$*" >&2
    exit 1
}

# The Python packages: the official SDK in the version that the description is of.
venv() {
    "$python" -c 'import ensurepip, venv' 2>/dev/null || packages python3-venv
    alone install_venv
}

install_venv() {
    local stamp=api/.venv/ci.txt
    if ! cat api/extract/requirements.txt api/wire/requirements.txt | cmp -s - "$stamp"; then
        "$python" -m venv api/.venv
        # The one that comes with Python takes three times as long for what follows.
        api/.venv/bin/pip install --quiet --disable-pip-version-check pip==26.3
        api/.venv/bin/pip install --quiet --disable-pip-version-check \
            -r api/extract/requirements.txt -r api/wire/requirements.txt
        cat api/extract/requirements.txt api/wire/requirements.txt >"$stamp"
    fi
}

# The Python packages of a requirements file that names all of them, in an environment of their own, so that they change
# nothing for the rest. Few of their modules are ever imported, so none is compiled beforehand. Its folder of packages,
# for PYTHONPATH, is printed.
python_packages() {
    alone install_python_packages "$@"
}

install_python_packages() {
    local requirements=$1 into=api/.venv/$2
    if ! cmp -s "$requirements" "$into/ci.txt"; then
        "$python" -m venv --clear --without-pip "$into"
        api/.venv/bin/pip --python "$into/bin/python" install --quiet --disable-pip-version-check \
            --no-deps --no-compile --only-binary :all: -r "$requirements" >&2
        cp "$requirements" "$into/ci.txt"
    fi
    echo "$PWD/$into"/lib/python*/site-packages
}

# The npm packages of a folder's package.json, whose versions are exact.
node_packages() {
    command -v npm >/dev/null || packages nodejs npm
    alone install_node_packages "$1"
}

install_node_packages() {
    local stamp=$1/node_modules/.ci.json
    if ! cmp -s "$1/package.json" "$stamp"; then
        npm install --prefix "$1" --no-package-lock --no-audit --no-fund --ignore-scripts --silent
        cp "$1/package.json" "$stamp"
    fi
}

# Runs cargo with clippy in the compiler's place, for the workspace's own crates: what is built is linted on the way, and
# nothing is checked twice. A warning is an error. Whatever shares the target folder has to be built by this, or it is
# built twice.
linted() {
    RUSTC_WORKSPACE_WRAPPER=clippy-driver CLIPPY_ARGS=-Dwarnings__CLIPPY_HACKERY__ "$@"
}

# Every program of the workspace, as `cargo test` has built most of them; once, also for the sections that run side by
# side after it.
programs_built=
programs() {
    [ -z "$programs_built" ] || return 0
    linted cargo build --quiet --locked --workspace --all-targets --all-features
    programs_built=yes
}

# The target wasm32, by rustup where that has it; else the oldest Rust that is promised builds the standard library for it,
# from Debian's source: what cargo needs for that is then in `wasm_args`, in the form that scripts pass on.
wasm_args=
wasm_target() {
    ! alone rustup target add wasm32-unknown-unknown || return 0
    echo 'wasm32 is not to be had from rustup: the standard library is built from source' >&2
    local rustc linker
    rustc=$(alone .ci/rustc --src "$(oldest)" "$target/wasm/rustc")
    # Rustup's compilers come with a linker for every target, which is told by the compiler which of them it is.
    linker=$(rustc --print sysroot)/lib/rustlib/$(rustc -vV | sed -n 's/^host: //p')/bin/rust-lld
    if [ ! -x "$linker" ]; then
        command -v wasm-ld >/dev/null || packages lld
        linker=wasm-ld
    fi
    export RUSTC_BOOTSTRAP=1 CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$linker
    # Without backtraces, which nothing shows there and which take a quarter of the library's time.
    wasm_args="--config build.rustc='$rustc' -Z build-std=std,panic_abort -Z build-std-features=panic-unwind"
}

# Checks the client and the types for wasm32, with these features beside those that both checks have. The folder is that of
# `web_modules`, which takes from it the standard library and what runs on this machine.
# In a shell of its own, since `wasm_target` exports.
wasm_check() (
    local features=full,tower,anthropic-types/jiff,anthropic-types/chrono,$1 command=check lints=()
    wasm_target
    if [ -z "$wasm_args" ]; then
        command=clippy
        lints=(-- -D warnings)
        # See `with_oldest`.
        features+=,anthropic-types/time
    fi
    # The conversions of timestamps are the types' own, which the client does not ask for; in one build with it, the
    # types are checked once. Several arguments are in one variable, none of which has a space.
    # shellcheck disable=SC2086
    cargo "$command" --quiet --locked --target wasm32-unknown-unknown --target-dir "$target/web" $wasm_args \
        -p anthropic -p anthropic-types --no-default-features --features "$features" "${lints[@]}"
)

# The tests of the feature `web` and the packages of examples/web as modules in `$target/web/modules`, built by a program of
# ours that takes the place of the `wasm-bindgen` command. At once: one by one each would compile the client with other
# features.
web_modules() {
    cp Cargo.lock examples/web/
    # Several arguments in one variable, none of which has a space.
    # shellcheck disable=SC2086
    (cd examples/web && CARGO_TARGET_DIR=$target/web cargo web web-tests,ask,page,types,worker "$target/web/modules" -- $wasm_args)
}

# A simulator in the background, its URL in a file.
simulate() {
    : >"$scratch/url"
    "$target/debug/anthropic-sim" "$@" >"$scratch/url" &
    simulator_pid=$!
    for _ in $(seq 100); do
        [ ! -s "$scratch/url" ] || break
        sleep 0.1
    done
}

simulated() {
    kill "$simulator_pid"
    wait "$simulator_pid" || true
    simulator_pid=
}

# The oldest Rust that is promised.
oldest() {
    sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml
}

# Checks packages, with all of their features, with the oldest Rust. The crate `time` in the version of the lock file needs
# a newer one; a program of the oldest Rust gets an older one from cargo, as `.ci/long` checks. So does Google's own crate
# of credentials.
with_oldest() {
    local version rustc features packages
    version=$(oldest)
    rustc=$(alone .ci/rustc "$version" "$target/msrv/rustc-$version")
    "$rustc" --version
    features=$(cargo metadata --locked --no-deps --format-version 1 | "$python" -c '
import json, sys
packages = json.load(sys.stdin)["packages"]
features = {it["name"] + "/" + feature for it in packages if it["name"] in sys.argv[1:] for feature in it["features"]}
print(*sorted(features - {"anthropic-types/time", "anthropic-sim/server", "anthropic-google/google-cloud-auth-1"}), sep=",")
' "$@")
    printf -v packages ' -p %s' "$@"
    # Several arguments in one variable, none of which has a space.
    # shellcheck disable=SC2086
    RUSTC=$rustc cargo check --quiet --locked --target-dir "$target/msrv" --features "$features" $packages
}

# Tests with features of serde_json that some crate of a program may turn on: it reads numbers and objects in another way
# then. They add to the lock file, which stays as it is.
other_json() {
    local status=0
    cp Cargo.lock "$scratch/Cargo.lock"
    linted cargo test --quiet "$@" --features serde_json/arbitrary_precision,serde_json/preserve_order || status=$?
    cp "$scratch/Cargo.lock" Cargo.lock
    [ "$status" -eq 0 ] || fail 'with other features of serde_json'
}

# Runs the sections that are named, or all, and prints what each took; `one+two` are run at the same time.
run_sections() {
    [ $# -eq 0 ] || sections=("$@")
    local group
    for section in ${sections[*]//+/ }; do
        declare -F "section_$section" >/dev/null || fail "there is no section $section"
    done
    if [ $# -eq 0 ] && [ -n "${patient:-}" ]; then
        (fetch_ahead) >/dev/null 2>&1 &
    fi
    for group in "${sections[@]}"; do
        if [[ $group == *+* ]]; then
            section=$group
            at_once ${group//+/ }
        else
            one "$group"
        fi
    done
    echo "all good after $SECONDS s"
}

# What later sections need from the network, fetched while the first ones compile. Where that fails, so does the section
# that needs it, and shows why.
fetch_ahead() {
    local folder
    venv
    (wasm_target)
    alone .ci/rustc "$(oldest)" "$target/msrv/rustc-$(oldest)"
    chromium
    command -v valgrind >/dev/null || packages valgrind
    for folder in crates/anthropic-sim/tests/{page,typescript,vercel} examples/simulator/vitest crates/anthropic-mcp/tests/everything; do
        node_packages "$folder"
    done
    python_packages crates/anthropic-sim/tests/clients/requirements.txt clients
}

one() {
    section=$1
    echo "=== $section"
    local started=$SECONDS shell=$BASHPID used
    used=$(used_by "$shell")
    "section_$section"
    echo "--- $section: $((SECONDS - started)) s, of processors $(($(used_by "$shell") - used)) s"
}

# The processor seconds of what a shell has started and waited for.
used_by() {
    awk '{ print int(($16 + $17) / 100) }' "/proc/$1/stat" 2>/dev/null || echo 0
}

# What each prints comes in one piece, when it is over; all are waited for, whatever becomes of the others. Those that
# failed come last, where the end of a log shows them.
at_once() {
    local name pids=() failed=()
    for name in "$@"; do
        (
            trap cleanup EXIT
            scratch=$(mktemp -d)
            # They take what the first one leaves of the processors: its tests run one after the other.
            [[ " ${patient:-} " != *" $name "* ]] || renice -n 15 "$BASHPID" >/dev/null
            one "$name"
        ) >"$scratch/$name.log" 2>&1 &
        pids+=($!)
    done
    for name in "$@"; do
        if wait "${pids[0]}"; then
            cat "$scratch/$name.log"
        else
            failed+=("$name")
        fi
        pids=("${pids[@]:1}")
    done
    for name in "${failed[@]}"; do
        cat "$scratch/$name.log"
    done
    [ ${#failed[@]} -eq 0 ]
}

# Licences, bans and sources of all dependencies; advisories where their database, a repository on GitHub, can be had.
denied() {
    cargo deny --locked check bans licenses sources
    if timeout 120 cargo deny --locked fetch db; then
        cargo deny --locked check advisories
    else
        echo 'the database of advisories cannot be reached from here: not checked'
    fi
}
