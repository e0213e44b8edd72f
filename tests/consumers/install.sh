#!/bin/sh
# Installs the build once for all examples, and builds the small program that makes models for them. The prefix is
# moved after the installation: nothing may remember where it was.
set -eu
rm -rf "$PREFIX" "$PREFIX.first"
"$CMAKE" --install "$BUILD" --prefix "$PREFIX.first" >/dev/null
mv "$PREFIX.first" "$PREFIX"
PKG_CONFIG_PATH=$PREFIX/lib/pkgconfig
export PKG_CONFIG_PATH
[ "$(pkg-config --variable=libdir gan | xargs realpath)" = "$(realpath "$PREFIX/lib")" ]
# What pkg-config says are several words.
# shellcheck disable=SC2046
"$CC" -std=c11 "$SOURCE/tests/consumers/make_model.c" $(pkg-config --cflags --libs gan) -o "$PREFIX/make_model"
