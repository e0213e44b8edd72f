#!/bin/sh
# The example in C++.
. "$(dirname "$0")/support.sh"
need g++ pkg-config
cd "$room"
# What pkg-config says are several words.
# shellcheck disable=SC2046
g++ -std=c++17 -Wall -Wextra -Wpedantic -Werror "$examples/cpp/stylize.cpp" $(pkg-config --cflags --libs gan) \
    -o stylize
make_model model.safetensors
./stylize model.safetensors "$photo" result.png
check_png result.png 451 300
./stylize --train "$photo" 3 >log
check_losses log 3
if ./stylize nothing.safetensors "$photo" result.png 2>errors; then fail "a missing model was taken"; fi
grep -q GAN_ERROR_NOT_FOUND errors || fail "the exception has no words: $(cat errors)"
