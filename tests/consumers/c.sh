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

./any_size model.safetensors "$photo" any.png >log
check_png any.png 451 300
grep -q '^451x300: [0-9]* MiB of memory' log || fail "the memory is not told: $(cat log)"

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

mkdir restyled drawn
./restyle_labelled "$examples/models/composition_vii.safetensors" "$examples/images/labels.csv" restyled >log ||
    fail "an outline has moved: $(cat log)"
grep -q '^3 pictures, 7 boxes, 0 moved' log || fail "not all is looked at: $(cat log)"
check_png restyled/chelsea.png 451 300
sed 's/\.jpg,/.png,/' "$examples/images/labels.csv" | cmp - restyled/labels.csv || fail "the labels have changed"
printf 'chelsea.jpg,eye,400,85,72,63\n' >beyond.csv
cp "$photo" .
if ./restyle_labelled model.safetensors beyond.csv restyled 2>errors; then fail "a box beyond the picture was taken"; fi
grep -q 'chelsea.jpg eye.*outside' errors || fail "the error does not name the box: $(cat errors)"

./glyphs drawn 2 2 3 >log
check_losses log 3
[ "$(grep -c '^accuracy with .*: [01]\.[0-9]*$' log)" -eq 3 ] || fail "no comparison: $(cat log)"
[ -s drawn/generator.safetensors ] || fail "the generator was not kept"
check_png drawn/glyphs.png 289 173
./classifier drawn/glyphs.idx drawn/labels.idx drawn/glyphs.idx drawn/labels.idx 60 judge.safetensors >log
awk '/^accuracy/ { good = $2 > 0.9 } END { exit !good }' log || fail "30 glyphs were not learned: $(cat log)"
if ./classifier drawn/glyphs.idx drawn/glyphs.idx drawn/glyphs.idx drawn/labels.idx 2>errors; then
    fail "pictures were taken for labels"
fi
grep -q 'as many labels' errors || fail "the error says something else: $(cat errors)"
