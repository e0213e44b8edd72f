#!/bin/sh
# Measures libgan and its peers (PyTorch, ONNX Runtime, TensorFlow) side by side, and writes a table in Markdown.
#
# usage: sh bench/compare.sh [--quick] [--cases WORD,...] [--threads N,...] [--rounds N] [--libraries NAME,...]
#                            [--precisions NAME,...] [--json FILE] [--output FILE] [--figure PNG]
# --quick is the Johnson net alone. Words of --cases: johnson, layers, gradients, network, training, pixels, latency,
# start, or a part of a case's name. What is missing is installed, never inside the source tree: PyTorch by apt-get
# where that can be done, the others by pip into GAN_PEERS (default: libgan-peers in the user's cache). What cannot
# be had is skipped. GAN_BUILD names a build folder with -DGAN_BUILD_BENCH=ON; without it build/compare is made.
# GAN_SHARED_DATA names a folder with published weights; without it the weights are random, the same for all.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
source=$(dirname "$here")
build=${GAN_BUILD:-}
GAN_PEERS=${GAN_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/libgan-peers}
export GAN_PEERS

note() {
    echo "compare: $*" >&2
}

make_build() {
    build=$source/build/compare
    note "building libgan in $build"
    mkdir -p "$build"
    { cmake -S "$source" -B "$build" -DCMAKE_BUILD_TYPE=Release -DGAN_BUILD_BENCH=ON -DBUILD_TESTING=OFF &&
        cmake --build "$build" -j "$(nproc 2>/dev/null || echo 2)"; } >"$build/log" 2>&1 ||
        { tail -n 20 "$build/log" >&2; exit 1; }
}

has() { # PYTHON MODULE
    "$1" -c "import importlib.util as u, sys; sys.exit(u.find_spec('$2') is None)" 2>/dev/null
}

install_torch() {
    if has /usr/bin/python3 torch || has "$GAN_PEERS/bin/python" torch; then return; fi
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        note "PyTorch is not here and cannot be installed without root: skipped"
        return
    fi
    note "installing PyTorch (apt-get install python3-torch)"
    apt-get install -y --no-install-recommends python3-torch >/dev/null 2>&1 || note "that failed: PyTorch is skipped"
}

make_environment() {
    [ ! -x "$GAN_PEERS/bin/python" ] || return 0
    note "making a virtual environment in $GAN_PEERS"
    python3 -m venv "$GAN_PEERS" >&2 || { note "that failed: peers from pip are skipped"; return 1; }
}

install_by_pip() { # MODULE PACKAGE...
    module=$1
    shift
    if has "$GAN_PEERS/bin/python" "$module"; then return; fi
    note "installing $* (pip)"
    "$GAN_PEERS/bin/python" -m pip install --quiet "$@" >&2 || note "that failed: $1 is skipped"
}

[ -n "$build" ] || make_build
if [ -z "${GAN_SHARED_DATA:-}" ] && [ -d "$source/../shared/data" ]; then
    GAN_SHARED_DATA=$(cd "$source/../shared/data" && pwd)
    export GAN_SHARED_DATA
fi
case " $* " in
*" --help "*) ;;
*)
    install_torch
    if make_environment; then
        install_by_pip onnxruntime onnxruntime onnx numpy
        install_by_pip tensorflow tensorflow-cpu
        install_by_pip matplotlib matplotlib
    fi
    ;;
esac
exec python3 "$here/compare/compare.py" --worker "$build/bench/compare_worker" --program "$build/gan" \
    --roofline "$build/bench/roofline" "$@"
