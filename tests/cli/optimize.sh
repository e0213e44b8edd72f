#!/bin/sh
# gan optimize: pictures come out, masks and methods are taken, input that makes no sense is named.
. "$(dirname "$0")/support.sh"
unit=in/unit.safetensors # gives back what it gets: features are colours

expect 0 optimize in/photo.png in/photo.bmp -f $unit -o out.png --size 32 --steps 5
prints 'out.png  32x25, [0-9]* steps'
expect 0 eval ssim out.png out.png
expect 0 optimize in/photo.png in/photo.bmp in/photo.png -f $unit -o both.png --size 24 --steps 3 --scales 1 \
    --method adam --start noise --mask in/photo.png --mask in/photo.bmp --preserve-color --json
json "events[-1]['event'] == 'done' and events[-1]['steps'] == 3 and events[-1]['width'] == 24"

expect 2 optimize in/photo.png -f $unit -o out.png
says 'style pictures'
expect 0 optimize in/photo.png in/photo.bmp -o own.png --size 64 --steps 2
expect 2 optimize in/photo.png in/photo.bmp -f none -o out.png
says 'features none'
expect 2 optimize in/photo.png in/photo.bmp -f $unit
says 'expected -o'
expect 2 optimize in/photo.png in/photo.bmp -f $unit -o out.png --method newton
says 'lbfgs or adam'
expect 2 optimize in/photo.png in/photo.bmp in/photo.png -f $unit -o out.png --mask in/photo.png
says '1 masks for 2 styles'
expect 1 optimize in/missing.png in/photo.bmp -f $unit -o out.png
says 'in/missing.png'
finish
