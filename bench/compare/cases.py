"""What is measured. Each case names the models that libgan makes for all peers, the inputs, and the job."""

import os
from dataclasses import dataclass, field

SHARED = os.environ.get("GAN_SHARED_DATA") or os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "shared", "data")
PRECISIONS = ("exact", "default", "bf16")
TRAINING_PRECISIONS = ("exact", "default")
EVERYONE = ("libgan", "torch nchw", "torch channels-last", "onnxruntime", "tensorflow")
TRAINERS = ("libgan", "torch nchw", "torch channels-last")


@dataclass
class Case:
    name: str
    group: str
    job: str
    width: int
    height: int
    models: dict  # name of an argument to (kind, {option: value})
    tensors: dict  # name of an argument to its shape; the first one is the input, others are named like the model's
    extra: dict = field(default_factory=dict)
    libraries: tuple = EVERYONE
    precisions: tuple = PRECISIONS
    threads: tuple = (1, 2)
    rounds: int = 0  # at most so many; 0: as many as asked for


def published(kind, file, **options):
    """Weights of the shared folder where it is there, else libgan's own random ones."""
    path = os.path.join(SHARED, "weights", file + ".safetensors")
    if os.path.exists(path):
        return kind, {"weights": path, **options}
    return kind, options


def network(name, width, height, model, group="network", **more):
    return Case(name, group, "network", width, height, {"model": model}, {"input": (1, height, width, 3)}, **more)


JOHNSON = published("johnson", "johnson_random")
SMALL = published("johnson", "fns_vangogh_starry-night", channels=4)
EIGHT = published("johnson", "fns_vangogh8_bedroom", channels=8)
SQUEEZENET = published("squeezenet", "squeezenet1.1", select="fire9")
SQUEEZENET_LEVELS = published("squeezenet", "squeezenet1.1", select="relu1,fire3,fire5,fire7")
# Without dropout, whose draws would differ: so the losses of the first step can be compared.
UNET = "unet", {"dropout": -1}
RESNET = "resnet", {}
MICROAST = published("microast", "microast")
VGG19 = published("vgg19", "wct_vgg_normalised_conv3_1", select="relu3_1")
VGG19_LEVELS = published("vgg19", "wct_vgg_normalised_conv3_1", select="relu1_1,relu2_1,relu2_2,relu3_1")


def johnson_cases():
    return [network("johnson 32", width, height, JOHNSON, "johnson")
            for width, height in ((256, 256), (512, 512), (1280, 720))]


def microast_case():
    """Content and style of one size; both are encoded in each run."""
    case = network("microast", 512, 512, MICROAST)
    case.tensors["style"] = (1, 512, 512, 3)
    return case


def network_cases():
    return [
        network("johnson 4", 512, 512, SMALL),
        network("johnson 8", 512, 512, EIGHT),
        network("squeezenet features", 256, 256, SQUEEZENET),
        network("vgg-19 to relu3_1", 256, 256, VGG19),
        network("u-net", 256, 256, UNET),
        network("resnet-9", 256, 256, RESNET),
        microast_case(),
    ]


# Input side, channels in and out, kernel, stride, upsampling before it.
LAYERS = (
    (512, 3, 32, 9, 1, 1), (512, 32, 64, 3, 2, 1), (256, 64, 128, 3, 2, 1), (128, 128, 128, 3, 1, 1),
    (256, 128, 64, 3, 1, 1), (512, 64, 32, 3, 1, 1), (512, 32, 3, 9, 1, 1), (256, 64, 64, 3, 1, 1),
    (64, 256, 256, 3, 1, 1), (32, 512, 512, 3, 1, 1), (128, 128, 128, 1, 1, 1), (128, 32, 256, 1, 1, 1),
    (64, 256, 64, 1, 1, 1), (32, 512, 512, 1, 1, 1), (128, 128, 64, 3, 1, 2), (256, 64, 32, 3, 1, 2),
)


