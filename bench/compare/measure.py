"""One case with all peers, taking turns: in every round each runs once, so that all meet the same weather."""

import array
import math
import os
import random
import statistics
import subprocess
import time

from peers import say
from worker import Skipped, Worker, WorkerFailed

# Seconds before each turn: threads of the library before may spin for a while after their work is done.
REST = 0.03
SHORT = 20.0  # milliseconds; what is shorter runs several times in its turn
MOST_RUNS = 20
# Of the largest number: what float32 in another order, and bfloat16, may do to a whole network.
FARTHEST, FARTHEST_BF16 = 1e-3, 0.05


class Room:
    """Models and inputs in a temporary folder, each made once."""

    def __init__(self, folder, worker):
        self.folder, self.worker, self.made = folder, worker, {}

    def path(self, name):
        return os.path.join(self.folder, name)

    def model(self, kind, options):
        key = repr((kind, sorted(options.items())))
        if key not in self.made:
            path = self.path("model%d.safetensors" % len(self.made))
            words = [word for name, value in options.items() for word in ("--" + name, str(value))]
            done = subprocess.run([self.worker, "make", kind, path] + words, capture_output=True, text=True)
            if done.stdout.startswith("skip "):
                raise Skipped(done.stdout[5:].strip())
            if done.returncode != 0:
                raise WorkerFailed(done.stderr.strip())
            self.made[key] = path
        return self.made[key]

    def tensor(self, name, shape):
        """Raw float32 in 0..1, in steps of 1/255 like a picture's; in -1..1 where it is noise or a gradient."""
        key = "%s-%s.raw" % ("signed" if len(shape) != 4 or name == "direction" else "picture",
                             "x".join(map(str, shape)) + name)
        if key not in self.made:
            count = 1
            for size in shape:
                count *= size
            table = [(2 * byte / 255 - 1) if key.startswith("signed") else byte / 255 for byte in range(256)]
            values = array.array("f", map(table.__getitem__, random.Random(key).randbytes(count)))
            with open(self.path(key), "wb") as file:
                values.tofile(file)
            self.made[key] = self.path(key)
        return self.made[key]

    def onnx(self, model, shapes, command):
        words = [",".join(map(str, shape)) for shape in shapes]
        path = "%s-%s.onnx" % (model, "-".join(words))
        if not os.path.exists(path):
            done = subprocess.run(command + ["convert", model, path] + words,
                                  capture_output=True, text=True)
            if done.returncode != 0:
                raise Skipped(done.stderr.strip().splitlines()[-1])
        return path


def case_words(case, room):
    words = []
    for name, (kind, options) in case.models.items():
        words += ["--" + name, room.model(kind, options)]
    for name, shape in case.tensors.items():
        words += ["--" + name, room.tensor(name, shape), "--%s-shape" % name, ",".join(map(str, shape))]
    for name, value in case.extra.items():
        words += ["--" + name, str(value)]
    return words


class Runner:
    """A library in one precision, doing one case."""

    def __init__(self, peer, precision, case, words, threads, room):
        self.peer, self.precision, self.times = peer, precision, []
        words = [case.job] + words + ["--threads", str(threads), "--precision", precision]
        for name, value in peer.arguments.items():
            words += ["--" + name, value]
        if peer.wants_onnx:
            model = words[words.index("--model") + 1]
            words += ["--onnx", room.onnx(model, case.tensors.values(), peer.command)]
        self.result = room.path("result-%s-%s" % (peer.name.replace(" ", "-"), precision))
        self.worker = Worker(peer.command + words, threads, peer.environment, room.path("log"))
        self.worker.wait_ready()
        self.worker.run()
        self.worker.write(self.result)
        self.runs = max(1, min(MOST_RUNS, int(SHORT / self.worker.run())))

    def turn(self):
        time.sleep(REST)
        self.times.append(sum(self.worker.run() for _ in range(self.runs)) / self.runs)

    def output(self):
        values = array.array("f")
        with open(self.result, "rb") as file:
            values.frombytes(file.read())
        return values


def start_runners(case, threads, peers, precisions, clock, room):
    words, runners = case_words(case, room) + ["--clock", clock], []
    for peer in peers:
        if peer.name not in case.libraries:
            continue
        for precision in peer.precisions:
            if peer.name == "libgan" and (precision not in case.precisions or precision not in precisions):
                continue
            try:
                runners.append(Runner(peer, precision, case, words, threads, room))
            except (Skipped, WorkerFailed) as reason:
                say("  %s %s: %s" % (peer.name, precision, reason))
    return runners


def difference(a, b, farthest=FARTHEST):
    """The largest difference. Results that cannot be of the same work are refused: times of a broken path mean nothing."""
    if len(a) != len(b):
        raise WorkerFailed("%d numbers in the result, expected %d" % (len(b), len(a)))
    largest = 0.0
    for x, y in zip(a, b):
        if not (math.isfinite(x) and math.isfinite(y)):
            raise WorkerFailed("the result has numbers that are not finite")
        largest = max(largest, abs(x - y))
    if largest > farthest * max(map(abs, a), default=0.0):
        raise WorkerFailed("the result is off by %g where the largest number is %g" % (largest, max(map(abs, a))))
    return largest


def records_of(case, threads, runners):
    reference = runners[0].output()
    records = []
    for runner in runners:
        records.append({
            "group": case.group, "case": case.name, "width": case.width, "height": case.height, "threads": threads,
            "library": runner.peer.name, "precision": runner.precision,
            "milliseconds": statistics.median(runner.times),
            "peak_megabytes": runner.worker.peak_megabytes(),
            "max_abs_difference": difference(reference, runner.output(),
                                             FARTHEST_BF16 if runner.precision == "bf16" else FARTHEST),
            "rounds": runner.times,
        })
    return records


def measure(case, threads, rounds, peers, precisions, clock, room):
    """Records of one case, the first one libgan's in its most exact precision that was asked for."""
    rounds = min(rounds, case.rounds) if case.rounds else rounds
    runners = start_runners(case, threads, peers, precisions, clock, room)
    if not runners or runners[0].peer.name != "libgan":
        return []
    try:
        for number in range(rounds):
            first = number % len(runners)
            for runner in runners[first:] + runners[:first]:
                runner.turn()
        return records_of(case, threads, runners)
    finally:
        for runner in runners:
            runner.worker.close()
