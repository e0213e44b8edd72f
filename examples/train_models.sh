#!/bin/sh
# Train the generators of examples/models again.
#
#   sh examples/train_models.sh GAN PAINTINGS PHOTOGRAPHS FEATURES OUT
#
# GAN is the program, PAINTINGS the folder with the paintings that examples/models/TRAINING.md names, PHOTOGRAPHS a
# folder of photographs, FEATURES the weights of VGG-19 (wct_vgg_normalised_conv3_1.safetensors), OUT a folder.
set -eu

if [ $# -ne 5 ]; then
    sed -n '2,7s/^# \{0,1\}//p' "$0" >&2
    exit 2
fi
gan=$1 paintings=$2 photographs=$3 features=$4 out=$5
mkdir -p "$out"

# train PAINTING STYLE_WEIGHT
train() {
    "$gan" train style --style "$paintings/$1.jpg" --content "$photographs" --features "$features" \
        --preset balanced --style-weight "$2" --steps 2000 --seed 1 --threads 1 --half \
        --log "$out/$1.csv" --plot "$out/$1.png" -o "$out/$1.safetensors"
}

train starry_night 2.5
train wave 2.5
train composition_vii 2.5
