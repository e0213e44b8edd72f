"""Reads a model that libgan saved: its layers, and its weights as numpy arrays.

The file is a safetensors file whose metadata holds the graph as JSON. Pictures in it are [N, H, W, C], weights of
convolutions [O, KH, KW, I], those of transposed ones [I, KH, KW, O].
"""

import json
import struct

import numpy

PAD_EXPLICIT, PAD_SAME, PAD_VALID, PAD_HALF = range(4)
PADDING_MODES = ("zero", "reflect", "replicate")


class Untranslated(Exception):
    """Something of the graph that a peer's translation does not know."""


class Graph:
    def __init__(self, path):
        with open(path, "rb") as file:
            header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
            body = file.read()
        described = json.loads(header.pop("__metadata__")["libgan.graph"])
        self.layers = described["layers"]
        self.inputs = described["inputs"]
        self.outputs = described["outputs"]
        self.tensors = {name: read_tensor(body, entry) for name, entry in header.items()}

    def parameters(self, layer):
        return [self.tensors[name] for name in layer.get("parameters", [])]

    def constant(self, layer):
        return self.tensors[layer["name"] + ".value"]

    def names(self):
        return [self.layers[index]["name"] for index in self.outputs]

    def last_uses(self):
        """For each layer, the index of the last one that reads it; outputs are read at the end."""
        last = list(range(len(self.layers)))
        for index, layer in enumerate(self.layers):
            for source in layer["inputs"]:
                last[source] = index
        for index in self.outputs:
            last[index] = len(self.layers)
        return last

    def input_names(self):
        return [self.layers[index]["name"] for index in self.inputs]

    def run(self, given, functions):
        """Calls functions[i](inputs of layer i) in order, dropping each value after its last use; `given` are the
        model's inputs."""
        values, last = dict(zip(self.inputs, given)), self.last_uses()
        for index, layer in enumerate(self.layers):
            if index in self.inputs:
                continue
            sources = layer["inputs"]
            values[index] = functions[index](*[values[source] for source in sources])
            for source in set(sources):
                if last[source] == index:
                    del values[source]
        return [values[index] for index in self.outputs]


def read_tensor(body, entry):
    if entry["dtype"] != "F32":
        raise Untranslated("weights of type " + entry["dtype"])
    start, end = entry["data_offsets"]
    return numpy.frombuffer(body[start:end], "<f4").reshape(entry["shape"]).copy()


def convolution_pads(attributes):
    """Top, left, bottom, right of a convolution."""
    if attributes["padding"] == PAD_EXPLICIT:
        return attributes["pad"]
    if attributes["padding"] == PAD_VALID:
        return [0, 0, 0, 0]
    reach = [d * (k - 1) for d, k in zip(attributes["dilation"], attributes["kernel"])]
    if attributes["padding"] == PAD_SAME and (attributes["stride"] != [1, 1] or reach[0] % 2 or reach[1] % 2):
        raise Untranslated("padding that depends on the picture's size")
    return [reach[0] // 2, reach[1] // 2] * 2


def transposed_cuts(attributes):
    """Rows and columns that a transposed convolution cuts off: top, left, bottom, right."""
    if attributes["padding"] == PAD_EXPLICIT:
        return attributes["pad"]
    if attributes["padding"] == PAD_VALID:
        return [0, 0, 0, 0]
    if attributes["padding"] == PAD_HALF:
        return [(k - 1) // 2 for k in attributes["kernel"]] * 2
    cut = [k - s for k, s in zip(attributes["kernel"], attributes["stride"])]
    if min(cut) < 0:
        raise Untranslated("a transposed convolution with gaps")
    return [cut[0] // 2, cut[1] // 2, cut[0] - cut[0] // 2, cut[1] - cut[1] // 2]
