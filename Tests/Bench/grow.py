#!/usr/bin/env python3
"""Measures how a push without a change grows with the number of files, and prints a line a size.

    swift build -c release && Tests/Bench/grow.py --programs .build/release

For each size a tree of small files is made and pushed once by Nightjar without SSH between; then it is pushed again some
times with nothing changed, and some times with a thousandth of its files changed. Beside the medians stand the least that
any program can do, `find TREE -printf %T@`, which looks at each name once with one thread, and what each figure is for a
million files: a straight line if those of all sizes are alike. The server is a child of the agent here: the agent's memory
is never told as less than the server's, and that of the first push is the larger side's.

Needs GNU find and GNU time. Standard library only.
"""

import os
import shutil
import sys

sys.dont_write_bytecode = True
from measure import Figures, Place, arguments, say, settle, timed  # noqa: E402
from tools import LocalJail  # noqa: E402
from trees import Tree  # noqa: E402

COLUMNS = [
    ("find s", "find", "{:.2f}"), ("no change s", "still", "{:.2f}"), ("CPU s", "cpu", "{:.2f}"),
    ("of a million s", "share", "{:.2f}"), ("agent MiB", "size", "{:.0f}"), ("server MiB", "server_size", "{:.0f}"),
    ("0.1 % changed s", "changed", "{:.2f}"), ("catalog MiB", "catalog", "{:.0f}"), ("first push s", "first", "{:.1f}"),
    ("its MiB", "first_size", "{:.0f}"),
]  # fmt: skip


def last_of(log):
    """The server's memory in its last run, in MiB."""
    with open(log) as memory:
        return int(memory.read().split()[-1]) / 1024


def measure(files, options, folder, figures):
    os.makedirs(folder)
    os.mkdir(f"{folder}/jail")
    say(f"making {files} files")
    tree = Tree(f"{folder}/jail/tree", files, median_size=options.median_size)
    os.mkdir(f"{folder}/server")
    # The server's memory goes to a file that is appended to.
    log = f"{folder}/server/memory-of-receive"
    jail = LocalJail(os.path.abspath(options.programs), f"{folder}/server", tree)
    jail.wrap_receiver(["/usr/bin/time", "-a", "-o", log, "-f", "%M"])
    settle()
    line = (f"{files:,}",)
    first = timed(jail.agent, f"{folder}/server")
    figures.note(line, first=first["wall"], first_size=first["size"])
    # The first change makes the second tree.
    tree.change(0.001)
    settle()
    timed(jail.agent, f"{folder}/server")
    for _ in range(options.runs):
        settle()
        figures.note(line, find=timed(["find", tree.root, "-printf", "%T@"], f"{folder}/server")["wall"])
        still = timed(jail.agent, f"{folder}/server")
        figures.note(
            line, still=still["wall"], cpu=still["cpu"], share=still["wall"] / files * 1e6, size=still["size"],
            server_size=last_of(log))  # fmt: skip
        tree.change(0.001)
        settle()
        figures.note(line, changed=timed(jail.agent, f"{folder}/server")["wall"])
    catalog = f"{jail.data}/bench/.nightjar/catalog.sqlite"
    figures.note(line, catalog=os.path.getsize(catalog) / (1 << 20))
    say(f"{files} files: {figures.median(line, 'still'):.2f} s without a change")


def main():
    parser = arguments(__doc__)
    parser.add_argument("--sizes", default="10000,30000,100000,300000,1000000,3000000", help="numbers of files")
    parser.add_argument("--median-size", type=int, default=200, help="bytes of a file")
    options = parser.parse_args()
    figures = Figures(COLUMNS)
    with Place(options) as folder:
        for files in map(int, options.sizes.split(",")):
            place = f"{folder}/{files}"
            measure(files, options, place, figures)
            if not options.keep:
                shutil.rmtree(place)
    print(f"files of {options.median_size} bytes (median), {options.runs} runs, medians; {os.cpu_count()} cores")
    print()
    figures.table(["files"])


if __name__ == "__main__":
    main()
