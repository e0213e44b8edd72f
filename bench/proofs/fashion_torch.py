"""`gan train dcgan --preset small --size 28` in PyTorch: the same networks, losses, optimizers, moving average, batch and
number of steps, for comparing what comes out (bench/proofs/fashion.sh). The random numbers differ.

usage: fashion_torch.py IMAGES.idx.gz STEPS SEED SAMPLES.idx [THREADS]      writes 10,000 samples as an IDX file
"""
import gzip
import struct
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

BATCH, NOISE, WIDTH, START = 64, 64, 32, 7
HALF_LIFE = 5000  # of the moving average, in pictures
SAMPLES, SAMPLE_BATCH = 10000, 100
MEASURED = 2048  # pictures from which the averaged generator's running statistics are measured


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.start = nn.Linear(NOISE, START * START * 2 * WIDTH, bias=False)
        self.start_norm = nn.BatchNorm2d(2 * WIDTH)
        self.up1 = nn.ConvTranspose2d(2 * WIDTH, WIDTH, 4, 2, 1, bias=False)
        self.up1_norm = nn.BatchNorm2d(WIDTH)
        self.picture = nn.ConvTranspose2d(WIDTH, 1, 4, 2, 1)

    def forward(self, z):
        x = F.relu(self.start_norm(self.start(z).reshape(-1, 2 * WIDTH, START, START)))
        x = F.relu(self.up1_norm(self.up1(x)))
        return torch.tanh(self.picture(x))


def make_discriminator():
    return nn.Sequential(nn.Conv2d(1, WIDTH, 4, 2, 1), nn.LeakyReLU(0.2),
                         nn.Conv2d(WIDTH, 2 * WIDTH, 4, 2, 1, bias=False), nn.BatchNorm2d(2 * WIDTH),
                         nn.LeakyReLU(0.2), nn.Flatten(), nn.Linear(START * START * 2 * WIDTH, 1))


def initialize(network):
    for module in network.modules():
        if isinstance(module, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)):
            nn.init.normal_(module.weight, 0, 0.02)
            if module.bias is not None:
                nn.init.zeros_(module.bias)


def read_pictures(path):
    with gzip.open(path) as file:
        _, count, height, width = struct.unpack(">4i", file.read(16))
        pixels = torch.frombuffer(bytearray(file.read()), dtype=torch.uint8)
    return pixels.reshape(count, 1, height, width)


def batches(pictures):
    """Each picture once an epoch; an epoch's last batch goes on into the next one."""
    order = torch.empty(0, dtype=torch.int64)
    while True:
        while len(order) < BATCH:
            order = torch.cat([order, torch.randperm(len(pictures))])
        yield pictures[order[:BATCH]].float() / 127.5 - 1
        order = order[BATCH:]


class Average:
    """The bias-corrected moving average of the parameters."""

    def __init__(self, network):
        self.network, self.updates = network, 0
        self.values = [p.detach().clone() for p in network.parameters()]

    @torch.no_grad()
    def update(self):
        decay = 0.5 ** (BATCH / HALF_LIFE)
        share = (1 - decay) / (1 - decay ** (self.updates + 1))
        for value, parameter in zip(self.values, self.network.parameters()):
            value += share * (parameter - value)
        self.updates += 1

    @torch.no_grad()
    def apply(self):
        for value, parameter in zip(self.values, self.network.parameters()):
            parameter.copy_(value)


def verdict(logits, real):
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, real))


@torch.no_grad()
def measure_statistics(generator):
    """Running statistics of the average's own weights: the mean over batches."""
    for norm in (module for module in generator.modules() if isinstance(module, nn.BatchNorm2d)):
        norm.reset_running_stats()
        norm.momentum = None
    for _ in range(MEASURED // BATCH):
        generator(torch.randn(BATCH, NOISE))


def train(pictures, steps):
    generator, discriminator = Generator(), make_discriminator()
    initialize(generator)
    initialize(discriminator)
    adam_g = torch.optim.Adam(generator.parameters(), 2e-4, (0.5, 0.999))
    adam_d = torch.optim.Adam(discriminator.parameters(), 2e-4, (0.5, 0.999))
    average = Average(generator)
    for step, real in zip(range(steps), batches(pictures)):
        fake = generator(torch.randn(BATCH, NOISE))
        adam_d.zero_grad()
        loss = verdict(discriminator(real), 1) + verdict(discriminator(fake.detach()), 0)
        loss.backward()
        adam_d.step()
        adam_g.zero_grad()
        fooled = verdict(discriminator(fake), 1)
        fooled.backward()
        adam_g.step()
        average.update()
        if (step + 1) % 500 == 0:
            print(f"step {step + 1}: discriminator {loss.item():.3f}, generator {fooled.item():.3f}", flush=True)
    average.apply()
    measure_statistics(generator)
    return generator.eval()


@torch.no_grad()
def write_samples(generator, path):
    with open(path, "wb") as file:
        file.write(struct.pack(">4i", 0x803, SAMPLES, 28, 28))
        for _ in range(SAMPLES // SAMPLE_BATCH):
            pictures = generator(torch.randn(SAMPLE_BATCH, NOISE))
            file.write(((pictures + 1) * 127.5).round().clamp(0, 255).to(torch.uint8).numpy().tobytes())


def main():
    images, steps, seed, samples = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    torch.set_num_threads(int(sys.argv[5]) if len(sys.argv) > 5 else 1)
    torch.manual_seed(seed)
    begun, processor = time.time(), time.process_time()
    generator = train(read_pictures(images), steps)
    print(f"{steps} steps: {(time.time() - begun) / 60:.1f} minutes, "
          f"{(time.process_time() - processor) / 60:.1f} of processor time")
    write_samples(generator, samples)


main()
