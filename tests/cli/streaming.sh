#!/bin/sh
# gan stylize in bands of rows, and gan plan.
. "$(dirname "$0")/support.sh"

model=in/johnson.safetensors

# In bands as whole, for every format, with alpha, scaled first, and any number of threads.
for photo in photo.png photo.jpg photo.bmp alpha.png; do
    expect 0 stylize in/$photo -m $model -o whole.png
    expect 0 stylize in/$photo -m $model -o bands.png --tile 24
    prints '^bands.png  [0-9]+x[0-9]+  .* in [0-9]+ bands'
    same whole.png bands.png 1
done
expect 0 stylize in/photo.png -m $model -o whole.png --size 300
expect 0 stylize in/photo.png -m $model -o bands.png --size 300 --memory 128M --threads 1
same whole.png bands.png 1
expect 0 stylize in/photo.png -m $model -o three.png --size 300 --memory 128M --threads 3
cmp bands.png three.png || fail "threads change the result"
expect 0 stylize in/alpha.png -m in/unit.safetensors -o copy.png --memory 1G
same in/alpha.png copy.png 0
for name in copy.jpg copy.bmp copy.tga; do
    expect 0 stylize in/photo.png -m in/unit.safetensors -o $name --quality 100 --tile 16
    size $name 61x47
done

# Adjusted row by row.
for way in --strength=0.4 --preserve-color --preserve-color=covariance --preserve-color=histogram; do
    expect 0 stylize in/photo.png -m $model -o whole.png $way
    expect 0 stylize in/photo.png -m $model -o bands.png $way --tile 24
    same whole.png bands.png 1
done

# With masks and fine detail, which look beyond a row, on a picture higher than what is looked at once.
expect 0 stylize in/photo.png -m in/unit.safetensors -o big.png --size 300
expect 0 stylize in/mask.png -m in/unit.safetensors -o edge.png --size 300
expect 0 stylize big.png -m $model -o gradual.png
for ways in "--detail=2" "--mask=edge.png" "--mask=edge.png --feather=9" "--mask=gradual.png --feather=90" \
    "--mask=gradual.png --feather=400 --strength=0.7" "--mask=edge.png --detail=1.5 --preserve-color --strength=0.6" \
    "--preserve-color=covariance" "--preserve-color=histogram" \
    "--mask=edge.png --feather=9 --detail=1.5 --preserve-color=covariance --strength=0.6" \
    "--mask=gradual.png --detail=0.5 --preserve-color=histogram --strength=0.8"; do
    # shellcheck disable=SC2086 # the options are words
    expect 0 stylize big.png -m $model -o whole.png $ways
    # shellcheck disable=SC2086
    expect 0 stylize big.png -m $model -o bands.png $ways --tile 29
    same whole.png bands.png 1
done
expect 0 stylize in/photo.png -m $model -o whole.png --size 200 --mask in/mask.png --feather 5
expect 0 stylize in/photo.png -m $model -o bands.png --size 200 --mask in/mask.png --feather 5 --tile 29
same whole.png bands.png 1

# By the colours of the whole result, within memory, with alpha, without statistics of the network's to wait for.
for way in covariance histogram; do
    expect 0 stylize in/photo.png -m $model -o whole.png --size 300 --preserve-color=$way
    expect 0 stylize in/photo.png -m $model -o bands.png --size 300 --preserve-color=$way --memory 128M --threads 1
    same whole.png bands.png 1
    expect 0 stylize in/photo.png -m $model -o three.png --size 300 --preserve-color=$way --memory 128M --threads 3
    cmp bands.png three.png || fail "threads change the result"
    expect 0 stylize in/alpha.png -m $model -o whole.png --preserve-color=$way
    expect 0 stylize in/alpha.png -m $model -o bands.png --preserve-color=$way --tile 24
    same whole.png bands.png 1
    expect 0 stylize in/alpha.png -m in/unit.safetensors -o copy.png --preserve-color=$way
    expect 0 stylize in/alpha.png -m in/unit.safetensors -o bands.png --preserve-color=$way --tile 24
    same copy.png bands.png 0
    expect 0 stylize in/photo.png -m $model -o bands.png --size 300 --approximate-statistics --preserve-color=$way
    size bands.png 300x231
