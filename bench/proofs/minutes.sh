#!/bin/sh
# What `gan train style --minutes 5` learns of three paintings that the presets were not chosen on, beside thirty minutes
# for the first of them: losses of the last hundred steps, and pictures.
#
# usage: sh bench/proofs/minutes.sh FOLDER [STEPS LONG_STEPS]
# With numbers of steps in place of the minutes the same is learned on every machine with the same kernel set. FOLDER takes
# models, pictures and logs; what is there already is not made again, and FOLDER/minutes.txt is the table. GAN_SHARED_DATA
# names paintings and photographs, GAN_CONTENT the photographs to learn on, GAN_BUILD a build folder (build),
# GAN_THREADS the threads (2).
set -eu
source=$(cd "$(dirname "$0")/../.." && pwd)
gan=$(cd "${GAN_BUILD:-$source/build}" && pwd)/gan
data=$(cd "${GAN_SHARED_DATA:?expected a folder of photographs and paintings}" && pwd)
content=$(cd "${GAN_CONTENT:?expected a folder of photographs to learn on}" && pwd)
folder=${1:?usage: minutes.sh FOLDER [STEPS LONG_STEPS]}
short="--minutes 5" long="--minutes 30"
[ $# -ne 2 ] || { echo "expected two numbers of steps, or none" >&2; exit 2; }
[ $# -lt 3 ] || short="--steps $2" long="--steps $3"
mkdir -p "$folder"
cd "$folder"

learn() { # NAME PAINTING HOW LONG
    name=$1 painting=$2
    shift 2
    [ -f "$name.safetensors" ] || "$gan" train style --style "$data/images/styles/vangogh_$painting.jpg" \
        --content "$content" --threads "${GAN_THREADS:-2}" --seed 1 --half --log "$name.csv" --quiet -o "$name.safetensors" "$@"
    [ -f "$name.png" ] || "$gan" stylize "$data/images/photos/kodim07.jpg" "$data/images/photos/kodim15.jpg" \
        "$data/images/photos/kodim23.jpg" "$data/images/photos/skimage_chelsea.png" -m "$name.safetensors" --size 512 \
        --no-metadata --quiet -o "$name" --sheet "$name.png"
    tail -n 100 "$name.csv" | awk -F, -v name="$name" '{ loss += $4; content += $5; style += $6; steps = $1 }
        END { printf "| %s | %d | %.2f | %.2f | %.2f |\n", name, steps, loss / NR, content / NR, style / NR }'
}

{
    echo '| painting | steps | loss | content | style |'
    echo '|---|---|---|---|---|'
    # The words are lists on purpose.
    # shellcheck disable=SC2086
    for painting in self-portrait bedroom sunflowers-bew; do learn "$painting" "$painting" $short; done
    # shellcheck disable=SC2086
    learn self-portrait_long self-portrait $long
} >minutes.txt
cat minutes.txt
