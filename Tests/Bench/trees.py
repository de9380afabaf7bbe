"""The trees that are backed up, and what happens to them in a day."""

import math
import os
import random


class Tree:
    """A tree of small files, the same for the same seed."""

    def __init__(self, root, files, median_size=4096, seed=1):
        self.root = root
        self.random = random.Random(seed)
        self.logarithm = math.log(median_size)
        self.pool = self._pool()
        self.paths = []
        self._make(files)

    def _pool(self):
        """Text and noise, in equal parts: what lies on a server shrinks about so."""
        words = [bytes(self.random.choices(range(97, 123), k=self.random.randint(2, 9))) for _ in range(5000)]
        text = b" ".join(self.random.choices(words, k=400_000))
        return text + self.random.randbytes(1 << 20)

    def _content(self):
        size = min(int(self.random.lognormvariate(self.logarithm, 1.2)), 1 << 20)
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

    def rename(self, share):
        """Renames that share of the files: half of them one by one, as mail that was read, half with the directories that
        they lie in, as a site that moved."""
        moved = sorted(os.listdir(self.root))[: round(40 * share / 2)]
        for name in moved:
            os.rename(f"{self.root}/{name}", f"{self.root}/moved-{name}")
        left = len(self.paths) * share / 2
        for place, path in enumerate(self.paths):
            parts = path[len(self.root) + 1 :].split("/", 1)
            if parts[0] in moved:
                self.paths[place] = f"{self.root}/moved-{parts[0]}/{parts[1]}"
            elif left >= 1:
                left -= 1
                os.rename(path, f"{path}:2,S")
                self.paths[place] = f"{path}:2,S"


class LargeFiles:
    """A few large files of noise."""

    PIECE = 1 << 20
    PAGE = 4096

    def __init__(self, root, files, size, seed=1):
        self.root, self.size = root, size
        self.random = random.Random(seed)
        os.makedirs(root)
        self.paths = [f"{root}/large-{number}" for number in range(files)]
        for path in self.paths:
            with open(path, "wb") as file:
                for _ in range(size // self.PIECE):
                    file.write(self.random.randbytes(self.PIECE))

    def change(self, share):
        """Overwrites that share of each file's pages, anywhere in it, as a database does."""
        for path in self.paths:
            with open(path, "r+b") as file:
                for page in self.random.sample(range(self.size // self.PAGE), int(self.size // self.PAGE * share)):
                    file.seek(page * self.PAGE)
                    file.write(self.random.randbytes(self.PAGE))
