#!/bin/sh
# gan transfer: a network with random weights for what the program does, published ones for what it looks like.
. "$(dirname "$0")/support.sh"
expect 0 transfer in/photo.png in/photo.jpg -m in/microast.safetensors -o painted.png
prints '^painted.png  61x47'
size painted.png 61x47
differ in/photo.png painted.png

# A style is kept as a generator, which paints the same.
expect 0 transfer in/photo.png in/photo.jpg -m in/microast.safetensors -o again.png --save style.safetensors
prints '^style.safetensors'
cmp painted.png again.png || fail "two runs differ"
expect 0 stylize in/photo.png -m style.safetensors -o stylized.png
same painted.png stylized.png 0
expect 0 transfer in/photo.png in/photo.jpg -m in/microast.safetensors -o one.png --threads 1
expect 0 transfer in/photo.png in/photo.jpg -m in/microast.safetensors -o three.png --threads 3
cmp one.png three.png || fail "threads change the result"

# Strength, colour, sizes, alpha, several contents.
expect 0 transfer in/alpha.png in/photo.jpg -m in/microast.safetensors -o none.png --strength 0
same in/alpha.png none.png 0
expect 0 transfer in/photo.png in/photo.jpg -m in/microast.safetensors -o color.png --preserve-color
differ painted.png color.png
expect 0 transfer in/photo.png in/photo.jpg -m in/microast.safetensors -o large.png --size 100 --style-size 20
size large.png 100x77
expect 0 transfer in/photo.png in/alpha.png in/photo.jpg -m in/microast.safetensors -o folder --json
json "[e['event'] for e in events] == ['picture', 'picture', 'done']"
json "events[0]['style'] == 'in/photo.jpg' and events[1]['output'] == 'folder/alpha.png'"
json "events[2]['written'] == 2 and events[2]['failed'] == 0"
cmp painted.png folder/photo.png || fail "one content of several is painted otherwise"

# Bad input.
expect 1 stylize in/photo.png -m in/microast.safetensors -o x.png
says 'it takes a style'
expect 2 transfer
expect 2 transfer in/photo.png -m in/microast.safetensors -o x.png
says 'a content picture and a style picture'
expect 2 transfer in/photo.png in/photo.jpg -m in/microast.safetensors
expect 2 transfer in/photo.png in/photo.jpg -m in/microast.safetensors -o x.png --strength 2
expect 1 transfer in/photo.png in/photo.jpg -m in/johnson.safetensors -o x.png
says 'takes no style'
expect 1 transfer in/photo.png in/photo.jpg -m in/two_inputs.safetensors -o x.png
says 'takes no style'
expect 1 transfer in/photo.png in/photo.jpg -m missing -o x.png
says 'missing'
expect 1 transfer in/photo.png missing.jpg -m in/microast.safetensors -o x.png
says 'missing.jpg'
expect 1 transfer in/photo.png in/tiny.png -m in/microast.safetensors -o x.png
says 'in/tiny.png.*reflect padding'
expect 1 transfer in/photo.png in/photo.jpg -m in/microast.safetensors -o in/photo.png
says 'would overwrite'
expect 2 transfer in/photo.png in/photo.jpg -m in/microast.safetensors -o x.png --watermark waytoolongtext
says '1 to 8 bytes'
expect 2 transfer in/photo.png in/photo.jpg -m in/microast.safetensors -o x.png --depth 12
says 'expected 8 or 16'
absent x.png
expect 1 transfer in/tiny.png in/photo.png in/photo.jpg -m in/microast.safetensors -o some --json
json "events[0]['event'] == 'error' and events[-1] == {**events[-1], 'written': 1, 'failed': 1}"
there some/photo.png

# Encoders and decoders.
expect 2 transfer in/photo.png in/photo.jpg --decoder in/johnson.safetensors -o x.png
says 'goes with --encoder'
expect 2 transfer in/photo.png in/photo.jpg --encoder in/johnson.safetensors -m in/microast.safetensors -o x.png
says 'take the place of a network'
expect 2 transfer in/photo.png in/photo.jpg --encoder in/johnson.safetensors --decoder in/johnson.safetensors -o x.png \
    --precision exact
