#!/bin/sh
# gan stylize on bad input: a clear message, an exit code that is not 0, nothing half written.
. "$(dirname "$0")/support.sh"
echo "this is no picture" >in/text.png
head -c 200 in/photo.png >in/cut.png
head -c 500 in/johnson.safetensors >in/cut.safetensors
: >in/empty.png

# The command line.
expect 2 stylize
says 'photograph'
expect 2 stylize in/photo.png -o out.png
says '-m MODEL'
expect 2 stylize in/photo.png -m in/unit.safetensors
says '-o OUT'
expect 2 stylize in/photo.png -m
says '--model: expected MODEL'
expect 2 stylize --strange
says 'unknown option'
expect 2 stylize -Z
says 'unknown option'
expect 2 stylize --quiet=yes
says 'no value'
for value in 2 -1 nan x ''; do
    expect 2 stylize in/photo.png -m in/unit.safetensors -o out.png --strength "$value"
    says 'from 0 to 1'
done
for value in 0 65536 1.5 99999999999999999999 ten; do
    expect 2 stylize in/photo.png -m in/unit.safetensors -o out.png --size "$value"
    says 'from 1 to 65535'
done

# Photographs.
for photo in text.png cut.png empty.png missing.png; do
    expect 1 stylize in/$photo -m in/unit.safetensors -o result.png
    says "in/$photo"
    absent result.png
done
expect 1 stylize in -m in/unit.safetensors -o result.png
says 'folder'
expect 1 stylize in/tiny.png -m in/johnson.safetensors -o result.png
says 'in/tiny.png \(1x1\)'
absent result.png
expect 1 stylize in/thin.png -m in/johnson.safetensors -o result.png
says 'in/thin.png \(40000x3\)'
absent result.png
expect 0 stylize in/tiny.png in/thin.png -m in/unit.safetensors -o small
same in/tiny.png small/tiny.png 0
same in/thin.png small/thin.png 0

# One that cannot be read among several: the others are written, and the exit code tells.
expect 1 stylize in/photo.jpg in/cut.png in/alpha.png -m in/unit.safetensors -o many --sheet sheet.png
says 'in/cut.png'
says '1 of 3 results failed, 2 written'
there many/photo.png
there many/alpha.png
absent many/cut.png
size sheet.png 648x648
expect 1 stylize in/photo.jpg in/cut.png -m in/unit.safetensors -o many --json
json "[e['event'] for e in events] == ['picture', 'error', 'done'] and events[2]['failed'] == 1"

# Models.
for model in in/text.png in/cut.safetensors in/missing.safetensors in/empty.png in; do
    expect 1 stylize in/photo.png -m $model -o result.png
    says "$model"
    absent result.png
done
expect 1 stylize in/photo.png -m in/two_inputs.safetensors -o result.png
says 'in/two_inputs.safetensors: .*it has 2 inputs'
expect 1 stylize in/photo.png -m in/odd_range.safetensors -o result.png
says '0..7'

# Where the result goes.
expect 1 stylize in/photo.png -m in/unit.safetensors -o result.gif
says 'ends in .png'
expect 1 stylize in/photo.png -m in/unit.safetensors -o missing/result.png
says 'missing/result.png: cannot write'
absent missing
expect 1 stylize in/photo.png -m in/unit.safetensors -o /proc/result.png
says '/proc/result.png'
expect 1 stylize in/photo.png in/photo.jpg -m in/unit.safetensors -o in/text.png
says 'in/text.png: cannot make this folder'
expect 1 stylize in/photo.png in/photo.jpg -m in/unit.safetensors -o result
says 'two results would have this name'
cp in/photo.png before.png
expect 1 stylize in/photo.png -m in/johnson.safetensors -o in/photo.png
says 'would overwrite'
expect 1 stylize in/photo.png in/alpha.png -m in/johnson.safetensors -o in
says 'would overwrite'
cmp before.png in/photo.png || fail "a photograph was overwritten"
expect 1 stylize in/photo.png -m in/unit.safetensors -o result.png --sheet missing/sheet.png
says 'missing/sheet.png: cannot write'
absent result.png
finish
