#!/bin/sh
# gan import on bad input, and on published weights where they are at hand.
. "$(dirname "$0")/support.sh"
expect 2 import
expect 2 import in/johnson.safetensors
echo "plain words" >text
expect 1 import text -o model.safetensors
says 'text'
expect 1 import missing -o model.safetensors
says 'missing'
expect 1 import in/photo.png -o missing/model.safetensors
says 'missing/model.safetensors: cannot write'
expect 1 import in/johnson.safetensors --architecture strange -o model.safetensors
says 'strange'
absent model.safetensors

expect 2 import in/johnson.safetensors -o model.safetensors --replay in/photo.png
says 'expected both'
expect 2 import in/johnson.safetensors -o model.safetensors --tolerance 0.1
says 'replay'
expect 2 import in/johnson.safetensors -o model.safetensors --replay in/photo.png --expect in/johnson.safetensors
says 'pictures throughout'

weights=${GAN_SHARED_DATA:-}/weights/fns_vangogh_starry-night.safetensors
if [ -f "$weights" ]; then
    head -c 20000 "$weights" >cut.safetensors
    expect 1 import cut.safetensors -o model.safetensors
    says 'cut.safetensors'
    expect 1 import "$weights" --architecture squeezenet1.1 -o model.safetensors
    absent model.safetensors
    expect 0 info "$weights" --json
    json "events[0]['kind'] == 'tensors' and len(events[0]['tensors']) == events[0]['tensor_count']"
    expect 0 import "$weights" -o model.safetensors
    prints 'parameters'
    expect 0 import "$weights" -o half.safetensors --half --json
    json "events[0]['elements'] == 28270"
    expect 0 stylize in/photo.png -m model.safetensors -o painted.png
    size painted.png 61x47
    differ in/photo.png painted.png
    expect 0 stylize in/photo.png -m half.safetensors -o half.png
    same painted.png half.png 4

    # A pair that came with them, as tensors and as pictures.
    pair=$GAN_SHARED_DATA/golden/fns_vangogh_starry-night/odd_250x187.safetensors
    expect 0 import "$weights" -o replayed.safetensors --replay "$pair:input.x" --expect "$pair:output"
    prints 'largest error'
    expect 0 import "$weights" -o replayed.safetensors --replay "$pair:input.x" --expect "output=$pair:output" --json
    json "events[0]['replay']['largest_error'] < 0.0047 and events[0]['replay']['largest_value'] > 100"
    there replayed.safetensors
    expect 1 import "$weights" -o no.safetensors --replay "$pair:input.x" --expect "$pair:output" --tolerance 0
    says 'off by up to .* nothing is written'
    expect 1 import "$weights" -o no.safetensors --replay "$pair:input.x" --expect "$pair:input.x"
    says 'expected'
    expect 1 import "$weights" -o no.safetensors --replay "$pair" --expect "$pair:output"
    says 'FILE:TENSOR'
    expect 1 import "$weights" -o no.safetensors --replay "$pair:strange" --expect "$pair:output"
    says 'strange'
    expect 1 import "$weights" -o no.safetensors --replay "$pair:input.x" --expect "$pair:output" \
        --expect "$pair:output"
    says 'no such output'
    expect 0 import "$weights" -o replayed.safetensors --replay in/photo.png --expect painted.png
    expect 1 import "$weights" -o no.safetensors --replay in/photo.png --expect in/photo.png
    says 'off by'
    expect 1 import "$weights" -o no.safetensors --replay in/photo.png --expect in/photo.jpg
    says '61x47.*64x48'

    # Weights so large that what they paint is not finite.
    head -c $(($(wc -c <"$weights") - 3888)) "$weights" >broken.safetensors
    head -c 3888 /dev/zero | tr '\0' '\177' >>broken.safetensors
    expect 1 import broken.safetensors -o no.safetensors --replay in/photo.png --expect painted.png
    says 'off by up to inf'
    expect 1 import broken.safetensors -o no.safetensors --replay "$pair:input.x" --expect "$pair:output"
    says 'not finite'
    absent no.safetensors

    weights=$GAN_SHARED_DATA/weights/microast.safetensors
    pair=$GAN_SHARED_DATA/golden/microast/odd_250x187.safetensors
    expect 0 import "$weights" -o replayed.safetensors --replay "$pair:input.c" --replay "$pair:input.s" \
        --expect "$pair:output" --json
    json "events[0]['replay']['largest_error'] < 8.9e-5"
    expect 1 import "$weights" -o no.safetensors --replay "$pair:input.c" --expect "$pair:output"
    says '1 inputs are given, the model has 2'
    pair=$GAN_SHARED_DATA/golden/microast/alpha0.5_125x94.safetensors # of another strength
    expect 1 import "$weights" -o no.safetensors --replay "$pair:input.c" --replay "$pair:input.s" \
        --expect "$pair:output"
    says 'off by'
    absent no.safetensors
fi
finish
