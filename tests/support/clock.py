"""A clock of one process that a test can put forward (libfaketime): the time of day, and what timers go by."""
import os
import pathlib

LIBRARY = next(iter(pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), None)


class Clock:
    """`folder` is one that the process may still read when it has given up its rights."""

    def __init__(self, folder):
        self.ahead = 0
        self.file = pathlib.Path(folder) / "clock"
        self.put_forward(0)

    def put_forward(self, seconds):
        self.ahead += seconds
        written = self.file.with_suffix(".new")
        written.write_text(f"+{self.ahead}s\n")
        written.rename(self.file)

    def environment(self):
        return os.environ | {"LD_PRELOAD": str(LIBRARY), "FAKETIME_TIMESTAMP_FILE": str(self.file), "FAKETIME_NO_CACHE": "1"}

    @staticmethod
    def tidy_up(process):
        """What the library leaves in memory when its process, which has ended, was not allowed to remove it."""
        for name in ("faketime_shm_", "sem.faketime_sem_"):
            pathlib.Path("/dev/shm", f"{name}{process.child.pid}").unlink(missing_ok=True)
