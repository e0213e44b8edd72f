"""The recipe of bench/style_recipe.c in PyTorch: the same network, losses, optimizer, batch and crops. The random numbers
differ. Paints the pictures that are named last when it has learned.

usage: recipe_torch.py STYLE.jpg PHOTOGRAPHS FEATURES.safetensors STEPS OUTPUT_FOLDER THREADS SEED [PICTURE...]
"""
import json
import pathlib
import random
import sys
import time

import numpy
import torch
import torch.nn.functional as F
from PIL import Image
from torch import nn

SIZE, BATCH, STYLE_SIZE, REPORT = 160, 2, 384, 50
LARGEST = round(SIZE * 4 / 3)


def read_safetensors(path):
    data = pathlib.Path(path).read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + length])
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            first, last = entry["data_offsets"]
            values = numpy.frombuffer(data[8 + length + first:8 + length + last], numpy.float32)
            tensors[name] = torch.from_numpy(values.reshape(entry["shape"]).copy())
    return tensors


class Features(nn.Module):
    """VGG-19 to relu3_1, normalised (Li et al. 2017): its first layer is a 1x1 change of colours."""

    def __init__(self, path):
        super().__init__()
        tensors = read_safetensors(path)
        numbers = sorted({int(name.split(".")[0]) for name in tensors})
        self.layers = [(tensors[f"{i}.weight"], tensors[f"{i}.bias"]) for i in numbers]

    def forward(self, x):
        def conv(x, index):
            weight, bias = self.layers[index]
            pad = weight.shape[2] // 2
            return F.conv2d(F.pad(x, (pad,) * 4, mode="reflect") if pad else x, weight, bias)

        x = conv(x, 0)
        relu1_1 = F.relu(conv(x, 1))
        x = F.max_pool2d(F.relu(conv(relu1_1, 2)), 2)
        relu2_1 = F.relu(conv(x, 3))
        relu2_2 = F.relu(conv(relu2_1, 4))
        relu3_1 = F.relu(conv(F.max_pool2d(relu2_2, 2), 5))
        return relu1_1, relu2_1, relu2_2, relu3_1


def block(inputs, outputs, kernel, stride=1):
    return nn.Sequential(nn.ReflectionPad2d(kernel // 2), nn.Conv2d(inputs, outputs, kernel, stride),
                         nn.InstanceNorm2d(outputs, affine=True))


class Residual(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.first, self.second = block(width, width, 3), block(width, width, 3)

    def forward(self, x):
        return x + self.second(F.relu(self.first(x)))


def make_generator(width=16, blocks=3):
    return nn.Sequential(
        block(3, width, 9), nn.ReLU(), block(width, 2 * width, 3, 2), nn.ReLU(), block(2 * width, 4 * width, 3, 2),
        nn.ReLU(), *(Residual(4 * width) for _ in range(blocks)), nn.Upsample(scale_factor=2),
        block(4 * width, 2 * width, 3), nn.ReLU(), nn.Upsample(scale_factor=2), block(2 * width, width, 3), nn.ReLU(),
        nn.ReflectionPad2d(4), nn.Conv2d(width, 3, 9), nn.Sigmoid())


def tensor_of(image):
    return torch.from_numpy(numpy.asarray(image, numpy.float32).transpose(2, 0, 1) / 255)[None]


def gram(x):
    n, c, h, w = x.shape
    rows = x.reshape(n, c, h * w)
    return rows @ rows.transpose(1, 2) / (c * h * w)


def relative(given, target):
    axes = tuple(range(1, given.dim()))
    return (((given - target) ** 2).sum(axes) / (target ** 2).sum(axes)).mean()


def variation(x):
    return ((x[:, :, 1:] - x[:, :, :-1]) ** 2).mean() + ((x[:, :, :, 1:] - x[:, :, :, :-1]) ** 2).mean()


def crop(image):
    """As gan_dataset does: the shorter side at most a third above the crop, a square of it, scaled."""
    shorter = min(image.size)
    scale = min(1, LARGEST / shorter)
    if scale < 1:
        image = image.resize((round(image.width * scale), round(image.height * scale)), Image.BICUBIC)
    side = random.randint(SIZE, max(SIZE, min(image.size)))
    left, top = random.randint(0, max(0, image.width - side)), random.randint(0, max(0, image.height - side))
    image = image.crop((left, top, left + side, top + side)).resize((SIZE, SIZE), Image.BICUBIC)
    return image.transpose(Image.FLIP_LEFT_RIGHT) if random.random() < 0.5 else image


def main(style_path, folder, features_path, steps, output, threads, seed, *pictures):
    steps = int(steps)
    torch.set_num_threads(int(threads))
    torch.manual_seed(int(seed))
    random.seed(int(seed))
    extractor = Features(features_path)
    painting = Image.open(style_path).convert("RGB")
    painting.thumbnail((STYLE_SIZE, STYLE_SIZE), Image.BICUBIC)
    with torch.no_grad():
        targets = [gram(x) for x in extractor(tensor_of(painting))]
    photographs = [Image.open(path).convert("RGB") for path in sorted(pathlib.Path(folder).iterdir())]
    generator = make_generator()
    optimizer = torch.optim.Adam(generator.parameters(), 2e-3)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - 0.95 * min(step / steps, 1))
    begun, content_sum, style_sum = time.time(), 0.0, 0.0
    for step in range(1, steps + 1):
        batch = torch.cat([tensor_of(crop(random.choice(photographs))) for _ in range(BATCH)])
        with torch.no_grad():
            wanted = extractor(batch)[-1]
        picture = generator(batch)
        features = extractor(picture)
        content = relative(features[-1], wanted)
        style = sum(relative(gram(x), target) for x, target in zip(features, targets))
        optimizer.zero_grad(set_to_none=True)
        (content + style + 3 * variation(picture)).backward()
        optimizer.step()
        schedule.step()
        content_sum, style_sum = content_sum + content.item(), style_sum + style.item()
        if step % REPORT == 0:
            print(f"step {step}  {time.time() - begun:.1f} s  content {content_sum / REPORT:.3f}  "
                  f"style {style_sum / REPORT:.3f}  (means of {REPORT} steps)", flush=True)
            content_sum = style_sum = 0.0
    pathlib.Path(output).mkdir(parents=True, exist_ok=True)
    for path in pictures:
        with torch.no_grad():
            result = generator(tensor_of(Image.open(path).convert("RGB")))[0]
        pixels = (result.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy()
        Image.fromarray(pixels).save(pathlib.Path(output) / (pathlib.Path(path).stem + ".png"))


if __name__ == "__main__":
    main(*sys.argv[1:])
