#!/bin/sh
# gan train dcgan, pix2pix, cyclegan and gan generate: short runs, what comes out, and bad input.
. "$(dirname "$0")/support.sh"
mkdir a b c
for name in 1 2 3; do
    cp in/photo.png a/$name.png
    cp in/photo.jpg b/$name.jpg
    "$GAN" stylize in/photo.png -m in/unit.safetensors -o c/$name.png -q
done
small="--preset small --size 32 --batch 2 --channels 4 --discriminator-channels 4 --seed 3 --steps 3 --threads 2"

train() { # CODE RECIPE ARGUMENT...
    wanted=$1
    recipe=$2
    shift 2
    # shellcheck disable=SC2086 # the options are words
    expect "$wanted" train "$recipe" $small "$@"
}

train 0 dcgan --data a --noise 8 -o dcgan.safetensors --log log.csv --plot plot.png --preview preview.png
there plot.png
[ "$(head -n 1 log.csv)" = "step,seconds,learning_rate,real,fake,generator" ] || fail "log.csv begins otherwise"
[ "$(wc -l <log.csv)" -eq 4 ] || fail "log.csv has $(wc -l <log.csv) lines, expected a head and 3 steps"
size preview.png 263x263
# The preview is drawn by what would come out: the average, where there is one.
train 0 dcgan --data a --noise 8 -o last.safetensors --average 0 --log last.csv --preview last.png
cmp -s preview.png last.png && fail "the preview does not show the average"
train 0 dcgan --data a --noise 8 -o unseen.safetensors
cmp dcgan.safetensors unseen.safetensors || fail "the preview has changed the training"
expect 0 generate dcgan.safetensors -n 6 --columns 3 -o samples.png
size samples.png 100x66
expect 0 generate dcgan.safetensors -n 6 --columns 3 -o again.png --json
json 'events[-1]["pictures"] == 6'
cmp samples.png again.png || fail "the same seed drew other pictures"
expect 0 generate dcgan.safetensors -n 70 --columns 70 -o many.png
size many.png 2378x32
expect 0 info dcgan.safetensors
prints 'dcgan'

# With labels: a column for each class, by name and by number; of an IDX file they are another one.
mkdir classes
cp -r a classes/cats
cp -r b classes/dogs
train 0 dcgan --data classes --conditional --noise 8 -o classes.safetensors --preview classes.png
size classes.png 65x263
expect 0 info classes.safetensors
prints 'cats/dogs'
expect 0 generate classes.safetensors -n 6 -o columns.png
size columns.png 66x100
expect 0 generate classes.safetensors -n 2 --label dogs -o dogs.png
expect 0 generate classes.safetensors -n 2 --label 1 -o one.png
cmp dogs.png one.png || fail "the class's name and its number drew different pictures"
expect 0 generate classes.safetensors -n 2 --label cats -o cats.png
cmp -s cats.png dogs.png && fail "two classes drew the same pictures"
expect 1 generate classes.safetensors --label birds -o never.png
says 'birds.*0 to 1 or one of cats/dogs'
expect 1 generate dcgan.safetensors --label 0 -o never.png
says 'knows no classes'
train 1 dcgan --data a --conditional -o never.safetensors
says 'no class'
{
    printf '\000\000\010\003\000\000\000\004\000\000\000\034\000\000\000\034'
    head -c 3136 in/photo.bmp
} >pictures.idx
printf '\000\000\010\001\000\000\000\004\000\001\002\001' >labels.idx
# An IDX file's pictures keep their size.
expect 0 train dcgan --preset small --batch 2 --channels 4 --noise 8 --steps 2 --data pictures.idx \
    --labels labels.idx --conditional -o digits.safetensors
expect 0 generate digits.safetensors -n 3 -o digits.png
size digits.png 88x28
expect 1 generate digits.safetensors --label 3 -o never.png
says 'expected 0 to 2'
train 2 dcgan --data pictures.idx --conditional -o never.safetensors
says '--labels IDX'
train 2 dcgan --data pictures.idx --labels labels.idx -o never.safetensors
says 'goes with dcgan --conditional'
train 2 dcgan --data classes --labels labels.idx --conditional -o never.safetensors
says 'a subfolder for each class'
train 1 cyclegan --source a --target b --conditional -o never.safetensors
says 'only dcgan'

# Losses, penalties and several steps of the critic.
train 0 dcgan --data a --noise 8 --loss wasserstein --critic-steps 2 -o critic.safetensors
expect 0 info critic.safetensors
prints 'loss=5 .*penalty=10 .*critic=2'
train 0 dcgan --data a --noise 8 --loss hinge --penalty 1 --augment all -o hinge.safetensors
train 2 dcgan --data a --loss log -o never.safetensors
says 'least-squares, hinge or, with dcgan, wasserstein'
train 1 cyclegan --source a --target b --loss wasserstein -o never.safetensors
says 'loss is 5, expected 1 to 4'
train 1 cyclegan --source a --target b --critic-steps 2 -o never.safetensors
says 'critic_steps is 2'

