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
fi
finish
