#!/bin/sh
# gan train transfer: photographs and paintings become a decoder for what a feature network sees.
. "$(dirname "$0")/support.sh"
mkdir content paintings empty
cp in/photo.png in/photo.bmp content
cp in/photo.jpg paintings
"$HELPER" teachers . || exit 1
expect 0 train features --content content --teacher vgg19.safetensors --teacher squeezenet.safetensors --channels 3 \
    --size 32 --batch 2 --steps 1 -o features.safetensors
small="--features features.safetensors --channels 3 --size 32 --batch 2 --threads 2 --seed 4"

learn() { # CODE ARGUMENT...
    wanted=$1
    shift
    # shellcheck disable=SC2086 # the options are words
    expect "$wanted" train transfer --content content $small "$@"
}

learn 0 --styles paintings --steps 4 -o whole.safetensors --log log.csv --preview preview.png
there whole.safetensors
there preview.png
head -n 1 log.csv | grep -q '^step,seconds,learning_rate,loss,content,style,identity,variation$' || fail "the log's head"
[ "$(wc -l <log.csv)" -eq 5 ] || fail "log.csv has $(wc -l <log.csv) lines, expected a head and 4 steps"
expect 0 info whole.safetensors
prints transfer_decoder
prints 'encoder_level'

learn 0 --styles paintings --steps 2 -o half.safetensors --checkpoint state
learn 0 --styles paintings --steps 4 -o one.safetensors --resume state
learn 0 --styles paintings --steps 4 -o two.safetensors --resume state
cmp -s one.safetensors two.safetensors || fail "a checkpoint leads to different files"
learn 0 --styles paintings --level level4 --steps 1 -o deep.safetensors --half --style-weight 2 --identity-weight 0

expect 2 train transfer --styles paintings -o bad.safetensors
says '--content'
expect 2 train transfer --content content -o bad.safetensors
says '--styles'
expect 2 train transfer --content content --styles paintings --features none -o bad.safetensors
says '--features none'
learn 1 --styles empty --steps 1 -o bad.safetensors
says 'empty'
learn 1 --styles paintings --level level7 --steps 1 -o bad.safetensors
says 'no output "level7"'
learn 1 --styles paintings --level level1 --steps 1 -o bad.safetensors
says 'positions for a picture'
expect 1 train transfer --content content --styles paintings --features in/photo.png --steps 1 -o bad.safetensors
says 'in/photo.png'
absent bad.safetensors
finish
