"""Start: seconds from the start of a process to the first 256x256 picture on the disk."""

import os
import random
import statistics
import subprocess
import time

import cases
from peers import HERE, python_with, say

SIDE = 256


def write_photo(path):
    with open(path, "wb") as file:
        file.write(b"P6\n%d %d\n255\n" % (SIDE, SIDE))
        file.write(random.Random(1).randbytes(3 * SIDE * SIDE))


def commands(program, room, threads):
    """Command lines by library; every one reads the same weights and photograph."""
    photo, out = room.path("photo.ppm"), room.path("start-out")
    write_photo(photo)
    kind, options = cases.JOHNSON
    model, found = room.model(kind, options), {}
    if program:
        found["libgan"] = [program, "stylize", photo, "-m", model, "-o", out + ".png", "--threads", str(threads),
                           "--quiet"]
    script = os.path.join(HERE, "start_peer.py")
    onnx, torch = python_with("onnxruntime"), python_with("torch")
    if onnx and python_with("onnx") == onnx:
        convert = [onnx, os.path.join(HERE, "peer_onnxruntime.py")]
        file = room.onnx(model, [(1, SIDE, SIDE, 3)], convert)
        found["onnxruntime"] = [onnx, script, "onnxruntime", file, photo, out + ".ppm", str(threads)]
    if torch:
        found["torch nchw"] = [torch, script, "torch", model, photo, out + ".ppm", str(threads)]
    return found


def one_start(command):
    begin = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True)
    milliseconds = (time.perf_counter() - begin) * 1e3
    if done.returncode != 0:
        say("  %s: %s" % (command[0], done.stderr.strip()))
        return None
    return milliseconds


def measure(program, threads, rounds, wanted, room):
    lines = {name: line for name, line in commands(program, room, threads).items() if name in wanted}
    lines = {name: line for name, line in lines.items() if one_start(line) is not None}  # files into the cache
    times = {name: [] for name in lines}
    for _ in range(rounds):
        for name, line in lines.items():
            times[name].append(one_start(line))
    return [{"group": "start", "case": "process to picture", "width": SIDE, "height": SIDE, "threads": threads,
             "library": name, "precision": "default" if name == "libgan" else "float32",
             "milliseconds": statistics.median(values), "peak_megabytes": None, "max_abs_difference": None,
             "rounds": values} for name, values in times.items()]
