#!/bin/sh
# gan stylize on good input.
. "$(dirname "$0")/support.sh"

# A network that copies: the result is the photograph, whatever range of values the network wants.
for model in unit bytes signed; do
    expect 0 stylize in/photo.png -m in/$model.safetensors -o $model.png
    prints "^$model.png  61x47"
    same in/photo.png $model.png 0
done

# Every format, its size kept; alpha too.
for photo in photo.png photo.jpg photo.bmp photo.tga alpha.png; do
    expect 0 stylize in/$photo -m in/unit.safetensors -o copy.png
    same in/$photo copy.png 0
done
for name in copy.jpg copy.bmp copy.tga; do
    expect 0 stylize in/photo.png -m in/unit.safetensors -o $name --quality 100
    size $name 61x47
done
expect 0 stylize in/alpha.png -m in/unit.safetensors -o half.png --size 22
size half.png 22x15

# Networks of a stride give a pixel too many, which is cut; a fixed size is scaled to and back.
expect 0 stylize in/photo.png -m in/strided.safetensors -o strided.png
size strided.png 61x47
expect 0 stylize in/photo.png -m in/fixed.safetensors -o fixed.png
size fixed.png 61x47
expect 0 stylize in/photo.png -m in/johnson.safetensors -o painted.png
size painted.png 61x47
differ in/photo.png painted.png
expect 0 stylize in/photo.png -m in/johnson.safetensors -o large.png --size 100 --threads 2
size large.png 100x77

# The same bytes for any number of threads.
expect 0 stylize in/photo.jpg -m in/johnson.safetensors -o one.png --threads 1
expect 0 stylize in/photo.jpg -m in/johnson.safetensors -o three.png --threads=3
cmp one.png three.png || fail "threads change the result"

# Precisions: bf16 runs everywhere, by default arithmetic where the processor lacks AMX.
for precision in exact default bf16; do
    expect 0 stylize in/photo.jpg -m in/johnson.safetensors -o $precision.png --precision $precision --json
    json "events[0]['precision'] == '$precision' or '$precision' == 'bf16' and events[0]['precision'] == 'default'"
    differ in/photo.png $precision.png
done
expect 2 stylize in/photo.jpg -m in/johnson.safetensors -o x.png --precision half
says 'exact, default or bf16'
# What each layer took.
expect 0 stylize in/photo.png -m in/johnson.safetensors -o profiled.png --profile
cmp painted.png profiled.png || fail "looking at the times changes the result"
prints '^ +ms +share +GFLOP/s +bytes out +layer +kind +method'
prints '[0-9.]+ +[0-9.]+% +[0-9.]+ +[0-9]+ +conv1 +conv2d'
prints 'all steps'
expect 0 stylize in/photo.png in/alpha.png -m in/johnson.safetensors -o some/profiles --profile --json
json "[e['event'] for e in events] == ['picture', 'profile'] * 2 + ['done']"
json "abs(sum(s['share'] for s in events[1]['steps']) - 1) < 1e-3"
json "all(s['seconds'] > 0 and s['output_bytes'] > 0 for s in events[1]['steps'])"
json "sum(s['gflops'] > 0 for s in events[1]['steps']) > 3"
expect 0 stylize in/photo.png -m in/johnson.safetensors -o quiet.png --profile --quiet
[ ! -s out ] || fail "--quiet says something"

# Strength and colour.
expect 0 stylize in/photo.png -m in/johnson.safetensors -o none.png --strength 0
same in/photo.png none.png 0
expect 0 stylize in/photo.png -m in/johnson.safetensors -o some.png --strength 0.5
differ in/photo.png some.png
differ painted.png some.png
expect 0 stylize in/photo.png -m in/johnson.safetensors -o color.png --preserve-color
differ painted.png color.png

# Several pictures go to a folder, which is made; several models mark the names.
expect 0 stylize in/photo.jpg in/alpha.png -m in/unit.safetensors -o some/where
same in/photo.jpg some/where/photo.png 0
same in/alpha.png some/where/alpha.png 0
mkdir folder
expect 0 stylize in/photo.jpg -m in/unit.safetensors -o folder
there folder/photo.png
expect 0 stylize in/photo.jpg -m in/unit.safetensors -m in/johnson.safetensors -o both --sheet sheet.png
there both/photo-unit.png
there both/photo-johnson.png
size sheet.png 976x320

# What it says.
expect 0 stylize in/photo.jpg in/alpha.png -m in/unit.safetensors -o quiet --quiet
[ ! -s out ] || fail "--quiet printed something"
[ ! -s err ] || fail "--quiet said something"
expect 0 stylize in/photo.jpg in/alpha.png -m in/unit.safetensors -o json --json
json "[e['event'] for e in events] == ['picture', 'picture', 'done']"
json "events[0]['output'] == 'json/photo.png' and events[0]['width'] == 64 and events[2]['written'] == 2"
expect 0 stylize --json -m in/unit.safetensors -o "$(printf 'od\377d \303\274 "q".png')" -- in/photo.png
json "events[0]['output'] == 'od\ufffdd \u00fc \"q\".png'"
# Textures: sides that a tile can have, and others.
expect 1 stylize in/photo.png -m in/johnson.safetensors -o texture.png --tileable
says 'a tile needs sides that are multiples of 8 .such as 64x48.'
absent texture.png

finish
