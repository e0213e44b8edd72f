#!/bin/sh
# c.sh COMPILER: every example in C.
. "$(dirname "$0")/support.sh"
need "$1" pkg-config
compiler=$1
for source in "$examples"/c/*.c; do
    build_c "$compiler" "$source" "$room/$(basename "$source" .c)"
done
cd "$room"

make_model model.safetensors
./stylize model.safetensors "$photo" result.png
check_png result.png 451 300
if ./stylize nothing.safetensors "$photo" result.png 2>errors; then fail "a missing model was taken"; fi
grep -q nothing.safetensors errors || fail "the error does not name the file: $(cat errors)"

./custom_gan 150 discs.png >log
check_losses log 2
check_png discs.png 70 70

./small_gan "$(dirname "$photo")" 150 samples.png >log
check_losses log 2
check_png samples.png 202 202

./article_1 3 >log
check_losses log 3
grep -q '\[?,128,128,3\].*\[?,512,512,3\]' log || fail "the first article's error is not shown: $(cat log)"
./article_2 3 >log
check_losses log 3
grep -q '4194304.*20480' log || fail "the second article's error is not shown: $(cat log)"

./style_matrix "$style" "$photo" styled.png 3 >log
check_losses log 3
check_png styled.png 128 128
