"""Measures libgan and its peers side by side; see compare.sh."""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile

import cases as case_list
import measure
import peers as peer_list
import start
import table
from worker import Skipped, WorkerFailed


def parse(words):
    parser = argparse.ArgumentParser(prog="compare.sh", description=__doc__)
    parser.add_argument("--worker", required=True, help="the program compare_worker")
    parser.add_argument("--quick", action="store_true", help="the Johnson net alone")
    parser.add_argument("--tiny", action="store_true", help="all that there is, too small to mean anything: a test")
    parser.add_argument("--cases", default="", metavar="WORD,...", help="cases whose group or name has a word")
    parser.add_argument("--libraries", default=",".join(case_list.EVERYONE), metavar="NAME,...")
    parser.add_argument("--precisions", default=",".join(case_list.PRECISIONS), metavar="NAME,...")
    parser.add_argument("--threads", default="1,2", metavar="N,...")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clock", choices=("wall", "processor"), default="wall",
                        help="processor: with one thread, time while others have the processor does not count")
    parser.add_argument("--json", metavar="FILE", help="one record a line")
    parser.add_argument("--program", help="the program gan, for the time from start to picture")
    parser.add_argument("--roofline", help="the program roofline, for --figure")
    parser.add_argument("--figure", metavar="FILE", help="draw a roofline figure (PNG) too")
    parser.add_argument("--output", metavar="FILE", help="the table; standard output without it")
    return parser.parse_args(words)


def selected(options):
    found = case_list.all_cases()
    if options.quick or options.tiny:
        found = case_list.quick_cases() if options.quick else case_list.tiny_cases()
    words = [word for word in options.cases.split(",") if word]
    return [case for case in found
            if not words or any(word == case.group or word in case.name for word in words)]


def processor():
    try:
        with open("/proc/cpuinfo") as file:
            names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
        return names[0]
    except (OSError, IndexError):
        return platform.processor() or platform.machine()


def machine(options):
    return "%s, %d processors; medians of %d rounds in which all took turns; ratios are medians of ratios within " \
           "a round." % (processor(), os.cpu_count() or 1, options.rounds)


def run_all(options, folder):
    records, notes = [], []
    room = measure.Room(folder, options.worker)
    peers = peer_list.find_peers(options.worker, options.libraries.split(","))
    threads_wanted = [int(number) for number in options.threads.split(",")]
    for case in selected(options):
        for threads in [number for number in threads_wanted if number in case.threads]:
            peer_list.say("%s %dx%d, %d threads" % (case.name, case.width, case.height, threads))
            try:
                clock = options.clock if threads == 1 else "wall"
                records += measure.measure(case, threads, options.rounds, peers, options.precisions.split(","),
                                           clock, room)
            except Skipped as reason:
                notes.append("Skipped: %s (%s)." % (case.name, reason))
                break
            except WorkerFailed as reason:
                notes.append("Failed: %s, %d threads (%s)." % (case.name, threads, reason))
            write(options, records, notes)
    if start_selected(options):
        for threads in threads_wanted:
            peer_list.say("start, %d threads" % threads)
            records += start.measure(options.program, threads, options.rounds, options.libraries.split(","), room)
    return records, notes


def start_selected(options):
    words = options.cases.split(",")
    return options.program and not options.quick and not options.tiny and ("start" in words or words == [""])


def draw_figure(options, folder):
    python = peer_list.python_with("matplotlib")
    if python is None or options.roofline is None:
        peer_list.say("skipped: the figure (there is no Python module matplotlib, or no program roofline)")
        return
    threads = options.threads.split(",")[0]
    path = os.path.join(folder, "roofline.csv")
    with open(path, "w") as file:
        subprocess.run([options.roofline, "--threads", threads], stdout=file, check=True)
    title = "Convolutions of the Johnson net at 512x512, %s thread(s)" % threads
    script = os.path.join(peer_list.HERE, "roofline.py")
    subprocess.run([python, script, path, options.figure, title], check=True)


def write(options, records, notes):
    """After every case, so that a run that is stopped leaves what it has."""
    if options.json:
        with open(options.json, "w") as file:
            file.writelines(json.dumps(record) + "\n" for record in records)
    if options.output:
        with open(options.output, "w") as file:
            file.write(table.markdown(records, machine(options), notes))


def main():
    options = parse(sys.argv[1:])
    with tempfile.TemporaryDirectory(prefix="libgan-compare-") as folder:
        records, notes = run_all(options, folder)
        if options.figure:
            draw_figure(options, folder)
    write(options, records, notes)
    if not options.output:
        sys.stdout.write(table.markdown(records, machine(options), notes))
    return 0 if records and not any(note.startswith("Failed") for note in notes) else 1


sys.exit(main())
