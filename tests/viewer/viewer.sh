#!/bin/sh
# The viewer's window as a picture: there, of the right size, and as its sliders stand.
set -u
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
photo=$GAN_SOURCE_DIR/examples/images/astronaut.jpg
models=$GAN_SOURCE_DIR/examples/models
failures=0

fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

shoot() { # NAME STRENGTH COLOR DETAIL
    "$VIEWER" --screenshot "$room/$1.png" "$2" "$3" "$4" "$photo" "$models/starry_night.safetensors" ||
        fail "no screenshot $1"
    [ -s "$room/$1.png" ] || fail "$1.png was not written"
}

shoot style 1 0 0
shoot photo 0 0 0
shoot colors 1 3 0
shoot sharp 1 0 2
found=$("$HELPER" size "$room/style.png")
[ "$found" = 640x576 ] || fail "the window is $found, expected 640x576"
"$HELPER" crop "$room/photo.png" "$room/upper.png" 64 0 512 512
"$HELPER" compare "$room/upper.png" "$photo" 2 || fail "at strength 0 the photograph is not shown"
for other in photo colors sharp; do
    if "$HELPER" compare "$room/style.png" "$room/$other.png" 8 >/dev/null; then
        fail "$other looks like style"
    fi
done
if "$VIEWER" --screenshot "$room/none.png" 1 0 0 missing.jpg "$models/the_scream.safetensors" 2>"$room/err"; then
    fail "a missing photograph is no error"
fi
grep -q 'missing.jpg' "$room/err" || fail "the message does not name the photograph"
"$VIEWER" 2>/dev/null
[ $? -eq 2 ] || fail "no usage"
[ "$failures" -eq 0 ]
