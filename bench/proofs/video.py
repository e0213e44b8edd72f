"""Clips with a known motion, and how much their painted frames flicker.

usage: video.py make static|pan PHOTOGRAPH CLIP.y4m     24 frames of 384x256, cut from a photograph of 768x512 or more: at
                                                        rest, or moving on by 4 columns and 1 row a frame; with noise
                                                        of 4 grey levels
       video.py measure static|pan PAINTED.y4m          root mean square of the difference in brightness (0 to 255)
                                                        between a frame and the one before it, moved along; and the
                                                        mean difference of neighbours in the last frame: its detail
"""
import sys

import numpy

FRAMES, HEIGHT, WIDTH, NOISE = 24, 256, 384, 4
MOTION = {"static": (0, 0), "pan": (1, 4)}  # rows, columns


def planes(frame):
    """BT.601 with the range of video."""
    red, green, blue = frame[..., 0], frame[..., 1], frame[..., 2]
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    for plane, offset, range_ in ((luma, 16, 219), ((blue - luma) / 1.772, 128, 224), ((red - luma) / 1.402, 128, 224)):
        yield numpy.clip(numpy.round(plane * range_ / 255 + offset), 0, 255).astype(numpy.uint8)


def make(kind, photograph, path):
    from PIL import Image
    picture = numpy.asarray(Image.open(photograph).convert("RGB")).astype(numpy.float32)
    random = numpy.random.default_rng(1)
    rows, columns = MOTION[kind]
    first = 0 if kind == "pan" else 20
    with open(path, "wb") as file:
        file.write(b"YUV4MPEG2 W%d H%d F25:1 Ip A1:1 C444\n" % (WIDTH, HEIGHT))
        for index in range(FRAMES):
            top, left = first + rows * index, first + columns * index
            frame = picture[top:top + HEIGHT, left:left + WIDTH] + random.normal(0, NOISE, (HEIGHT, WIDTH, 3))
            file.write(b"FRAME\n" + b"".join(plane.tobytes() for plane in planes(numpy.clip(frame, 0, 255))))


def brightness(path):
    data = open(path, "rb").read()
    at, size, frames = data.index(b"\n") + 1, 3 * HEIGHT * WIDTH, []
    while at < len(data):
        at = data.index(b"\n", at) + 1
        frames.append(numpy.frombuffer(data[at:at + size // 3], numpy.uint8).reshape(HEIGHT, WIDTH).astype(numpy.float32))
        at += size
    return frames


def measure(kind, path):
    frames = brightness(path)
    rows, columns = MOTION[kind]
    errors = [numpy.sqrt(((after[:HEIGHT - rows, :WIDTH - columns] - before[rows:, columns:]) ** 2).mean())
              for before, after in zip(frames, frames[1:])]
    print(f"error {numpy.mean(errors):.2f}  detail {numpy.abs(numpy.diff(frames[-1], axis=1)).mean():.2f}")


if __name__ == "__main__":
    {"make": make, "measure": measure}[sys.argv[1]](*sys.argv[2:])
