"""A libgan model as a PyTorch module, built of the modules that a PyTorch user would take."""

import torch
from torch import nn
from torch.nn import functional

from graph_file import PADDING_MODES, Graph, Untranslated, convolution_pads, transposed_cuts

AXES = {0: 0, 1: 2, 2: 3, 3: 1}  # of [N, H, W, C] in [N, C, H, W]
TORCH_MODES = {"zero": "constant", "reflect": "reflect", "replicate": "replicate"}
POINTWISE = {
    "relu": functional.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid, "silu": functional.silu,
    "gelu": functional.gelu, "softplus": functional.softplus,
    "add": torch.add, "subtract": torch.sub, "multiply": torch.mul,
}


def tensor(values):
    return torch.from_numpy(values)


def fill(module, *values):
    with torch.no_grad():
        for parameter, value in zip((module.weight, module.bias), values):
            parameter.copy_(value)
    return module


def convolution(attributes, parameters):
    top, left, bottom, right = convolution_pads(attributes)
    mode = PADDING_MODES[attributes["padding_mode"]]
    even = top == bottom and left == right
    module = nn.Conv2d(
        attributes["in_channels"], attributes["filters"], attributes["kernel"], attributes["stride"],
        (top, left) if even else 0, attributes["dilation"], attributes["groups"], not attributes["no_bias"],
        "zeros" if mode == "zero" or not even else mode)
    fill(module, tensor(parameters[0]).permute(0, 3, 1, 2), *[tensor(p) for p in parameters[1:]])
    return module if even else nn.Sequential(Pad((left, right, top, bottom), mode), module)


def transposed_convolution(attributes, parameters):
    top, left, bottom, right = transposed_cuts(attributes)
    cut = (min(top, bottom), min(left, right))
    module = nn.ConvTranspose2d(
        attributes["in_channels"], attributes["filters"], attributes["kernel"], attributes["stride"], cut,
        attributes["output_padding"], 1, not attributes["no_bias"])
    fill(module, tensor(parameters[0]).permute(0, 3, 1, 2), *[tensor(p) for p in parameters[1:]])
    rest = (cut[1] - left, cut[1] - right, cut[0] - top, cut[0] - bottom)
    return nn.Sequential(module, Pad(rest, "zero")) if any(rest) else module


def dense(attributes, parameters):
    module = nn.Linear(attributes["in_channels"], attributes["units"], not attributes["no_bias"])
    return fill(module, *[tensor(p) for p in parameters])


def normalization(kind, attributes, parameters):
    channels, epsilon, affine = attributes["channels"], attributes["epsilon"], not attributes["no_affine"]
    if kind == "instance_norm":
        module = nn.InstanceNorm2d(channels, epsilon, affine=affine)
    else:
        module = nn.BatchNorm2d(channels, epsilon, attributes["momentum"], affine)
        with torch.no_grad():
            module.running_mean.copy_(tensor(parameters[-2]))
            module.running_var.copy_(tensor(parameters[-1]))
    return fill(module, *[tensor(p) for p in parameters[:2]]) if affine else module


class Pad(nn.Module):
    """Left, right, top, bottom; numbers below 0 cut off."""

    def __init__(self, sides, mode):
        super().__init__()
        self.sides, self.mode = sides, TORCH_MODES[mode]

    def forward(self, x):
        return functional.pad(x, self.sides, self.mode)


class Reshape(nn.Module):
    def __init__(self, sizes, channels_last):
        super().__init__()
        self.sizes, self.channels_last = sizes, channels_last

    def forward(self, x):
        if x.dim() == 4:
            x = x.permute(0, 2, 3, 1)
        x = x.reshape(x.shape[:1] + tuple(self.sizes))
        if x.dim() == 4:
            x = x.permute(0, 3, 1, 2)
        return x if self.channels_last else x.contiguous()


class Constant(nn.Module):
    def __init__(self, values):
        super().__init__()
        value = tensor(values)
        self.register_buffer("value", value.permute(0, 3, 1, 2).contiguous() if value.dim() == 4 else value)

    def forward(self):
        return self.value


class Call(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *inputs):
        return self.function(*inputs)


