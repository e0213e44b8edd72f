#!/bin/sh
# No room on the disk, no memory, no threads: an error with words, and nothing half written.
. "$(dirname "$0")/support.sh"

if [ -w /dev/full ]; then
    ln -s /dev/full full.png
    expect 1 stylize in/photo.png -m in/unit.safetensors -o full.png
    says 'full.png: cannot write'
    "$GAN" info in/johnson.safetensors >/dev/full 2>err
    [ $? -eq 1 ] || fail "a full standard output went unnoticed"
    says 'cannot write to standard output'
fi

# A limit on the size of files is met in the midst of writing.
(
    ulimit -f 1
    "$GAN" stylize in/photo.png -m in/johnson.safetensors -o limited.png --size 200 >out 2>err
)
[ $? -eq 1 ] || fail "a file size limit went unnoticed"
says 'limited.png'
absent limited.png

expect 2 stylize in/photo.png -m in/unit.safetensors -o result.png --threads 0
expect 2 stylize in/photo.png -m in/unit.safetensors -o result.png --threads 1025

# The sanitizers reserve terabytes of addresses, so that this limit means nothing to them.
if [ -z "$SANITIZE" ]; then
    for kilobytes in 30000 60000 120000; do
        (
            # shellcheck disable=SC3045 # dash and bash have it
            ulimit -v $kilobytes
            "$GAN" stylize in/photo.png -m in/johnson.safetensors -o large.png --size 4000 --threads 1 >out 2>err
        )
        code=$?
        [ $code -eq 1 ] || [ $code -eq 127 ] || fail "$kilobytes KB of memory: exit code $code"
        [ -s err ] || fail "$kilobytes KB of memory: no message"
        absent large.png
    done
    says 'memory'
fi
finish
