#!/bin/sh
# gan style: styles are measured, mixed, taken by gan optimize, and refused where they do not fit.
. "$(dirname "$0")/support.sh"
unit=in/unit.safetensors # gives back what it gets: features are colours

expect 0 style in/photo.jpg -f $unit -o a.safetensors
prints 'a.safetensors  style of 1 levels'
expect 0 info a.safetensors
prints '^a.safetensors: style'
expect 0 style in/photo.bmp -f $unit -o b.safetensors --size 0 --scales 2 --normalization element --json
json "events[-1]['event'] == 'style' and len(events[-1]['levels']) == 1"
expect 0 style a.safetensors b.safetensors in/photo.png -f $unit -o mixed.safetensors --weight 1 --weight 2 --weight 0
expect 0 style in/photo.png -f $unit -o part.safetensors --mask in/photo.bmp
expect 0 style in/photo.png -o own.safetensors
prints 'style of 4 levels'

# A saved style does what its picture does.
expect 0 optimize in/photo.png in/photo.jpg -f $unit -o picture.png --size 32 --steps 3 --scales 1
expect 0 optimize in/photo.png a.safetensors -f $unit -o saved.png --size 32 --steps 3 --scales 1
same picture.png saved.png 1
expect 0 optimize in/photo.png mixed.safetensors -f $unit -o mixed.png --size 32 --steps 3 --scales 1
differ mixed.png saved.png

expect 1 optimize in/photo.png own.safetensors -f $unit -o bad.png --size 32 --steps 1
says 'another extractor'
expect 1 style own.safetensors a.safetensors -f $unit -o bad.safetensors
says 'another extractor'
expect 1 style in/unit.safetensors -f $unit -o bad.safetensors
says 'no style'
expect 1 style in/missing.png -o bad.safetensors
says 'in/missing.png'
expect 1 style in/tiny.png -o bad.safetensors --size 0
says 'tiny.png'
expect 1 style in/photo.png -f $unit -o bad.safetensors --mask in/photo.bmp --normalization covariance
says 'COVARIANCE'
expect 1 style in/photo.png -o missing/bad.safetensors
says 'cannot write'
expect 2 style -o bad.safetensors
says 'expected 1 to 64'
expect 2 style in/photo.png
says '-o S.safetensors'
expect 2 style in/photo.png -o bad.safetensors --mask in/photo.bmp --mask in/photo.bmp
says '2 masks for 1'
expect 2 style in/photo.png -o bad.safetensors --weight 0
says 'all weights are 0'
expect 2 style in/photo.png -o bad.safetensors --weight much
says 'expected a number'
expect 2 style in/photo.png -o bad.safetensors --normalization none
says 'element, position or covariance'
absent bad.safetensors
absent bad.png
finish
