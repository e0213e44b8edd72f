#!/bin/sh
# Trains the generators of examples/models again. Needs the paintings (see models/TRAINING.md for their sources), a
# folder of photographs and VGG-19's published weights.
#
#   examples/train_models.sh PAINTINGS PHOTOGRAPHS WEIGHTS.safetensors OUTPUT [THREADS]
set -eu

if [ $# -lt 4 ]; then
    echo "usage: $0 PAINTINGS PHOTOGRAPHS WEIGHTS.safetensors OUTPUT [THREADS]" >&2
    exit 2
fi
paintings=$1 photographs=$2 weights=$3 output=$4 threads=${5:-1}
gan=${GAN:-gan}

# train NAME PAINTING [options of gan train style]
train() {
    name=$1 painting=$2
    shift 2
    echo "$name"
    "$gan" train style --style "$paintings/$painting" --content "$photographs" --features "$weights" \
        --threads "$threads" --seed 1 --half --log "$output/$name.csv" --plot "$output/$name.png" \
        -o "$output/$name.safetensors" "$@"
}

mkdir -p "$output"
train starry_night starry_night.jpg --steps 2500 --style-size 768
train composition_vii composition_vii.jpg --steps 2000 --style-size 768
train the_scream the_scream.jpg --steps 1600 --style-size 512 --style-weight 0.6
train great_wave wave.jpg --steps 2000 --style-size 768