def layer_name(side, channels, filters, kernel, stride, upsample):
    before = "up2 + " if upsample == 2 else ""
    after = " s%d" % stride if stride > 1 else ""
    return "%s%dx%d%s %d->%d @%d" % (before, kernel, kernel, after, channels, filters, side)


def layer_case(job, group, layer):
    side, channels, filters, kernel, stride, upsample = layer
    sizes = {"in": channels, "out": filters, "kernel": kernel, "stride": stride, "upsample": upsample}
    tensors = {"input": (1, side, side, channels)}
    if job == "gradients":
        after = side * upsample // stride
        tensors["direction"] = (1, after, after, filters)
    return Case(layer_name(*layer), group, job, side, side, {"model": ("convolution", sizes)}, tensors,
                libraries=TRAINERS, precisions=PRECISIONS if job == "network" else TRAINING_PRECISIONS)


def training_cases():
    generator = {"size": 28, "channels": 1}
    style = Case("style step, batch 2", "training", "style", 256, 256,
                 {"model": JOHNSON, "extractor": SQUEEZENET_LEVELS},
                 {"input": (2, 256, 256, 3), "style": (1, 256, 256, 3)}, {"content-level": "fire5"}, TRAINERS,
                 TRAINING_PRECISIONS)
    dcgan = Case("dcgan step, batch 64", "training", "adversarial", 28, 28,
                 {"model": ("dcgan_generator", generator), "discriminator": ("dcgan_discriminator", generator)},
                 {"input": (64, 100), "real": (64, 28, 28, 1)}, {}, TRAINERS, TRAINING_PRECISIONS)
    resnet = Case("resnet-9 + patchgan step", "training", "adversarial", 128, 128,
                  {"model": RESNET, "discriminator": ("patchgan", {"channels": 3})},
                  {"input": (1, 128, 128, 3), "real": (1, 128, 128, 3)}, {"loss": "squares"}, TRAINERS,
                  TRAINING_PRECISIONS)
    pix2pix = Case("pix2pix step", "training", "adversarial", 256, 256,
                   {"model": UNET, "discriminator": ("patchgan", {"channels": 6, "norm": 1})},
                   {"input": (1, 256, 256, 3), "real": (1, 256, 256, 3)},
                   {"conditional": 1, "absolute-weight": 100}, TRAINERS, TRAINING_PRECISIONS)
    recipe = Case("style recipe step, batch 2", "training", "style", 160, 160,
                  {"model": ("johnson", {"channels": 16, "blocks": 3}), "extractor": VGG19_LEVELS},
                  {"input": (2, 160, 160, 3), "style": (1, 384, 384, 3)},
                  {"content-level": "relu3_1", "recipe": 1}, TRAINERS, TRAINING_PRECISIONS)
    return [style, recipe, dcgan, resnet, pix2pix]


def scaling_cases():
    """libgan alone: time against pixels; and everyone on a net of 28000 parameters, where each call counts."""
    sizes = ((256, 144), (512, 288), (1024, 576), (2048, 1152), (4096, 2304))
    alone = [network("johnson 32", width, height, JOHNSON, "pixels", libraries=("libgan",), threads=(2,),
                     precisions=("default",), rounds=3) for width, height in sizes]
    return alone + [network("johnson 4", 256, 256, SMALL, "latency")]


def all_cases():
    return (johnson_cases() + [layer_case("network", "layers", layer) for layer in LAYERS]
            + [layer_case("gradients", "gradients", layer) for layer in LAYERS]
            + network_cases() + training_cases() + scaling_cases())


def quick_cases():
    """The Johnson net alone, at one size."""
    return johnson_cases()[1:2]


def tiny_cases():
    """Everything once, so small that it serves as a test."""
    layer = (16, 3, 4, 3, 1, 1)
    return [network("johnson 4", 64, 64, ("johnson", {"channels": 4}), "tiny"),
            layer_case("gradients", "tiny", layer)]
