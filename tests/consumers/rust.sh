#!/bin/sh
# The examples in Rust, built offline in a copy: cargo writes beside what it builds.
. "$(dirname "$0")/support.sh"
need cargo rustc pkg-config
unset LD_LIBRARY_PATH # the programs remember where the library is
cp -R "$examples/rust" "$room/crate"
cd "$room/crate"
rm -rf target
RUSTFLAGS="-D warnings" cargo build --release --offline --quiet --target-dir "$room/target"
cd "$room/target/release"
./train "$photo" trained.safetensors 3 >log
check_losses log 3
./stylize trained.safetensors "$photo" result.png
check_png result.png 451 300
if ./stylize nothing.safetensors "$photo" result.png 2>errors; then fail "a missing model was taken"; fi
grep -q GAN_ERROR_NOT_FOUND errors || fail "the error has no words: $(cat errors)"
