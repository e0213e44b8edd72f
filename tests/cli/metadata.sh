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

# A pipe is read once, and keeps its notes.
for band in "" "--tile 8"; do
    # shellcheck disable=SC2086 # the options are words
    # A pipe is what is tested.
    # shellcheck disable=SC2002
    cat "$noted.jpg" | "$GAN" stylize /dev/stdin -m in/unit.safetensors -o piped.png $band >out 2>err || fail "a pipe: $(cat err)"
    expect 0 info --json piped.png
    json "events[0]['exif_bytes'] == 122 and events[0]['profile_bytes'] == 200"
done
# A pipe is what is tested.
# shellcheck disable=SC2002
cat kept.png | "$GAN" verify /dev/stdin >out 2>err
prints 'digital-source-type'

# What files say is shown as text: it makes up no lines, and drives no terminal.
xmp_jpeg() { # XMP FILE: a photograph that says this
    length=$((2 + 29 + ${#1}))
    { head -c 2 in/photo.jpg
      # shellcheck disable=SC2059 # the number is made here
      printf "$(printf '\\377\\341\\%03o\\%03o' $((length / 256)) $((length % 256)))"
      printf 'http://ns.adobe.com/xap/1.0/\000%s' "$1"
      tail -c +3 in/photo.jpg; } >"$2"
}
xmp_jpeg "<x gan:note='a&#xA;  method: forged' Iptc4xmpExt:DigitalSourceType='b&#xD;c' gan:esc='$(printf 'x\033[2J')'/>" forged.jpg
expect 0 info forged.jpg
prints '^  note: a\\n  method: forged$'
if grep -q '^  method' out; then fail "a forged line is shown as one of ours"; fi
if grep -q "$(printf '\033')" out; then fail "a control character is shown"; fi
run verify forged.jpg
prints '^  digital-source-type: b\\x0dc$'

# A photograph that says as much as it may: the result's own has room.
properties=$(for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32; do printf " gan:n%d='x'" $i; done)
xmp_jpeg "<x$properties/>" full.jpg
expect 0 info --json full.jpg
json "len(events[0]['provenance']) == 32"
for name in full.png full-result.jpg; do
    expect 0 stylize full.jpg -m in/unit.safetensors -o $name
    expect 0 info --json $name
    json "len(events[0]['provenance']) == 32 and events[0]['provenance']['method'] == 'stylize'"
    json "events[0]['provenance']['n28'] == 'x' and 'n29' not in events[0]['provenance']"
done

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
