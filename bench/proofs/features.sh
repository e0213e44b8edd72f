#!/bin/sh
# Styles learned through libgan's own feature network, VGG-19 and SqueezeNet: three paintings, the same training, judged
# by VGG-19 to relu3_1 and SqueezeNet 1.1 on photographs that were not learned from.
#
# usage: sh bench/proofs/features.sh FOLDER
# FOLDER takes models, pictures and logs; what is there already is not made again, and FOLDER/features.txt is the table.
# GAN_SHARED_DATA names photographs, paintings and published weights, GAN_CONTENT a folder of photographs to learn on,
# GAN_BUILD a build folder (build), GAN_STEPS the steps of each training (500).
set -eu
source=$(cd "$(dirname "$0")/../.." && pwd)
gan=$(cd "${GAN_BUILD:-$source/build}" && pwd)/gan
data=$(cd "${GAN_SHARED_DATA:?expected a folder of photographs, paintings and weights}" && pwd)
content=$(cd "${GAN_CONTENT:?expected a folder of photographs to learn on}" && pwd)
vgg19=$data/weights/wct_vgg_normalised_conv3_1.safetensors squeezenet=$data/weights/squeezenet1.1.safetensors
folder=${1:?usage: features.sh FOLDER}
mkdir -p "$folder"
cd "$folder"

learn() { # NAME PAINTING OPTION...
    name=$1 painting=$2
    shift 2
    [ -f "$name.safetensors" ] || "$gan" train style --preset small --style "$data/images/styles/$painting" \
        --content "$content" --threads 1 --seed 1 --half --steps "${GAN_STEPS:-500}" --quiet -o "$name.safetensors" "$@"
    [ -d "$name" ] || "$gan" stylize "$data/images/photos/kodim07.jpg" "$data/images/photos/kodim15.jpg" \
        "$data/images/photos/kodim23.jpg" "$data/images/photos/skimage_chelsea.png" -m "$name.safetensors" --size 512 \
        --no-metadata --quiet -o "$name"
}

# mean KIND PICTURES FEATURES LEVELS REFERENCE: over the pictures, of the sum over the levels
mean() {
    for level in $4; do
        for picture in "$2"/*; do
            reference=$5
            [ "$1" = style-loss ] || reference=content/$(basename "${picture%.*}").png
            "$gan" eval "$1" "$picture" "$reference" -f "$3" -o "$level"
        done
    done | awk '{ sum += $3; pictures[$1] = 1 } END { for (p in pictures) n++; printf "%.3f", sum / n }'
}

judge() { # NAME PAINTING
    [ -f "$2.png" ] || "$gan" stylize "$data/images/styles/$2" --strength 0 -m "$1.safetensors" --size 640 --no-metadata \
        --quiet -o "$2.png"
    printf '| %s | %s | %s | %s | %s |\n' "$1" \
        "$(mean style-loss "$1" "$squeezenet" "relu1 fire2 fire3 fire4 fire5" "$2.png")" \
        "$(mean content-loss "$1" "$squeezenet" fire5 content)" \
        "$(mean style-loss "$1" "$vgg19" "relu1_1 relu2_1 relu2_2 relu3_1" "$2.png")" \
        "$(mean content-loss "$1" "$vgg19" relu3_1 content)"
}

originals() { # the photographs at the size of what was painted
    mkdir content
    for photograph in kodim07.jpg kodim15.jpg kodim23.jpg skimage_chelsea.png; do
        "$gan" stylize "$data/images/photos/$photograph" --strength 0 -m "$source/examples/models/great_wave.safetensors" \
            --size 512 --no-metadata --quiet -o "content/${photograph%.*}.png"
    done
}

[ -d content ] || originals
{
    echo '| painting and features | style by SqueezeNet | content by SqueezeNet | style by VGG-19 | content by VGG-19 |'
    echo '|---|---|---|---|---|'
    for subject in wave starry_night composition_vii; do
        learn "${subject}_own" "$subject.jpg"
        learn "${subject}_vgg19" "$subject.jpg" --features "$vgg19"
        learn "${subject}_squeezenet" "$subject.jpg" --features "$squeezenet"
        for features in own vgg19 squeezenet; do judge "${subject}_$features" "$subject.jpg"; done
    done
} >features.txt
cat features.txt
