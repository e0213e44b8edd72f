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

# Several styles: one for all frames, and one that goes over into the other.
frames() { # VIDEO FIRST COUNT: so many frames of in/even.y4m's size, without the header
    tail -c +$((1 + $(head -n 1 "$1" | wc -c) + 1158 * $2)) "$1" | head -c $((1158 * $3))
}
still="--steadiness 0 --statistics-memory 0"
for style in black white black:1,white:1; do
    # shellcheck disable=SC2086 # the options are words
    expect 0 video in/two_styles.safetensors -i in/even.y4m -o "$style.y4m" --style $style $still
done
# shellcheck disable=SC2086
expect 0 video in/two_styles.safetensors -i in/even.y4m -o both.y4m --style black --style white@0.08 $still
i=0
for style in black black:1,white:1 white; do
    frames both.y4m $i 1 >found
    frames "$style.y4m" $i 1 >wanted
    cmp found wanted || fail "frame $i of a video whose style changes is not $style"
    i=$((i + 1))
done
cmp -s black.y4m white.y4m && fail "two styles paint the same"
expect 1 video in/two_styles.safetensors -i in/even.y4m -o x.y4m
says 'the styles are black/white'
expect 1 video in/two_styles.safetensors -i in/even.y4m -o x.y4m --style grey
says 'no style "grey"; the styles are black/white'
expect 1 video in/two_styles.safetensors -i in/even.y4m -o x.y4m --style black@
says 'expected seconds'
expect 1 video in/two_styles.safetensors -i in/even.y4m -o x.y4m --style black@1 --style white@1
says 'expected a later time than 1 s'
expect 1 video in/johnson.safetensors -i in/even.y4m -o x.y4m --style black
says 'several styles'
sed '1s/ F25:1//' in/even.y4m >in/timeless.y4m
expect 1 video in/two_styles.safetensors -i in/timeless.y4m -o x.y4m --style black --style white@1
says 'how many frames a second'
absent x.y4m
expect 0 video in/two_styles.safetensors -i in/timeless.y4m -o timeless.y4m --style black@3

# Adjusted frame by frame.
expect 0 video in/johnson.safetensors -i in/even.y4m -o none.y4m --strength 0
# shellcheck disable=SC2086 # the options are words
expect 0 video in/unit.safetensors -i in/even.y4m -o same.y4m $still
cmp same.y4m none.y4m || fail "--strength 0 is not the video itself"
expect 0 video in/johnson.safetensors -i in/even.y4m -o half.y4m --strength 0.5
cmp -s half.y4m even.y4m && fail "--strength 0.5 does nothing"
for color in luma covariance; do
    expect 0 video in/johnson.safetensors -i in/even.y4m -o $color.y4m --preserve-color=$color --detail 1
    cmp -s $color.y4m even.y4m && fail "--preserve-color=$color does nothing"
done
expect 2 video in/johnson.safetensors -i in/even.y4m -o x.y4m --preserve-color=histogram
says 'flickers'

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
