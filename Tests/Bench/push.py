#!/usr/bin/env python3
"""Measures a jail's nights beside rsync and others over the same private sshd, and prints Markdown tables.

    swift build -c release && Tests/Bench/push.py --programs .build/release

The same tree of small files is pushed by every tool in turn, each run into fresh data: the first push; one with no
change, with all in memory and with nothing in memory (as root); some with 1 % and one with 10 % changed (files rewritten,
appended to, made and removed); one after half of the files were renamed, one by one or with their directories; and all of
it is fetched back. --large SIZE does the same with large files of which 1 % of the pages change; --round-trip and --rate
put a slow path between both sides.

Wall time is what the command takes; rsync does not sync, Nightjar does, so a column tells both with a sync. CPU is user
and system time: of the command and all it starts on the jail; of sshd's session and all it starts on the server. Memory is
the largest resident set of a process on each side. Bytes on the wire (but on a slow path) and the server's system calls are
counted in separate runs, through a relay and under strace, so that the timed ones are undisturbed. After the first run
stock rsync judges whether what lies on the server is the tree.

Tools: nightjar, rsync, "nightjar, rotation" and "rsync, cp -al" (each with the nights moved down), restic and borg (where
installed). Needs root's own sshd (any user's will do, if the login is allowed), rsync, strace, and GNU time. Standard
library only.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
from measure import Figures, Place, adopt_orphans, arguments, judge, say, settle, timed  # noqa: E402
from tools import TOOLS  # noqa: E402
from trees import LargeFiles, Tree  # noqa: E402
from wire import Relay, SecureShell  # noqa: E402

COLUMNS = [
    ("wall s", "wall", "{:.2f}"), ("with sync s", "synced", "{:.2f}"), ("CPU jail s", "cpu", "{:.2f}"),
    ("CPU server s", "server", "{:.3f}"), ("memory jail MiB", "size", "{:.0f}"),
    ("memory server MiB", "server_size", "{:.0f}"), ("sent MB", "up", "{:.2f}"), ("received MB", "down", "{:.2f}"),
    ("server's system calls", "calls", "{:,.0f}"),
]  # fmt: skip

# Each night's name, and what happens before it. The second push is a line of its own: it makes Nightjar's second tree.
SMALL = {
    "first push": lambda tree: None,
    "1 % changed, second push": lambda tree: tree.change(0.01),
    "no change": lambda tree: None,
    "no change, cold": lambda tree: None,
    "1 % changed": lambda tree: tree.change(0.01),
    "1 % changed again": lambda tree: tree.change(0.01),
    "10 % changed": lambda tree: tree.change(0.1),
    "half renamed": lambda tree: tree.rename(0.5),
    "restore": lambda tree: None,
}
LARGE = {
    "first push": lambda tree: None,
    "1 % of the pages changed": lambda tree: tree.change(0.01),
    "no change": lambda tree: None,
}


class Bench:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.programs = os.path.abspath(options.programs)
        # Nothing is made beside the tree later: what leads to it would have changed.
        for name in ("jail", "data", "logs", "restored"):
            os.mkdir(f"{folder}/{name}")
        self.shell = SecureShell(f"{folder}/ssh")
        self.relay = Relay(self.shell.port, options.round_trip / 1000, options.rate and options.rate * 125_000)
        self.shell.know(self.shell.port, self.relay.port)
        self.figures = Figures(COLUMNS)
        self.names = [name for name in options.tools.split(";") if self.is_there(name)]

    @property
    def large(self):
        return f"{self.options.large_files} x {self.options.large} MiB"

    @property
    def is_slow_path(self):
        return self.options.round_trip or self.options.rate

    @staticmethod
    def is_there(name):
        if name not in TOOLS:
            sys.exit(f"no tool {name!r}: {'; '.join(TOOLS)}")
        program = name.split(",")[0]
        return program == "nightjar" or shutil.which(program)

    def tools(self, wrap=None, through_relay=False):
        """Each with fresh data."""
        options = {"rsync": self.options.rsync_options.split(), "nightjar": self.options.nightjar_options.split()}
        tools = [TOOLS[name](self, wrap, options.get(name, [])) for name in self.names]
        for tool in tools:
            if through_relay or self.is_slow_path:
                tool.port = self.relay.port
            tool.fresh()
        return tools

    def nights(self):
        """The name of each, once what belongs before it has happened. Every round begins with a tree of its own."""
        # Earlier trees stay, as the tools' data do: see there.
        jail = tempfile.mkdtemp(dir=f"{self.folder}/jail") + "/tree"
        if self.options.large:
            say(f"making {self.large}")
            self.tree, nights = LargeFiles(jail, self.options.large_files, self.options.large << 20), LARGE
        else:
            say(f"making {self.options.files} files")
            self.tree, nights = Tree(jail, self.options.files, self.options.median_size), SMALL
        wanted = self.options.nights.split(";") if self.options.nights else list(nights)
        for name, happens in nights.items():
            if name in wanted:
                happens(self.tree)
                settle(cold=False)
                yield name

    def measure(self):
        for number in range(self.options.runs):
            tools = self.tools()
            for place, night in enumerate(self.nights()):
                for _ in range(self.options.repeat if night.startswith("no change") else 1):
                    for tool in tools if (number + place) % 2 == 0 else tools[::-1]:
                        self.time(night, tool)
            if number == 0 and not self.options.no_judge:
                for tool in tools:
                    if tool.makes_trees:
                        judge(self.tree.root, tool.held())
        if not self.options.no_count and not self.is_slow_path:
            tools = self.tools(through_relay=True)
            for night in self.nights():
                for tool in tools:
                    self.count_bytes(night, tool)
        if not self.options.no_trace:
            tools = self.tools(["strace", "-f", "-c", "-U", "calls,name", "-o", "{}"])
            for night in self.nights():
                for tool in tools:
                    self.count_calls(night, tool)

    def command(self, night, tool):
        if night != "restore":
            return tool.push()
        place = f"{self.folder}/restored/{tool.key}-{time.monotonic_ns()}"
        os.mkdir(place)
        return tool.restore(place)

    def time(self, night, tool):
        if night.endswith("cold"):
            settle(cold=True)
        tool.server_log()
        self.relay.take()
        before = self.shell.processor_seconds()
        figures = timed(self.command(night, tool), f"{self.folder}/logs")
        figures["server"] = self.shell.processor_seconds() - before
        figures["server_size"] = max((int(line) for line in tool.server_log().split() if line.isdigit()), default=0) / 1024
        if self.is_slow_path:
            figures["up"], figures["down"] = (count / 1e6 for count in self.relay.take())
        self.figures.note((night, tool.name), **figures)
        say(f"{night}: {tool.name} {figures['wall']:.2f} s")

    def count_bytes(self, night, tool):
        self.relay.take()
        timed(self.command(night, tool), f"{self.folder}/logs")
        up, down = self.relay.take()
        self.figures.note((night, tool.name), up=up / 1e6, down=down / 1e6)

    def count_calls(self, night, tool):
        tool.server_log()
        subprocess.run(
            self.command(night, tool), check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.shell.processor_seconds()
        calls = 0
        for line in tool.server_log().splitlines():
            words = line.split()
            if len(words) == 2 and words[0].isdigit() and words[1] != "total":
                calls += int(words[0])
        self.figures.note((night, tool.name), calls=calls)

    def report(self):
        what = self.large if self.options.large else f"{self.options.files:,} files"
        path = f", {self.options.round_trip:g} ms round trip" if self.options.round_trip else ""
        path += f", {self.options.rate:g} Mbit/s" if self.options.rate else ""
        print(f"{what}{path}; {self.options.runs} runs, medians; {os.cpu_count()} cores")
        print()
        self.figures.table(["night", "tool"])
        print()
        for night in dict.fromkeys(line[0] for line in self.figures.lines):
            self.compare(night, "nightjar", "rsync")
            self.compare(night, "nightjar, rotation", "rsync, cp -al")

    def compare(self, night, ours, theirs):
        def ratio(*names):
            mine, other = (sum(self.figures.median((night, tool), name) or 0 for name in names) for tool in (ours, theirs))
            return f"{other / mine:.1f}" if mine and other else None

        parts = {
            "times as fast": ratio("wall"), "times less CPU of the server": ratio("server"),
            "times fewer bytes": ratio("up", "down"), "times fewer system calls of the server": ratio("calls"),
        }  # fmt: skip
        told = [f"{value} {name}" for name, value in parts.items() if value]
        if told:
            print(f"- {night}: {', '.join(told)} than {theirs}")


def main():
    parser = arguments(__doc__)
    parser.add_argument("--files", type=int, default=100_000, help="how many small files")
    parser.add_argument("--tools", default="nightjar;rsync", help="which to measure, with a semicolon")
    parser.add_argument("--nights", default=None, help="which lines of the table, with a semicolon")
    parser.add_argument("--repeat", type=int, default=1, help="how often in a run a night without a change is timed")
    parser.add_argument("--median-size", type=int, default=4096, help="bytes of a small file")
    parser.add_argument("--large", type=int, default=None, help="MiB of a large file that takes the tree's place")
    parser.add_argument("--large-files", type=int, default=1, help="how many of them")
    parser.add_argument("--round-trip", type=float, default=0, help="milliseconds of the path between both sides")
    parser.add_argument("--rate", type=float, default=None, help="Mbit/s of the path, each way")
    parser.add_argument("--rsync-options", default="", help="more words for rsync: -z --zc=zstd")
    parser.add_argument("--nightjar-options", default="", help="more words for nightjar backup")
    parser.add_argument("--no-count", action="store_true", help="leave out the run that counts bytes")
    parser.add_argument("--no-trace", action="store_true", help="leave out the run under strace")
    parser.add_argument("--no-judge", action="store_true", help="do not compare the copies with the tree")
    options = parser.parse_args()
    adopt_orphans()
    with Place(options) as folder:
        bench = Bench(options, folder)
        try:
            bench.measure()
            bench.report()
        finally:
            bench.shell.stop()


if __name__ == "__main__":
    main()