done
TMPDIR=/nowhere expect 1 stylize in/photo.png -m in/unit.safetensors -o x.png --tile 24 --preserve-color=histogram
says '/nowhere'
expect 1 stylize in/photo.jpg -m $model -o x.png --tile 24 --mask in/mask.png
says 'in/mask.png: the mask has 61 x 47 pixels, but the picture 64 x 48'
expect 1 stylize in/photo.png -m $model -o x.png --tile 24 --size 200 --mask edge.png
says 'edge.png: the mask has 300 x 231 pixels, but the picture 200 x 154'
expect 1 stylize in/photo.png -m $model -o x.png --tile 24 --mask in/missing.png
says 'in/missing.png'
absent x.png
expect 0 stylize in/photo.png -m $model -o near.png --size 300 --approximate-statistics
size near.png 300x231

# Several at once, in JSON.
expect 0 stylize in/photo.png in/alpha.png -m $model -o some --tile 24 --json
json "[e['event'] for e in events] == ['picture', 'picture', 'done'] and events[2]['written'] == 2"
json "events[0]['bands'] >= 2 and events[0]['passes'] > 2 and events[0]['width'] == 61"

# What the photograph's file says beside its pixels is kept, and where the result comes from is said.
expect 0 info bands.png
prints 'compositeWithTrainedAlgorithmicMedia'

# What does not do is refused with what would.
expect 1 stylize in/photo.png -m $model -o x.png --size 2000 --memory 50M
says 'too little .* at least [0-9]+M'
least=$(sed 's/.* at least \([0-9]*M\).*/\1/' err)
expect 0 stylize in/photo.png -m $model -o x.png --size 2000 --memory "$least"
rm x.png
expect 1 stylize in/photo.png -m $model -o x.png --size 300 --tile 1
says 'too low.* at least [0-9]+ rows'
least=$(sed 's/.* at least \([0-9]*\) rows.*/\1/' err)
expect 0 stylize in/photo.png -m $model -o x.png --size 300 --tile "$least"
rm x.png
absent x.png
expect 2 stylize in/photo.png -m $model -o x.png --memory much
says '512M or 1G'
expect 2 stylize in/photo.png -m $model -o x.png --memory 1G --sheet sheet.png
says 'whole pictures'
expect 2 stylize in/photo.png -m $model -o x.png --tile 32 --watermark me
says 'whole pictures'
expect 1 stylize in/photo.png -m in/fixed.safetensors -o x.png --tile 32
says 'size of its own'
expect 1 stylize in/none.png -m $model -o x.png --tile 32
says 'none.png'
TMPDIR=/nowhere expect 1 stylize in/photo.png -m $model -o x.png --size 400 --tile 32
says '/nowhere'
absent x.png

# gan plan. Names of files cannot drive a terminal, turn its text or make up lines.
cp $model "$(printf 'a\342\200\256b\033c\nd.safetensors')"
expect 0 plan ./a*d.safetensors --size 100x80
prints 'a.xe2.x80.xaeb.x1bc.nd.safetensors  100x80'
expect 0 plan ./a*d.safetensors --size 100x80 --json
json "events[0]['model'] == './a\u202eb\x1bc\nd.safetensors'"
prints 'a.u202eb.u001bc.u000ad.safetensors'
expect 0 plan $model --size 3000x2000
prints '^  whole +[0-9]+ MiB, about [0-9.]+ s'
prints '^  in bands +[0-9]+ MiB, about [0-9.]+ s: [0-9]+ passes'
prints 'least +--memory [0-9]+M, --tile [0-9]+'
expect 0 plan $model --size 3000x2000 --memory 200M --threads 1 --json
json "events[0]['bands']['memory'] <= 200 << 20 and events[0]['bands']['least_memory'] < 200 << 20"
json "events[0]['whole']['memory'] > events[0]['bands']['memory'] and events[0]['bands']['rows'] > 0"
json "events[0]['whole']['seconds'] > 0 and events[0]['bands']['seconds'] > 0"
expect 1 plan $model --size 3000x2000 --memory 40M
says 'at least [0-9]+M'
expect 1 plan in/fixed.safetensors --size 64x64
says 'it takes'
expect 2 plan $model
says 'WIDTHxHEIGHT'
expect 2 plan --size 64x64
says 'one generator'

finish
