"""libgan from Python, with nothing but ctypes and NumPy.

Pictures and batches are NumPy arrays of float32, [N, H, W, C]; the library works on their memory, no pixel is copied
on the way in or out. The library is found by pkg-config, or where the environment variable LIBGAN says.

    import gan
    context = gan.Context(seed=1)
    model = gan.Model.load(context, "style.safetensors")
    gan.save_image(context, model.run(gan.load_image(context, "photo.jpg")), "result.png")

Only what the two examples need is here; further calls follow the same pattern (gan/*.h documents each).
"""

import ctypes
import itertools
import os
import subprocess
import weakref
from ctypes import POINTER, byref, c_char_p, c_float, c_int32, c_int64, c_size_t, c_uint64, c_void_p

import numpy

FLOAT32 = 0
PAD_SAME = 1


def _library_path():
    if "LIBGAN" in os.environ:
        return os.environ["LIBGAN"]
    found = subprocess.run(["pkg-config", "--variable=libdir", "gan"], capture_output=True, text=True)
    return os.path.join(found.stdout.strip(), "libgan.so.0") if found.returncode == 0 else "libgan.so.0"


_library = ctypes.CDLL(_library_path())


class Error(Exception):
    """A call failed. `status` is its name, such as GAN_ERROR_SHAPE; the text says what was expected."""

    def __init__(self, status):
        super().__init__(_library.gan_error_message().decode())
        self.status = _library.gan_status_name(status).decode()


def _check(status):
    if status != 0:
        raise Error(status)


def _declare(name, result, *arguments):
    """Pointers are 64 bits wide, and ctypes takes everything for an int unless it is told."""
    function = getattr(_library, name)
    function.restype = result
    function.argtypes = arguments
    return function


_declare("gan_error_message", c_char_p)
_declare("gan_status_name", c_char_p, c_int32)


class Options(ctypes.Structure):
    """An options struct of the library: its first member is its size, members that are not named stay 0."""

    def __init__(self, **members):
        super().__init__(struct_size=ctypes.sizeof(self), **members)


def _options(name, *fields):
    return type(name, (Options,), {"_fields_": [("struct_size", c_size_t), *fields]})


class Handle:
    """An object of the library. The library keeps what an object needs alive, so Python may free in any order."""

    _free = None

    def __init__(self, pointer):
        self._as_parameter_ = c_void_p(pointer)
        weakref.finalize(self, self._free, self._as_parameter_)

    @classmethod
    def _create(cls, function, *arguments):
        """For calls that give the new object through their first argument."""
        pointer = c_void_p()
        _check(function(byref(pointer), *arguments))
        return cls(pointer.value)


def _pointers(objects):
    """A C array of handles or layers."""
    return (c_void_p * len(objects))(*[each._as_parameter_ for each in objects])


# ---- Context ----

ContextOptions = _options("ContextOptions", ("threads", c_int32), ("kernels", c_int32), ("seed", c_uint64),
                          ("allocator", c_void_p), ("log", c_void_p), ("log_user", c_void_p))
_context_create = _declare("gan_context_create", c_int32, c_void_p, c_void_p)


class Context(Handle):
    """Worker threads and the random seed of everything made from it."""

    _free = _declare("gan_context_free", None, c_void_p)

    def __init__(self, threads=0, seed=0):
        pointer = c_void_p()
        _check(_context_create(byref(pointer), byref(ContextOptions(threads=threads, seed=seed))))
        super().__init__(pointer.value)


# ---- Tensors: NumPy's memory seen by the library, and the other way round ----

_RELEASE = ctypes.CFUNCTYPE(None, c_void_p)
_tensor_wrap = _declare("gan_tensor_wrap", c_int32, c_void_p, c_void_p, c_int32, c_void_p, c_int32, c_void_p,
                        _RELEASE, c_void_p)
_tensor_rank = _declare("gan_tensor_rank", c_int32, c_void_p)
_tensor_size = _declare("gan_tensor_size", c_int64, c_void_p, c_int32)
_tensor_data = _declare("gan_tensor_data", c_void_p, c_void_p)

_lent = {}  # arrays whose memory the library uses now
_numbers = itertools.count(1)


@_RELEASE
def _give_back(number):
    del _lent[number]


class Tensor(Handle):
    _free = _declare("gan_tensor_free", None, c_void_p)

    @classmethod
    def of(cls, context, array):
        """The array's own memory as a tensor; the array lives until the library has let go of it."""
        array = numpy.ascontiguousarray(array, dtype=numpy.float32)  # copies only what is not such an array yet
        number = next(_numbers)
        shape = (c_int64 * array.ndim)(*array.shape)
        _lent[number] = array
        try:
            return cls._create(_tensor_wrap, context, FLOAT32, shape, array.ndim, array.ctypes.data, _give_back,
                               number)
        except Error:
            del _lent[number]
            raise

    def numpy(self):
        """The tensor's own memory as an array, which keeps the tensor alive."""
        shape = [_tensor_size(self, axis) for axis in range(_tensor_rank(self))]
        memory = (c_float * int(numpy.prod(shape))).from_address(_tensor_data(self))
        memory.tensor = self
        return numpy.frombuffer(memory, dtype=numpy.float32).reshape(shape)


