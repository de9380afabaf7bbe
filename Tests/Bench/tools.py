"""The tools that are measured beside each other, each with data of its own on the server's side."""

import os
import shlex
import sys
import tempfile
from pathlib import Path

from measure import run

OLDEST = 6


def configure_server(folder):
    """What this machine's own config says is not to be measured, and nobody is to be mailed."""
    conf = Path(f"{folder}/server.conf")
    conf.write_text("sendmail=/bin/false\nreserve=0\n")
    conf.chmod(0o600)
    os.environ["NIGHTJAR_SERVER_CONFIG"] = str(conf)


class LocalJail:
    """A jail of Nightjar whose server is this machine, without SSH between."""

    name = "nightjar"

    def __init__(self, programs, folder, tree):
        self.tree, self.data = tree, f"{folder}/data"
        configure_server(folder)
        self.server = [f"{programs}/nightjar-server", "--data", self.data]
        os.makedirs(self.data, mode=0o700)
        run(self.server + ["enroll", "bench", "--init"])
        self.receive = [f"{programs}/nightjar-receive", "--data", self.data, "bench"]
        self.config = Path(f"{folder}/backup.config")
        self.wrap_receiver([])
        self.agent = [f"{programs}/nightjar", "backup", "--config", str(self.config)]

    def wrap_receiver(self, wrap):
        """What the server's side runs under from now on."""
        self.config.write_text(
            f"backupdir={self.data}/bench\nserver=local\nsendmail=/bin/false\n"
            f"receive={shlex.join(wrap + self.receive)}\n\n## ENTRY {self.tree.root}\n"
        )
        self.config.chmod(0o600)

    def push(self):
        run(self.agent)

    def rotation(self):
        return self.server + ["housekeep", "--force"]

    def night(self, number):
        return f"{self.data}/bench/{number}{self.tree.root}"


class Tool:
    """One way to push a tree. Data of earlier runs stays until the end: for a minute after many files were removed, ext4
    takes three times as long to make new ones, whoever makes them."""

    # Whether what it makes is a plain tree, which can be judged.
    makes_trees = True

    def __init__(self, bench, wrap=None, options=()):
        self.bench, self.port, self.options = bench, bench.shell.port, list(options)
        # What the server's side runs under; {} is a file to append to.
        self.wrap = wrap or ["/usr/bin/time", "-a", "-o", "{}", "-f", "%M"]
        self.log = f"{bench.folder}/logs/{self.key}"

    @property
    def key(self):
        """The name, fit for a file's."""
        return "".join(letter if letter.isalnum() else "-" for letter in self.name)

    def wrapped(self, command):
        return " ".join([word.replace("{}", self.log) for word in self.wrap] + command)

    def server_log(self):
        text = Path(self.log).read_text() if os.path.exists(self.log) else ""
        Path(self.log).write_text("")
        return text

    def make_folder(self):
        self.data = tempfile.mkdtemp(prefix=f"{self.key}-", dir=f"{self.bench.folder}/data")

    @property
    def login(self):
        return self.bench.shell.client(self.ssh_key, self.port)

    @property
    def host(self):
        return f"{self.bench.shell.user}@127.0.0.1"


class Rsync(Tool):
    name = "rsync"
    ssh_key = "rsync"
    flags = ["-aAXH", "--delete"]

    def fresh(self):
        self.make_folder()
        os.mkdir(f"{self.data}/0")

    def push(self):
        return [
            "rsync", *self.flags, *self.options, "-e", self.login, f"--rsync-path={self.wrapped(['rsync'])}",
            f"{self.bench.tree.root}/", f"{self.host}:{self.data}/0/",
        ]  # fmt: skip

    def restore(self, to):
        return [
            "rsync", *self.flags, "-e", self.login, f"--rsync-path={self.wrapped(['rsync'])}",
            f"{self.host}:{self.data}/0/", f"{to}/",
        ]  # fmt: skip

    def held(self):
        return f"{self.data}/0"


class Snapshots(Rsync):
    """rsnapshot's way: the nights move down, the newest is copied by hard link, and rsync brings the copy up to date."""

    name = "rsync, cp -al"

    def push(self):
        moves = "; ".join(f"[ ! -e {n} ] || mv {n} {n + 1}" for n in range(OLDEST - 1, 0, -1))
        rotation = f"cd {self.data} && rm -rf {OLDEST} && {{ {moves}; }} && cp -al 0 1"
        night = f"{self.login} {self.host} {shlex.quote(self.wrapped(['sh', '-c', shlex.quote(rotation)]))}"
        return ["sh", "-c", f"{night} && {shlex.join(super().push())}"]


