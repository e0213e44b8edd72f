"""A libgan model as ONNX (opset 13, NCHW), with the operators that PyTorch's exporter writes."""

import numpy
from onnx import TensorProto, checker, helper, numpy_helper

from graph_file import PADDING_MODES, Graph, Untranslated, convolution_pads, transposed_cuts

AXES = {0: 0, 1: 2, 2: 3, 3: 1}  # of [N, H, W, C] in [N, C, H, W]
ONNX_MODES = {"zero": "constant", "reflect": "reflect", "replicate": "edge"}
PLAIN = {
    "relu": "Relu", "tanh": "Tanh", "sigmoid": "Sigmoid", "softplus": "Softplus", "add": "Add", "subtract": "Sub",
    "multiply": "Mul", "global_average_pool": "GlobalAveragePool", "flatten": "Flatten",
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

    def numbers(self, *values, kind="f4"):
        return self.store(numpy.array(values, kind))

    def deviation(self, x, attributes):
        """What is left of x without the means of its channels, and its standard deviations."""
        centered = self.node("Sub", [x, self.node("ReduceMean", [x], axes=[2, 3])])
        variance = self.node("ReduceMean", [self.node("Mul", [centered, centered])], axes=[2, 3])
        if attributes["sample_variance"]:
            sides = self.node("Slice", [self.node("Shape", [x]), self.numbers(2, kind="i8"), self.numbers(4, kind="i8")])
            count = self.node("Cast", [self.node("ReduceProd", [sides], keepdims=0)], to=TensorProto.FLOAT)
            less = self.node("Sub", [count, self.store(numpy.array(1, "f4"))])
            variance = self.node("Mul", [variance, self.node("Div", [count, less])])
        return centered, self.node("Sqrt", [self.node("Add", [variance, self.numbers(attributes["epsilon"])])])

    def adaptive_norm(self, x, scale, shift, attributes):
        centered, deviation = self.deviation(x, attributes)
        axes = self.numbers(2, 3, kind="i8")
        scaled = self.node("Mul", [self.node("Div", [centered, deviation]), self.node("Unsqueeze", [scale, axes])])
        return self.node("Add", [scaled, self.node("Unsqueeze", [shift, axes])])

    def modulate(self, a, b, of_a, of_b):
        return self.node("Add", [self.node("Mul", [of_a, a]), self.node("Mul", [of_b, b])])

    def part(self, x, attributes):
        """Of a picture: other axes than the channels' are not needed."""
        start, axis = attributes["start"], AXES[attributes["axis"]]
        ends = (start, start + attributes["length"], axis)
        return self.node("Slice", [x] + [self.numbers(number, kind="i8") for number in ends])

    def upsampling(self, kind, x, attributes):
        factor = attributes["factor"]
        scales = self.store(numpy.array([1, 1, factor, factor], "f4"))
        if kind == "upsample_bilinear":
            return self.node("Resize", [x, "", scales], mode="linear", coordinate_transformation_mode="half_pixel")
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
        if kind in ("upsample_nearest", "upsample_bilinear"):
            return self.upsampling(kind, inputs[0], attributes)
        if kind == "channel_deviation":
            return self.deviation(inputs[0], attributes)[1]
        if kind == "adain_affine":
            return self.adaptive_norm(*inputs, attributes)
        if kind == "modulate":
            return self.modulate(*inputs)
        if kind == "slice":
            return self.part(inputs[0], attributes)
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


def describe(name, shape):
    sizes = [shape[0], shape[3], shape[1], shape[2]] if len(shape) == 4 else list(shape)
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, sizes)


def convert(path, shapes):
    """The bytes of an ONNX model for inputs of these shapes, [N, H, W, C] where there are four sizes."""
    graph = Graph(path)
    writer = Writer(graph)

    def function(layer):
        return lambda *inputs: writer.layer(layer, list(inputs))
    names = ["input"] + graph.input_names()[1:]
    output = graph.run(names, [function(layer) for layer in graph.layers])[0]
    model = helper.make_model(
        helper.make_graph(writer.nodes, "model", [describe(name, shape) for name, shape in zip(names, shapes)],
                          [helper.make_tensor_value_info(output, TensorProto.FLOAT, [None] * 4)], writer.initializers),
        opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    checker.check_model(model)
    return model.SerializeToString()
