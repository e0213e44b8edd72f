"""A libgan model as ONNX (opset 13, NCHW), with the operators that PyTorch's exporter writes."""

import numpy
from onnx import TensorProto, checker, helper, numpy_helper

from graph_file import PADDING_MODES, Graph, Untranslated, convolution_pads, transposed_cuts

AXES = {0: 0, 1: 2, 2: 3, 3: 1}  # of [N, H, W, C] in [N, C, H, W]
ONNX_MODES = {"zero": "constant", "reflect": "reflect", "replicate": "edge"}
PLAIN = {
    "relu": "Relu", "tanh": "Tanh", "sigmoid": "Sigmoid", "softplus": "Softplus", "add": "Add", "subtract": "Sub",
    "multiply": "Mul", "global_average_pool": "GlobalAveragePool",
}


class Writer:
    def __init__(self, graph):
        self.graph, self.nodes, self.initializers = graph, [], []

    def node(self, operator, inputs, **attributes):
        name = "value_%d" % len(self.nodes)
        self.nodes.append(helper.make_node(operator, inputs, [name], **attributes))
        return name

    def store(self, values):
        name = "stored_%d" % len(self.initializers)
        self.initializers.append(numpy_helper.from_array(numpy.ascontiguousarray(values), name))
        return name

    def pad(self, x, top, left, bottom, right, mode):
        pads = self.store(numpy.array([0, 0, top, left, 0, 0, bottom, right], numpy.int64))
        return self.node("Pad", [x, pads], mode=ONNX_MODES[mode])

    def convolution(self, x, attributes, parameters):
        pads = convolution_pads(attributes)
        mode = PADDING_MODES[attributes["padding_mode"]]
        if mode != "zero" and any(pads):
            x, pads = self.pad(x, *pads, mode), [0, 0, 0, 0]
        weights = [self.store(parameters[0].transpose(0, 3, 1, 2))] + [self.store(p) for p in parameters[1:]]
        return self.node("Conv", [x] + weights, kernel_shape=attributes["kernel"], strides=attributes["stride"],
                         dilations=attributes["dilation"], group=attributes["groups"], pads=pads)

    def transposed_convolution(self, x, attributes, parameters):
        weights = [self.store(parameters[0].transpose(0, 3, 1, 2))] + [self.store(p) for p in parameters[1:]]
        return self.node("ConvTranspose", [x] + weights, kernel_shape=attributes["kernel"],
                         strides=attributes["stride"], pads=transposed_cuts(attributes),
                         output_padding=attributes["output_padding"])

    def normalization(self, kind, x, attributes, parameters):
        channels = attributes["channels"]
        if attributes["no_affine"]:
            parameters = [numpy.ones(channels, "f4"), numpy.zeros(channels, "f4")] + parameters
        names = [self.store(p) for p in parameters]
        operator = {"instance_norm": "InstanceNormalization", "batch_norm": "BatchNormalization"}[kind]
        return self.node(operator, [x] + names, epsilon=attributes["epsilon"])

    def pooling(self, kind, x, attributes):
        extra = {"count_include_pad": attributes["count_padding"]} if kind == "average_pool" else {}
        operator = {"max_pool": "MaxPool", "average_pool": "AveragePool"}[kind]
        return self.node(operator, [x], kernel_shape=attributes["kernel"], strides=attributes["stride"],
                         pads=attributes["pad"], ceil_mode=attributes["ceil_mode"], **extra)

    def upsampling(self, x, attributes):
        factor = attributes["factor"]
        scales = self.store(numpy.array([1, 1, factor, factor], "f4"))
        return self.node("Resize", [x, "", scales], mode="nearest", coordinate_transformation_mode="asymmetric",
                         nearest_mode="floor")

    def scale(self, x, attributes):
        product = self.node("Mul", [x, self.store(numpy.array(attributes["factor"], "f4"))])
        return self.node("Add", [product, self.store(numpy.array(attributes["offset"], "f4"))])

    def layer(self, layer, inputs):
        kind, attributes, parameters = layer["op"], layer["attributes"], self.graph.parameters(layer)
        if kind in PLAIN:
            return self.node(PLAIN[kind], inputs)
        if kind == "constant":
            value = self.graph.constant(layer)
            return self.store(value.transpose(0, 3, 1, 2) if value.ndim == 4 else value)
        if kind == "conv2d":
            return self.convolution(inputs[0], attributes, parameters)
        if kind == "conv2d_transpose":
            return self.transposed_convolution(inputs[0], attributes, parameters)
        if kind in ("instance_norm", "batch_norm"):
            return self.normalization(kind, inputs[0], attributes, parameters)
        if kind in ("max_pool", "average_pool"):
            return self.pooling(kind, inputs[0], attributes)
        if kind == "upsample_nearest":
            return self.upsampling(inputs[0], attributes)
        if kind == "scale":
            return self.scale(inputs[0], attributes)
        if kind == "leaky_relu":
            return self.node("LeakyRelu", inputs, alpha=attributes["slope"])
        if kind == "concat":
            return self.node("Concat", inputs, axis=AXES[attributes["axis"]])
        if kind == "pad":
            return self.pad(inputs[0], *attributes["pad"], PADDING_MODES[attributes["mode"]])
        if kind == "dropout":
            return inputs[0]
        raise Untranslated(kind)


def convert(path, shape):
    """The bytes of an ONNX model for inputs of `shape`, [N, H, W, C] where it has four sizes."""
    graph = Graph(path)
    writer = Writer(graph)

    def function(layer):
        return lambda *inputs: writer.layer(layer, list(inputs))
    output = graph.run("input", [function(layer) for layer in graph.layers])[0]
    sizes = [shape[0], shape[3], shape[1], shape[2]] if len(shape) == 4 else list(shape)
    model = helper.make_model(
        helper.make_graph(writer.nodes, "model",
                          [helper.make_tensor_value_info("input", TensorProto.FLOAT, sizes)],
                          [helper.make_tensor_value_info(output, TensorProto.FLOAT, [None] * 4)], writer.initializers),
        opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    checker.check_model(model)
    return model.SerializeToString()
