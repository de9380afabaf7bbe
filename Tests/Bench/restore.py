#!/usr/bin/env python3
"""Measures a restore beside tar of the same tree, and prints a Markdown table.

    swift build -c release && Tests/Bench/restore.py --programs .build/release

A jail of small files is pushed once. Then an archive of all of it is made from that night, in turn by

    nightjar-server restore bench /TREE --no-hold --output FILE      tar -czf FILE -C NIGHT TREE

first with one processor (taskset -c 0), then with two. tar reads the very tree that Nightjar reads; Nightjar reads its
catalog as well, and compares every file with its digest. tar with pigz, which uses all processors, and Nightjar with zstd
are there for comparison. Each has run once before it is timed, so that all of it comes from memory. Wall time is what the
command takes; CPU is user and system time of the command and all it starts; memory is the largest resident set of a
process. At the end what Nightjar's archive unpacks to is compared with the tree by rsync.

Needs rsync, pigz, GNU tar and GNU time. Standard library only.
"""

import os
import sys
from pathlib import Path

sys.dont_write_bytecode = True
from measure import Figures, Place, arguments, judge, run, say, timed  # noqa: E402
from tools import LocalJail  # noqa: E402
from trees import Tree  # noqa: E402

COLUMNS = [
    ("wall s", "wall", "{:.2f}"), ("CPU s", "cpu", "{:.2f}"), ("memory MiB", "size", "{:.0f}"),
    ("archive MB", "archive", "{:.1f}"), ("times as fast as tar czf", "ratio", "{:.1f}"),
]  # fmt: skip


class Bench:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        say(f"making {options.files} files in {folder}")
        self.tree = Tree(f"{folder}/tree", options.files)
        self.jail = LocalJail(os.path.abspath(options.programs), folder, self.tree)
        self.jail.push()
        os.sync()
        self.archive = f"{folder}/archive"
        self.figures = Figures(COLUMNS)

    def commands(self):
        night, tree = self.jail.night(0).removesuffix(self.tree.root), self.tree.root[1:]
        restore = self.jail.server + ["restore", "bench", self.tree.root, "--no-hold", "--output", self.archive]
        return {
            "tar czf": ["tar", "-czf", self.archive, "-C", night, tree],
            "nightjar": restore + ["--format", "tgz"],
            "tar, pigz": ["tar", "-I", "pigz", "-cf", self.archive, "-C", night, tree],
            "nightjar, zstd": restore + ["--format", "tar.zst"],
        }

    def measure(self):
        for processors in range(1, min(2, os.cpu_count()) + 1):
            bound = ["taskset", "-c", ",".join(str(number) for number in range(processors))]
            for number in range(self.options.runs + 1):
                commands = list(self.commands().items())
                for name, command in commands if number % 2 == 0 else commands[::-1]:
                    figures = self.archived(bound + command)
                    if number == 0:
                        continue
                    say(f"{processors} processors, {name}: {figures['wall']:.2f} s")
                    self.figures.note((processors, name), **figures)
            for name in self.commands():
                tar, this = (self.figures.median((processors, tool), "wall") for tool in ("tar czf", name))
                self.figures.note((processors, name), ratio=tar / this)
        self.judge()

    def archived(self, command):
        Path(self.archive).unlink(missing_ok=True)
        return timed(command, self.folder, after=lambda: None) | {"archive": os.path.getsize(self.archive) / 1e6}

    def judge(self):
        self.archived(self.commands()["nightjar"])
        place = f"{self.folder}/unpacked"
        os.mkdir(place)
        run(["tar", "--numeric-owner", "-xpzf", self.archive, "-C", place])
        judge(self.tree.root, place + self.tree.root, "-aHn")

    def report(self):
        size = sum(os.path.getsize(path) for path in self.tree.paths) / 1e9
        print(f"{self.options.files:,} files, {size:.2f} GB, {self.options.runs} runs, medians")
        print()
        self.figures.table(["processors", "archive by"])


def main():
    parser = arguments(__doc__)
    parser.add_argument("--files", type=int, default=100_000, help="how many small files")
    options = parser.parse_args()
    with Place(options) as folder:
        bench = Bench(options, folder)
        bench.measure()
        bench.report()


if __name__ == "__main__":
    main()
