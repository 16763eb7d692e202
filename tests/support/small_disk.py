"""A small memory file system in a mount namespace of its own, so that a disk can be full and nothing is left behind."""
import subprocess

import pytest

from .processes import ROOT
from .tegami import PROGRAM


class SmallDisk:
    """A mount namespace kept open by a process that waits for the end of its input."""

    def __init__(self, mount, size):
        self.mount = mount
        self.mount.mkdir(parents=True)
        self.holder = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c",
             f"mount -t tmpfs -o size={size},mode=700 tmpfs {self.mount} && echo ready && exec cat"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        if self.holder.stdout.readline() != "ready\n":
            pytest.skip(f"mounting is not possible here: {self.holder.stderr.read().strip()}")
        # The program, run inside the namespace; becomes the program itself, so that signals reach it.
        self.program = mount.parent / "tegami-inside"
        self.program.write_text(f'#!/bin/sh\nexec nsenter --mount=/proc/{self.holder.pid}/ns/mnt {ROOT / PROGRAM} "$@"\n')
        self.program.chmod(0o755)

    def inside(self, path):
        """How this process reaches a path in the namespace."""
        return type(self.mount)(f"/proc/{self.holder.pid}/root{path}")

    def fill(self):
        with (self.inside(self.mount) / "filler").open("ab", buffering=0) as filler:
            for piece in (1 << 20, 1 << 12):
                try:
                    while True:
                        filler.write(b"\0" * piece)
                except OSError:
                    pass

    def free(self):
        (self.inside(self.mount) / "filler").unlink()

    def end(self):
        self.holder.communicate()