class Nightjar(Tool):
    name = "nightjar"
    ssh_key = "nightjar"

    def fresh(self):
        bench, shell = self.bench, self.bench.shell
        self.make_folder()
        configure_server(f"{bench.folder}/logs")
        self.server = [f"{bench.programs}/nightjar-server", "--data", self.data]
        line = run(self.server + ["enroll", "bench", f"{shell.folder}/nightjar.pub", "--init"])
        key = Path(f"{shell.folder}/nightjar.pub").read_text().strip()
        if key.split()[1] not in line:
            sys.exit(f"enroll printed no line for the key: {line!r}")
        receive = self.wrapped([f"{bench.programs}/nightjar-receive", "--data", self.data, "bench"])
        self.line = f'restrict,command="{receive}" {key}'

    def config(self):
        shell, config = self.bench.shell, Path(f"{self.bench.folder}/logs/{self.key}.config")
        shell.authorize(nightjar=self.line)
        config.write_text(
            f"backupdir={self.data}/bench\nserver=127.0.0.1:{self.port}\nuser={shell.user}\nsendmail=/bin/false\n"
            f"identity={shell.folder}/nightjar\nknown_hosts={shell.folder}/known_hosts\n"
            f"\n## ENTRY {self.bench.tree.root}\n"
        )
        config.chmod(0o600)
        return str(config)

    def push(self):
        return [f"{self.bench.programs}/nightjar", "backup", *self.options, "--config", self.config()]

    def restore(self, to):
        program, root = f"{self.bench.programs}/nightjar", self.bench.tree.root
        archive = [program, "restore", "--config", self.config(), root, "--output", "-", "--format", "tar"]
        # The archive's names begin below the root's parent.
        return ["sh", "-c", f"{shlex.join(archive)} | tar -xp --xattrs --acls -C {to} --strip-components=1"]

    def held(self):
        return f"{self.data}/bench/0{self.bench.tree.root}"


class Rotated(Nightjar):
    """A push, and the rotation that rsnapshot's way makes with it."""

    name = "nightjar, rotation"

    def push(self):
        return ["sh", "-c", f"{shlex.join(super().push())} && {shlex.join(self.server)} housekeep --force bench"]


class Restic(Tool):
    name = "restic"
    ssh_key = "restic"
    makes_trees = False

    def fresh(self):
        self.make_folder()
        os.environ["RESTIC_PASSWORD"] = "bench"
        run(self.command() + ["init"])

    def command(self):
        os.environ["RESTIC_CACHE_DIR"] = f"{self.data}/cache"
        sftp = f"{self.login} {self.host} {self.wrapped(['/usr/lib/openssh/sftp-server'])}"
        # Quoted, because a comma parts two options.
        return ["restic", "-q", "-r", f"sftp:{self.host}:{self.data}/repository", "-o", f'"sftp.command={sftp}"']

    def push(self):
        return self.command() + ["backup", self.bench.tree.root]

    def restore(self, to):
        return self.command() + ["restore", "latest", "--target", to]


class Borg(Tool):
    name = "borg"
    ssh_key = "borg"
    makes_trees = False

    def fresh(self):
        self.make_folder()
        self.archives = 0
        run(self.command() + ["init", "--encryption", "none"])

    def command(self):
        os.environ["BORG_RSH"] = self.login
        os.environ["BORG_REPO"] = f"ssh://{self.host}:{self.port}{self.data}/repository"
        os.environ["BORG_CACHE_DIR"] = os.environ["BORG_CONFIG_DIR"] = f"{self.data}/cache"
        os.environ["BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK"] = os.environ["BORG_RELOCATED_REPO_ACCESS_IS_OK"] = "yes"
        return ["borg", "--remote-path", self.wrapped(["borg"])]

    def push(self):
        self.archives += 1
        return self.command() + ["create", f"::{self.archives}", self.bench.tree.root]

    def restore(self, to):
        return ["sh", "-c", f"cd {to} && {shlex.join(self.command() + ['extract', f'::{self.archives}'])}"]


TOOLS = {tool.name: tool for tool in (Nightjar, Rsync, Rotated, Snapshots, Restic, Borg)}
