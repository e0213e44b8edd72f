#!/bin/sh
# gan train features: a small feature network from large ones, which other commands take.
. "$(dirname "$0")/support.sh"
mkdir content
cp in/photo.png in/photo.jpg in/photo.bmp content
"$HELPER" teachers . || exit 1
small="--channels 3 --size 32 --batch 2 --threads 2 --seed 4"

teach() { # CODE ARGUMENT...
    wanted=$1
    shift
    # shellcheck disable=SC2086 # the options are words
    expect "$wanted" train features --content content $small "$@"
}

teach 0 --teacher vgg19.safetensors --teacher squeezenet.safetensors --steps 3 -o taught.safetensors --log log.csv --half
there taught.safetensors
head -n 1 log.csv | grep -q '^step,seconds,learning_rate,loss,level1,level2,level3,level4$' || fail "the log's head"
[ "$(wc -l <log.csv)" -eq 4 ] || fail "log.csv has $(wc -l <log.csv) lines, expected a head and 3 steps"
expect 0 info taught.safetensors
prints 'level4: squeezenet1.1 fire5'
expect 0 train style --style in/photo.jpg --content content --features taught.safetensors --size 32 --batch 1 \
    --style-size 48 --channels 4 --blocks 1 --steps 2 -o style.safetensors
expect 0 optimize in/photo.png in/photo.jpg --features taught.safetensors --size 48 --steps 2 --scales 1 -o out.png

expect 2 train features --content content -o bad.safetensors
says '--teacher'
expect 2 train features --teacher vgg19.safetensors -o bad.safetensors
says '--content'
teach 1 --teacher vgg19.safetensors -o bad.safetensors --steps 1
says 'level4 needs a teacher of the architecture squeezenet1.1'
teach 1 --teacher in/unit.safetensors -o bad.safetensors --steps 1
says 'level1 needs a teacher of the architecture vgg19'
teach 1 --teacher in/photo.png -o bad.safetensors --steps 1
says 'in/photo.png'
absent bad.safetensors
finish
