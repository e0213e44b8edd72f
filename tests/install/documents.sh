#!/bin/sh
# The C programs that README.md and docs/ show compile against the installed library. A program is a block that
# begins with ```c and has a main.
. "$(dirname "$0")/support.sh"
mkdir "$room/blocks"
cd "$room/blocks"
for document in "$here"/../../README.md "$here"/../../docs/*.md; do
    awk -v stem="$(basename "$document" .md)" '
        /^```c$/ { inside = 1; file = sprintf("%s_%d.c", stem, ++count); next }
        /^```/ { inside = 0 }
        inside { print > file }' "$document"
done
programs=0
for block in *.c; do
    grep -q 'int main(' "$block" || continue
    # What pkg-config says are several words.
    # shellcheck disable=SC2046
    "$CC" -std=c11 -Wall -Wextra -Werror -pedantic "$block" -o "${block%.c}" $(pkg-config --cflags --libs gan)
    programs=$((programs + 1))
done
echo "$programs programs of the documents compile"
[ "$programs" -gt 0 ]
