# Sourced by the tests of the installed library: it is installed to one place and used from another.
# shellcheck shell=sh
set -eu
export here
here=$(cd "$(dirname "$0")" && pwd)
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
"$CMAKE" --install "$BUILD" --prefix "$room/first" >/dev/null
mkdir "$room/elsewhere"
mv "$room/first" "$room/elsewhere/moved"
prefix=$room/elsewhere/moved
export PKG_CONFIG_PATH="$prefix/lib/pkgconfig"
unset LD_LIBRARY_PATH
