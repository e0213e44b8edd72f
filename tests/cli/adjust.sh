#!/bin/sh
# Results adjusted after the network: strength, colours, masks, detail.
. "$(dirname "$0")/support.sh"

stylize() { # OUT OPTION...
    output=$1
    shift
    expect 0 stylize in/photo.png -m in/johnson.safetensors -o "$output" "$@"
}

part() { # PICTURE LEFT WIDTH: those columns, as part-PICTURE
    "$HELPER" crop "$1" "part-$(basename "$1")" "$2" 0 "$3" 47 || fail "cannot crop $1"
}

stylize painted.png

# Each way to keep colours is another picture; luma is the one meant without a word.
stylize plain.png --preserve-color
for way in luma covariance histogram; do
    stylize $way.png --preserve-color=$way
    differ painted.png $way.png
done
cmp plain.png luma.png || fail "luma is not the default"
differ luma.png covariance.png
differ covariance.png histogram.png
expect 2 stylize in/photo.png -m in/johnson.safetensors -o x.png --preserve-color=all
says 'luma, covariance or histogram'

# A network that copies, adjusted in any way but detail, copies still.
expect 0 stylize in/photo.png -m in/unit.safetensors -o copy.png --strength 0.5 --preserve-color=luma --mask in/mask.png
same in/photo.png copy.png 1

# A mask: the photograph on its black side, the painted picture on the white one, to the bit; a soft edge between.
stylize masked.png --mask in/mask.png
for picture in masked.png in/photo.png; do part $picture 0 30; done
same part-masked.png part-photo.png 0
for picture in masked.png painted.png; do part $picture 30 31; done
same part-masked.png part-painted.png 0
stylize soft.png --mask in/mask.png --feather 10
differ masked.png soft.png
for picture in soft.png in/photo.png; do part $picture 0 20; done
same part-soft.png part-photo.png 0
for picture in soft.png painted.png; do part $picture 40 21; done
same part-soft.png part-painted.png 0

# A mask of the photograph's size follows where the photograph is scaled.
stylize scaled.png --mask in/mask.png --size 122
size scaled.png 122x94
expect 0 stylize in/photo.png -m in/unit.safetensors -o big.png --size 122
"$HELPER" crop scaled.png part-a.png 0 0 56 94
"$HELPER" crop big.png part-b.png 0 0 56 94
same part-a.png part-b.png 1

# Masks that do not fit, and no masks.
expect 1 stylize in/photo.jpg -m in/unit.safetensors -o x.png --mask in/mask.png
says 'the mask has 61 x 47 pixels, but the picture 64 x 48'
absent x.png
expect 1 stylize in/photo.png -m in/unit.safetensors -o x.png --mask in/missing.png
says 'in/missing.png'
absent x.png
expect 2 stylize in/photo.png -m in/unit.safetensors -o x.png --feather 4
says '--mask'
for value in -1 70000 1.5; do
    expect 2 stylize in/photo.png -m in/unit.safetensors -o x.png --mask in/mask.png --feather $value
    says 'from 0 to 65535'
done

# Detail.
stylize detailed.png --detail 2
differ painted.png detailed.png
stylize undetailed.png --detail 0
cmp painted.png undetailed.png || fail "--detail 0 changes the result"
for value in -1 5 nan; do
    expect 2 stylize in/photo.png -m in/unit.safetensors -o x.png --detail $value
    says 'from 0 to 4'
done

# All of it at once, by any number of threads.
stylize all-1.png --strength 0.8 --preserve-color=histogram --detail 1 --mask in/mask.png --feather 5 --threads 1
stylize all-3.png --strength 0.8 --preserve-color=histogram --detail 1 --mask in/mask.png --feather 5 --threads 3
cmp all-1.png all-3.png || fail "threads change the result"
finish
