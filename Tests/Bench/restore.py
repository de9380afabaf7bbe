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

import argparse
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
from push import Tree  # noqa: E402
from rotate import Nightjar, run, timed  # noqa: E402


class Bench:
    def __init__(self, options):
        self.options = options
        self.programs = os.path.abspath(options.programs)
        self.folder = tempfile.mkdtemp(prefix="nightjar-restore-", dir=options.folder)
        print(f"making {options.files} files in {self.folder}", file=sys.stderr)
        self.tree = Tree(f"{self.folder}/tree", options.files)
        self.jail = Nightjar(self)
        self.jail.push()
        os.sync()
        self.archive = f"{self.folder}/archive"
        # (processors, tool) -> figure -> values
        self.figures = {}

    def commands(self):
        night, tree = self.jail.night(0).removesuffix(self.tree.root + "/"), self.tree.root[1:]
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
                    print(f"{processors} processors, {name}: {figures['wall']:.2f} s", file=sys.stderr)
                    for key, value in figures.items():
                        self.figures.setdefault((processors, name), {}).setdefault(key, []).append(value)
        self.judge()

    def archived(self, command):
        Path(self.archive).unlink(missing_ok=True)
        return timed(command, self.folder) | {"archive": os.path.getsize(self.archive) / 1e6}

    def judge(self):
        self.archived(self.commands()["nightjar"])
        place = f"{self.folder}/unpacked"
        os.mkdir(place)
        run(["tar", "--numeric-owner", "-xpzf", self.archive, "-C", place])
        differences = run(
            ["rsync", "-aHn", "--delete", "--checksum", "--itemize-changes", f"{self.tree.root}/", place + self.tree.root + "/"]
        )
        if differences:
            sys.exit(f"the archive is not the tree:\n{differences[:2000]}")

    def table(self):
        columns = [
            ("wall s", "wall", "{:.2f}"), ("CPU s", "cpu", "{:.2f}"), ("memory MiB", "size", "{:.0f}"),
            ("archive MB", "archive", "{:.1f}"),
        ]  # fmt: skip
        size = sum(os.path.getsize(path) for path in self.tree.paths) / 1e9
        print(f"{self.options.files:,} files, {size:.2f} GB, {self.options.runs} runs, medians")
        print()
        print("| processors | archive by | " + " | ".join(title for title, _, _ in columns) + " | times as fast as tar czf |")
        print("|---:|---|" + "---:|" * (len(columns) + 1))
        names = list(self.commands())
        ordered = sorted(self.figures.items(), key=lambda item: (item[0][0], names.index(item[0][1])))
        for (processors, name), figures in ordered:
            medians = {key: statistics.median(values) for key, values in figures.items()}
            base = statistics.median(self.figures[processors, "tar czf"]["wall"])
            cells = [form.format(medians[key]) for _, key, form in columns] + [f"{base / medians['wall']:.1f}"]
            print(f"| {processors} | {name} | " + " | ".join(cells) + " |")

    def stop(self):
        if self.options.keep:
            print(f"kept: {self.folder}", file=sys.stderr)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", default=".build/release", help="directory of the built programs")
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3, help="how often each is timed")
    parser.add_argument("--folder", default=None, help="where to make the trees (default: the system's)")
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