says 'compute with the default one'
expect 1 transfer in/photo.png in/photo.jpg --encoder in/johnson.safetensors -o x.png
says '1 encoders and 0 decoders'
expect 1 transfer in/photo.png in/photo.jpg --encoder in/two_inputs.safetensors --decoder in/johnson.safetensors -o x.png
says 'is no encoder'
absent x.png
expect 0 transfer in/photo.png in/photo.jpg --encoder in/johnson.safetensors --decoder in/johnson.safetensors -o white.png
size white.png 61x47

# A decoder and its features: pictures and saved styles.
decoder="-m in/decoder.safetensors --features in/features.safetensors"
# shellcheck disable=SC2086 # two options and their values
paint() { # CODE OUT ARGUMENT...
    wanted=$1
    out=$2
    shift 2
    expect "$wanted" transfer "$@" $decoder -o "$out"
}
paint 0 default.png in/photo.png in/photo.jpg
size default.png 61x47
paint 0 mean.png in/photo.png in/photo.jpg --method mean-deviation
paint 0 white.png in/photo.png in/photo.jpg --method whitening
differ mean.png white.png
paint 0 linear.png in/photo.png in/photo.jpg --method linear
differ white.png linear.png
cmp default.png linear.png || fail "the linear map is not the default"
paint 0 none.png in/photo.png in/photo.jpg --strength 0
same in/photo.png none.png 0
expect 0 style in/photo.jpg -f in/features.safetensors -o s.safetensors --size 0
paint 0 saved.png in/photo.png s.safetensors
same default.png saved.png 2
expect 0 style in/photo.jpg -f in/unit.safetensors -o other.safetensors
paint 1 x.png in/photo.png other.safetensors
says 'other.safetensors.*another extractor'
paint 2 x.png in/photo.png in/photo.jpg --method magic
says 'expected mean-deviation, whitening or linear'
for method in whitening linear; do
    paint 1 x.png in/photo.png in/photo.jpg --method $method --save g.safetensors
    says 'save goes with --method mean-deviation'
done
paint 1 x.png in/photo.png in/photo.jpg --save g.safetensors
says 'save goes with --method mean-deviation'
paint 1 x.png in/photo.png in/photo.jpg --precision exact
says 'is a decoder'
expect 1 transfer in/photo.png in/photo.jpg -m in/foreign_decoder.safetensors --features in/features.safetensors -o x.png
says 'another encoder'
expect 1 transfer in/photo.png in/photo.jpg -m in/microast.safetensors --method linear -o x.png
says 'no decoder of features'
expect 1 transfer in/photo.png s.safetensors -m in/microast.safetensors -o x.png
says 'saved style is of a feature network'
absent x.png
absent g.safetensors

# A decoder's style as a generator: it paints the same where nothing is padded, whole, in bands and as video.
expect 0 stylize in/photo.png -m in/unit.safetensors -o even.png --size 176
"$HELPER" crop even.png block.png 0 0 176 128 || fail "no block was cut out"
paint 0 same.png block.png in/photo.jpg --method mean-deviation --save g.safetensors
prints '^g.safetensors'
expect 0 stylize block.png -m g.safetensors -o stylized.png
same same.png stylized.png 1
expect 0 stylize block.png -m g.safetensors -o bands.png --tile 40
prints ' in [0-9]+ bands'
same stylized.png bands.png 1
expect 0 stylize even.png -m g.safetensors -o odd.png
size odd.png 176x136
expect 0 stylize even.png -m g.safetensors -o bands.png --memory 64M
same odd.png bands.png 1
expect 0 info g.safetensors
prints 'size_multiple: 16'
prints 'style_sha256: [0-9a-f]{64}'
paint 0 half.png block.png in/photo.jpg --method mean-deviation --save half.safetensors --half
[ "$(wc -c <half.safetensors)" -lt "$(wc -c <g.safetensors)" ] || fail "--half saves nothing"
expect 0 stylize block.png -m half.safetensors -o half.png
same same.png half.png 4
paint 0 both.png block.png --style in/photo.jpg --style in/mask.png --weight 1 --weight 3 --method mean-deviation \
    --save both.safetensors
