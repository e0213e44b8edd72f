# Sourced by the tests of the program: a folder with models and pictures, and what a run is expected to do.
# shellcheck shell=sh
set -u
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
trap 'exit 1' HUP INT TERM
cd "$room" || exit 1
mkdir in
"$HELPER" make in || exit 1
failures=0

fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

run() { # gan's arguments; leaves code, and the files out and err
    "$GAN" "$@" >out 2>err
    code=$?
}

expect() { # CODE ARGUMENT...
    wanted=$1
    shift
    run "$@"
    [ "$code" -eq "$wanted" ] && return
    fail "gan $*: exit code $code, expected $wanted"
    cat out err
}

says() { # REGEX: on standard error
    grep -qE -e "$1" err && return
    fail "expected the message to match: $1"
    cat err
}

prints() { # REGEX: on standard output
    grep -qE -e "$1" out && return
    fail "expected the output to match: $1"
    cat out
}

json() { # PYTHON: a condition on `events`, the objects on standard output
    command -v python3 >/dev/null || return 0
    python3 -c "
import json, sys
events = [json.loads(line) for line in open('out')]
sys.exit(not ($1))" || { fail "JSON: $1"; cat out; }
}

there() {
    [ -s "$1" ] || fail "$1 was not written"
}

absent() { # nothing of this name, and nothing half written beside it
    [ ! -e "$1" ] || fail "$1 was written"
    [ -z "$(find . -name '.gan-*')" ] || fail "a temporary file was left behind"
}

same() { # A B TOLERANCE: pictures of one size whose values differ by at most so much, in 1/255
    "$HELPER" compare "$1" "$2" "$3" || fail "$1 and $2 differ"
}

differ() { # A B
    if "$HELPER" compare "$1" "$2" 1 >/dev/null; then fail "$1 and $2 are the same"; fi
}

size() { # PICTURE WIDTHxHEIGHT
    found=$("$HELPER" size "$1")
    [ "$found" = "$2" ] || fail "$1 is $found, expected $2"
}

finish() {
    [ "$failures" -eq 0 ]
    exit
}
