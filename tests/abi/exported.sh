#!/bin/sh
# exported.sh LIBRARY: the symbols that a shared library exports, one a line with its version. After a change of the
# interface that was meant: sh tests/abi/exported.sh build/libgan.so >tests/abi/symbols.txt
nm -D --defined-only --with-symbol-versions "$1" | awk '$2 == "T" { print $3 }' | LC_ALL=C sort
