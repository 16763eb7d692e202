"""What an operator does while the server dies: imports, mail that is brought back, backups. Each is a command that is cut off
with the server, and typed again afterwards: then everything is there once."""
import subprocess
import threading

from support.letters import without_trace

from . import load
from .imap import Imap

MESSAGES_MAX = 150  # of a mailbox, before the next one is filled


class Task(threading.Thread):
    """Runs commands one after the other until the server is about to die."""

    def __init__(self, server, ledger):
        super().__init__(daemon=True)
        self.server, self.ledger = server, ledger
        self.lock = threading.Lock()
        self.process = None
        self.stopping = False

    def run(self):
        try:
            self.work()
        except load.DIED:
            pass
        except Exception as error:  # noqa: BLE001: reported, whatever it is
            self.ledger.fault(f"{type(self).__name__}: {error!r}")

    def command(self, *arguments):
        """Whether it was done; False when the server is about to die."""
        with self.lock:
            if self.stopping:
                return False
            self.process = subprocess.Popen(
                [self.server.program, *map(str, arguments), "--config", self.server.config], text=True,
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        _, complaints = self.process.communicate()
        if self.process.returncode != 0 and not self.stopping:
            self.ledger.fault(f"{arguments[0]} ended with {self.process.returncode}: {complaints}")
        return self.process.returncode == 0

    def hold(self):
        """No command does anything from now on: without a server it would open the store, which nobody traces then."""
        with self.lock:
            self.stopping = True
            if self.process:
                self.process.kill()


class Mover(Task):
    """Imports mbox files into an account of its own, deletes all of it sometimes and brings it back."""

    def __init__(self, server, ledger, chance, moved):
        super().__init__(server, ledger)
        self.chance, self.moved = chance, moved

    def work(self):
        moved = self.moved
        while not self.ledger.idle.wait(0.3):
            moved.begin_file(self.chance)
            if not self.command(*moved.import_command()):
                return
            moved.end_file()
            self.ledger.count("imported")
            if self.chance.random() < 0.4:
                moved.deleted = True
                moved.delete_all(self.server)
                if not self.command(*moved.undelete_command()):
                    return
                moved.deleted = False
                self.ledger.count("undeleted")


class Keeper(Task):
    """Makes backups."""

    def __init__(self, server, ledger, folder):
        super().__init__(server, ledger)
        self.folder = folder

    def work(self):
        while self.command("backup", self.folder, "--keep", 2):
            self.ledger.count("backed up")
            self.ledger.idle.wait(0.3)


class Moved:
    """The account that imports go into, and what must be there."""

    name = "mover0"

    def __init__(self, folder, ledger):
        self.file, self.ledger = folder / "import.mbox", ledger
        self.number = 0  # of the mailbox
        self.there = set()  # tokens: the import has ended
        self.coming = set()  # tokens of a file whose import has not ended
        self.deleted = False  # all may be gone, and an undelete must bring it back

    mailbox = property(lambda self: f"Import{self.number}")

    def begin_file(self, chance):
        letters = [load.letter(chance) for _ in range(chance.randint(5, 25))]
        with self.ledger.lock:
            self.ledger.digests |= {token: load.digest(octets) for octets, token in letters}
        self.file.write_bytes(b"".join(b"From - Thu Nov 26 12:00:00 2026\r\n" + octets + b"\r\n" for octets, _ in letters))
        self.coming = {token for _, token in letters}

    def end_file(self):
        self.there |= self.coming
        self.coming = set()

    def import_command(self):
        return "import", f"{self.name}@{load.DOMAIN}", self.file, "--mailbox", self.mailbox

    def undelete_command(self):
        return "account", "undelete", f"{self.name}@{load.DOMAIN}", "--mailbox", self.mailbox

    def imap(self, server):
        return Imap(server.address, server.imap, f"{self.name}@{load.DOMAIN}", load.PASSWORD)

    def delete_all(self, server):
        imap = self.imap(server)
        imap.select(self.mailbox)
        imap.command("STORE 1:* +FLAGS.SILENT (\\Deleted)")
        imap.command("EXPUNGE")
        imap.close()

    def observed(self, server):
        """Tokens of the mailbox, each as often as it is there."""
        imap = self.imap(server)
        tokens = []
        if any(self.mailbox.encode() in answer for answer, _ in imap.command('LIST "" *')[0]):
            imap.select(self.mailbox, "EXAMINE")
            for _, octets in imap.fetch("1:*", "UID FLAGS BODY.PEEK[]").values():
                tokens.append(load.token_of(octets))
                if load.digest(without_trace(octets)) != self.ledger.digests.get(tokens[-1]):
                    self.ledger.fault(f"import: letter {tokens[-1]} has other octets")
        imap.close()
        return tokens

    def compare(self, when, tokens, must, may):
        for token in set(tokens):
            if tokens.count(token) > 1 or token not in may:
                self.ledger.fault(f"import, {when}: letter {token} is there {tokens.count(token)} times")
        for token in must - set(tokens):
            self.ledger.fault(f"import, {when}: letter {token} is lost")

    def check(self, server):
        """Of what was cut off any part is there, and once; when it is done again, all is there, and once."""
        everything = self.there | self.coming
        self.compare("cut off", self.observed(server), set() if self.deleted else self.there, everything)
        if self.deleted:
            server.run(*self.undelete_command(), check=False)  # nothing may be deleted: then it says so
        if self.coming:
            server.run(*self.import_command())
        self.compare("done again", self.observed(server), everything, everything)
        self.there, self.coming, self.deleted = everything, set(), False
        if len(self.there) > MESSAGES_MAX:
            self.empty(server)

    def empty(self, server):
        if self.there:
            self.delete_all(server)
        self.there = set()
        self.number += 1
