#!/usr/bin/env python3
"""Measures a rotation of seven nights beside the old script, and prints a Markdown table.

    swift build -c release && Tests/Bench/rotate.py --programs .build/release

A jail of small files is pushed nine times, a part of it changed between two pushes, and rotated after each: then there are
seven nights, and an eighth to be made. The old script has the same: each of its nights is a hard-link copy of the one
before, into which rsync brought the same tree. From there both do one night after another, the same changes each, in
turn on the same file system:

    nightjar-server housekeep --force          rm -rf 6; mv 5 6; … mv 1 2; cp -al 0 1

What is measured is only that, not the push nor rsync. Wall time is what the command takes; the old script does not sync,
Nightjar does, so a column tells both with a sync. CPU is user and system time of the command and all it starts. Memory is
the largest resident set of a process. System calls are counted under strace in a night of their own, so that the timed
ones are undisturbed.

Needs rsync, strace, and GNU time. Standard library only.
"""

import argparse
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
from push import SETTLING, Tree  # noqa: E402

OLDEST = 6


def run(command, **options):
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, **options)
    if result.returncode:
        sys.exit(f"{' '.join(command)}\nexit {result.returncode}\n{result.stdout}{result.stderr}")
    return result.stdout


def timed(command, folder, after=lambda: None):
    """Wall time and CPU of a command in seconds, its memory in MiB, and the wall time with what comes after."""
    # A child of this program would count this program's memory as its own; a child of time does not.
    memory = f"{folder}/memory"
    start = time.monotonic()
    process = subprocess.Popen(
        ["/usr/bin/time", "-o", memory, "-f", "%M"] + command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )  # fmt: skip
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)}\nexit {process.returncode}")
    after()
    synced = time.monotonic() - start
    size = int(Path(memory).read_text().split()[-1]) / 1024
    return {"wall": wall, "synced": synced, "cpu": usage.ru_utime + usage.ru_stime, "size": size}


class OldScript:
    name = "rm, mv, cp -al"

    def __init__(self, bench):
        self.bench, self.data = bench, f"{bench.folder}/old"
        os.makedirs(f"{self.data}/0")

    def push(self):
        run(["rsync", "-aH", "--delete", f"{self.bench.tree.root}/", f"{self.data}/0/"])

    def rotation(self):
        moves = " && ".join(f"{{ [ ! -e {n} ] || mv {n} {n + 1}; }}" for n in range(OLDEST - 1, 0, -1))
        return ["sh", "-c", f"cd {self.data} && rm -rf {OLDEST} && {moves} && cp -al 0 1"]

    def night(self, number):
        return f"{self.data}/{number}/"


class Nightjar:
    name = "nightjar"

    def __init__(self, bench):
        self.bench, self.data = bench, f"{bench.folder}/data"
        # What this machine's own config says is not to be measured, and nobody is to be mailed.
        Path(f"{bench.folder}/server.conf").write_text("sendmail=/bin/false\nreserve=0\n")
        os.chmod(f"{bench.folder}/server.conf", 0o600)
        os.environ["NIGHTJAR_SERVER_CONFIG"] = f"{bench.folder}/server.conf"
        self.server = [f"{bench.programs}/nightjar-server", "--data", self.data]
        os.makedirs(self.data, mode=0o700)
        run(self.server + ["enroll", "bench", "--init"])
        config = Path(f"{bench.folder}/backup.config")
        config.write_text(
            f"backupdir={self.data}/bench\nserver=local\nsendmail=/bin/false\n"
            f"receive={bench.programs}/nightjar-receive --data {self.data} bench\n\n## ENTRY {bench.tree.root}\n"
        )
        config.chmod(0o600)
        self.agent = [f"{bench.programs}/nightjar", "backup", "--config", str(config)]

    def push(self):
        run(self.agent)

    def rotation(self):
        return self.server + ["housekeep", "--force"]

    def night(self, number):
        return f"{self.data}/bench/{number}{self.bench.tree.root}/"


