#!/bin/sh
# Every method of style transfer on the same three pairs at 256 pixels: style and content loss as VGG-19 to relu3_1 and
# SqueezeNet 1.1 see them, as multiples of what Gatys' optimization reaches when it minimizes that judge's own losses,
# and the seconds of processor time of each.
#
# usage: sh bench/proofs/methods.sh FOLDER
# FOLDER takes pictures and logs; what is there already is not made again, and FOLDER/methods.txt is the table.
# GAN_SHARED_DATA names photographs, paintings and published weights, GAN_BUILD a build folder (build), GAN_THREADS the
# threads (2), GAN_STYLES a model of the three styles in one generator (`gan train styles`), if it is to be in the table.
set -eu
source=$(cd "$(dirname "$0")/../.." && pwd)
gan=$(cd "${GAN_BUILD:-$source/build}" && pwd)/gan
threads=${GAN_THREADS:-2}
data=$(cd "${GAN_SHARED_DATA:?expected a folder of photographs, paintings and weights}" && pwd)
models=$source/examples/models
vgg19=$data/weights/wct_vgg_normalised_conv3_1.safetensors squeezenet=$data/weights/squeezenet1.1.safetensors
folder=${1:?usage: methods.sh FOLDER}
mkdir -p "$folder"
cd "$folder"

# NAME PHOTOGRAPH: the middle square, at 256 pixels. NAME PAINTING: 768 pixels long, as the generators were taught.
prepare() {
    /usr/bin/python3 - "$@" <<'END'
import sys
from PIL import Image
kind, source, target = sys.argv[1:]
image = Image.open(source).convert("RGB")
if kind == "photograph":
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    image = image.crop((left, top, left + side, top + side)).resize((256, 256), Image.BICUBIC)
else:
    image.thumbnail((768, 768), Image.BICUBIC)
image.save(target)
END
}

# paint METHOD PAIR COMMAND...: METHOD_PAIR.png and its time
paint() {
    result=$1_$2.png log=$1_$2.time
    shift 2
    [ -f "$result" ] || { time -p "$gan" "$@" --threads "$threads" --quiet -o "$result"; } 2>"$log"
}

# loss KIND JUDGE LEVELS A B: the sum over the levels
loss() {
    kind=$1 judge=$2 levels=$3 a=$4 b=$5
    for level in $levels; do
        "$gan" eval "$kind" "$a" "$b" -f "$judge" -o "$level" --threads "$threads"
    done | awk '{ sum += $3 } END { printf "%.5f", sum }'
}

judge() { # METHOD PAIR: style and content by VGG-19, the same by SqueezeNet
    picture=$1_$2.png style=style_$2.png content=photo_$2.png
    printf '%s %s %s %s %s %s\n' "$1" "$2" \
        "$(loss style-loss "$vgg19" "relu1_1 relu2_1 relu2_2 relu3_1" "$picture" "$style")" \
        "$(loss content-loss "$vgg19" relu3_1 "$picture" "$content")" \
        "$(loss style-loss "$squeezenet" "relu1 fire2 fire3 fire4 fire5" "$picture" "$style")" \
        "$(loss content-loss "$squeezenet" fire5 "$picture" "$content")"
}

optimize() { # METHOD PAIR OPTION...
    method=$1 pair=$2
    shift 2
    paint "$method" "$pair" optimize "photo_$pair.png" "style_$pair.png" "$@" --size 256 --style-size 768 --style-weight 1.5 --steps 300
}

methods="photograph optimum_vgg19 optimum_squeezenet optimize generator"
[ -z "${GAN_STYLES:-}" ] || methods="$methods styles"
methods="$methods transfer_mean-deviation transfer_whitening transfer_linear microast wct_vgg19"

pair() { # PAIR PHOTOGRAPH PAINTING MODEL
    [ -f "photo_$1.png" ] || prepare photograph "$data/images/photos/$2" "photo_$1.png"
    [ -f "style_$1.png" ] || prepare painting "$data/images/styles/$3" "style_$1.png"
    cp "photo_$1.png" "photograph_$1.png"
    optimize optimum_vgg19 "$1" --features "$vgg19"
    optimize optimum_squeezenet "$1" --features "$squeezenet" --content-level fire5
    optimize optimize "$1"
    paint generator "$1" stylize "photo_$1.png" -m "$models/$4.safetensors"
    [ -z "${GAN_STYLES:-}" ] || paint styles "$1" stylize "photo_$1.png" -m "$GAN_STYLES" --style "$4"
    for way in mean-deviation whitening linear; do
        paint "transfer_$way" "$1" transfer "photo_$1.png" "style_$1.png" --style-size 768 --method "$way"
    done
    paint microast "$1" transfer "photo_$1.png" "style_$1.png" --style-size 768 -m "$data/weights/microast.safetensors"
    paint wct_vgg19 "$1" transfer "photo_$1.png" "style_$1.png" --style-size 768 --method whitening \
        --encoder "$vgg19" --decoder "$data/weights/wct_feature_invertor_conv3_1.safetensors"
    for method in $methods; do judge "$method" "$1"; done
}

# Means of the pairs' multiples of the optimum of each judge, and of the seconds of processor time.
table() {
    awk '{ for (k = 3; k <= 6; k++) value[$1, $2, k] = $k; if (!($1 in seen)) { seen[$1] = ++count; name[count] = $1 }
           if (!($2 in pairs)) { pairs[$2] = 1; number++ } }
         END { for (i = 1; i <= count; i++) {
                   for (k = 3; k <= 6; k++) {
                       best = k < 5 ? "optimum_vgg19" : "optimum_squeezenet"; ratio[k] = 0
                       for (pair in pairs) ratio[k] += value[name[i], pair, k] / value[best, pair, k] / number }
                   seconds = 0
                   for (pair in pairs) { file = name[i] "_" pair ".time"
                       while ((getline line < file) > 0) if (split(line, part, " ") && part[1] == "user") seconds += part[2] / number
                       close(file) }
                   printf "| %s | %.2f | %.2f | %.2f | %.2f | %.2f |\n", name[i], ratio[3], ratio[4], ratio[5], ratio[6], seconds } }' \
        losses.txt
}

{
    pair wave kodim23.jpg wave.jpg great_wave
    pair night kodim07.jpg starry_night.jpg starry_night
    pair composition skimage_chelsea.png composition_vii.jpg composition_vii
} >losses.txt
table >methods.txt
cat methods.txt
