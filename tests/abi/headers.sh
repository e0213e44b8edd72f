#!/bin/sh
# Every public header compiles alone, as C11 and as C++, by every compiler that is here, without a warning.
set -u
headers=$(dirname "$0")/../../include
failed=0
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT

compile() { # COMPILER LANGUAGE STANDARD HEADER
    printf '#include "gan/%s"\n#include "gan/%s"\n' "$4" "$4" >"$room/source"
    "$1" -x "$2" -std="$3" -Wall -Wextra -pedantic -Werror -Wundef -fsyntax-only -I"$headers" "$room/source" && return
    echo "FAILED: gan/$4 as $3 by $1"
    failed=1
}

for path in "$headers"/gan/*.h; do
    header=$(basename "$path")
    compile "${CC:-cc}" c c11 "$header"
    for compiler in clang g++ clang++; do
        command -v $compiler >/dev/null || continue
        case $compiler in
        clang) compile clang c c11 "$header" ;;
        *) compile $compiler c++ c++11 "$header" ;;
        esac
    done
    grep -q "\"gan/$header\"" "$headers/gan/gan.h" || [ "$header" = gan.h ] || {
        echo "FAILED: gan/gan.h does not include gan/$header"
        failed=1
    }
done
exit $failed
