"""The worker of TensorFlow: the model as one tf.function, [N, H, W, C] as TensorFlow likes it."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf  # noqa: E402

import peer  # noqa: E402
from graph_file import PADDING_MODES, Graph, Untranslated, convolution_pads, transposed_cuts  # noqa: E402

POINTWISE = {
    "relu": tf.nn.relu, "tanh": tf.tanh, "sigmoid": tf.sigmoid, "silu": tf.nn.silu, "add": tf.add,
    "subtract": tf.subtract, "multiply": tf.multiply,
    "modulate": lambda a, b, of_a, of_b: of_a * a + of_b * b,
    "global_average_pool": lambda x: tf.reduce_mean(x, [1, 2], keepdims=True),
    "flatten": lambda x: tf.reshape(x, [x.shape[0], -1]),
}


def pad(x, pads, mode):
    top, left, bottom, right = pads
    if mode == "replicate":
        raise Untranslated("replicate padding")
    return tf.pad(x, [[0, 0], [top, bottom], [left, right], [0, 0]], "REFLECT" if mode == "reflect" else "CONSTANT")


def convolution(attributes, parameters):
    kernel = tf.constant(parameters[0].transpose(1, 2, 3, 0))
    bias = tf.constant(parameters[1]) if len(parameters) > 1 else None
    pads = convolution_pads(attributes)
    mode = PADDING_MODES[attributes["padding_mode"]]
    top, left, bottom, right = pads
    explicit = [[0, 0], [top, bottom], [left, right], [0, 0]] if mode == "zero" else "VALID"

    def call(x):
        x = pad(x, pads, mode) if mode != "zero" and any(pads) else x
        y = tf.nn.conv2d(x, kernel, attributes["stride"], explicit, dilations=attributes["dilation"])
        return y if bias is None else tf.nn.bias_add(y, bias)
    return call


def transposed_convolution(attributes, parameters):
    kernel = tf.constant(parameters[0].transpose(1, 2, 3, 0))
    bias = tf.constant(parameters[1]) if len(parameters) > 1 else None
    (stride_y, stride_x), (kernel_y, kernel_x) = attributes["stride"], attributes["kernel"]
    top, left, bottom, right = transposed_cuts(attributes)
    more_y, more_x = attributes["output_padding"]

    def call(x):
        count, height, width, _ = x.shape
        full = [count, (height - 1) * stride_y + kernel_y - top - bottom + more_y,
                (width - 1) * stride_x + kernel_x - left - right + more_x, attributes["filters"]]
        y = tf.nn.conv2d_transpose(x, kernel, full, attributes["stride"],
                                   [[0, 0], [top, bottom], [left, right], [0, 0]])
        return y if bias is None else tf.nn.bias_add(y, bias)
    return call


def normalization(kind, attributes, parameters):
    values = [tf.constant(p) for p in parameters]
    shift, scale = (None, None) if attributes["no_affine"] else (values[1], values[0])

    def call(x):
        if kind == "instance_norm":
            mean, variance = tf.nn.moments(x, [1, 2], keepdims=True)
        else:
            mean, variance = values[-2], values[-1]
        return tf.nn.batch_normalization(x, mean, variance, shift, scale, attributes["epsilon"])
    return call


def moments(x, attributes):
    """Mean and standard deviation of each channel."""
    mean, variance = tf.nn.moments(x, [1, 2], keepdims=True)
    count = x.shape[1] * x.shape[2]
    factor = count / (count - 1) if attributes["sample_variance"] else 1.0
    return mean, tf.sqrt(variance * factor + attributes["epsilon"])


def adaptive_norm(attributes):
    def call(x, scale, shift):
        mean, deviation = moments(x, attributes)
        return (x - mean) / deviation * scale[:, None, None, :] + shift[:, None, None, :]
    return call


def part(attributes):
    def call(x):
        begin, size = [0] * len(x.shape), [-1] * len(x.shape)
        begin[attributes["axis"]], size[attributes["axis"]] = attributes["start"], attributes["length"]
        return tf.slice(x, begin, size)
    return call


def upsampling(kind, attributes):
    factor, method = attributes["factor"], {"upsample_nearest": "nearest", "upsample_bilinear": "bilinear"}[kind]
    return lambda x: tf.image.resize(x, [x.shape[1] * factor, x.shape[2] * factor], method)


def pooling(attributes):
    """Maximum pooling; a window that hangs over the edge is one that is padded."""
    if any(attributes["pad"]):
        raise Untranslated("padded pooling")
    (kernel_y, kernel_x), (stride_y, stride_x) = attributes["kernel"], attributes["stride"]

    def call(x):
        _, height, width, _ = x.shape
        over = [(-(size - kernel)) % stride if attributes["ceil_mode"] else 0
                for size, kernel, stride in ((height, kernel_y, stride_y), (width, kernel_x, stride_x))]
        return tf.nn.max_pool2d(x, attributes["kernel"], attributes["stride"],
                                [[0, 0], [0, over[0]], [0, over[1]], [0, 0]])
    return call


def function_of(graph, layer):
    kind, attributes, parameters = layer["op"], layer["attributes"], graph.parameters(layer)
    if kind in POINTWISE:
        return POINTWISE[kind]
    if kind == "constant":
        value = tf.constant(graph.constant(layer))
        return lambda: value
    if kind == "conv2d":
        return convolution(attributes, parameters)
    if kind == "conv2d_transpose":
        return transposed_convolution(attributes, parameters)
    if kind in ("instance_norm", "batch_norm"):
        return normalization(kind, attributes, parameters)
    if kind == "max_pool":
        return pooling(attributes)
    if kind in ("upsample_nearest", "upsample_bilinear"):
        return upsampling(kind, attributes)
    if kind == "channel_deviation":
        return lambda x: moments(x, attributes)[1]
    if kind == "adain_affine":
        return adaptive_norm(attributes)
    if kind == "slice":
        return part(attributes)
    if kind == "leaky_relu":
        return lambda x: tf.nn.leaky_relu(x, attributes["slope"])
    if kind == "scale":
        return lambda x: x * attributes["factor"] + attributes["offset"]
    if kind == "concat":
        return lambda *x: tf.concat(x, attributes["axis"])
    if kind == "pad":
        return lambda x: pad(x, attributes["pad"], PADDING_MODES[attributes["mode"]])
    if kind == "dropout":
        return lambda x: x
    raise Untranslated(kind)


def network(arguments):
    tf.config.threading.set_intra_op_parallelism_threads(arguments.number("threads", 1))
    tf.config.threading.set_inter_op_parallelism_threads(1)
    graph = Graph(arguments.text("model"))
    functions = [None if index in graph.inputs else function_of(graph, layer)
                 for index, layer in enumerate(graph.layers)]
    given, last = [tf.constant(arguments.tensor(name)) for name in arguments.input_names(graph)], {}
    compiled = tf.function(lambda *values: graph.run(values, functions)[0])

    def run():
        last["y"] = compiled(*given).numpy()
    return run, lambda: [last["y"]]


peer.main({"network": network})
