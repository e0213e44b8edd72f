"""Reference runs of the classical recipes, by PyTorch (Debian: python3-torch): tests/training/references/*.safetensors.

Each file holds, in libgan's layouts and names: "init.<network>.<parameter>", "data.<name>" (a batch for each step),
"losses" [steps, losses] and "final.<network>.<parameter>" in float64 stored as float32, and "loss_deviations" and
"deviation.<network>.<parameter>": how far six float32 runs (1 and 2 threads, NCHW and NHWC, oneDNN on and off)
fell from them at most. Usage: make_references.py FOLDER [RECIPE...]
"""
import json
import struct
import sys

import torch
import torch.nn.functional as F
from torch.nn.utils import spectral_norm

STEPS = 8


# ---- Networks: parameters by libgan's names, in PyTorch's layouts ----

class Network:
    def __init__(self, parameters, statistics=()):
        self.p = parameters
        self.statistics = set(statistics)

    def trainable(self):
        return [v for k, v in self.p.items() if k not in self.statistics]


def normal(*shape):
    return torch.randn(*shape) * 0.1


def add_conv(p, name, inputs, filters, kernel, bias=True):
    p[name + ".weight"] = normal(filters, inputs, kernel, kernel)
    if bias:
        p[name + ".bias"] = normal(filters)


def add_transposed(p, name, inputs, filters, kernel, bias=True):
    p[name + ".weight"] = normal(inputs, filters, kernel, kernel)
    if bias:
        p[name + ".bias"] = normal(filters)


def add_dense(p, name, inputs, units, bias=True):
    p[name + ".weight"] = normal(units, inputs)
    if bias:
        p[name + ".bias"] = normal(units)


def add_batch_norm(p, statistics, name, channels):
    p[name + ".weight"] = 1 + normal(channels)
    p[name + ".bias"] = normal(channels)
    p[name + ".running_mean"] = torch.zeros(channels)
    p[name + ".running_variance"] = torch.ones(channels)
    statistics += [name + ".running_mean", name + ".running_variance"]


def batch_norm(p, name, x, move=True):
    mean, variance = p[name + ".running_mean"], p[name + ".running_variance"]
    if not move:
        mean, variance = mean.clone(), variance.clone()
    return F.batch_norm(x, mean, variance, p[name + ".weight"], p[name + ".bias"], True, 0.1, 1e-5)


def conv(p, name, x, stride=1, padding=0):
    return F.conv2d(x, p[name + ".weight"], p.get(name + ".bias"), stride, padding)


# Written out: with torch.nn.functional.instance_norm of PyTorch 1.13 the gradients of patches, which are permuted and
# indexed, were observed to differ from those of these three lines. The cause is not known.
def instance_norm(x):
    mean = x.mean((2, 3), keepdim=True)
    variance = (x - mean).square().mean((2, 3), keepdim=True)
    return (x - mean) / (variance + 1e-5).sqrt()


def up(p, name, x):
    return F.conv_transpose2d(x, p[name + ".weight"], p.get(name + ".bias"), 2, 1)


def flatten(x):
    return x.permute(0, 2, 3, 1).flatten(1)


def dcgan_generator():
    p, s = {}, []
    add_dense(p, "start", 8, 8 * 8 * 8, False)
    add_batch_norm(p, s, "start_norm", 8)
    add_transposed(p, "up1", 8, 4, 4, False)
    add_batch_norm(p, s, "up1_norm", 4)
    add_transposed(p, "picture", 4, 1, 4)
    return Network(p, s)


def run_dcgan_generator(g, z, move=True):
    p = g.p
    x = F.linear(z, p["start.weight"]).reshape(-1, 8, 8, 8).permute(0, 3, 1, 2)
    x = F.relu(batch_norm(p, "start_norm", x, move))
    x = F.relu(batch_norm(p, "up1_norm", up(p, "up1", x), move))
    return torch.tanh(up(p, "picture", x))


def dcgan_discriminator():
    p = {}
    add_conv(p, "conv1", 1, 4, 4)
    add_conv(p, "conv2", 4, 8, 4)
    add_dense(p, "logit", 8 * 8 * 8, 1)
    return Network(p)


def run_dcgan_discriminator(d, x):
    p = d.p
    x = F.leaky_relu(conv(p, "conv1", x, 2, 1), 0.2)
    x = F.leaky_relu(conv(p, "conv2", x, 2, 1), 0.2)
    return F.linear(flatten(x), p["logit.weight"], p["logit.bias"])


