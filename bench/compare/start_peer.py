"""From nothing to a picture, as a script of a user would: start_peer.py LIBRARY MODEL PHOTO.ppm OUT.ppm THREADS."""

import os
import sys


def read_photo(path):
    import numpy
    with open(path, "rb") as file:
        _, sizes, _ = [file.readline() for _ in range(3)]
        width, height = map(int, sizes.split())
        return numpy.frombuffer(file.read(), "u1").reshape(1, height, width, 3).astype("f4") / 255


def write_picture(path, values):
    import numpy
    height, width, _ = values.shape[1:]
    with open(path, "wb") as file:
        file.write(b"P6\n%d %d\n255\n" % (width, height))
        file.write((numpy.clip(values, 0, 1) * 255 + 0.5).astype("u1").tobytes())


def with_torch(model, photo, _):
    import torch
    from torch_network import Network
    with torch.inference_mode():
        x = torch.from_numpy(photo).permute(0, 3, 1, 2).contiguous()
        return Network(model, False).eval()(x)[0].permute(0, 2, 3, 1).numpy()


def with_onnxruntime(model, photo, threads):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(model, options, ["CPUExecutionProvider"])
    return session.run(None, {"input": photo.transpose(0, 3, 1, 2)})[0].transpose(0, 2, 3, 1)


def main():
    library, model, photo, out, threads = sys.argv[1:]
    os.environ["OMP_NUM_THREADS"] = threads
    run = {"torch": with_torch, "onnxruntime": with_onnxruntime}[library]
    write_picture(out, run(model, read_photo(photo), int(threads)))


main()
