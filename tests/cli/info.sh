#!/bin/sh
# gan info on every kind of file, and on what is none.
. "$(dirname "$0")/support.sh"
expect 0 info in/johnson.safetensors
prints 'model'
prints 'input +input \[N, H, W, 3\]'
prints 'architecture: johnson'
expect 0 info in/johnson.safetensors --json
json "events[0]['kind'] == 'model' and events[0]['inputs'][0]['shape'] == '[N, H, W, 3]'"
json "events[0]['metadata']['architecture'] == 'johnson' and events[0]['elements'] > 0"
expect 0 info in/johnson.safetensors --plan --size 640x480
prints '640x480 pixels: [0-9.]+ MiB'
expect 0 info in/johnson.safetensors --size 64x48 --json
json "events[0]['plan']['width'] == 64 and events[0]['plan']['memory'] > 0"
json "0 < events[0]['plan']['packed_memory'] < events[0]['plan']['memory']"
json "all(0 <= s['output_offset'] < events[0]['plan']['memory'] for s in events[0]['plan']['steps'])"
json "'relu' in ' '.join(s['folded'] for s in events[0]['plan']['steps'])"
json "sum(s['packed_bytes'] for s in events[0]['plan']['steps']) == events[0]['plan']['packed_memory']"
expect 0 info in/johnson.safetensors --plan --size 64x48 --precision exact
prints 'bytes out +at +scratch +packed +layer'
grep -q Winograd out && fail "exact arithmetic by Winograd's transform"
expect 0 info in/johnson.safetensors --plan --size 64x48
prints Winograd
expect 2 info in/johnson.safetensors --plan --precision 7
says 'expected exact, default or bf16'
expect 1 info in/johnson.safetensors --size 1x1
expect 0 info in/johnson.safetensors --size 64x48 --precision exact --json
json "events[0]['plan']['precision'] == 'exact'"
expect 0 info in/johnson.safetensors --size 64x48 --precision bf16 --json
json "events[0]['plan']['precision'] in ('bf16', 'default')"
json "('AMX bf16' in str(events[0])) == (events[0]['plan']['precision'] == 'bf16')"
expect 2 info in/johnson.safetensors --precision float
says 'exact, default or bf16'
for size in 64 x 0x5 64x48x3 64x; do
    expect 2 info in/johnson.safetensors --size $size
    says 'WIDTHxHEIGHT'
done
expect 0 info in/alpha.png
prints 'picture, 45x31 pixels, with alpha'
expect 0 info in/photo.jpg --json
json "events[0] == dict(event='info', file='in/photo.jpg', kind='picture', width=64, height=48, alpha=False,
    depth=8, exif_bytes=0, profile_bytes=0, provenance=dict())"
expect 2 info
expect 2 info in/photo.png in/photo.jpg
echo "plain words" >text
head -c 500 in/johnson.safetensors >cut.safetensors
for file in text cut.safetensors missing in; do
    expect 1 info $file
    says "$file"
done

# A pipe is read once.
"$GAN" info /dev/stdin <in/photo.png >out 2>err || fail "a file that the shell opened is read"
head -c 9999999 in/photo.png | "$GAN" info /dev/stdin >out 2>err && fail "a pipe was taken for a file"
says '/dev/stdin can be read only once'
finish