class SpectralDiscriminator(Network):
    """The same with torch.nn.utils.spectral_norm; names and layouts are turned to and fro."""

    LAYERS = ("conv1", "conv2", "logit")

    def __init__(self):
        super().__init__({})
        self.modules = {"conv1": torch.nn.Conv2d(1, 4, 4, 2, 1), "conv2": torch.nn.Conv2d(4, 8, 4, 2, 1),
                        "logit": torch.nn.Linear(512, 1)}
        for name, module in self.modules.items():
            spectral_norm(module)
            with torch.no_grad():
                module.weight_orig.copy_(normal(*module.weight_orig.shape))
                module.bias.copy_(normal(*module.bias.shape))
        self.read()

    def pairs(self):
        for name, m in self.modules.items():
            yield name + ".weight", m.weight_orig
            yield name + "_scaled.bias", m.bias
            yield name + "_spectral_norm.u", m.weight_u
            yield name + "_spectral_norm.v", m.weight_v

    def layer(self, name):
        return self.modules[name.split("_")[0]]

    def read(self):
        self.p = {}
        for name, value in self.pairs():
            value = value.detach().clone()
            if name.endswith(".v") and self.layer(name).weight_orig.dim() == 4:
                shape = self.layer(name).weight_orig.shape[1:]
                value = value.reshape(shape).permute(1, 2, 0).flatten()
            self.p[name] = value.reshape(1, -1) if name[-2:] in (".u", ".v") else value

    def write(self):
        with torch.no_grad():
            for name, value in self.pairs():
                given = self.p[name].flatten() if name[-2:] in (".u", ".v") else self.p[name]
                if name.endswith(".v") and self.layer(name).weight_orig.dim() == 4:
                    o, i, h, w = self.layer(name).weight_orig.shape
                    given = given.reshape(h, w, i).permute(2, 0, 1).flatten()
                value.data = given.clone().to(value.dtype)

    def trainable(self):
        return [p for m in self.modules.values() for p in m.parameters()]

    def __call__(self, x):
        x = F.leaky_relu(self.modules["conv1"](x), 0.2)
        x = F.leaky_relu(self.modules["conv2"](x), 0.2)
        return self.modules["logit"](flatten(x))


def unet():
    p, s = {}, []
    add_conv(p, "down1", 3, 4, 4)
    add_conv(p, "down2", 4, 8, 4, False)
    add_batch_norm(p, s, "down2_norm", 8)
    add_conv(p, "down3", 8, 16, 4)
    add_transposed(p, "up3", 16, 8, 4, False)
    add_batch_norm(p, s, "up3_norm", 8)
    add_transposed(p, "up2", 16, 4, 4, False)
    add_batch_norm(p, s, "up2_norm", 4)
    add_transposed(p, "up1", 8, 3, 4)
    return Network(p, s)


def run_unet(g, x, move=True):
    p = g.p
    one = conv(p, "down1", x, 2, 1)
    two = batch_norm(p, "down2_norm", conv(p, "down2", F.leaky_relu(one, 0.2), 2, 1), move)
    three = conv(p, "down3", F.leaky_relu(two, 0.2), 2, 1)
    y = batch_norm(p, "up3_norm", up(p, "up3", F.relu(three)), move)
    y = batch_norm(p, "up2_norm", up(p, "up2", F.relu(torch.cat([two, y], 1))), move)
    return torch.tanh(up(p, "up1", F.relu(torch.cat([one, y], 1))))


def patchgan(channels, norm):
    p, s = {}, []
    add_conv(p, "conv1", channels, 4, 4)
    add_conv(p, "conv2", 4, 8, 4, False)
    add_conv(p, "conv3", 8, 16, 4, False)
    if norm == "batch":
        add_batch_norm(p, s, "conv2_norm", 8)
        add_batch_norm(p, s, "conv3_norm", 16)
    add_conv(p, "logits", 16, 1, 4)
    return Network(p, s)


def run_patchgan(d, x):
    p = d.p
    x = F.leaky_relu(conv(p, "conv1", x, 2, 1), 0.2)
    for name, stride in (("conv2", 2), ("conv3", 1)):
        x = conv(p, name, x, stride, 1)
        batch = name + "_norm.weight" in p
        x = F.leaky_relu(batch_norm(p, name + "_norm", x) if batch else instance_norm(x), 0.2)
    return conv(p, "logits", x, 1, 1)


