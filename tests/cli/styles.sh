#!/bin/sh
# gan train styles and gan stylize --style: learning, choosing, mixing, adding, and bad input.
. "$(dirname "$0")/support.sh"
mkdir content
cp in/photo.png in/photo.jpg in/photo.bmp content
cp in/photo.jpg wave.jpg
cp in/photo.bmp night.bmp
cp in/photo.tga day.tga
small="--preset small --size 32 --batch 1 --style-size 48 --channels 4 --blocks 1 --seed 3 --threads 2"

train() { # CODE ARGUMENT...
    wanted=$1
    shift
    # shellcheck disable=SC2086 # the options are words
    expect "$wanted" train styles --content content $small "$@"
}

train 0 --style wave.jpg --style night.bmp --steps 60 -o two.safetensors --log log.csv --preview preview.png
there preview.png
head -n 1 log.csv | grep -q '^step,seconds,learning_rate,loss,content,style,variation,range$' || fail "the log's head"
expect 0 info two.safetensors
prints 'styles: wave/night'
for style in wave night 2 wave:1,night:2; do
    expect 0 stylize in/photo.png -m two.safetensors --style $style -o "$style.png"
    size "$style.png" 61x47
done
same night.png 2.png 0
differ wave.png night.png

train 0 --model two.safetensors --add day.tga --steps 3 -o three.safetensors
expect 0 stylize in/photo.png -m three.safetensors --style wave -o wave_of_three.png
same wave.png wave_of_three.png 0
expect 0 stylize in/photo.png -m three.safetensors --style day -o day.png

expect 1 stylize in/photo.png -m two.safetensors -o bad.png
says 'the styles are wave/night'
expect 1 stylize in/photo.png -m two.safetensors --style day -o bad.png
says 'no style "day"; the styles are wave/night'
expect 1 stylize in/photo.png -m in/unit.safetensors --style day -o bad.png
says 'several styles'
expect 2 train styles --content content -o bad.safetensors
says '--style PICTURE'
expect 2 train styles --style wave.jpg -o bad.safetensors
says '--content'
expect 2 train styles --add wave.jpg --content content -o bad.safetensors
says '--model MODEL --add PICTURE'
expect 2 train styles --model two.safetensors --content content -o bad.safetensors
says '--add PICTURE'
train 1 --model two.safetensors --add wave.jpg --steps 1 -o bad.safetensors
says 'two styles "wave"'
train 1 --model in/unit.safetensors --add wave.jpg --steps 1 -o bad.safetensors
says 'no generator of several styles'
train 1 --style wave.jpg --style in/missing.png --steps 1 -o bad.safetensors
says 'in/missing.png'
absent bad.safetensors
absent bad.png
finish
