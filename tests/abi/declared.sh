#!/bin/sh
# declared.sh: the functions that the public headers declare with GAN_API, one a line.
headers=$(dirname "$0")/../../include
for header in "$headers"/gan/*.h; do
    echo "#include \"$header\""
done | ${CC:-cc} -std=c11 -E -P -x c -DGAN_BUILDING -I"$headers" - | tr '\n' ' ' | tr ';{}' '[\n*]' |
    sed -n 's/.*__attribute__((visibility("default")))//p' | sed -n 's/^[^(]*[ *]\(gan_[a-z0-9_]*\) *(.*/\1/p' | LC_ALL=C sort -u
