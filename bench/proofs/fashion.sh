#!/bin/sh
# Learning on Fashion-MNIST (Debian: dataset-fashion-mnist): a classifier, and in its features DCGAN beside the same
# recipe in PyTorch, a conditional DCGAN, and DCGAN on 100 pictures with and without augmentation and average.
#
# usage: sh bench/proofs/fashion.sh FOLDER [PART...]       parts: classifier, dcgan, torch, conditional, little; default all
# FOLDER takes models, samples and logs; what is there already is not made again. GAN_BUILD names a build folder with
# -DGAN_BUILD_BENCH=ON (build), GAN_THREADS the threads (1). README.md has the figures.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "$here/../.." && pwd)
build=$(cd "${GAN_BUILD:-$source/build}" && pwd)
threads=${GAN_THREADS:-1}
pictures=/usr/share/datasets/fashion-mnist
train=$pictures/train-images-idx3-ubyte.gz train_labels=$pictures/train-labels-idx1-ubyte.gz
test=$pictures/t10k-images-idx3-ubyte.gz test_labels=$pictures/t10k-labels-idx1-ubyte.gz
folder=${1:?usage: fashion.sh FOLDER [PART...]}
shift
mkdir -p "$folder"
cd "$folder"

timed() { # LOG COMMAND...: processor and wall time go to the log's end
    log=$1
    shift
    { time -p "$@"; } >"$log.part" 2>&1 || { cat "$log.part" >&2; exit 1; }
    mv "$log.part" "$log"
}

train_dcgan() { # NAME OPTION...
    name=$1
    shift
    [ -f "$name.safetensors" ] || timed "$name.log" "$build/gan" train dcgan --preset small --size 28 --quiet \
        --threads "$threads" --preview "$name.png" --log "$name.csv" -o "$name.safetensors" "$@"
}

score() { # GENERATOR | SAMPLES
    "$build/bench/sample_scores" classifier.safetensors "$test" "$1"
}

part_classifier() {
    [ -x classifier ] || cc -std=c11 -O2 -I"$source/include" "$source/examples/c/classifier.c" -L"$build" -lgan -lm \
        -Wl,-rpath,"$build" -o classifier
    [ -f classifier.safetensors ] ||
        timed classifier.log ./classifier "$train" "$train_labels" "$test" "$test_labels" 8000 classifier.safetensors
    grep accuracy classifier.log
    score "$train"
}

part_dcgan() {
    for seed in 1 2; do
        train_dcgan dcgan_$seed --data "$train" --steps 5000 --seed $seed
        score dcgan_$seed.safetensors
    done
}

part_torch() {
    for seed in 1 2; do
        [ -f torch_$seed.log ] || timed torch_$seed.log /usr/bin/python3 "$here/fashion_torch.py" "$train" 5000 $seed \
            torch_$seed.idx "$threads"
        score torch_$seed.idx
    done
}

part_conditional() {
    for seed in 1 2; do
        train_dcgan conditional_$seed --data "$train" --labels "$train_labels" --conditional --steps 4000 --seed $seed
        score conditional_$seed.safetensors
    done
}

# The first 100 pictures: the head of an IDX file with another count.
part_little() {
    printf '\000\000\010\003\000\000\000\144\000\000\000\034\000\000\000\034' >little.idx
    gzip -dc "$train" | head -c $((16 + 100 * 784)) | tail -c +17 >>little.idx
    for seed in 1 2; do
        train_dcgan little_plain_$seed --data little.idx --batch 16 --learning-rate 0.0005 --steps 20000 \
            --seed $seed --average 0
        score little_plain_$seed.safetensors
        train_dcgan little_augmented_$seed --data little.idx --batch 16 --learning-rate 0.0005 --steps 20000 \
            --seed $seed --augment translation
        score little_augmented_$seed.safetensors
    done
}

[ $# -gt 0 ] || set -- classifier dcgan torch conditional little
for part; do "part_$part"; done
