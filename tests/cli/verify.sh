#!/bin/sh
# Watermarks: made by --watermark, found by gan verify.
. "$(dirname "$0")/support.sh"
expect 0 stylize in/photo.png -m in/johnson.safetensors -o plain.png --size 512

for text in x "libgan 1" 0x00ff10a00b00c00d; do
    expect 0 stylize in/photo.png -m in/johnson.safetensors -o marked.png --size 512 --watermark "$text"
    expect 0 verify marked.png
    prints "^marked.png: watermark $text \(clarity (0.9.|1.00)\)$"
    prints 'compositeWithTrainedAlgorithmicMedia'
    expect 0 verify marked.png --watermark "$text"
    expect 1 verify marked.png --watermark another
done
same plain.png marked.png 12

# It survives what happens to pictures.
expect 0 stylize marked.png -m in/unit.safetensors -o small.jpg --size 256 --quality 85
expect 0 verify small.jpg --watermark 0x00ff10a00b00c00d
expect 1 verify --json small.jpg plain.png
json "events[0]['watermark'] == '0x00ff10a00b00c00d' and events[0]['clarity'] > 0.3"
json "events[1]['watermark'] is None and events[1]['clarity'] == 0 and 'composite' in events[1]['source_type']"

# What is no text is shown in hexadecimal.
expect 0 stylize in/photo.png -m in/unit.safetensors -o marked.png --size 512 --watermark "$(printf '\033[31m')"
expect 0 verify marked.png
prints 'watermark 0x1b5b33316d000000 '
expect 0 stylize in/photo.png -m in/unit.safetensors -o marked.png --size 512 --watermark "$(printf 'a\302\233b')"
expect 0 verify marked.png
prints 'watermark 0x61c29b6200000000 '
expect 0 stylize in/photo.png -m in/unit.safetensors -o marked.png --size 512 --watermark "$(printf 'cut\303')"
expect 0 verify marked.png
prints 'watermark 0x637574c300000000 '
expect 0 stylize in/photo.png -m in/unit.safetensors -o marked.png --size 512 --watermark "$(printf '\303\274ber')"
expect 0 verify marked.png
prints "watermark $(printf '\303\274ber') "

# Where there is none, and where none can be.
expect 1 verify plain.png
prints '^plain.png: no watermark$'
expect 1 verify in/missing.png marked.png
says 'in/missing.png'
prints 'marked.png: watermark'
expect 2 verify
says 'at least one picture'
expect 1 stylize in/photo.png -m in/unit.safetensors -o x.png --watermark hello
says 'sides of at least 128'
absent x.png
for text in '' 123456789 0x00ff10a00b00c00g; do
    expect 2 stylize in/photo.png -m in/unit.safetensors -o x.png --watermark "$text"
    says 'expected a text of 1 to 8 bytes'
done
finish