train 0 pix2pix --source a --target c -o pix2pix.safetensors --preview pairs.png
size pairs.png 98x32
expect 0 generate dcgan.safetensors -n 1 -o one.png
expect 0 stylize one.png -m pix2pix.safetensors -o painted.png
size painted.png 32x32
expect 0 stylize in/photo.png -m pix2pix.safetensors -o painted.png # no multiple of 32
size painted.png 61x47

train 0 pix2pix --source a --target c --resize-convolution -o resized.safetensors
expect 0 info resized.safetensors
prints 'resize-convolution'
expect 0 stylize in/photo.png -m resized.safetensors -o painted.png
size painted.png 61x47
train 1 cut --source a --target b --resize-convolution -o never.safetensors
says 'cut has no U-Net'

train 0 cyclegan --blocks 1 --source a --target b -o there.safetensors --inverse back.safetensors --checkpoint state
expect 0 stylize in/photo.png -m there.safetensors -o there.png
size there.png 61x47
expect 0 stylize in/photo.png -m back.safetensors -o back.png
differ there.png back.png
train 0 cyclegan --blocks 1 --source a --target b -o again.safetensors --resume state
expect 0 stylize in/photo.png -m again.safetensors -o there_again.png
cmp there.png there_again.png || fail "a finished training went on"

train 0 cut --source a --target b --blocks 2 -o cut.safetensors --preview cut.png
size cut.png 65x65
train 0 cut --source a --target b --blocks 2 -o unseen.safetensors
cmp cut.safetensors unseen.safetensors || fail "the preview has changed the training"
train 0 cut --source a --target b --blocks 2 -o last.safetensors --average 0 --preview last.png
cmp -s cut.png last.png && fail "the preview does not show the average"
expect 0 stylize in/photo.png -m cut.safetensors -o cut_there.png
size cut_there.png 61x47
train 0 cut-single --source in/photo.png --target in/photo.jpg --blocks 2 -o single.safetensors
expect 0 stylize in/photo.png -m single.safetensors -o single.png
train 0 cut-single --source in/photo.png --target in/photo.jpg --blocks 2 --augment color,translation -o seen.safetensors
expect 0 info seen.safetensors
prints 'augment=3'
train 2 dcgan --data a --augment color, -o never.safetensors
says 'those wanted of color,translation,cutout'
train 0 cut --source a --target b --blocks 2 --largest-scale 2 -o pieces.safetensors
expect 0 stylize in/photo.png -m pieces.safetensors -o pieces.png
differ cut_there.png pieces.png
train 2 cut --source a --target b --largest-scale 0.5 -o never.safetensors
says 'largest-scale'
train 1 cut --blocks 1 --source a --target b -o never.safetensors
says 'blocks is 1'

# A corrupt file is named and left out; where nothing is left it is an error.
echo "no picture" >b/text.png
train 0 cyclegan --blocks 1 --source a --target b -o skipped.safetensors
says 'text.png'
mkdir empty
train 1 dcgan --data empty -o never.safetensors
says 'empty'
absent never.safetensors
train 1 dcgan --data nowhere -o never.safetensors
says 'nowhere'
train 1 cyclegan --source a --target b -o never.safetensors --resume in/photo.png
says 'photo.png'
train 1 pix2pix --source a --target c -o never.safetensors --resume state
says 'made with other options'
train 1 pix2pix --source a --target c -o never.safetensors --augment all
says 'pix2pix takes no augmentation'
train 1 dcgan --data a -o nowhere/never.safetensors
says 'nowhere'
train 1 dcgan --data a -o never.safetensors --preset large
says 'paper and small'
train 2 dcgan -o never.safetensors
says '--data'
train 2 cyclegan --source a -o never.safetensors
says '--target'
train 2 dcgan --data a --source b -o never.safetensors
says 'not both'
train 2 cyclegan --data a --source a --target b -o never.safetensors
says 'not both'
train 2 cut --source a --target b --inverse back.safetensors -o never.safetensors
says 'only cyclegan'
train 1 cyclegan --source a --target b --inverse nowhere/back.safetensors -o never.safetensors
says 'nowhere'
for recipe in cyclegan cut; do
    train 1 $recipe --source a --target b --blocks 2 --size 30 -o never.safetensors
    says 'multiple of 4'
done
train 1 pix2pix --source a --target c --size 33 -o never.safetensors
says 'multiple of 4'
train 1 dcgan --data a --blocks 2 -o never.safetensors
says 'dcgan has none'
expect 1 generate pix2pix.safetensors -o never.png
says 'gan stylize'
expect 2 generate -o never.png
says 'expected one model'
expect 1 generate in/photo.png -o never.png
absent never.png
finish
