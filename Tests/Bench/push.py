#!/usr/bin/env python3
"""Measures pushes of Nightjar beside rsync over the same private sshd, and prints a Markdown table.

    swift build -c release && Tests/Bench/push.py --programs .build/release

A tree of small files is pushed by both, in turn, each run in fresh data: the first push, a push with no change, and
three pushes with 1 % changed (the first of them makes Nightjar's second tree, the later ones find it). Changes are
those of a night: files appended to, rewritten, made and removed. Before each push the clock is let pass the two
seconds in which a file's stamp does not yet prove anything.

Wall time is what the command takes; rsync does not sync, Nightjar does, so a line tells what rsync and a sync take.
CPU is user and system time: of the command and all it starts on the jail, of sshd's session and all it starts on the
server. Memory is the largest resident set of a process on each side. Bytes on the wire and system calls are counted in
separate runs, through a relay and under strace, so that the timed ones are undisturbed.

Needs root's own sshd (any user's will do, if the login is allowed), rsync, strace, and GNU time. Standard library only.
"""

import argparse
import ctypes
import os
import random
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

SETTLING = 2.2


class Tree:
    """A tree of small files, the same for the same seed."""

    def __init__(self, root, files, seed=1):
        self.root = root
        self.random = random.Random(seed)
        self.pool = self._pool()
        self.paths = []
        self._make(files)

    def _pool(self):
        words = [bytes(self.random.choices(range(97, 123), k=self.random.randint(2, 9))) for _ in range(5000)]
        text = b" ".join(self.random.choices(words, k=400_000))
        return text + self.random.randbytes(1 << 20)

    def _content(self):
        size = min(int(self.random.lognormvariate(8.317, 1.2)), 1 << 20)
        start = self.random.randrange(len(self.pool) - size)
        return self.pool[start : start + size]

    def _make(self, files):
        folder = 0
        while len(self.paths) < files:
            folder += 1
            path = f"{self.root}/{folder % 40}/{folder % 1600}/{folder}"
            os.makedirs(path)
            for number in range(min(self.random.randint(20, 50), files - len(self.paths))):
                name = f"{path}/file-{number}"
                with open(name, "wb") as file:
                    file.write(self._content())
                self.paths.append(name)

    def change(self, share, places=1):
        """Of each hundred changes 60 rewrite, 20 append, 10 make and 10 remove a file.

        share: of the files; places: the share of the directories in which all of that happens, always the same."""
        for _ in range(int(len(self.paths) * share)):
            while True:
                place = self.random.randrange(len(self.paths))
                name = self.paths[place]
                if int(os.path.basename(os.path.dirname(name))) % round(1 / places) == 0:
                    break
            kind = self.random.randrange(10)
            if kind < 6:
                with open(name, "wb") as file:
                    file.write(self._content())
            elif kind < 8:
                with open(name, "ab") as file:
                    file.write(self._content()[:500])
            elif kind == 8:
                new = f"{name}-{self.random.randrange(1 << 30)}"
                with open(new, "wb") as file:
                    file.write(self._content())
                self.paths.append(new)
            else:
                os.unlink(name)
                self.paths[place] = self.paths[-1]
                self.paths.pop()


