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

import os
import re
import sys
from pathlib import Path

sys.dont_write_bytecode = True
from measure import Figures, Place, arguments, judge, run, say, settle, timed  # noqa: E402
from tools import OLDEST, LocalJail  # noqa: E402
from trees import Tree  # noqa: E402

COLUMNS = [
    ("wall s", "wall", "{:.3f}"), ("with sync s", "synced", "{:.3f}"), ("CPU s", "cpu", "{:.3f}"),
    ("memory MiB", "size", "{:.0f}"), ("system calls", "calls", "{:,.0f}"),
]  # fmt: skip


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
        return f"{self.data}/{number}"


class Bench:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        say(f"making {options.files} files in {folder}")
        self.tree = Tree(f"{folder}/tree", options.files)
        self.tools = [OldScript(self), LocalJail(os.path.abspath(options.programs), folder, self.tree)]
        self.figures = Figures(COLUMNS)

    def measure(self):
        # The first rotation makes night 1 of both, the sixth night 6.
        for night in range(OLDEST + 1):
            say(f"night {night}")
            self.live()
            for tool in self.tools:
                run(tool.rotation())
        for number in range(self.options.runs):
            self.live()
            for tool in self.tools if number % 2 == 0 else self.tools[::-1]:
                figures = timed(tool.rotation(), self.folder)
                self.figures.note((tool.name,), **figures)
                say(f"{tool.name}: {figures['wall']:.3f} s")
        for number in (1, OLDEST):
            old, new = (tool.night(number) for tool in self.tools)
            judge(old, new, "-aHn")
        if not self.options.no_trace:
            self.live()
            for tool in self.tools:
                self.figures.note((tool.name,), calls=self.counted(tool))

    def live(self):
        """A day, and the push of its night."""
        self.tree.change(self.options.change / 100, self.options.places / 100)
        settle()
        for tool in self.tools:
            tool.push()
        os.sync()

    def counted(self, tool):
        log = f"{self.folder}/calls"
        run(["strace", "-f", "-c", "-U", "calls,name", "-o", log] + tool.rotation())
        lines = re.findall(r"^\s*(\d+)\s+(\w+)$", Path(log).read_text(), re.MULTILINE)
        return sum(int(calls) for calls, name in lines if name != "total")

    def report(self):
        kind = run(["stat", "-f", "-c", "%T", self.folder]).strip()
        print(
            f"{self.options.files:,} files, {self.options.change:g} % changed a night, in {self.options.places:g} % of the"
            f" directories, {self.options.runs} nights, medians; {kind}, {os.cpu_count()} cores"
        )
        print()
        self.figures.table(["one rotation"])
        old, new = ({name: self.figures.median((tool.name,), name) for _, name, _ in COLUMNS} for tool in self.tools)
        cells = [f"{old[name] / new[name]:.1f}" if new[name] else "" for _, name, _ in COLUMNS]
        print("| how many times less | " + " | ".join(cells) + " |")


def main():
    parser = arguments(__doc__, runs=5)
    parser.add_argument("--files", type=int, default=100_000, help="how many small files")
    parser.add_argument("--change", type=float, default=0.5, help="percent of the files that change in a night")
    parser.add_argument(
        "--places", type=float, default=100,
        help="percent of the directories in which they change: mail, logs and sessions change where they did",
    )  # fmt: skip
    parser.add_argument("--no-trace", action="store_true", help="leave out the night under strace")
    options = parser.parse_args()
    with Place(options) as folder:
        bench = Bench(options, folder)
        bench.measure()
        bench.report()


if __name__ == "__main__":
    main()
