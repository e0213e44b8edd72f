#!/bin/sh
# Trains the generators of examples/models again. Needs the paintings (see models/TRAINING.md for their sources) and a
# folder of photographs.
#
#   examples/train_models.sh PAINTINGS PHOTOGRAPHS OUTPUT [THREADS [NAME...]]
set -eu

if [ $# -lt 3 ]; then
    echo "usage: $0 PAINTINGS PHOTOGRAPHS OUTPUT [THREADS [NAME...]]" >&2
    exit 2
fi
paintings=$1 photographs=$2 output=$3 threads=${4:-1}
shift 3
[ $# -eq 0 ] || shift
wanted=$*
gan=${GAN:-gan}

# train NAME PAINTING [options of gan train style]
train() {
    name=$1 painting=$2
    shift 2
    case " ${wanted:-$name} " in *" $name "*) ;; *) return 0 ;; esac
    echo "$name"
    "$gan" train style --style "$paintings/$painting" --content "$photographs" --threads "$threads" --seed 1 --half \
        --log "$output/$name.csv" --plot "$output/$name.png" -o "$output/$name.safetensors" "$@"
}

mkdir -p "$output"
train starry_night starry_night.jpg --steps 2500
train composition_vii composition_vii.jpg --steps 2500
train the_scream the_scream.jpg --steps 2500 --style-size 512 --style-weight 0.6
train great_wave wave.jpg --steps 2500
train portrait delaunay_1906_portrait.jpg --steps 2500
train udnie udnie.jpg --steps 5000
train etretat monet_etretat.jpg --steps 5000
train red_vineyards vangogh_red-vineyards.jpg --steps 5000 --style-size 512