def resnet():
    p = {}
    add_conv(p, "conv1", 3, 4, 7, False)
    add_conv(p, "down1", 4, 8, 3, False)
    add_conv(p, "down2", 8, 16, 3, False)
    add_conv(p, "block1_conv1", 16, 16, 3, False)
    add_conv(p, "block1_conv2", 16, 16, 3, False)
    add_conv(p, "up1", 16, 8, 3, False)
    add_conv(p, "up2", 8, 4, 3, False)
    add_conv(p, "output_conv", 4, 3, 7)
    return Network(p)


def reflected(p, name, x, pad):
    return conv(p, name, F.pad(x, (pad,) * 4, mode="reflect"))


def run_resnet(g, x, features=False):
    p = g.p
    y = F.relu(instance_norm(reflected(p, "conv1", x, 3)))
    one = conv(p, "down1", y, 2, 1)
    two = conv(p, "down2", F.relu(instance_norm(one)), 2, 1)
    y = F.relu(instance_norm(two))
    z = F.relu(instance_norm(reflected(p, "block1_conv1", y, 1)))
    block = y + instance_norm(reflected(p, "block1_conv2", z, 1))
    if features:
        return [one, two, block]
    y = block
    for name in ("up1", "up2"):
        y = F.interpolate(y, scale_factor=2, mode="nearest")
        y = F.relu(instance_norm(reflected(p, name, y, 1)))
    return torch.tanh(reflected(p, "output_conv", y, 3))


def projection(channels):
    p = {}
    add_dense(p, "dense1", channels, 12)
    add_dense(p, "dense2", 12, 12)
    return Network(p)


def run_projection(f, x):
    p = f.p
    return F.linear(F.relu(F.linear(x, p["dense1.weight"], p["dense1.bias"])), p["dense2.weight"], p["dense2.bias"])


# ---- Recipes: networks, data, and a step that gives its losses ----

def adam(networks, rate, betas):
    parameters = [p for n in networks for p in n.trainable()]
    for p in parameters:
        p.requires_grad_(True)
    return torch.optim.Adam(parameters, rate, betas)


def update(optimizer, loss):
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def logits_loss(x, label):
    return F.binary_cross_entropy_with_logits(x, torch.full_like(x, label))


def squares(x, label):
    return F.mse_loss(x, torch.full_like(x, label))


def noise_data(batch):
    return {"noise": torch.randn(STEPS, batch, 8), "real": pictures(batch, 32, 1)}


