#!/bin/sh
# gan train anime: short runs, what comes out, and bad input.
. "$(dirname "$0")/support.sh"
mkdir photos drawings
cp in/photo.png in/photo.bmp photos
for name in 1 2 3; do
    cp in/photo.jpg drawings/$name.jpg
done
small="--preset small --size 32 --batch 2 --channels 3 --discriminator-channels 3 --blocks 1 --seed 3 --threads 2"

train() { # CODE ARGUMENT...
    wanted=$1
    shift
    # shellcheck disable=SC2086 # the options are words
    expect "$wanted" train anime $small "$@"
}

sides="--source photos --target drawings"
# shellcheck disable=SC2086
train 0 $sides --steps 4 --initialization 0.5 -o anime.safetensors --log log.csv --plot plot.png --preview preview.png
there plot.png
[ "$(head -n 1 log.csv)" = "step,seconds,learning_rate,content,gram,color,variation,adversarial,real,fake,grey,smooth" ] ||
    fail "log.csv begins otherwise"
[ "$(grep -c ',0,0,0,0,0,0,0,0$' log.csv)" -eq 2 ] || fail "two of four steps should learn the content alone"
size preview.png 98x32
expect 0 info anime.safetensors
prints 'anime_generator'
prints 'initialization=0.5'
expect 0 stylize in/photo.png -m anime.safetensors -o painted.png
size painted.png 61x47

# With published weights, with one picture a side, and with the ResNet generator.
"$HELPER" teachers . || exit 1
# shellcheck disable=SC2086
train 0 $sides --features squeezenet.safetensors --size 64 --steps 2 -o squeezed.safetensors
expect 0 info squeezed.safetensors
prints 'features=fire5'
train 0 --source in/photo.png --target in/photo.jpg --residual --steps 2 -o single.safetensors --checkpoint state
expect 0 info single.safetensors
prints 'resnet_generator'
train 0 --source in/photo.png --target in/photo.jpg --residual --steps 2 -o again.safetensors --resume state
cmp single.safetensors again.safetensors || fail "a finished training went on"
train 1 --source in/photo.png --target in/photo.jpg --residual --steps 2 --grey-weight 0 -o never.safetensors --resume state
says 'made with other options'
train 0 --source photos --target drawings --minutes 0.01 -o timed.safetensors

train 2 --source photos --steps 2 -o never.safetensors
says '--target'
train 2 --data photos --steps 2 -o never.safetensors
train 2 --source photos --target drawings --initialization 1 --steps 2 -o never.safetensors
says 'initialization'
mkdir empty
train 1 --source photos --target empty --steps 2 -o never.safetensors
says 'empty'
train 1 --source photos --target drawings --features none --steps 2 -o never.safetensors
says 'network of features'
train 1 --source photos --target drawings --features in/photo.png --steps 2 -o never.safetensors
says 'photo.png'
train 1 --source photos --target drawings --size 30 --steps 2 -o never.safetensors
says 'multiple of 4'
train 1 --source photos --target drawings --content-weight 0 --steps 2 -o never.safetensors
says 'initialization'
expect 1 train anime --source photos --target drawings --preset hayao -o never.safetensors
says 'paper, paprika, shinkai, cartoon and small'
absent never.safetensors
finish
