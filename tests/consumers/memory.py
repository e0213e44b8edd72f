"""gan.py shares memory with NumPy without copies, and lets go of it when nobody looks any more."""

import gc
import threading

import gan
import numpy

context = gan.Context(threads=2)
array = numpy.arange(12, dtype=numpy.float32).reshape(1, 2, 2, 3)
tensor = gan.Tensor.of(context, array)
view = tensor.numpy()
assert view.ctypes.data == array.ctypes.data
view[0, 0, 0, 0] = 99
assert array[0, 0, 0, 0] == 99

del tensor, array
gc.collect()
assert len(gan._lent) == 1 and view[0, 0, 0, 0] == 99  # the view holds the tensor, and that the array
del view
gc.collect()
assert not gan._lent

graph = gan.Graph.create(context)
photo = graph.input("photo", (-1, -1, -1, 3))
try:
    gan.conv2d(photo, -3, 3)
    raise AssertionError("a negative number of filters was taken")
except gan.Error as error:
    assert error.status == "GAN_ERROR_ARGUMENT" and "-3" in str(error)

# Any order of destruction, and several threads on one model.
model = gan.Model.johnson(context, channels=4, blocks=1)
del context, graph, photo
gc.collect()
picture = numpy.random.default_rng(1).random((1, 30, 33, 3), dtype=numpy.float32)
results = [None] * 4


def stylize(number):
    results[number] = model.stylize(picture)


threads = [threading.Thread(target=stylize, args=(number,)) for number in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert all(result.shape == picture.shape for result in results)
assert all((result == results[0]).all() for result in results)
del model
gc.collect()
assert not gan._lent and numpy.isfinite(results[0]).all()