# ---- Pictures: [1, H, W, 3], 0 to 1 ----

_image_load = _declare("gan_image_load", c_int32, c_void_p, c_void_p, c_void_p, c_char_p)
_image_save = _declare("gan_image_save", c_int32, c_void_p, c_void_p, c_char_p, c_int32)
_image_resize = _declare("gan_image_resize", c_int32, c_void_p, c_void_p, c_int64, c_int64)


def load_image(context, path):
    return Tensor._create(_image_load, None, context, os.fsencode(path)).numpy()


def save_image(context, picture, path, quality=0):
    _check(_image_save(Tensor.of(context, picture), None, os.fsencode(path), quality))


def resize_image(context, picture, height, width):
    return Tensor._create(_image_resize, Tensor.of(context, picture), height, width).numpy()


# ---- Graphs and layers ----

_graph_create = _declare("gan_graph_create", c_int32, c_void_p, c_void_p)
_graph_status = _declare("gan_graph_status", c_int32, c_void_p)
_input = _declare("gan_input", c_void_p, c_void_p, c_char_p, c_void_p, c_int32)


class Layer:
    """A node of a graph, which it keeps alive."""

    def __init__(self, graph, pointer):
        if not pointer:
            _check(_graph_status(graph))
            raise ValueError("a layer could not be made")
        self.graph = graph
        self._as_parameter_ = c_void_p(pointer)


class Graph(Handle):
    _free = _declare("gan_graph_free", None, c_void_p)

    @classmethod
    def create(cls, context):
        return cls._create(_graph_create, context)

    def input(self, name, shape):
        """An input; sizes of -1 are open."""
        return Layer(self, _input(self, name.encode(), (c_int64 * len(shape))(*shape), len(shape)))


def _layer_call(name, *extra):
    """A builder from one layer to the next: gan_NAME(x, numbers...)."""
    function = _declare(f"gan_{name}", c_void_p, c_void_p, *extra)

    def build(x, *numbers):
        return Layer(x.graph, function(x, *numbers))

    build.__name__ = name
    return build


relu = _layer_call("relu")
tanh = _layer_call("tanh")
sigmoid = _layer_call("sigmoid")
flatten = _layer_call("flatten")
mean = _layer_call("mean")
leaky_relu = _layer_call("leaky_relu", c_float)
fill_like = _layer_call("fill_like", c_float)
upsample_nearest = _layer_call("upsample_nearest", c_int32)
add = _layer_call("add", c_void_p)
mean_squared_error = _layer_call("mean_squared_error", c_void_p)
binary_cross_entropy_with_logits = _layer_call("binary_cross_entropy_with_logits", c_void_p)

Conv2dOptions = _options("Conv2dOptions", ("name", c_char_p), ("filters", c_int32), ("kernel", c_int32 * 2),
                         ("stride", c_int32 * 2), ("dilation", c_int32 * 2), ("groups", c_int32),
                         ("padding", c_int32), ("pad", c_int32 * 4), ("padding_mode", c_int32), ("no_bias", c_int32),
                         ("initializer", c_int32), ("initializer_value", c_float))
_conv2d = _layer_call("conv2d", c_void_p)


def conv2d(x, filters, kernel, stride=1, padding=PAD_SAME):
    return _conv2d(x, byref(Conv2dOptions(filters=filters, kernel=(kernel,), stride=(stride,), padding=padding)))


# ---- Models ----

JohnsonOptions = _options("JohnsonOptions", ("channels", c_int32), ("blocks", c_int32), ("kernel", c_int32),
                          ("upsampling", c_int32), ("output", c_int32), ("normalize_output", c_int32),
                          ("no_bias", c_int32), ("epsilon", c_float))
_johnson_create = _declare("gan_johnson_create", c_int32, c_void_p, c_void_p, c_void_p)
_squeezenet_create = _declare("gan_squeezenet_create", c_int32, c_void_p, c_void_p)
_select_outputs = _declare("gan_model_select_outputs", c_int32, c_void_p, c_void_p, POINTER(c_char_p), c_int32)
_model_create = _declare("gan_model_create", c_int32, c_void_p, c_char_p, c_void_p, c_int32, c_void_p, c_int32)
_model_load = _declare("gan_model_load", c_int32, c_void_p, c_void_p, c_char_p)
_model_save = _declare("gan_model_save", c_int32, c_void_p, c_char_p, c_int32)
_model_stylize = _declare("gan_model_stylize", c_int32, c_void_p, c_void_p, c_void_p)
_model_run = _declare("gan_model_run", c_int32, c_void_p, c_void_p, c_void_p)
_model_metadata = _declare("gan_model_metadata", c_char_p, c_void_p, c_char_p)
_element_count = _declare("gan_model_element_count", c_int64, c_void_p)
_apply = _declare("gan_apply", c_void_p, c_void_p, c_void_p)


