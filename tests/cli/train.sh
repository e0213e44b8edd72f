#!/bin/sh
# gan train style: short runs, stopping, going on, and bad input.
. "$(dirname "$0")/support.sh"
mkdir content empty unreadable
cp in/photo.png in/photo.jpg in/photo.bmp content
echo "no picture" >unreadable/text.jpg
small="--preset small --size 32 --batch 1 --style-size 48 --channels 4 --blocks 1 --seed 3 --threads 2"

train() { # CODE ARGUMENT...
    wanted=$1
    shift
    # shellcheck disable=SC2086 # the options are words
    expect "$wanted" train style --style in/photo.jpg --content content $small "$@"
}

start() { # ARGUMENT...: in the background
    rm -f running.csv
    # shellcheck disable=SC2086 # the options are words
    "$GAN" train style --style in/photo.jpg --content content $small "$@" >out 2>err &
    process=$!
}

stop_after() { # LINES of the log; leaves code
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
        if [ -s running.csv ] && [ "$(wc -l <running.csv)" -gt "$1" ]; then break; fi
        kill -0 $process 2>/dev/null || break
        sleep 0.2
    done
    kill -TERM $process 2>/dev/null
    wait $process
    code=$?
}

train 0 --steps 4 -o model.safetensors --log log.csv --plot plot.png --preview preview.png --checkpoint state.safetensors --checkpoint-every 2
there model.safetensors
there log.csv
there plot.png
there preview.png
there state.safetensors
[ "$(wc -l <log.csv)" -eq 5 ] || fail "log.csv has $(wc -l <log.csv) lines, expected a head and 4 steps"
expect 0 stylize in/photo.png -m model.safetensors -o painted.png
size painted.png 61x47
expect 0 info painted.png
prints '^  style-sha256: [0-9a-f]{64}$'
expect 0 info model.safetensors
prints 'method'
expect 0 info state.safetensors
prints '^state.safetensors: checkpoint$'

# A style picture that goes away during the training leaves its result, and its name in it.
cp in/photo.jpg fleeting.jpg
digest=$(sha256sum fleeting.jpg | cut -d ' ' -f 1)
rm -f running.csv
# shellcheck disable=SC2086 # the options are words
"$GAN" train style --style fleeting.jpg --content content $small --steps 400 -o fleeting.safetensors --log running.csv >out 2>err &
process=$!
while [ ! -s running.csv ] && kill -0 $process 2>/dev/null; do sleep 0.05; done
rm fleeting.jpg
stop_after 3
expect 0 info --json fleeting.safetensors
json "events[0]['metadata']['style_sha256'] == '$digest'"

# The same again is the same. Stopped somewhere and gone on with, it is the same too.
train 0 --steps 4 -o again.safetensors
expect 0 stylize in/photo.png -m again.safetensors -o again.png
cmp painted.png again.png || fail "the same seed trained another generator"

start --steps 120 -o stopped.safetensors --checkpoint state.safetensors --checkpoint-every 5 --log running.csv
stop_after 9
train 0 --steps 120 -o resumed.safetensors --resume state.safetensors
train 0 --steps 120 -o straight.safetensors
expect 0 stylize in/photo.png -m resumed.safetensors -o resumed.png
expect 0 stylize in/photo.png -m straight.safetensors -o straight.png
cmp resumed.png straight.png || fail "resuming trained another generator"

train 0 --steps 2 -o model.safetensors --json
json "events[-1]['event'] == 'done' and events[-1]['steps'] == 2 and not events[-1]['interrupted']"
json "any(e['event'] == 'progress' and e['losses'] for e in events)"
train 0 --steps 2 -o model.safetensors --quiet --content-weight 0.5 --style-weight 2 --variation-weight 0 --adversarial-weight 0.5
if [ -s out ] || [ -s err ]; then fail "--quiet said something"; fi

# The feature network that comes with libgan, the discriminator's features, or any other.
train 0 --steps 2 -o discriminator.safetensors --features none
prints 'discriminator.safetensors  2 steps'
train 0 --steps 2 -o unit.safetensors --features in/unit.safetensors

# A signal stops it cleanly.
start --minutes 4 -o stopped.safetensors --log running.csv
stop_after 9
[ $code -eq 130 ] || fail "a stopped training exited with $code"
says 'interrupted after'
expect 0 info stopped.safetensors

# Bad input.
expect 2 train style
says '--style PICTURE'
expect 2 train style --style in/photo.png --content content -o model.safetensors --steps 1 --minutes 1
says 'not both'
expect 2 train style --style in/photo.png --content content
says '-o MODEL'
expect 2 train style extra
says 'unexpected argument'
expect 1 train style --style missing.png --content content -o bad.safetensors --steps 1
says 'missing.png'
expect 1 train style --style in/photo.png --content empty -o bad.safetensors --steps 1
says 'empty'
expect 1 train style --style in/photo.png --content unreadable -o bad.safetensors --steps 1
says 'unreadable'
expect 1 train style --style in/photo.png --content missing -o bad.safetensors --steps 1
says 'missing'
expect 1 train style --style in/photo.png --content content -o bad.safetensors --steps 1 --preset enormous
says 'enormous'
expect 1 train style --style in/photo.png --content content -o missing/bad.safetensors --steps 1
says 'missing/bad.safetensors: cannot write'
expect 1 train style --style in/photo.png --content content -o bad.safetensors --steps 1 --features in/photo.png
says 'in/photo.png'
expect 1 train style --style in/photo.png --content content -o bad.safetensors --steps 1 --resume model.safetensors
says 'model.safetensors'
absent bad.safetensors

# A corrupt photograph among good ones is skipped and told.
cp unreadable/text.jpg content
train 0 --steps 1 -o model.safetensors
finish