def pooling(kind, attributes):
    top, left, bottom, right = attributes["pad"]
    if top != bottom or left != right:
        raise Untranslated("pooling with uneven padding")
    sizes = (attributes["kernel"], attributes["stride"], (top, left), bool(attributes["ceil_mode"]))
    if kind == "max_pool":
        kernel, stride, padding, ceil_mode = sizes
        return nn.MaxPool2d(kernel, stride, padding, ceil_mode=ceil_mode)
    return nn.AvgPool2d(*sizes, count_include_pad=bool(attributes["count_padding"]))


class Deviation(nn.Module):
    """The standard deviation of each channel."""

    def __init__(self, attributes):
        super().__init__()
        self.epsilon, self.unbiased = attributes["epsilon"], bool(attributes["sample_variance"])

    def forward(self, x):
        return torch.sqrt(x.var((2, 3), self.unbiased, keepdim=True) + self.epsilon)


class AdaptiveNorm(nn.Module):
    def __init__(self, attributes):
        super().__init__()
        self.deviation = Deviation(attributes)

    def forward(self, x, scale, shift):
        normalized = (x - x.mean((2, 3), keepdim=True)) / self.deviation(x)
        return normalized * scale[:, :, None, None] + shift[:, :, None, None]


def upsampling(kind, attributes):
    mode = {"upsample_nearest": "nearest", "upsample_bilinear": "bilinear"}[kind]
    return nn.Upsample(scale_factor=attributes["factor"], mode=mode)


def padding(kind, attributes):
    top, left, bottom, right = attributes["pad"]
    sign = 1 if kind == "pad" else -1
    mode = PADDING_MODES[attributes["mode"]] if kind == "pad" else "zero"
    return Pad((sign * left, sign * right, sign * top, sign * bottom), mode)


def simple(kind, attributes, channels_last):
    if kind in POINTWISE:
        return Call(POINTWISE[kind])
    if kind == "leaky_relu":
        return nn.LeakyReLU(attributes["slope"])
    if kind == "scale":
        return Call(lambda x: x * attributes["factor"] + attributes["offset"])
    if kind == "concat":
        return Call(lambda *x: torch.cat(x, AXES[attributes["axis"]] if x[0].dim() == 4 else attributes["axis"]))
    if kind == "reshape":
        return Reshape(attributes["size"][1:attributes["rank"]], channels_last)
    if kind == "flatten":
        return Reshape([-1], channels_last)
    if kind == "dropout":
        return nn.Dropout(attributes["rate"])
    if kind == "stop_gradient":
        return Call(lambda x: x.detach())
    if kind == "global_average_pool":
        return nn.AdaptiveAvgPool2d(1)
    if kind == "channel_deviation":
        return Deviation(attributes)
    if kind == "adain_affine":
        return AdaptiveNorm(attributes)
    if kind == "modulate":
        return Call(lambda a, b, of_a, of_b: of_a * a + of_b * b)
    if kind == "slice":
        start, length = attributes["start"], attributes["length"]
        return Call(lambda x: x.narrow(AXES[attributes["axis"]] if x.dim() == 4 else attributes["axis"], start, length))
    raise Untranslated(kind)


def module_of(graph, layer, channels_last):
    kind, attributes, parameters = layer["op"], layer["attributes"], graph.parameters(layer)
    if kind == "constant":
        return Constant(graph.constant(layer))
    if kind == "conv2d":
        return convolution(attributes, parameters)
    if kind == "conv2d_transpose":
        return transposed_convolution(attributes, parameters)
    if kind == "dense":
        return dense(attributes, parameters)
    if kind in ("instance_norm", "batch_norm"):
        return normalization(kind, attributes, parameters)
    if kind in ("max_pool", "average_pool"):
        return pooling(kind, attributes)
    if kind in ("upsample_nearest", "upsample_bilinear"):
        return upsampling(kind, attributes)
    if kind in ("pad", "crop"):
        return padding(kind, attributes)
    return simple(kind, attributes, channels_last)


class Network(nn.Module):
    """forward(inputs) gives the list of the model's outputs."""

    def __init__(self, path, channels_last):
        super().__init__()
        self.graph = Graph(path)
        self.steps = nn.ModuleList(
            nn.Identity() if index in self.graph.inputs else module_of(self.graph, layer, channels_last)
            for index, layer in enumerate(self.graph.layers))
        self.graph.tensors = {}
        if channels_last:
            self.to(memory_format=torch.channels_last)

    def forward(self, *inputs):
        return self.graph.run(inputs, self.steps)
