#!/usr/bin/env python3
"""Train a generator for the style of one picture, with a discriminator beside it, and save it for stylize.py:

    python3 train.py STYLE.jpg PHOTO.jpg MODEL.safetensors [STEPS [EXTRACTOR.safetensors]]

The loss compares the generator's pictures with the style's matrix S and with the photo's content, both seen through
the features of an extractor. Without one SqueezeNet has random weights, which shows the way but makes no fine
pictures. Batches are plain NumPy arrays: cut, mirrored and stacked by NumPy, trained on where they lie.
"""

import sys

import numpy

import gan

SIDE, BATCH = 64, 2
OPEN = (-1, -1, -1, 3)


def build_discriminator(context):
    """Patch logits: real brush strokes or generated ones?"""
    graph = gan.Graph.create(context)
    picture = graph.input("picture", OPEN)
    x = gan.leaky_relu(gan.conv2d(picture, 16, 4, stride=2), 0.2)
    x = gan.leaky_relu(gan.conv2d(x, 32, 4, stride=2), 0.2)
    return gan.Model.create(context, "discriminator", [picture], [gan.conv2d(x, 1, 3)])


def verdict(logits, real):
    return gan.binary_cross_entropy_with_logits(logits, gan.fill_like(logits, real))


def judging(context, generator, discriminator):
    """The discriminator's objective over (photo, style): no gradient is needed in the generator."""
    graph = gan.Graph.create(context)
    photo, style = graph.input("photo", OPEN), graph.input("style", OPEN)
    loss = gan.add(verdict(discriminator(style), 1), verdict(discriminator(generator(photo)), 0))
    return gan.Objective.create(context, loss, [photo, style], [discriminator], adam(context, 0.0005))


def stylising(context, generator, discriminator, style_loss):
    """The generator's objective over (photo): it learns through the discriminator and the extractor."""
    graph = gan.Graph.create(context)
    photo = graph.input("photo", OPEN)
    picture = generator(photo)
    loss = gan.add(style_loss(picture, photo), verdict(discriminator(picture), 1))
    return gan.Objective.create(context, loss, [photo], [generator], adam(context, 0.003))


def adam(context, rate):
    return gan.Adam.create(context, learning_rate=rate, beta1=0.5)


def load_extractor(context, path):
    network = gan.Model.load(context, path) if path else gan.Model.squeezenet(context)
    return network.select_outputs("relu1", "fire2", "fire3")


def random_crops(picture, random):
    """BATCH crops of SIDE pixels, half of them mirrored."""
    crops = []
    for _ in range(BATCH):
        top = random.integers(picture.shape[1] - SIDE + 1)
        left = random.integers(picture.shape[2] - SIDE + 1)
        crop = picture[0, top : top + SIDE, left : left + SIDE]
        crops.append(crop[:, ::-1] if random.random() < 0.5 else crop)
    return numpy.stack(crops)


def main(style_path, photo_path, model_path, steps="20", extractor_path=None):
    context = gan.Context(seed=1)
    random = numpy.random.default_rng(1)
    painting = gan.resize_image(context, gan.load_image(context, style_path), 2 * SIDE, 2 * SIDE)
    photo = gan.resize_image(context, gan.load_image(context, photo_path), 2 * SIDE, 2 * SIDE)
    style = gan.Style.of(load_extractor(context, extractor_path), painting)
    print(f"S has levels of {[style.gram(level).shape[1] for level in range(3)]} channels")

    generator = gan.Model.johnson(context, channels=8, blocks=2)
    discriminator = build_discriminator(context)
    judge = judging(context, generator, discriminator)
    stylise = stylising(context, generator, discriminator, gan.StyleLoss.create(style, style_weight=5))
    for step in range(1, int(steps) + 1):
        photos = random_crops(photo, random)
        d_loss = judge.step(photos, random_crops(painting, random))
        g_loss = stylise.step(photos)
        print(f"step {step}: discriminator {d_loss:.4f}, generator {g_loss:.4f}")
    generator.save(model_path)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except gan.Error as error:
        sys.exit(f"{error.status}: {error}")