expect 0 stylize block.png -m both.safetensors -o stylized.png
same both.png stylized.png 1
differ same.png both.png
paint 2 x.png in/photo.png --style in/photo.jpg --style in/mask.png --mask in/white.png --mask in/black.png \
    --method mean-deviation --save masked.safetensors
says 'not with a mask for each style'
absent masked.safetensors
expect 0 transfer block.png in/photo.jpg --encoder in/johnson.safetensors --decoder in/johnson.safetensors -o level.png \
    --method mean-deviation --save level.safetensors
expect 0 stylize block.png -m level.safetensors -o stylized.png
same level.png stylized.png 1
{
    printf 'YUV4MPEG2 W36 H20 F25:1 Ip A1:1 C420jpeg\nFRAME\n'
    head -c 1080 even.png
    printf 'FRAME\n'
    head -c 1080 even.png
} >clip.y4m
expect 0 video g.safetensors -i clip.y4m -o painted.y4m
prints '^painted.y4m  2 frames'
[ "$(wc -c <painted.y4m)" -eq "$(wc -c <clip.y4m)" ] || fail "the video's length has changed"
cmp -s clip.y4m painted.y4m && fail "nothing was painted"

# Several styles by weights and masks, with either kind of network.
for model in "-m in/microast.safetensors" "$decoder"; do
    several() { # OUT ARGUMENT...
        out=$1
        shift
        # shellcheck disable=SC2086
        expect 0 transfer in/photo.png --style in/photo.jpg --style in/mask.png $model -o "$out" "$@"
    }
    several equal.png
    several first.png --weight 1 --weight 0
    several masked.png --mask in/photo.jpg --mask in/photo.bmp --feather 2
    several everywhere.png --mask in/white.png --mask in/black.png
    several nowhere.png --mask in/black.png --mask in/black.png
    # shellcheck disable=SC2086
    expect 0 transfer in/photo.png in/photo.jpg $model -o alone.png
    same alone.png first.png 2
    same alone.png everywhere.png 2
    same in/photo.png nowhere.png 0
done
differ alone.png equal.png
differ equal.png masked.png
paint 0 one.png in/photo.png --style in/photo.jpg --style in/mask.png --json
json "events[0]['style'] == 'in/photo.jpg' and events[0]['styles'] == ['in/photo.jpg', 'in/mask.png']"
paint 2 x.png in/photo.png --style in/photo.jpg --style in/photo.bmp --weight 1
says '1 weights for 2 styles'
paint 2 x.png in/photo.png --style in/photo.jpg --style in/photo.bmp --mask in/white.png
says '1 masks for 2 styles'
paint 2 x.png in/photo.png --style in/photo.jpg --style in/photo.bmp --weight 0 --weight 0
says 'all weights are 0'
expect 2 transfer --style in/photo.jpg -m in/microast.safetensors -o x.png
says 'a content picture and a style picture'
absent x.png

# The decoder that comes with libgan, alone or with the style of its features as a file.
expect 0 transfer in/photo.png in/photo.jpg -o own.png
size own.png 61x47
differ in/photo.png own.png
expect 0 style in/photo.jpg -o own.safetensors --size 0
expect 0 transfer in/photo.png own.safetensors -o saved.png
same own.png saved.png 2
expect 1 transfer in/photo.png s.safetensors -o x.png
says 's.safetensors.*another extractor'
absent x.png

weights=${GAN_SHARED_DATA:-}/weights/microast.safetensors
if [ -f "$weights" ]; then
    expect 0 transfer in/photo.png in/alpha.png -m "$weights" -o whole.png
    expect 0 transfer in/photo.png in/alpha.png -m "$weights" -o half.png --strength 0.5
    expect 0 transfer in/photo.png in/alpha.png -m "$weights" -o little.png --strength 0.1
    differ whole.png half.png
    differ half.png little.png
    differ little.png in/photo.png
    expect 0 transfer in/photo.png --style in/alpha.png --style in/mask.png -m "$weights" -o mixed.png
    differ whole.png mixed.png
    expect 0 import "$weights" -o model.safetensors
    expect 0 transfer in/photo.png in/alpha.png -m model.safetensors -o imported.png
    same whole.png imported.png 0
fi
finish
