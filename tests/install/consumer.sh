#!/bin/sh
# Applications in C and C++ need no more than pkg-config says; the prefix can be moved.
. "$(dirname "$0")/support.sh"

for file in bin/gan lib/libgan.so lib/libgan.so.0 lib/libgan.a include/gan/gan.h lib/pkgconfig/gan.pc \
    share/gan/networks/features.safetensors share/gan/networks/transfer.safetensors; do
    [ -e "$prefix/$file" ] || { echo "FAILED: $file is not installed"; exit 1; }
done
"$prefix/bin/gan" version
# The program finds the feature network that was moved with it.
set -- "$here"/../../examples/images/*.jpg
"$prefix/bin/gan" optimize "$1" "$1" -o "$room/optimized.png" --size 64 --steps 1 --scales 1 --quiet
ldd "$prefix/bin/gan" | grep -F "$prefix/bin/../lib/libgan.so.0" || ldd "$prefix/bin/gan" | grep -F "$prefix/lib/libgan.so.0"
if nm -D "$prefix/lib/libgan.so" | grep -i ' bli_'; then echo "FAILED: BLIS shows"; exit 1; fi
if nm --extern-only --defined-only "$prefix/lib/libgan.a" | awk 'NF == 3 && $3 !~ /^gan_/' | grep .; then
    echo "FAILED: the archive offers names that are not libgan's"
    exit 1
fi

cd "$room"
# What pkg-config says are several words.
# shellcheck disable=SC2046
{
    $CC -std=c11 -Wall -Wextra -Werror -pedantic "$here/application.c" -o shared $(pkg-config --cflags --libs gan)
    $CC -std=c11 "$here/application.c" -o archive $(pkg-config --cflags gan) "$prefix/lib/libgan.a" \
        $(pkg-config --static --libs-only-l gan | sed 's/-lgan//') -pthread
    $CC -std=c11 -static "$here/application.c" -o static $(pkg-config --static --cflags --libs gan)
}
LD_LIBRARY_PATH="$prefix/lib" ./shared
./archive
./static
if command -v g++ >/dev/null; then
    # shellcheck disable=SC2046
    g++ -x c++ -std=c++17 -Wall -Wextra -Werror -pedantic "$here/application.c" -o plus $(pkg-config --cflags --libs gan)
    LD_LIBRARY_PATH="$prefix/lib" ./plus
fi