def pictures(batch, size, channels):
    rough = torch.rand(STEPS * batch, channels, size // 4, size // 4) * 2 - 1
    smooth = F.interpolate(rough, size=(size, size), mode="bilinear", align_corners=False)
    noisy = smooth + 0.1 * torch.randn(STEPS * batch, channels, size, size)
    return noisy.clamp(-1, 1).reshape(STEPS, batch, channels, size, size)


class Hinge:
    def networks(self):
        return {"generator": dcgan_generator(), "discriminator": SpectralDiscriminator()}

    def data(self):
        return noise_data(4)

    def optimizers(self, n):
        return [adam([n["discriminator"]], 2e-4, (0.0, 0.9)), adam([n["generator"]], 2e-4, (0.0, 0.9))]

    def step(self, n, optimizers, data):
        g, d = n["generator"], n["discriminator"]
        fake = run_dcgan_generator(g, data["noise"]).detach()
        real_loss = F.relu(1 - d(data["real"])).mean()
        fake_loss = F.relu(1 + d(fake)).mean()
        update(optimizers[0], real_loss + fake_loss)
        loss = -d(run_dcgan_generator(g, data["noise"], False)).mean()
        update(optimizers[1], loss)
        return [real_loss, fake_loss, loss]


def length(gradient):
    return gradient.flatten(1).norm(dim=1)


def slope(verdict, x):
    return torch.autograd.grad(verdict.sum(), x, create_graph=True)[0]


class WassersteinPenalty:
    def networks(self):
        return {"generator": dcgan_generator(), "discriminator": dcgan_discriminator()}

    def data(self):
        return dict(noise_data(4), share=torch.rand(STEPS, 4, 1, 1, 1))

    def optimizers(self, n):
        return [adam([n["discriminator"]], 1e-4, (0.5, 0.9)), adam([n["generator"]], 1e-4, (0.5, 0.9))]

    def step(self, n, optimizers, data):
        g, d = n["generator"], n["discriminator"]
        fake, real, share = run_dcgan_generator(g, data["noise"]).detach(), data["real"], data["share"]
        mixed = (share * real + (1 - share) * fake).requires_grad_(True)
        distance = run_dcgan_discriminator(d, fake).mean() - run_dcgan_discriminator(d, real).mean()
        penalty = ((length(slope(run_dcgan_discriminator(d, mixed), mixed)) - 1) ** 2).mean()
        update(optimizers[0], distance + 10 * penalty)
        loss = -run_dcgan_discriminator(d, run_dcgan_generator(g, data["noise"], False)).mean()
        update(optimizers[1], loss)
        return [distance, penalty, loss]


class R1(WassersteinPenalty):
    def data(self):
        return noise_data(4)

    def optimizers(self, n):
        return [adam([n["discriminator"]], 2e-4, (0.5, 0.999)), adam([n["generator"]], 2e-4, (0.5, 0.999))]

    def step(self, n, optimizers, data):
        g, d = n["generator"], n["discriminator"]
        fake, real = run_dcgan_generator(g, data["noise"]).detach(), data["real"].clone().requires_grad_(True)
        verdict = run_dcgan_discriminator(d, real)
        fooled = logits_loss(verdict, 1.0) + logits_loss(run_dcgan_discriminator(d, fake), 0.0)
        penalty = slope(verdict, real).square().flatten(1).sum(1).mean()
        update(optimizers[0], fooled + 5 * penalty)
        loss = logits_loss(run_dcgan_discriminator(d, run_dcgan_generator(g, data["noise"], False)), 1.0)
        update(optimizers[1], loss)
        return [fooled, penalty, loss]


class Pix2pix:
    def networks(self):
        return {"generator": unet(), "discriminator": patchgan(6, "batch")}

    def data(self):
        return {"source": pictures(2, 16, 3), "target": pictures(2, 16, 3)}

    def optimizers(self, n):
        return [adam([n[k]], 2e-4, (0.5, 0.999)) for k in ("discriminator", "generator")]

    def step(self, n, optimizers, data):
        g, d, source, target = n["generator"], n["discriminator"], data["source"], data["target"]
        fake = run_unet(g, source).detach()
        verdict = 0.5 * (logits_loss(run_patchgan(d, torch.cat([source, target], 1)), 1.0) +
                         logits_loss(run_patchgan(d, torch.cat([source, fake], 1)), 0.0))
        update(optimizers[0], verdict)
        fake = run_unet(g, source, False)
        fooled = logits_loss(run_patchgan(d, torch.cat([source, fake], 1)), 1.0)
        distance = (fake - target).abs().mean()
        update(optimizers[1], fooled + 100 * distance)
        return [verdict, fooled, distance]


class CycleGan:
    def networks(self):
        return {"a_to_b": resnet(), "b_to_a": resnet(), "judge_a": patchgan(3, None), "judge_b": patchgan(3, None)}

    def data(self):
        return {"a": pictures(1, 16, 3), "b": pictures(1, 16, 3)}

    def optimizers(self, n):
        return [adam([n["a_to_b"], n["b_to_a"]], 2e-4, (0.5, 0.999)),
                adam([n["judge_a"]], 2e-4, (0.5, 0.999)), adam([n["judge_b"]], 2e-4, (0.5, 0.999))]

    def step(self, n, optimizers, data):
        a, b, to_b, to_a = data["a"], data["b"], n["a_to_b"], n["b_to_a"]
        fake_b, fake_a = run_resnet(to_b, a), run_resnet(to_a, b)
        cycle = F.l1_loss(run_resnet(to_a, fake_b), a) + F.l1_loss(run_resnet(to_b, fake_a), b)
        identity = F.l1_loss(run_resnet(to_a, a), a) + F.l1_loss(run_resnet(to_b, b), b)
        fooled = squares(run_patchgan(n["judge_a"], fake_a), 1.0) + squares(run_patchgan(n["judge_b"], fake_b), 1.0)
        update(optimizers[0], fooled + 10 * cycle + 5 * identity)
        verdicts = []
        for i, (name, real, fake) in enumerate((("judge_a", a, fake_a), ("judge_b", b, fake_b))):
            verdicts.append(0.5 * (squares(run_patchgan(n[name], real), 1.0) +
                                   squares(run_patchgan(n[name], fake.detach()), 0.0)))
            update(optimizers[1 + i], verdicts[-1])
        return [fooled, cycle, identity] + verdicts


def info_nce(query, key):
    scores = query @ key.transpose(1, 2) / 0.07
    target = torch.arange(scores.shape[1]).repeat(scores.shape[0])
    return F.cross_entropy(scores.flatten(0, 1), target)


class Cut:
    def networks(self):
        return {"generator": resnet(), "discriminator": patchgan(3, None), "projection0": projection(8),
                "projection1": projection(16), "projection2": projection(16)}

    def data(self):
        p = {"source": pictures(1, 16, 3), "target": pictures(1, 16, 3)}
        for i, positions in enumerate((64, 16, 16)):
            p["positions%d" % i] = torch.stack([torch.randperm(positions)[:12] for _ in range(STEPS)]).float()
        return p

    def optimizers(self, n):
        return [adam([n["discriminator"]], 2e-4, (0.5, 0.999)),
                adam([v for k, v in n.items() if k != "discriminator"], 2e-4, (0.5, 0.999))]

    def nce(self, n, data, source, picture):
        total = 0
        levels = zip(run_resnet(n["generator"], picture, True), run_resnet(n["generator"], source, True))
        for i, (query, key) in enumerate(levels):
            at = data["positions%d" % i].long()
            q, k = (run_projection(n["projection%d" % i], x.permute(0, 2, 3, 1).flatten(1, 2)[:, at])
                    for x in (query, key))
            q, k = (x / (x.pow(2).sum(2, keepdim=True).sqrt() + 1e-7) for x in (q, k))
            total = total + info_nce(q, k.detach()) / 3
        return total

    def step(self, n, optimizers, data):
        source, target, g, d = data["source"], data["target"], n["generator"], n["discriminator"]
        fake = run_resnet(g, source)
        verdict = 0.5 * (squares(run_patchgan(d, fake.detach()), 0.0) + squares(run_patchgan(d, target), 1.0))
        update(optimizers[0], verdict)
        fooled = squares(run_patchgan(d, fake), 1.0)
        nce = self.nce(n, data, source, fake)
        same = self.nce(n, data, target, run_resnet(g, target))
        update(optimizers[1], fooled + 0.5 * (nce + same))
        return [verdict, fooled, nce, same]


class AnimeDiscriminator(SpectralDiscriminator):
    """Of AnimeGANv2, one halving: spectral norms, layer norms, no biases."""

    NORMS = ("wide1", "conv2")

    def __init__(self):
        Network.__init__(self, {})
        sizes = {"conv1": (3, 2, 1), "down1": (2, 4, 2), "wide1": (4, 8, 1), "conv2": (8, 8, 1), "logits": (8, 1, 1)}
        self.modules = {n: torch.nn.Conv2d(i, o, 3, s, 1, bias=False) for n, (i, o, s) in sizes.items()}
        self.norms = {n: torch.nn.GroupNorm(1, sizes[n][1]) for n in self.NORMS}
        for module in self.modules.values():
            spectral_norm(module)
            with torch.no_grad():
                module.weight_orig.copy_(normal(*module.weight_orig.shape))
        for norm in self.norms.values():
            with torch.no_grad():
                norm.weight.copy_(1 + normal(*norm.weight.shape))
                norm.bias.copy_(normal(*norm.bias.shape))
        self.read()

    def pairs(self):
        for name, m in self.modules.items():
            yield name + ".weight", m.weight_orig
            yield name + "_spectral_norm.u", m.weight_u
            yield name + "_spectral_norm.v", m.weight_v
        for name, m in self.norms.items():
            yield name + "_norm.weight", m.weight
            yield name + "_norm.bias", m.bias

    def trainable(self):
        return super().trainable() + [p for m in self.norms.values() for p in m.parameters()]

    def __call__(self, x):
        for name in ("conv1", "down1", "wide1", "conv2"):
            x = self.modules[name](x)
            x = F.leaky_relu(self.norms[name](x) if name in self.norms else x, 0.2)
        return self.modules["logits"](x)


# Name, inputs, filters, kernel, in the order of their work.
ANIME_LAYERS = (("conv1", 3, 2, 7), ("down1", 2, 4, 3), ("conv2", 4, 4, 3), ("down2", 4, 8, 3), ("conv3", 8, 8, 3),
                ("conv4", 8, 8, 3), ("block1_expand", 8, 16, 1), ("block1_depthwise", 1, 16, 3),
                ("block1_project", 16, 16, 1), ("conv5", 16, 8, 3), ("up1", 8, 8, 3), ("conv6", 8, 8, 3),
                ("up2", 8, 4, 3), ("conv7", 4, 4, 3), ("conv8", 4, 2, 7))


def anime_generator():
    p = {}
    for name, inputs, filters, kernel in ANIME_LAYERS:
        add_conv(p, name, inputs, filters, kernel, False)
        p[name + "_norm.weight"] = 1 + normal(filters)
        p[name + "_norm.bias"] = normal(filters)
    add_conv(p, "output_conv", 2, 3, 1, False)
    return Network(p)


def run_anime_generator(g, x):
    p = g.p
    for name, inputs, filters, kernel in ANIME_LAYERS:
        if name.startswith("up"):
            x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
        x = F.pad(x, (kernel // 2,) * 4, mode="reflect") if kernel > 1 else x
        groups = filters if name.endswith("depthwise") else 1
        x = F.conv2d(x, p[name + ".weight"], None, 2 if name.startswith("down") else 1, 0, 1, groups)
        x = F.group_norm(x, 1, p[name + "_norm.weight"], p[name + "_norm.bias"], 1e-5)
        x = x if name == "block1_project" else F.leaky_relu(x, 0.2)
    return torch.tanh(conv(p, "output_conv", x))


def anime_features():
    p = {}
    add_conv(p, "conv1", 3, 6, 3)
    add_conv(p, "conv2", 6, 8, 3)
    return Network(p)


def run_anime_features(f, x):
    return conv(f.p, "conv2", F.relu(conv(f.p, "conv1", x / 2 + 0.5, 1, 1)), 2, 1)


def gram(x):
    flat = x.flatten(2)
    return flat @ flat.transpose(1, 2) / (flat.shape[1] * flat.shape[2])


def yuv(x):
    r, g, b = (x / 2 + 0.5).unbind(1)
    y = 0.299 * r + 0.587 * g + 0.114 * b
    return y, 0.492111 * (b - y), 0.877283 * (r - y)


class Anime:
    """AnimeGANv2: three steps of the content alone, then both players, D first."""

    WEIGHTS = (150.0, 250.0, 15.0, 0.5, 300.0)
    JUDGE_WEIGHTS = (1.2, 1.1, 1.0, 0.8)
    CONTENT_UNIT, GRAM_UNIT, BEGINNING = 0.5, 0.25, 3

    def networks(self):
        return {"generator": anime_generator(), "discriminator": AnimeDiscriminator(), "features": anime_features()}

    def data(self):
        data = {k: pictures(2, 16, 3) for k in ("source", "target", "smooth")}
        return dict(data, number=torch.arange(STEPS).float())

    def optimizers(self, n):
        generator = n["generator"]
        return [adam([n["discriminator"]], 4e-4, (0.5, 0.999)), adam([generator], 2e-4, (0.5, 0.999)),
                adam([generator], 1e-3, (0.5, 0.999))]

    def judge(self, n, optimizers, data, fake, grey):
        d = n["discriminator"]
        losses = [squares(d(data["target"]), 1.0), squares(d(fake), 0.0), squares(d(grey), 0.0),
                  squares(d(data["smooth"]), 0.0)]
        update(optimizers[0], sum(w * x for w, x in zip(self.JUDGE_WEIGHTS, losses)))
        return losses

    def step(self, n, optimizers, data):
        source, target, features = data["source"], data["target"], n["features"]
        fake = run_anime_generator(n["generator"], source)
        seen = run_anime_features(features, fake)
        content = (seen - run_anime_features(features, source)).abs().mean() / self.CONTENT_UNIT
        if float(data["number"]) < self.BEGINNING:
            update(optimizers[2], self.WEIGHTS[0] * content)
            return [content] + 8 * [0]
        grey = (0.299 * target[:, :1] + 0.587 * target[:, 1:2] + 0.114 * target[:, 2:]).repeat(1, 3, 1, 1)
        judged = self.judge(n, optimizers, data, fake.detach(), grey)
        texture = (gram(seen) - gram(run_anime_features(features, grey))).abs().mean() / self.GRAM_UNIT
        (y, u, v), (y2, u2, v2) = yuv(fake), yuv(source)
        color = (y - y2).abs().mean() + F.smooth_l1_loss(u, u2) + F.smooth_l1_loss(v, v2)
        variation = fake.diff(dim=2).square().mean() + fake.diff(dim=3).square().mean()
        losses = [content, texture, color, variation, squares(n["discriminator"](fake), 1.0)]
        update(optimizers[1], sum(w * x for w, x in zip(self.WEIGHTS, losses)))
        return losses + judged


RECIPES = {"hinge": Hinge, "wgan_gp": WassersteinPenalty, "r1": R1, "pix2pix": Pix2pix, "cyclegan": CycleGan,
           "cut": Cut, "anime": Anime}


# ---- Runs ----

def convert(value, dtype, channels_last):
    value = value.detach().clone().to(dtype)
    return value.contiguous(memory_format=torch.channels_last) if channels_last and value.dim() == 4 else value


def run(recipe, start, data, dtype, channels_last=False):
    torch.set_default_dtype(dtype)
    networks = recipe.networks()
    for name, network in networks.items():
        network.p = {k: convert(v, dtype, channels_last) for k, v in start[name].items()}
        if isinstance(network, SpectralDiscriminator):
            network.write()
    optimizers, losses = recipe.optimizers(networks), []
    for i in range(STEPS):
        batch = {k: convert(v[i], dtype, channels_last) for k, v in data.items()}
        losses.append([float(x) for x in recipe.step(networks, optimizers, batch)])
    for network in networks.values():
        if isinstance(network, SpectralDiscriminator):
            network.read()
    final = {n: {k: v.detach().double() for k, v in network.p.items()} for n, network in networks.items()}
    return torch.tensor(losses, dtype=torch.float64), final


def float32_runs(recipe, start, data):
    for threads, channels_last, onednn in ((1, 0, 1), (2, 0, 1), (1, 1, 1), (2, 1, 1), (1, 0, 0), (2, 1, 0)):
        torch.set_num_threads(threads)
        with torch.backends.mkldnn.flags(enabled=bool(onednn)):
            yield run(recipe, start, data, torch.float32, bool(channels_last))


# ---- Files ----

def libgan_layout(value):
    return value.permute(0, 2, 3, 1) if value.dim() == 4 else value


def data_layout(value):
    return value.permute(0, 1, 3, 4, 2) if value.dim() == 5 else value


def write(path, tensors):
    header, body = {}, b""
    for name, value in tensors.items():
        raw = value.detach().float().contiguous().numpy().astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [len(body), len(body) + len(raw)]}
        body += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + body)
    print(path, len(body) + len(text) + 8, "bytes")


def reference(recipe, seed):
    torch.set_default_dtype(torch.float32)
    torch.manual_seed(seed)
    start = {name: dict(network.p) for name, network in recipe.networks().items()}
    data = recipe.data()
    losses, final = run(recipe, start, data, torch.float64)
    loss_deviations = torch.zeros_like(losses)
    deviations = {n: {k: torch.zeros(()).double() for k in p} for n, p in final.items()}
    for other, parameters in float32_runs(recipe, start, data):
        loss_deviations = torch.maximum(loss_deviations, (other - losses).abs())
        for n, p in final.items():
            for k in p:
                worst = (parameters[n][k] - p[k]).abs().max()
                deviations[n][k] = torch.maximum(deviations[n][k], worst)
    tensors = {"losses": losses, "loss_deviations": loss_deviations}
    tensors.update({"data." + k: data_layout(v) for k, v in data.items()})
    for n in final:
        for k in final[n]:
            tensors["init.%s.%s" % (n, k)] = libgan_layout(start[n][k])
            tensors["final.%s.%s" % (n, k)] = libgan_layout(final[n][k])
            tensors["deviation.%s.%s" % (n, k)] = deviations[n][k].reshape(1)
    return tensors


if __name__ == "__main__":
    for number, (name, recipe) in enumerate(RECIPES.items()):
        if len(sys.argv) > 2 and name not in sys.argv[2:]:
            continue
        write("%s/%s.safetensors" % (sys.argv[1], name), reference(recipe(), number + 1))
