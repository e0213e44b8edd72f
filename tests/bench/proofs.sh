#!/bin/sh
# The programs that judge what recipes learn (bench/proofs), on pictures whose scores are known. Nothing is timed.
set -eu
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
cd "$room"

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

expect() { # REGEX COMMAND...
    wanted=$1
    shift
    "$@" >out 2>&1 || fail "$*: $(cat out)"
    grep -qE "$wanted" out || fail "$*: expected $wanted, got $(cat out)"
}

# Edges and photographs: of the only picture that was learned from, the mean is the picture.
mkdir photos pairs one
cp "$SOURCE"/examples/images/*.jpg photos
expect '^3 pairs$' "$BENCH/edge_pairs" make photos pairs --size 36
cp pairs/000.png one
"$GAN" train pix2pix --preset small --size 32 --channels 4 --discriminator-channels 4 --steps 2 --data pairs -q \
    -o painter.safetensors
expect '1 pictures: generator 0\.[0-9]+, mean picture 0\.0000, mean colour 0\.[0-9]*[1-9]' \
    "$BENCH/edge_pairs" score painter.safetensors one one --size 32
expect '3 pictures: generator 0\.[0-9]+, mean picture 0\.[0-9]*[1-9]' \
    "$BENCH/edge_pairs" score painter.safetensors pairs pairs --size 32 --sheet 1
[ -s sheet.png ] || fail "no sheet"

# Twenty pictures of noise with labels 0 and 1.
{
    printf '\000\000\010\003\000\000\000\024\000\000\000\034\000\000\000\034'
    tail -c 15680 photos/chelsea.jpg
} >pictures.idx
{
    printf '\000\000\010\001\000\000\000\024'
    printf '\000\001\000\001\000\001\000\001\000\001\000\001\000\001\000\001\000\001\000\001'
} >labels.idx
# shellcheck disable=SC2086 # flags are words
"$CC" -std=c11 $CFLAGS -I"$SOURCE/include" "$SOURCE/examples/c/classifier.c" -L"$BUILD" -lgan -lm \
    -Wl,-rpath,"$BUILD" -o classifier
expect '^accuracy' ./classifier pictures.idx labels.idx pictures.idx labels.idx 3 classifier.safetensors
expect 'pictures.idx +20 pictures  fid -?0\.0000  kid ' "$BENCH/sample_scores" classifier.safetensors pictures.idx \
    pictures.idx
"$GAN" train dcgan --preset small --size 28 --channels 4 --discriminator-channels 4 --noise 8 --batch 4 --steps 2 \
    --data pictures.idx --labels labels.idx --conditional -q -o letters.safetensors
expect '100 pictures  fid [0-9.]+  kid .*as asked [0-9.]+ %' "$BENCH/sample_scores" classifier.safetensors \
    pictures.idx letters.safetensors --count 100
cp out first
expect . "$BENCH/sample_scores" classifier.safetensors pictures.idx letters.safetensors --count 100
cmp out first || fail "the same seed gave other scores"
