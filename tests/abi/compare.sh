#!/bin/sh
# compare.sh LIBRARY: what the library exports is what was agreed (symbols.txt) and what the headers declare, no more
# and no less; none of it is a variable.
set -u
here=$(dirname "$0")
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
sh "$here/exported.sh" "$1" >"$room/exported"
sed 's/@.*//' "$room/exported" | LC_ALL=C sort -u >"$room/names"
sh "$here/declared.sh" >"$room/declared"
failed=0
if ! diff -u "$here/symbols.txt" "$room/exported"; then
    echo "The exported symbols are not those of tests/abi/symbols.txt; tests/abi/exported.sh says how to change it."
    failed=1
fi
if ! diff -u "$room/declared" "$room/names"; then
    echo "The headers (-) and the library (+) do not offer the same functions."
    failed=1
fi
if nm -D --defined-only "$1" | awk '$2 != "T" && $2 != "A"' | grep .; then
    echo "These exported symbols are no functions."
    failed=1
fi
exit $failed