def children(parent):
    """The processes that a process has started, those among them that wait to be reaped too."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                fields = Path(f"/proc/{entry}/stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(fields[1]) == parent:
                found.append(int(entry))
    return found


def reap_orphans():
    """Makes this program the parent of what its descendants leave behind."""
    PR_SET_CHILD_SUBREAPER = 36
    if ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        sys.exit("cannot become the reaper of orphans")


class SecureShell:
    """A private sshd on loopback; one key a tool, so that the forced command of one does not bind the other."""

    def __init__(self, folder):
        self.folder = folder
        self.orphans = 0.0
        os.makedirs(folder)
        os.makedirs("/run/sshd", exist_ok=True)
        for key in ("host", "nightjar", "rsync"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{folder}/{key}"], check=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
        self.lines = {"rsync": Path(f"{folder}/rsync.pub").read_text()}
        Path(f"{folder}/sshd_config").write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nPidFile {folder}/pid\n"
            f"AuthorizedKeysFile {folder}/authorized\nStrictModes no\nUsePAM no\nPermitRootLogin yes\n"
            "PasswordAuthentication no\nLogLevel ERROR\nMaxStartups 200\n"
            # So that bash does not read a .bashrc for each of the logins.
            "SetEnv SHLVL=1\n"
        )
        self.authorize()
        self.daemon = subprocess.Popen([shutil.which("sshd") or "/usr/sbin/sshd", "-D", "-f", f"{folder}/sshd_config"])
        self.known_hosts(self.port)
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        sys.exit("sshd does not start")

    def known_hosts(self, *ports):
        key = " ".join(Path(f"{self.folder}/host.pub").read_text().split()[:2])
        Path(f"{self.folder}/known_hosts").write_text("".join(f"[127.0.0.1]:{port} {key}\n" for port in ports))

    def authorize(self, **lines):
        self.lines.update(lines)
        Path(f"{self.folder}/authorized").write_text("".join(line.rstrip() + "\n" for line in self.lines.values()))

    def processor_seconds(self):
        """What the sessions so far took, and all they started, once all of them have ended.

        A server that still puts things away when its client has gone loses its sshd; being the reaper of orphans, this
        program inherits it, and adds up what it took.
        """
        while children(self.daemon.pid) or set(children(os.getpid())) - {self.daemon.pid}:
            process, _, usage = os.wait4(-1, os.WNOHANG)
            if process:
                self.orphans += usage.ru_utime + usage.ru_stime
            time.sleep(0.005)
        fields = Path(f"/proc/{self.daemon.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return self.orphans + (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.daemon.terminate()
        self.daemon.wait()


class Relay:
    """Passes connections on and counts the bytes of both directions."""

    def __init__(self, target):
        self.target = target
        self.up = self.down = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self.target))
            for pair in ((near, far, "up"), (far, near, "down")):
                threading.Thread(target=self._pass, args=pair, daemon=True).start()

    def _pass(self, source, target, direction):
        try:
            while data := source.recv(1 << 16):
                setattr(self, direction, getattr(self, direction) + len(data))
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def take(self):
        up, down, self.up, self.down = self.up, self.down, 0, 0
        return up, down


# Data of earlier runs stays until the end: for a minute after many files were removed, ext4 takes three times as long to
# make new ones, whoever makes them.
class Tool:
    """One of the two, able to push the tree into data of its own."""

    def __init__(self, bench, wrap=None):
        self.bench, self.port = bench, bench.shell.port
        # What the server's side runs under; {} is a file to append to.
        self.wrap = wrap or ["/usr/bin/time", "-a", "-o", "{}", "-f", "%M"]
        self.log = f"{bench.folder}/{self.name}.log"

    def wrapped(self, command):
        return " ".join([word.replace("{}", self.log) for word in self.wrap] + command)

    def server_log(self):
        text = Path(self.log).read_text() if os.path.exists(self.log) else ""
        Path(self.log).write_text("")
        return text


class Rsync(Tool):
    name = "rsync"

    def fresh(self):
        self.data = tempfile.mkdtemp(prefix="rsync-data-", dir=self.bench.folder)

    def command(self):
        shell = self.bench.shell
        login = (
            f"ssh -F none -p {self.port} -i {shell.folder}/rsync -o IdentitiesOnly=yes"
            f" -o UserKnownHostsFile={shell.folder}/known_hosts -o BatchMode=yes"
        )
        return [
            "rsync", "-aAXH", "--delete", "-e", login, f"--rsync-path={self.wrapped(['rsync'])}",
            f"{self.bench.tree.root}/", f"{shell.user}@127.0.0.1:{self.data}/",
        ]  # fmt: skip

    def held(self):
        return self.data


class Nightjar(Tool):
    name = "nightjar"

    def fresh(self):
        bench, shell = self.bench, self.bench.shell
        self.data = data = tempfile.mkdtemp(prefix="nightjar-data-", dir=bench.folder)
        server = [f"{bench.programs}/nightjar-server", "--data", data]
        line = subprocess.run(
            server + ["enroll", "bench", f"{shell.folder}/nightjar.pub", "--init"],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        key = Path(f"{shell.folder}/nightjar.pub").read_text().strip()
        if key.split()[1] not in line:
            sys.exit(f"enroll printed no line for the key: {line!r}")
        receive = self.wrapped([f"{bench.programs}/nightjar-receive", "--data", data, "bench"])
        shell.authorize(nightjar=f'restrict,command="{receive}" {key}')

    def command(self):
        shell, config = self.bench.shell, f"{self.bench.folder}/backup.config"
        Path(config).write_text(
            f"backupdir={self.data}/bench\nserver=127.0.0.1:{self.port}\nuser={shell.user}\n"
            f"identity={shell.folder}/nightjar\nknown_hosts={shell.folder}/known_hosts\n"
            f"\n## ENTRY {self.bench.tree.root}\n"
        )
        os.chmod(config, 0o600)
        return [f"{self.bench.programs}/nightjar", "backup", "--config", config]

    def held(self):
        return f"{self.data}/bench/0{self.bench.tree.root}"


class Bench:
    STEPS = ["first push", "no change", "1 % changed, second push", "1 % changed, third", "1 % changed, fourth"]

    def __init__(self, options):
        self.options = options
        self.programs = os.path.abspath(options.programs)
        self.folder = tempfile.mkdtemp(prefix="nightjar-bench-", dir=options.folder)
        self.shell = SecureShell(f"{self.folder}/ssh")
        print(f"making {options.files} files in {self.folder}", file=sys.stderr)
        self.tree = Tree(f"{self.folder}/tree", options.files)
        # step -> tool -> list of measurements
        self.figures = {step: {} for step in self.STEPS}

    def tools(self, wrap=None):
        kinds = {"nightjar": Nightjar, "rsync": Rsync}
        return [kinds[name](self, wrap) for name in self.options.tools.split(",")]

    def timed_runs(self):
        for run in range(self.options.runs):
            tools = self.tools()
            for tool in tools:
                tool.fresh()
            for place, step in enumerate(self.steps()):
                for tool in tools if (run + place) % 2 == 0 else tools[::-1]:
                    self.note(step, tool.name, **self.push(tool))
            if run == 0 and not self.options.no_judge:
                self.judge(tools)

    def steps(self):
        """Each step, after the changes that belong to it."""
        for place, step in enumerate(self.STEPS):
            if place >= 2:
                self.tree.change(0.01)
            os.sync()
            time.sleep(SETTLING)
            yield step

    def push(self, tool):
        tool.server_log()
        before = self.shell.processor_seconds()
        start = time.monotonic()
        # A child of this program would count this program's memory as its own; a child of time does not.
        memory = f"{self.folder}/memory"
        command = ["/usr/bin/time", "-o", memory, "-f", "%M"] + tool.command()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        said = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit(f"{' '.join(tool.command())}\nexit {process.returncode}\n{said.decode(errors='replace')}")
        start = time.monotonic()
        os.sync()
        sync = time.monotonic() - start
        server = self.shell.processor_seconds() - before
        sizes = [int(line) for line in tool.server_log().split() if line.isdigit()]
        return {
            "wall": wall, "synced": wall + sync, "client": usage.ru_utime + usage.ru_stime, "server": server,
            "client_size": int(Path(memory).read_text().split()[-1]) / 1024, "server_size": max(sizes, default=0) / 1024,
        }  # fmt: skip

    def note(self, step, tool, **figures):
        known = self.figures[step].setdefault(tool, {})
        for name, value in figures.items():
            known.setdefault(name, []).append(value)
        if "wall" in figures:
            print(f"{step}: {tool} {figures['wall']:.2f} s", file=sys.stderr)

    def judge(self, tools):
        for tool in tools:
            differences = subprocess.run(
                ["rsync", "-aAXHn", "--delete", "--checksum", "--itemize-changes", f"{self.tree.root}/", f"{tool.held()}/"],
                capture_output=True, text=True,
            )  # fmt: skip
            if differences.stdout or differences.returncode:
                sys.exit(f"{tool.name} did not make a true copy:\n{differences.stdout[:2000]}{differences.stderr}")

    def counted_run(self):
        """Bytes on the wire, through a relay."""
        relay = Relay(self.shell.port)
        self.shell.known_hosts(self.shell.port, relay.port)
        tools = self.tools()
        for tool in tools:
            tool.port = relay.port
            tool.fresh()
        for step in self.steps():
            for tool in tools:
                self.push(tool)
                up, down = relay.take()
                self.note(step, tool.name, up=up / 1e6, down=down / 1e6)

    def traced_run(self):
        """System calls of the server's processes, under strace."""
        wrap = ["strace", "-f", "-c", "-U", "calls,name", "-o", "{}"]
        tools = self.tools(wrap)
        for tool in tools:
            tool.fresh()
        for step in self.steps():
            for tool in tools:
                self.trace(step, tool)

    def trace(self, step, tool):
        tool.server_log()
        subprocess.run(tool.command(), check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.shell.processor_seconds()
        calls = {}
        for line in tool.server_log().splitlines():
            words = line.split()
            if len(words) == 2 and words[0].isdigit():
                calls[words[1]] = calls.get(words[1], 0) + int(words[0])
        calls.pop("total", None)
        opened = sum(calls.get(name, 0) for name in ("open", "openat", "openat2"))
        self.note(step, tool.name, calls=sum(calls.values()), opened=opened)

    def table(self):
        columns = [
            ("wall s", "wall", "{:.2f}"), ("with sync s", "synced", "{:.2f}"), ("CPU jail s", "client", "{:.2f}"),
            ("CPU server s", "server", "{:.2f}"), ("memory jail MiB", "client_size", "{:.0f}"),
            ("memory server MiB", "server_size", "{:.0f}"), ("sent MB", "up", "{:.2f}"), ("received MB", "down", "{:.2f}"),
            ("server's system calls", "calls", "{:,.0f}"), ("of them opens", "opened", "{:,.0f}"),
        ]  # fmt: skip
        print(f"{self.options.files:,} files, {self.options.runs} runs, medians; {os.cpu_count()} cores")
        print()
        print("| push | tool | " + " | ".join(title for title, _, _ in columns) + " |")
        print("|---|---|" + "---:|" * len(columns))
        for step, tools in self.figures.items():
            for tool, figures in tools.items():
                cells = [
                    form.format(statistics.median(figures[key])) if key in figures else "" for _, key, form in columns
                ]
                print(f"| {step} | {tool} | " + " | ".join(cells) + " |")
        if {"nightjar", "rsync"} <= set(self.options.tools.split(",")):
            print()
            for step, tools in self.figures.items():
                ours, theirs = (statistics.median(tools[name]["wall"]) for name in ("nightjar", "rsync"))
                print(f"- {step}: {theirs / ours:.1f} times as fast as rsync")

    def stop(self):
        self.shell.stop()
        if self.options.keep:
            print(f"kept: {self.folder}", file=sys.stderr)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", default=".build/release", help="directory of the built programs")
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--tools", default="nightjar,rsync", help="which to measure, with a comma")
    parser.add_argument("--folder", default=None, help="where to make the tree and the data (default: the system's)")
    parser.add_argument("--no-count", action="store_true", help="leave out the run that counts bytes")
    parser.add_argument("--no-trace", action="store_true", help="leave out the run under strace")
    parser.add_argument("--no-judge", action="store_true", help="do not compare the copies with the tree")
    parser.add_argument("--keep", action="store_true", help="keep what was made")
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    reap_orphans()
    bench = Bench(options)
    try:
        bench.timed_runs()
        if not options.no_count:
            bench.counted_run()
        if not options.no_trace:
            bench.traced_run()
        bench.table()
    finally:
        bench.stop()


if __name__ == "__main__":
    main()
