#!/bin/sh
# Translation of photographs: CUT between photographs and paintings, pix2pix from edges to photographs, anime from
# photographs to four painters' outlines and flat colors.
#
# usage: sh bench/proofs/translation.sh FOLDER [PART...]      parts: cut, pix2pix, anime; default all
# FOLDER takes models, pictures and logs. GAN_SHARED_DATA names the pictures: images/photos, images/styles and
# flowers_ccby/CLASS. GAN_BUILD names a build folder with -DGAN_BUILD_BENCH=ON (build), GAN_THREADS the threads (1).
# 16 photographs are held out: nothing is learned from them, and they are what is shown and measured.
set -eu
source=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${GAN_BUILD:-$source/build}" && pwd)
threads=${GAN_THREADS:-1}
data=$(cd "${GAN_SHARED_DATA:?expected a folder of pictures}" && pwd)
folder=${1:?usage: translation.sh FOLDER [PART...]}
shift
mkdir -p "$folder"
cd "$folder"

# flower_00 to flower_08 are copies of pictures of flowers_ccby, which are not learned from either.
part_photos() {
    mkdir -p photos held
    for file in "$data"/images/photos/* "$data"/flowers_ccby/*/*.jpg; do
        name=$(basename "$file")
        case $name in
        kodim03.png | acer_farm.jpg | sharp_*) continue ;;
        100080576_* | 175106495_* | 13290033_* | 8181477_* | 269037241_*) continue ;;
        127192624_* | 27465811_* | 112651128_* | 135994133_*) continue ;;
        kodim07.* | kodim12.* | kodim15.* | kodim23.* | skimage_chelsea.* | acer_sunset.* | travelspace.* | flower_0*)
            ln -sf "$file" "held/$name" ;;
        *) ln -sf "$file" "photos/$name" ;;
        esac
    done
}

part_cut() {
    "$build/gan" train cut --preset small --source photos --target "$data/images/styles" --largest-scale 3 \
        --minutes 35 --threads "$threads" --seed 1 --log cut.csv --preview cut.png --quiet -o cut.safetensors
    "$build/gan" stylize held/* -m cut.safetensors -o painted --size 256 --sheet painted.png --quiet
}

part_pix2pix() {
    mkdir -p pairs held_pairs
    "$build/bench/edge_pairs" make photos pairs
    "$build/bench/edge_pairs" make held held_pairs
    "$build/gan" train pix2pix --preset small --data pairs --steps 2000 --average 1000 --threads "$threads" --seed 1 \
        --log pix2pix.csv --preview pix2pix.png --quiet -o pix2pix.safetensors
    "$build/bench/edge_pairs" score pix2pix.safetensors held_pairs pairs --sheet 1
}

part_anime() {
    mkdir -p drawings
    for name in wave the_scream vangogh_bedroom vangogh_sunflowers-bew; do
        ln -sf "$data/images/styles/$name.jpg" drawings/
    done
    "$build/gan" train anime --preset small --source photos --target drawings --size 128 --average 500 --steps 12000 \
        --threads "$threads" --seed 1 --log anime.csv --preview anime.png --quiet -o anime.safetensors
    "$build/gan" stylize held/* -m anime.safetensors -o drawn --size 256 --sheet drawn.png --quiet
}

[ $# -gt 0 ] || set -- cut pix2pix anime
part_photos
for part; do "part_$part"; done