class Model(Handle):
    _free = _declare("gan_model_free", None, c_void_p)

    @classmethod
    def _of(cls, context, function, *arguments):
        model = cls._create(function, *arguments)
        model.context = context
        return model

    @classmethod
    def load(cls, context, path):
        return cls._of(context, _model_load, context, os.fsencode(path))

    @classmethod
    def johnson(cls, context, **options):
        return cls._of(context, _johnson_create, context, byref(JohnsonOptions(**options)))

    @classmethod
    def squeezenet(cls, context):
        return cls._of(context, _squeezenet_create, context)

    @classmethod
    def create(cls, context, name, inputs, outputs):
        return cls._of(context, _model_create, name.encode(), _pointers(inputs), len(inputs), _pointers(outputs),
                       len(outputs))

    def select_outputs(self, *names):
        words = (c_char_p * len(names))(*[name.encode() for name in names])
        return self._of(self.context, _select_outputs, self, words, len(names))

    def save(self, path):
        _check(_model_save(self, os.fsencode(path), 0))

    def metadata(self, key):
        value = _model_metadata(self, key.encode())
        return value.decode() if value is not None else None

    @property
    def element_count(self):
        return _element_count(self)

    def __call__(self, x):
        """Applied to a layer, a model is a layer."""
        return Layer(x.graph, _apply(self, x))

    def run(self, array):
        """The raw network: array in, array out."""
        result = c_void_p()
        _check(_model_run(self, Tensor.of(self.context, array), byref(result)))
        return Tensor(result.value).numpy()

    def stylize(self, picture):
        """A picture in 0..1 to a picture in 0..1 of the same size, as the model's metadata says."""
        result = c_void_p()
        _check(_model_stylize(self, Tensor.of(self.context, picture), byref(result)))
        return Tensor(result.value).numpy()


# ---- Style ----

StyleLossOptions = _options("StyleLossOptions", ("content_weight", c_float), ("style_weight", c_float),
                            ("variation_weight", c_float), ("content_level", c_char_p), ("level_weights", c_void_p),
                            ("reduction", c_int32), ("default_reduction", c_int32))
_style_create = _declare("gan_style_create", c_int32, c_void_p, c_void_p, c_void_p, c_int32, c_void_p)
_style_gram = _declare("gan_style_gram", c_void_p, c_void_p, c_int32)
_style_loss_create = _declare("gan_style_loss_create", c_int32, c_void_p, c_void_p, c_void_p)
_style_loss_apply = _declare("gan_style_loss_apply", c_void_p, c_void_p, c_void_p, c_void_p, c_void_p)
_tensor_retain = _declare("gan_tensor_retain", c_void_p, c_void_p)


class Style(Handle):
    """The style matrix S of a picture, by the outputs (levels) of an extractor."""

    _free = _declare("gan_style_free", None, c_void_p)

    @classmethod
    def of(cls, extractor, picture):
        tensor = Tensor.of(extractor.context, picture)
        return cls._create(_style_create, extractor, _pointers([tensor]), 1, None)

    def gram(self, level):
        return Tensor(_tensor_retain(_style_gram(self, level))).numpy()


class StyleLoss(Handle):
    _free = _declare("gan_style_loss_free", None, c_void_p)

    @classmethod
    def create(cls, style, **options):
        return cls._create(_style_loss_create, style, byref(StyleLossOptions(**options)))

    def __call__(self, picture, content_picture):
        return Layer(picture.graph, _style_loss_apply(self, picture, content_picture, None))


# ---- Training ----

AdamOptions = _options("AdamOptions", ("learning_rate", c_float), ("beta1", c_float), ("beta2", c_float),
                       ("epsilon", c_float), ("weight_decay", c_float))
_adam_create = _declare("gan_adam_create", c_int32, c_void_p, c_void_p, c_void_p)
_objective_create = _declare("gan_objective_create", c_int32, c_void_p, c_void_p, c_void_p, c_int32, c_void_p,
                             c_int32, c_void_p, c_void_p)
_objective_step = _declare("gan_objective_step", c_int32, c_void_p, c_void_p, c_int32, POINTER(c_float))


class Adam(Handle):
    _free = _declare("gan_optimizer_free", None, c_void_p)

    @classmethod
    def create(cls, context, **options):
        return cls._create(_adam_create, context, byref(AdamOptions(**options)))


class Objective(Handle):
    """A scalar loss, the models that it may change, and an optimizer."""

    _free = _declare("gan_objective_free", None, c_void_p)

    @classmethod
    def create(cls, context, loss, inputs, models, optimizer):
        objective = cls._create(_objective_create, loss, _pointers(inputs), len(inputs), _pointers(models),
                                len(models), optimizer, None)
        objective.context = context
        return objective

    def step(self, *arrays):
        """One training step on a batch; the loss before it."""
        loss = c_float()
        tensors = [Tensor.of(self.context, array) for array in arrays]
        _check(_objective_step(self, _pointers(tensors), len(tensors), byref(loss)))
        return loss.value
