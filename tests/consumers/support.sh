# Sourced by the tests of the examples: the library is installed once for all of them (see install.sh), and each
# example is built against it in a folder of its own, with what pkg-config says and nothing else.
# shellcheck shell=sh
set -eu
PKG_CONFIG_PATH=$PREFIX/lib/pkgconfig
LD_LIBRARY_PATH=$PREFIX/lib
export PKG_CONFIG_PATH LD_LIBRARY_PATH
examples=$SOURCE/examples
# shellcheck disable=SC2034 # used by those that source this file
photo=$examples/images/chelsea.jpg style=$examples/images/coffee.jpg
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

skip() { # WHY: ctest shows the test as skipped
    echo "SKIPPED: $*"
    exit 77
}

need() { # PROGRAM...
    for program; do
        command -v "$program" >/dev/null || skip "$program is not here"
    done
}

build_c() { # COMPILER SOURCE RESULT: as the example's first comment says, with warnings as errors
    # What pkg-config says are several words.
    # shellcheck disable=SC2046
    "$1" -std=c11 -O1 -Wall -Wextra -Wpedantic -Werror "$2" $(pkg-config --cflags --libs gan) -lm -o "$3"
}

make_model() { # RESULT: a small generator with random weights
    [ -x "$PREFIX/make_model" ] || fail "install.sh has not built make_model"
    "$PREFIX/make_model" "$1"
}

check_png() { # FILE WIDTH HEIGHT: a PNG of this size, read from its header
    [ -s "$1" ] || fail "$1 is missing or empty"
    size=$(od -An -v -t u1 -j 16 -N 8 "$1" | awk '{ print ($1 * 256 + $2) * 65536 + $3 * 256 + $4,
        ($5 * 256 + $6) * 65536 + $7 * 256 + $8 }')
    [ "$(od -An -c -j 1 -N 3 "$1" | tr -d ' ')" = PNG ] || fail "$1 is no PNG"
    [ "$size" = "$2 $3" ] || fail "$1 is $size, expected $2 $3"
}

check_losses() { # FILE STEPS: so many lines "step K: ..." whose numbers are all finite
    steps=$(grep -c '^step ' "$1") || true
    [ "$steps" -eq "$2" ] || fail "$steps steps are reported, expected $2: $(cat "$1")"
    if grep -Ei '^step .*(nan|inf)' "$1"; then fail "a loss is not finite"; fi
}
