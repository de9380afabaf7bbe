"""What every benchmark here needs: options, a folder of its own, a command that is timed, a table."""

import argparse
import ctypes
import os
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# In this time a file's stamp does not yet prove anything: a push right after a change would look at it twice.
SETTLING = 2.2


def arguments(description, runs=3):
    """The options that all share; the others are added by the caller."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", default=".build/release", help="directory of the built programs")
    parser.add_argument("--runs", type=int, default=runs, help="how often each is timed")
    parser.add_argument("--folder", default=None, help="where to make trees and data (default: the system's)")
    parser.add_argument("--keep", action="store_true", help="keep what was made")
    return parser


class Place:
    """A folder of the benchmark's own, removed at the end, however that comes."""

    def __init__(self, options):
        self.keep = options.keep
        self.folder = tempfile.mkdtemp(prefix="nightjar-bench-", dir=options.folder)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    def __enter__(self):
        return self.folder

    def __exit__(self, *_):
        if self.keep:
            say(f"kept: {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)


def say(text):
    print(text, file=sys.stderr, flush=True)


def run(command, accepted=(0,), **options):
    """What a command prints; the end of the benchmark if it fails."""
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", **options)
    if result.returncode not in accepted:
        sys.exit(f"{' '.join(command)}\nexit {result.returncode}\n{result.stdout[-2000:]}{result.stderr[-2000:]}")
    return result.stdout


def timed(command, folder, after=os.sync):
    """Wall time and CPU of a command in seconds, its memory in MiB, and the wall time with a sync."""
    # A child of this program would count this program's memory as its own; a child of time does not.
    memory = f"{folder}/memory"
    start = time.monotonic()
    process = subprocess.Popen(
        ["/usr/bin/time", "-o", memory, "-f", "%M"] + command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )  # fmt: skip
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)}\nexit {process.returncode}\n{said.decode(errors='replace')[-2000:]}")
    after()
    size = int(Path(memory).read_text().split()[-1]) / 1024
    return {
        "wall": wall, "synced": time.monotonic() - start, "cpu": usage.ru_utime + usage.ru_stime, "size": size,
    }  # fmt: skip


def settle(cold=False):
    """Lets what was changed come to rest; with `cold`, has the next reader find nothing in memory."""
    os.sync()
    time.sleep(SETTLING)
    if cold:
        Path("/proc/sys/vm/drop_caches").write_text("3\n")


def judge(tree, copy, flags="-aAXHn"):
    """The end of the benchmark if what a tool made is not the tree."""
    differences = run(
        ["rsync", flags, "--delete", "--checksum", "--itemize-changes", f"{tree}/", f"{copy}/"], accepted=(0, 23)
    )
    if differences:
        sys.exit(f"{copy} is no true copy:\n{differences[:2000]}")


def adopt_orphans():
    """Makes this program the parent of what its descendants leave behind."""
    PR_SET_CHILD_SUBREAPER = 36
    if ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        sys.exit("cannot become the reaper of orphans")


class Figures:
    """Measurements by line of the table and name; shown as medians."""

    def __init__(self, columns):
        self.columns = columns
        self.lines = {}

    def note(self, line, **figures):
        known = self.lines.setdefault(line, {})
        for name, value in figures.items():
            known.setdefault(name, []).append(value)

    def median(self, line, name):
        values = self.lines.get(line, {}).get(name)
        return statistics.median(values) if values else None

    def cells(self, line):
        medians = [(self.median(line, name), form) for _, name, form in self.columns]
        return ["" if value is None else form.format(value) for value, form in medians]

    def table(self, titles):
        """Markdown. The parts of a line's key are its first columns; one that repeats the line above is left out."""
        print("| " + " | ".join(titles + [title for title, _, _ in self.columns]) + " |")
        print("|" + "---|" * len(titles) + "---:|" * len(self.columns))
        above = ()
        for line in self.lines:
            shown = ["" if line[: place + 1] == above[: place + 1] else str(part) for place, part in enumerate(line)]
            print("| " + " | ".join(shown + self.cells(line)) + " |")
            above = line[:-1]