class Bench:
    def __init__(self, options):
        self.options = options
        self.programs = os.path.abspath(options.programs)
        self.folder = tempfile.mkdtemp(prefix="nightjar-rotate-", dir=options.folder)
        print(f"making {options.files} files in {self.folder}", file=sys.stderr)
        self.tree = Tree(f"{self.folder}/tree", options.files)
        self.tools = [OldScript(self), Nightjar(self)]
        # tool -> figure -> values
        self.figures = {tool.name: {} for tool in self.tools}

    def measure(self):
        # The first rotation makes night 1 of both, the sixth night 6.
        for night in range(OLDEST + 1):
            print(f"night {night}", file=sys.stderr)
            self.live()
            for tool in self.tools:
                run(tool.rotation())
        for number in range(self.options.runs):
            self.live()
            for tool in self.tools if number % 2 == 0 else self.tools[::-1]:
                self.note(tool, **timed(tool.rotation(), self.folder, after=os.sync))
        self.judge()
        if not self.options.no_trace:
            self.live()
            for tool in self.tools:
                self.note(tool, calls=self.counted(tool))

    def live(self):
        """A day, and the push of its night."""
        self.tree.change(self.options.change / 100, self.options.places / 100)
        time.sleep(SETTLING)
        for tool in self.tools:
            tool.push()
        os.sync()

    def counted(self, tool):
        log = f"{self.folder}/calls"
        run(["strace", "-f", "-c", "-U", "calls,name", "-o", log] + tool.rotation())
        lines = re.findall(r"^\s*(\d+)\s+(\w+)$", Path(log).read_text(), re.MULTILINE)
        return sum(int(calls) for calls, name in lines if name != "total")

    def note(self, tool, **figures):
        for name, value in figures.items():
            self.figures[tool.name].setdefault(name, []).append(value)
        if "wall" in figures:
            print(f"{tool.name}: {figures['wall']:.3f} s", file=sys.stderr)

    def judge(self):
        """Both must have made the same nights."""
        for number in (1, OLDEST):
            old, new = (tool.night(number) for tool in self.tools)
            differences = run(["rsync", "-aHn", "--delete", "--checksum", "--itemize-changes", old, new])
            if differences:
                sys.exit(f"night {number} is not the same:\n{differences[:2000]}")

    def table(self):
        columns = [
            ("wall s", "wall", "{:.3f}"), ("with sync s", "synced", "{:.3f}"), ("CPU s", "cpu", "{:.3f}"),
            ("memory MiB", "size", "{:.0f}"), ("system calls", "calls", "{:,.0f}"),
        ]  # fmt: skip
        kind = run(["stat", "-f", "-c", "%T", self.folder]).strip()
        print(
            f"{self.options.files:,} files, {self.options.change:g} % changed a night, in {self.options.places:g} % of the"
            f" directories, {self.options.runs} nights,"
            f" medians; {kind}, {os.cpu_count()} cores"
        )
        print()
        print("| one rotation | " + " | ".join(title for title, _, _ in columns) + " |")
        print("|---|" + "---:|" * len(columns))
        medians = {}
        for tool, figures in self.figures.items():
            medians[tool] = {key: statistics.median(values) for key, values in figures.items()}
            cells = [form.format(medians[tool][key]) if key in figures else "" for _, key, form in columns]
            print(f"| {tool} | " + " | ".join(cells) + " |")
        old, new = (medians[tool.name] for tool in self.tools)
        cells = [f"{old[key] / new[key]:.1f}" if key in new else "" for _, key, _ in columns]
        print("| how many times less | " + " | ".join(cells) + " |")

    def stop(self):
        if self.options.keep:
            print(f"kept: {self.folder}", file=sys.stderr)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", default=".build/release", help="directory of the built programs")
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--change", type=float, default=0.5, help="percent of the files that change in a night")
    parser.add_argument(
        "--places", type=float, default=100,
        help="percent of the directories in which they change: mail, logs and sessions change where they did",
    )  # fmt: skip
    parser.add_argument("--runs", type=int, default=5, help="nights that are timed")
    parser.add_argument("--folder", default=None, help="where to make the trees (default: the system's)")
    parser.add_argument("--no-trace", action="store_true", help="leave out the night under strace")
    parser.add_argument("--keep", action="store_true", help="keep what was made")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    bench = Bench(options)
    try:
        bench.measure()
        bench.table()
    finally:
        bench.stop()


if __name__ == "__main__":
    main()
