#!/bin/sh
# gan eval: numbers of known pictures, folders, JSON, and input that makes no sense.
. "$(dirname "$0")/support.sh"
mkdir a b one empty bad
cp in/photo.png a/x.png
cp in/photo.bmp a/y.bmp
cp in/photo.png b/x.png
cp in/photo.bmp b/y.bmp
cp in/photo.png one/x.png
cp in/photo.png in/photo.bmp bad
head -c 200 in/photo.png >bad/cut.png
unit=in/unit.safetensors # gives back what it gets: features are colours

# Two pictures.
expect 0 eval ssim in/photo.png in/photo.png
prints 'ssim 1$'
expect 0 eval psnr in/photo.png in/photo.png
prints 'psnr inf$'
expect 0 eval psnr in/photo.png in/photo.png --json
json "events[0]['event'] == 'pair' and events[0]['value'] is None"
expect 0 eval ssim in/photo.png in/photo.bmp --size 32 --json
json "events[0]['value'] < 1 and events[1]['metric'] == 'ssim' and events[1]['pairs'] == 1"
expect 0 eval style-loss in/photo.png in/photo.png -f $unit
prints 'style-loss 0$'
expect 0 eval content-loss in/photo.png in/photo.bmp -f $unit --size 24 --json
json "events[0]['value'] > 0"
expect 1 eval ssim in/photo.png in/photo.bmp
says 'photo.png and in/photo.bmp: .*\[1,47,61,3\] and \[1,35,33,3\]'
expect 1 eval ssim in/tiny.png in/tiny.png
says 'at least 11'
expect 1 eval psnr in/photo.png bad/cut.png
says 'bad/cut.png'

# Folders.
expect 0 eval ssim a b
prints 'mean of 2 pairs  ssim 1$'
expect 0 eval fid a b -f $unit --json
json "events[0]['metric'] == 'fid' and abs(events[0]['value']) < 1e-9 and events[0]['channels'] == 3"
expect 0 eval kid a b -f $unit --json
json "events[0]['subsets'] == 100 and events[0]['subset_size'] == 2 and events[0]['low'] <= events[0]['value'] <= events[0]['high']"
expect 1 eval ssim a one
says 'y.bmp: one has no picture of this name'
expect 1 eval fid a one -f $unit
says 'one: expected at least 2 pictures'
expect 1 eval fid a empty -f $unit
says 'empty: there is no picture'
expect 1 eval fid a bad -f $unit --json
says 'bad/cut.png'
json "events[-1]['failed'] == 1 and events[-1]['count_b'] == 2"
expect 1 eval kid a b -f $unit --subset-size 3
says 'subset_size is 3'
expect 1 eval fid a b -f $unit --output relu9
says 'relu9'
expect 1 eval fid a missing -f $unit
says 'missing'

# The command line.
expect 2 eval
says 'METRIC A B'
expect 2 eval beauty a b
says 'beauty: no such metric'
expect 2 eval fid a b
says '--features'
expect 2 eval lpips in/photo.png in/photo.png -f $unit
says '--heads'
expect 2 eval ssim a in/photo.png
says 'two pictures or two folders'
expect 1 eval fid a b -f in/photo.png
says 'in/photo.png'
expect 1 eval lpips in/photo.png in/photo.png -f $unit --heads missing
says 'relu1'

weights=${GAN_SHARED_DATA:-}/weights
if [ -n "${GAN_SHARED_DATA:-}" ]; then
    expect 0 eval lpips in/photo.png in/photo.png -f "$weights/squeezenet1.1.safetensors" \
        --heads "$weights/lpips_v0.1_squeeze.safetensors"
    prints 'lpips 0$'
    expect 0 eval fid a b -f "$weights/squeezenet1.1.safetensors" -o fire9 --size 64
    prints '512 channels'
fi
finish
