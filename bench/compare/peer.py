"""What the workers in Python share: the words of their command line and the lines that they obey.

A worker says "ready" (or "skip WHY"), then answers "run" with "ms NUMBER" and "write FILE" with "written", having
put the result of its first run there as raw float32, pictures as [N, H, W, C].
"""

import sys
import time

import numpy

from graph_file import Untranslated


class Arguments:
    def __init__(self, words):
        self.job = words[0]
        self.values = dict(zip(words[1::2], words[2::2]))

    def text(self, name, otherwise=None):
        return self.values.get("--" + name, otherwise)

    def number(self, name, otherwise=0):
        return int(self.text(name, otherwise))

    def input_names(self, graph):
        """The names under which the tensors for the inputs of a model are given: the first is always "input"."""
        return ["input"] + graph.input_names()[1:]

    def tensor(self, name):
        shape = [int(size) for size in self.text(name + "-shape").split(",")]
        return numpy.fromfile(self.text(name), "<f4").reshape(shape)


def obey(run, result, clock):
    """`run()` is what is measured by `clock()`; `result()` gives a list of arrays."""
    print("ready", flush=True)
    for line in sys.stdin:
        word, _, path = line.strip().partition(" ")
        if word == "write":
            with open(path, "wb") as file:
                for values in result():
                    numpy.ascontiguousarray(values, "<f4").tofile(file)
            print("written", flush=True)
        else:
            start = clock()
            run()
            print("ms %.4f" % ((clock() - start) * 1e3), flush=True)


def main(jobs):
    """`jobs` maps the name of a job to a function of the arguments that gives (run, result)."""
    arguments = Arguments(sys.argv[1:])
    if arguments.job not in jobs:
        print("skip this peer does not do " + arguments.job)
        return
    try:
        run, result = jobs[arguments.job](arguments)
    except Untranslated as reason:
        print("skip not translated: %s" % reason)
        return
    clock = time.process_time if arguments.text("clock") == "processor" else time.perf_counter
    obey(run, result, clock)
