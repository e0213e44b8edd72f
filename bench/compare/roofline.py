"""Draws what the program roofline measured: roofline.py CSV PNG TITLE."""

import csv
import sys

import matplotlib
import matplotlib.ticker

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402

COLOURS = ("#1b6ca8", "#d1495b", "#3a7d44", "#8e6c8a", "#c17f1d", "#5b5b5b")


def read(path):
    with open(path) as file:
        return [{name: value if name in ("layer", "method") else float(value) for name, value in row.items()}
                for row in csv.DictReader(file)]


def draw_roof(axes, rows):
    bare, memory = rows[0]["bare_gflops"], rows[0]["memory_gbytes"]
    corner = bare / memory
    left = min([corner] + [row["flop_per_byte"] for row in rows]) / 4
    right = max(row["flop_per_byte"] for row in rows) * 2
    axes.plot([left, corner, right], [left * memory, bare, bare], color="black", linewidth=1.5)
    axes.annotate("bare microkernel, %.0f GFLOP/s" % bare, (right, bare), ha="right", va="bottom", fontsize=8,
                  xytext=(0, 3), textcoords="offset points")
    axes.annotate("memory copy, %.1f GB/s" % memory, (left, left * memory), va="top", fontsize=8,
                  xytext=(8, 0), textcoords="offset points")


def name_points(axes, rows):
    """The ten layers of the residual blocks have two sizes: one name for each is enough."""
    named = set()
    for row in sorted(rows, key=lambda row: -row["gflops"]):
        place = round(row["flop_per_byte"]), row["method"]
        if place not in named:
            axes.annotate(row["layer"], (row["flop_per_byte"], row["gflops"]), xytext=(6, -3),
                          textcoords="offset points", fontsize=7)
        named.add(place)


def draw(rows, title, path):
    figure, axes = pyplot.subplots(figsize=(9, 6))
    draw_roof(axes, rows)
    for colour, method in zip(COLOURS, dict.fromkeys(row["method"] for row in rows)):
        points = [row for row in rows if row["method"] == method]
        axes.scatter([row["flop_per_byte"] for row in points], [row["gflops"] for row in points], s=36,
                     color=colour, label=method, zorder=3)
    name_points(axes, rows)
    axes.set(xscale="log", yscale="log", title=title, xlabel="arithmetic per byte moved (FLOP/byte)",
             ylabel="effective rate, plain convolution's arithmetic (GFLOP/s)")
    axes.grid(True, which="both", linewidth=0.3)
    axes.legend(fontsize=8, loc="upper left")
    axes.yaxis.set_major_formatter(matplotlib.ticker.ScalarFormatter())
    axes.yaxis.set_minor_formatter(matplotlib.ticker.ScalarFormatter())
    figure.tight_layout()
    figure.savefig(path, dpi=120)


draw(read(sys.argv[1]), sys.argv[3], sys.argv[2])
