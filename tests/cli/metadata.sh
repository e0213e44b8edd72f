#!/bin/sh
# What results keep of a photograph's metadata, and say about where they come from.
. "$(dirname "$0")/support.sh"
noted=$GAN_SOURCE_DIR/tests/fuzz/seeds/image/noted

# A camera's notes and a colour profile, from either format into either.
for from in jpg png; do
    for to in jpg png; do
        expect 0 stylize "$noted.$from" -m in/unit.safetensors -o kept.$to
        expect 0 info kept.$to
        prints "camera's notes \(EXIF\), 122 bytes"
        prints 'colour profile \(ICC\), 200 bytes'
        prints 'digital-source-type: http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia'
        prints '^  creator-tool: libgan [0-9.]+$'
        prints '^  method: stylize$'
    done
done
# It is upright already, and its notes do not turn it again.
expect 0 stylize "$noted.jpg" -m in/unit.safetensors -o upright.png
expect 0 stylize upright.png -m in/unit.safetensors -o again.png
same upright.png again.png 0

# The model's file is named by its digest.
expect 0 info --json kept.png
json "events[0]['exif_bytes'] == 122 and events[0]['profile_bytes'] == 200 and events[0]['depth'] == 8"
digest=$(sha256sum in/unit.safetensors | cut -d ' ' -f 1)
json "events[0]['provenance']['generator-sha256'] == '$digest'"

# Nothing at all where that is wanted.
for name in bare.png bare.jpg; do
    expect 0 stylize "$noted.jpg" -m in/unit.safetensors -o $name --no-metadata
    expect 0 info --json $name
    json "events[0]['exif_bytes'] == 0 and events[0]['profile_bytes'] == 0 and events[0]['provenance'] == {}"
done
for name in bare.png kept.png; do grep -c libgan $name >>counts || true; done
[ "$(head -1 counts)" = 0 ] || fail "--no-metadata says libgan"

# 16 bits in, 16 bits out where asked for.
expect 0 stylize "$GAN_SOURCE_DIR/tests/fuzz/seeds/image/rgb16.png" -m in/unit.safetensors -o deep.png --depth 16
expect 0 info deep.png
prints '16 bits per sample'
same "$GAN_SOURCE_DIR/tests/fuzz/seeds/image/rgb16.png" deep.png 0
expect 0 stylize deep.png -m in/unit.safetensors -o shallow.png
expect 0 info --json shallow.png
json "events[0]['depth'] == 8"
expect 0 stylize in/alpha.png -m in/unit.safetensors -o alpha.png --depth 16
same in/alpha.png alpha.png 0
expect 2 stylize in/photo.png -m in/unit.safetensors -o x.png --depth 12
says 'expected 8 or 16'
expect 1 stylize in/photo.png -m in/unit.safetensors -o x.jpg --depth 16
says 'PNG alone holds 16 bits'
absent x.jpg
finish
