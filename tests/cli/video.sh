#!/bin/sh
# gan video: y4m in, y4m out, through files and pipes.
. "$(dirname "$0")/support.sh"

clip() { # NAME WIDTH HEIGHT SAMPLING BYTES-OF-A-FRAME FRAMES
    printf 'YUV4MPEG2 W%d H%d F25:1 Ip A1:1 C%s\n' "$2" "$3" "$4" >"$1"
    frame=0
    while [ "$frame" -lt "$6" ]; do
        printf 'FRAME\n' >>"$1"
        head -c "$5" /dev/zero | tr '\0' "\\1$frame$frame" >>"$1"
        frame=$((frame + 1))
    done
}

clip in/even.y4m 32 24 420jpeg 1152 3
clip in/odd.y4m 33 23 422 1541 2
clip in/full.y4m 16 16 444 768 1

expect 0 video in/johnson.safetensors -i in/even.y4m -o even.y4m
prints '^even.y4m  3 frames, 1 scenes'
[ "$(head -n 1 even.y4m)" = 'YUV4MPEG2 W32 H24 F25:1 Ip A1:1 C420jpeg' ] || fail "the header has changed"
[ "$(wc -c <even.y4m)" -eq "$(wc -c <in/even.y4m)" ] || fail "the video's length has changed"
cmp -s in/even.y4m even.y4m && fail "nothing was painted"

# Pipes, and sizes that are no multiples of anything.
"$GAN" video in/johnson.safetensors -q <in/even.y4m >piped.y4m || fail "a pipe was not painted"
cmp even.y4m piped.y4m || fail "a pipe is painted otherwise"
expect 0 video in/johnson.safetensors -i in/odd.y4m -o odd.y4m --json
json "events[-1]['event'] == 'done' and events[-1]['frames'] == 2 and events[-1]['output'] == 'odd.y4m'"
[ "$(wc -c <odd.y4m)" -eq "$(wc -c <in/odd.y4m)" ] || fail "the length of a video of odd sides has changed"
expect 0 video in/johnson.safetensors -i in/full.y4m -o full.y4m --steadiness 0 --statistics-memory 0
there full.y4m

# Bad input: what was painted before a frame that is cut off is not left half written.
head -c 2000 in/even.y4m >in/cut.y4m
expect 1 video in/johnson.safetensors -i in/cut.y4m -o cut.y4m
says 'in/cut.y4m: frame 2 is cut off'
absent cut.y4m
expect 1 video in/johnson.safetensors -i in/photo.png -o x.y4m
says 'in/photo.png: .*y4m'
expect 1 video in/johnson.safetensors -i missing.y4m -o x.y4m
says 'missing.y4m'
expect 1 video missing -i in/even.y4m -o x.y4m
says 'missing'
expect 1 video in/microast.safetensors -i in/even.y4m -o x.y4m
says 'it takes a style'
expect 2 video
expect 2 video in/johnson.safetensors --steadiness 1 -i in/even.y4m -o x.y4m
expect 2 video in/johnson.safetensors --json -i in/even.y4m
says 'both want standard output'
absent x.y4m
if [ -e /dev/full ]; then
    expect 1 video in/johnson.safetensors -i in/even.y4m -o /dev/full
    says '/dev/full'
fi
finish
