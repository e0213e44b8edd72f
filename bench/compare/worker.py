"""One running worker, and the lines that are exchanged with it."""

import os
import subprocess


class WorkerFailed(Exception):
    pass


class Skipped(Exception):
    """The library does not offer what the case needs."""


class Worker:
    """A fresh process for one case, so that its largest memory is that of the case."""

    def __init__(self, command, threads, environment, log):
        words = {**os.environ, **environment, "OMP_NUM_THREADS": str(threads)}
        self.log = log
        with open(log, "w") as errors:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                                            text=True, env=words)

    def answer(self):
        line = self.process.stdout.readline().strip()
        if line:
            return line
        self.process.wait()
        with open(self.log) as errors:
            lines = errors.read().strip().splitlines() or ["exit code %d" % self.process.returncode]
        raise WorkerFailed(lines[-1])

    def wait_ready(self):
        line = self.answer()
        if line.startswith("skip "):
            self.close()
            raise Skipped(line[5:])
        if line != "ready":
            raise WorkerFailed(line)

    def ask(self, line):
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        return self.answer()

    def run(self):
        """Milliseconds of one run."""
        return float(self.ask("run").split()[1])

    def write(self, path):
        self.ask("write " + path)

    def peak_megabytes(self):
        with open("/proc/%d/status" % self.process.pid) as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) / 1024
        return None

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()
