"""The worker of ONNX Runtime. "convert MODEL FILE N,H,W,C..." writes the ONNX file in a process of its own, so that
the translation does not count as ONNX Runtime's memory; "network" then runs it."""

import sys


def convert(model, path, *shapes):
    from onnx_file import convert as convert_model
    with open(path, "wb") as file:
        file.write(convert_model(model, [[int(size) for size in shape.split(",")] for shape in shapes]))


def network(arguments):
    import numpy
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = arguments.number("threads", 1)
    options.inter_op_num_threads = 1
    # Threads may spin within a run, but not between runs, while other libraries are measured.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    session = onnxruntime.InferenceSession(arguments.text("onnx"), options, ["CPUExecutionProvider"])

    def fed(name):
        x = arguments.tensor(name)
        return numpy.ascontiguousarray(x.transpose(0, 3, 1, 2)) if x.ndim == 4 else x
    feed, last = {given.name: fed(given.name) for given in session.get_inputs()}, {}

    def run():
        last["y"] = session.run(None, feed)[0]

    def result():
        y = last["y"]
        return [y.transpose(0, 2, 3, 1) if y.ndim == 4 else y]
    return run, result


if sys.argv[1] == "convert":
    convert(*sys.argv[2:])
else:
    import peer
    peer.main({"network": network})
