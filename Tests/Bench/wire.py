"""A private sshd on loopback, and a relay before it that counts bytes and can be slow."""

import collections
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path


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


class SecureShell:
    """The sshd; one key a tool, so that the forced command of one does not bind the other."""

    TOOLS = ("nightjar", "rsync", "restic", "borg")

    def __init__(self, folder):
        self.folder = folder
        self.orphans = 0.0
        os.makedirs(folder)
        os.makedirs("/run/sshd", exist_ok=True)
        for key in ("host",) + self.TOOLS:
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{folder}/{key}"], check=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
        self.lines = {name: Path(f"{folder}/{name}.pub").read_text() for name in self.TOOLS if name != "nightjar"}
        Path(f"{folder}/sshd_config").write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nPidFile {folder}/pid\n"
            f"AuthorizedKeysFile {folder}/authorized\nStrictModes no\nUsePAM no\nPermitRootLogin yes\n"
            "PasswordAuthentication no\nLogLevel ERROR\nMaxStartups 200\n"
            # So that bash does not read a .bashrc for each of the logins.
            "SetEnv SHLVL=1\n"
            "Subsystem sftp /usr/lib/openssh/sftp-server\n"
        )
        self.authorize()
        self.daemon = subprocess.Popen([shutil.which("sshd") or "/usr/sbin/sshd", "-D", "-f", f"{folder}/sshd_config"])
        self.know(self.port)
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        sys.exit("sshd does not start")

    def know(self, *ports):
        """Has the clients know the host key at these ports."""
        key = " ".join(Path(f"{self.folder}/host.pub").read_text().split()[:2])
        Path(f"{self.folder}/known_hosts").write_text("".join(f"[127.0.0.1]:{port} {key}\n" for port in ports))

    def authorize(self, **lines):
        self.lines.update(lines)
        Path(f"{self.folder}/authorized").write_text("".join(line.rstrip() + "\n" for line in self.lines.values()))

    def client(self, tool, port):
        """The words of an ssh command that logs in with a tool's key."""
        return (
            f"ssh -F none -p {port} -i {self.folder}/{tool} -o IdentitiesOnly=yes"
            f" -o UserKnownHostsFile={self.folder}/known_hosts -o BatchMode=yes"
        )

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
    """Passes connections on and counts the bytes of both directions. Each byte arrives half a round trip after it was
    sent, and no faster than the rate; what is under way is bounded as a path with buffers bounds it."""

    def __init__(self, target, round_trip=0.0, rate=None):
        self.target, self.delay, self.rate = target, round_trip / 2, rate
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
                for end in pair[:2]:
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                Direction(self, *pair).start()

    def take(self):
        up, down, self.up, self.down = self.up, self.down, 0, 0
        return up, down


class Direction:
    """One way of one connection: a thread that takes bytes in, another that lets them out when they are due."""

    # With a rate, what a router holds before it makes the sender wait; without, what a fast path has under way.
    BUFFERED_SECONDS = 0.05
    MOST = 64 << 20

    def __init__(self, relay, source, target, name):
        self.relay, self.source, self.target, self.name = relay, source, target, name
        self.waiting = collections.deque()
        self.weight = 0
        self.changed = threading.Condition()
        rate = relay.rate
        self.room = self.MOST if rate is None else int(rate * (relay.delay + self.BUFFERED_SECONDS)) + (64 << 10)

    def start(self):
        if self.relay.delay == 0 and self.relay.rate is None:
            threading.Thread(target=self._pass, daemon=True).start()
            return
        for body in (self._take_in, self._let_out):
            threading.Thread(target=body, daemon=True).start()

    def _count(self, data):
        setattr(self.relay, self.name, getattr(self.relay, self.name) + len(data))

    def _pass(self):
        try:
            while data := self.source.recv(1 << 16):
                self._count(data)
                self.target.sendall(data)
            self.target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def _take_in(self):
        free = time.monotonic()
        while True:
            try:
                data = self.source.recv(16 << 10 if self.relay.rate else 256 << 10)
            except OSError:
                data = b""
            self._count(data)
            due = time.monotonic() + self.relay.delay
            if self.relay.rate:
                free = max(free, time.monotonic()) + len(data) / self.relay.rate
                due = free + self.relay.delay
            with self.changed:
                self.changed.wait_for(lambda: self.weight < self.room)
                self.waiting.append((due, data))
                self.weight += len(data)
                self.changed.notify_all()
            if not data:
                return

    def _let_out(self):
        while True:
            with self.changed:
                self.changed.wait_for(lambda: self.waiting)
                due, data = self.waiting[0]
            time.sleep(max(0, due - time.monotonic()))
            try:
                if data:
                    self.target.sendall(data)
                else:
                    self.target.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            with self.changed:
                self.waiting.popleft()
                self.weight -= len(data)
                self.changed.notify_all()
            if not data:
                return
