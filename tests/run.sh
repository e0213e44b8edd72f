#!/bin/sh
# Builds the library and runs every test: a release build, one under the address and undefined-behaviour
# sanitizers, one under the thread sanitizer (the tests that use threads), and, where clang is there, one by clang
# for its warnings. On Debian it first installs what is missing. Build folders lie under build/; running it again
# is harmless. The last line adds all runs up; the exit code is not 0 where anything failed.
set -u
cd "$(dirname "$0")/.." || exit 2
# shellcheck source=packages.sh
. tests/packages.sh

jobs=$(nproc 2>/dev/null || echo 2)
passed=0 failed=0 skipped=0

count() { # REGEX FILE: how many test results in a ctest log match
    grep -Ec "^ *[0-9]+/[0-9]+ Test +#[0-9]+: .*$1" "$2"
}

broken() { # WHAT: a step outside ctest that failed counts as one failed test
    echo "FAILED: $1" >&2
    failed=$((failed + 1))
}

build() { # FOLDER CMAKE-OPTION...
    folder=build/$1
    shift
    mkdir -p "$folder"
    if cmake -S . -B "$folder" "$@" >"$folder/configure.log" 2>&1 &&
        cmake --build "$folder" -j "$jobs" >"$folder/build.log" 2>&1; then
        return 0
    fi
    tail -n 40 "$folder/configure.log"
    [ ! -f "$folder/build.log" ] || grep -E -B2 -A12 'error|FAILED' "$folder/build.log" | head -n 80
    return 1
}

run_tests() { # FOLDER CTEST-OPTION...
    log=build/$1/ctest.log
    folder=build/$1
    shift
    ctest --test-dir "$folder" -j "$jobs" --output-on-failure --no-tests=error "$@" >"$log" 2>&1
    status=$?
    good=$(count 'Passed ' "$log")
    omitted=$(count '\*\*\*Skipped ' "$log")
    bad=$(($(count '' "$log") - good - omitted))
    passed=$((passed + good)) skipped=$((skipped + omitted)) failed=$((failed + bad))
    echo "$folder: $good passed, $bad failed, $omitted skipped"
    [ "$status" -eq 0 ] || grep -vE '^ +Start +[0-9]+:|   Passed  ' "$log"
    if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then broken "ctest in $folder"; fi
}

build_and_test() { # FOLDER CTEST-OPTIONS CMAKE-OPTION...
    name=$1 selection=$2
    shift 2
    echo "== $name"
    # The selection is a list of words on purpose.
    # shellcheck disable=SC2086
    if build "$name" "$@"; then run_tests "$name" $selection; else broken "building $name"; fi
}

install_missing "$GAN_TEST_PACKAGES" || exit 2

build_and_test release "" -DCMAKE_BUILD_TYPE=Release
build_and_test address "" -DCMAKE_BUILD_TYPE=RelWithDebInfo -DGAN_SANITIZE=address,undefined
build_and_test thread "-L threads" -DCMAKE_BUILD_TYPE=RelWithDebInfo -DGAN_SANITIZE=thread
if command -v clang >/dev/null; then
    echo "== clang"
    # Its warnings do not depend on optimizing, which takes most of a build.
    build clang -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_COMPILER=clang || broken "building with clang"
else
    echo "== clang is not here: its warnings are not checked"
fi

if [ "$skipped" -gt 0 ]; then
    echo "$passed passed, $failed failed, $skipped skipped"
else
    echo "$passed passed, $failed failed"
fi
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
