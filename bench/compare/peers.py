"""The libraries: where each is found, and how its worker is started."""

import os
import subprocess
import sys
from dataclasses import dataclass, field

HERE = os.path.dirname(os.path.abspath(__file__))


@dataclass
class Peer:
    name: str
    command: list
    precisions: tuple = ("float32",)
    environment: dict = field(default_factory=dict)
    arguments: dict = field(default_factory=dict)
    wants_onnx: bool = False


def pythons():
    """Interpreters that may have a peer: that of the peers' own environment, the system's, this one."""
    own = os.path.join(os.environ.get("GAN_PEERS", ""), "bin", "python")
    found = [path for path in (own, "/usr/bin/python3") if os.path.exists(path)]
    return found + [sys.executable]


def python_with(module):
    """The first interpreter that has the module; None where there is none."""
    for python in pythons():
        question = "import importlib.util as u, sys; sys.exit(u.find_spec(%r) is None)" % module
        if subprocess.run([python, "-c", question], stderr=subprocess.DEVNULL).returncode == 0:
            return python
    return None


def say(words):
    print(words, file=sys.stderr, flush=True)


def python_peer(name, module, file, **more):
    python = python_with(module)
    if python is None:
        say("skipped: %s (there is no Python module %s)" % (name, module))
        return []
    return [Peer(name, [python, os.path.join(HERE, file)], **more)]


def find_peers(worker, wanted):
    """Those of the wanted libraries that are here, libgan first. Threads of PyTorch sleep while they wait."""
    quiet = {"OMP_WAIT_POLICY": "passive"}
    found = [Peer("libgan", [worker], ("exact", "default", "bf16"))]
    for layout in ("nchw", "channels-last"):
        if "torch " + layout in wanted:
            found += python_peer("torch " + layout, "torch", "peer_torch.py", environment=quiet,
                                 arguments={"layout": layout})
    if "onnxruntime" in wanted and python_with("onnx") is not None:
        found += python_peer("onnxruntime", "onnxruntime", "peer_onnxruntime.py", wants_onnx=True)
    if "tensorflow" in wanted:
        found += python_peer("tensorflow", "tensorflow", "peer_tensorflow.py")
    return found
