#!/bin/sh
# From a fresh checkout to painted photographs: installs what is missing (on Debian), builds the library, and runs
# every generator of examples/models on the photographs of examples/images, or on those that are given:
#
#     sh examples/quickstart.sh [PHOTO...]
#
# The pictures and a contact sheet go to quickstart/ in the current folder.
set -eu
source=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=../tests/packages.sh
. "$source/tests/packages.sh"

install_missing "$GAN_BUILD_PACKAGES"
build=$source/build/quickstart
mkdir -p "$build"
echo "Building libgan (a minute or two)"
if ! { cmake -S "$source" -B "$build" -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF &&
    cmake --build "$build" -j "$(nproc)"; } >"$build/log" 2>&1; then
    tail -n 40 "$build/log"
    echo "The build failed; all it said is in $build/log" >&2
    exit 1
fi

[ $# -gt 0 ] || set -- "$source"/examples/images/*.jpg
if ! ls "$source"/examples/models/*.safetensors >/dev/null 2>&1; then
    echo "There is no generator in examples/models; gan train style makes one (docs/manual.md)" >&2
    exit 1
fi
for model in "$source"/examples/models/*.safetensors; do
    set -- "$@" -m "$model"
done
"$build/gan" stylize "$@" -o quickstart/ --sheet quickstart/sheet.png
echo
echo "The pictures are in $(pwd)/quickstart; all of them at a glance: $(pwd)/quickstart/sheet.png"
