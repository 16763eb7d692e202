"""Rounds of load, crash and check against the real program; see README.md."""
import argparse
import collections
import dataclasses
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support import post  # noqa: E402
from support.letters import without_trace  # noqa: E402
from support.nsd import Nsd  # noqa: E402
from support.peer import Peer  # noqa: E402
from support.processes import ROOT, Failed, Process, wait_until  # noqa: E402
from support.tegami import PROGRAM, Tegami  # noqa: E402

from crash import load, power_cut, tasks  # noqa: E402
from crash.imap import Imap, Refused  # noqa: E402
from crash.model import Account, Ledger  # noqa: E402
from crash.power_cut import Disk  # noqa: E402

BUILT = ROOT / "build/crash"
LAYER = BUILT / "layer.so"
BLOB_ROWS = BUILT / "blob_rows"
RELAY_PORT = 20025
SYNC_MICROSECONDS = (500, 4000, 4000, 15_000)  # a sync takes up to so long: a quick disk, a usual and a slow one
HOURS_BETWEEN_ROUNDS = 7  # on the server's clock: so the collector's hour and a day of retention pass
QUEUE_MAX = 60
VERIFY_SECONDS = 20  # as long as a sweep may take on a slow disk


def build():
    """The layer and blob_rows, unless they are there and newer than their sources. A new one appears as a whole: several
    test processes may build at once."""
    BUILT.mkdir(parents=True, exist_ok=True)
    for built, options in ((LAYER, ["-fPIC", "-shared"]), (BLOB_ROWS, ["-lrocksdb"])):
        source = pathlib.Path(__file__).with_name(built.stem + ".cpp")
        if not built.exists() or built.stat().st_mtime < source.stat().st_mtime:
            unfinished = built.with_name(f"{built.name}.{os.getpid()}")
            subprocess.run(
                ["clang++-19", "-std=c++23", "-O2", "-Wall", "-Wextra", "-Werror", source, *options, "-o", unfinished],
                check=True, timeout=120,
            )
            unfinished.rename(built)


class LayeredTegami(Tegami):
    """A server with the layer under it; one trace for each start."""

    clock_seconds = 0
    sync_microseconds = 0
    starts = 0

    @property
    def root(self):
        """What is traced: all that the server keeps."""
        return self.folder / "data"

    def layered(self, trace):
        """The beginning of a command line that runs the program on the layer."""
        return ["/usr/bin/env", f"LD_PRELOAD={LAYER}", f"CRASH_LAYER_ROOT={self.root}", f"CRASH_LAYER_TRACE={trace}",
                f"CRASH_LAYER_SYNC_MICROSECONDS={self.sync_microseconds}",
                f"CRASH_LAYER_CLOCK_SECONDS={self.clock_seconds}", str(self.program)]

    def launch(self):
        self.starts += 1
        beside = self.root.parent
        self.trace = beside / f"trace.{self.starts}"
        self.process = Process([*self.layered(self.trace), "serve", "--config", self.config], beside / "serve.log")

    def start(self):
        self.launch()
        for port in (self.smtp, self.submission, self.imap, self.pop3):
            self.process.wait_for_port(self.address, port)
        return self


@dataclasses.dataclass
class Options:
    rounds: int = 200
    seed: int = 1
    kind: str = "both"  # kill, power
    program: pathlib.Path = PROGRAM
    address: str = "127.0.7.1"
    peer_address: str = "127.0.7.2"
    folder: pathlib.Path | None = None


class Rounds:
    def __init__(self, options, report=print):
        self.options = options
        self.report = report
        self.ledger = Ledger()
        self.accounts = {name: Account(name, load.MAILBOXES, self.ledger) for name in load.READERS}
        self.accounts |= {name: Account(name, ("INBOX",), self.ledger) for name in load.FETCHERS}
        self.counts = collections.Counter()
        self.peer = None
        self.segments = set()
        self.relayed = {}  # what the far server took: token → how often
        self.folder = options.folder
        self.moved = tasks.Moved(self.folder, self.ledger)
        self.backup = self.folder / "backup"
        self.prepare()

    def prepare(self):
        build()
        listen = {
            f"listen.{service}.{key}": value
            for service in ("submission", "imap", "pop3")
            for key, value in (("tls", '"none"'), ("password_without_tls", "true"))
        }
        # It knows nobody; without it, each letter from outside would wait for answers about its sender.
        self.nameserver = Nsd(self.folder / "dns", {"test": []}, self.options.peer_address).start()
        self.server = LayeredTegami(
            self.folder / "server", load.DOMAIN, self.options.address, program=self.options.program,
            settings=listen | {
                "resolver.mode": '"servers"', "resolver.servers": f'["{self.nameserver.address}:{self.nameserver.port}"]', "relay.port": str(RELAY_PORT),
                "queue.first_retry": '"1d"', "queue.longest_retry": '"7d"', "queue.expiry": '"30d"',
                "retention.expunged_days": "1", "retention.journeys_days": "1", "memory_budget": '"192MiB"',
                "store.segment_size": '"1MiB"', "store.collect_interval": '"1s"',
            },
        ).init()
        self.server.peer_address = self.options.peer_address
        for name in (*self.accounts, self.moved.name):
            self.server.add_account(f"{name}@{load.DOMAIN}", load.PASSWORD)
        self.ids = {
            one["address"].split("@")[0]: str(one["id"]) for one in self.server.json("account", "list")["accounts"]
        }
        self.disk = Disk(self.server.folder / "data")

    def run(self):
        """All rounds; returns the number of the first one that failed, or None."""
        begin = time.monotonic()
        self.chance = random.Random(f"{self.options.seed}/0")
        self.server.start()
        self.make_mailboxes()
        self.check()
        for number in range(1, self.options.rounds + 1):
            self.chance = random.Random(f"{self.options.seed}/{number}")
            try:
                self.round()
            except (OSError, Failed, Refused, power_cut.Fault) as error:
                self.ledger.fault(f"{type(error).__name__}: {error}\n{self.server.process.log()[-2000:]}")
            if self.ledger.faults:
                return number
            if number % 10 == 0:
                self.report(f"round {number}: {self.ledger.total()} answers, {time.monotonic() - begin:.0f} s")
        try:
            self.switch_peer(False)
            self.collect_all()
        except (OSError, Failed, Refused) as error:
            self.ledger.fault(f"after the last round: {error}")
        return self.options.rounds if self.ledger.faults else None

    def round(self):
        self.load()
        self.crash()
        while self.chance.random() < 0.25:  # while it starts after the crash it dies again
            self.server.launch()
            time.sleep(self.chance.uniform(0, 0.2))
            self.server.kill()
            self.crash()
            self.counts["crashes while starting"] += 1
        self.switch_peer(self.chance.random() < 0.3)
        self.server.sync_microseconds = self.chance.choice(SYNC_MICROSECONDS)
        self.server.start()
        self.check()

    def make_mailboxes(self):
        for name in load.READERS:
            imap = self.imap(name)
            imap.command("CREATE Work")  # INBOX and Archive are there
            imap.close()

    def imap(self, name):
        return Imap(self.server.address, self.server.imap, f"{name}@{load.DOMAIN}", load.PASSWORD)

    # Load and crash.

    def load(self):
        clients = load.clients(self.server, self.ledger, self.accounts, self.chance)
        operators = [tasks.Mover(self.server, self.ledger, random.Random(self.chance.getrandbits(64)), self.moved)]
        if self.chance.random() < 0.3:
            operators.append(tasks.Keeper(self.server, self.ledger, self.backup))
        before = self.ledger.total()
        for client in (*clients, *operators):
            client.start()
        # In some rounds long enough for the collector, which begins a second after the start.
        wanted = before + self.chance.choice((self.chance.randint(30, 250),) * 3 + (self.chance.randint(400, 900),))
        wait_until(lambda: self.ledger.total() >= wanted or self.ledger.faults or not self.server.process.running(),
                   "answers", 60)
        # The moment of the crash: no wait for something, but chance itself.
        time.sleep(self.chance.uniform(0, 0.05))
        if not self.server.process.running():
            self.ledger.fault(f"the server ended by itself with {self.server.process.child.returncode}: {self.server.process.log()[-2000:]}")
        for operator in operators:
            operator.hold()
        if self.chance.random() < 0.1:  # an orderly stop in the middle of everything keeps the same promises
            self.counts["orderly stops"] += 1
            if self.server.stop() != 0:
                self.ledger.fault(f"an orderly stop ended with {self.server.process.child.returncode}")
        else:
            self.server.process.child.kill()
        for client in (*clients, *operators):
            client.join(60)
            if client.is_alive():
                self.ledger.fault(f"{client} did not notice that the server is gone")

    def crash(self):
        self.server.kill()
        self.disk.replay(self.server.trace)
        self.server.trace.unlink(missing_ok=True)
        power = {"kill": False, "power": True, "both": self.chance.random() < 0.6}[self.options.kind]
        if power:
            mood, unsafe = self.disk.cut_power(self.chance)
            self.counts[f"power cuts that left {mood}"] += 1
            self.counts["unsafe changes"] += unsafe
        self.counts["power cuts" if power else "kills"] += 1
        self.server.clock_seconds += HOURS_BETWEEN_ROUNDS * 3600

    # The far server. It changes before a start: a server that once found it down leaves it alone for a while.

    def switch_peer(self, up):
        if self.peer:
            self.peer.__exit__()
            self.take_relayed()
            self.peer = None
        if up:
            self.peer = Peer(self.options.peer_address, RELAY_PORT)

    def take_relayed(self):
        """What it took; twice is no fault if a crash came before the queue knew (RFC 5321 §4.5.4.1)."""
        taken, self.peer.messages = self.peer.messages, []
        for recipients, octets in taken:
            token = load.token_of(octets)
            self.relayed[token] = self.relayed.get(token, 0) + 1
            self.counts["relayed"] += 1
            self.counts["relayed again"] += self.relayed[token] > 1
            if load.digest(without_trace(octets)) != self.ledger.digests.get(token):
                self.ledger.fault(f"relay: letter {token} to {recipients} has other octets")

    # What must be so after a crash.

    def check(self):
        self.verify()
        self.finish_local_copies()
        segments = {path.name for path in (self.server.folder / "data/store/segments").iterdir()}
        self.counts["segments collected"] += len(self.segments - segments)
        self.segments = segments
        versions = self.wait_for_rows(lambda rows: True, "the rows to be read")["versions"]
        for name, account in self.accounts.items():
            open_letters = self.ledger.open_letters.get(name, {})
            account.settle_version(versions[self.ids[name]], open_letters)
            self.check_account(account, open_letters)
        self.moved.check(self.server)
        if (self.backup / "TEGAMI-BACKUP").exists():  # else the first one was cut off before it had begun
            found = self.server.run("backup", "verify", self.backup, check=False)
            if found.returncode != 0:
                self.ledger.fault(f"backup verify: {found.stdout}{found.stderr}")
        self.check_queue()
        self.check_groups()
        self.trim_queue()
        self.ledger.open_letters = {}
        self.ledger.groups = {}

    def verify(self):
        """The store is sound. The server sweeps when it starts, and verify may report what changes under it
        (store/recovery/verify.h): what is damaged stays so, a change has passed at the next look."""
        found = None

        def sound():
            nonlocal found
            if found:
                self.counts["verify looked again"] += 1
            found = self.server.run("verify", "--blobs", check=False)
            return found.returncode == 0

        try:
            wait_until(sound, "a sound store", VERIFY_SECONDS)
        except Failed:
            self.ledger.fault(f"verify: {found.stdout}{found.stderr}")

    def queue(self):
        return self.server.json("queue", "list")["entries"]

    def finish_local_copies(self):
        """What was cut off between its recipients is finished by the queue."""

        def waiting():
            return [entry["id"] for entry in self.queue() if any(item["local"] for item in entry["items"])]

        if waiting():
            entries = set(waiting())
            self.counts["letters that the queue finished"] += len(entries)
            self.server.run("queue", "retry", *entries, check=False)  # some may be finished by now
            wait_until(lambda: not waiting(), "the local copies of what waits in the queue", 60)

    def check_account(self, account, open_letters):
        imap = self.imap(account.name)
        observed = {}
        for mailbox in account.mailboxes:
            state = imap.select(mailbox, "EXAMINE")
            account.told_state(mailbox, *state)
            rows = {}
            for uid, (flags, octets) in imap.fetch("1:*", "UID FLAGS BODY.PEEK[]").items():
                token = load.token_of(octets)
                rows[uid] = (token, flags)
                self.counts["messages compared"] += 1
                if uid >= state[1]:
                    account.fault(f"{mailbox}: UID {uid} is not below UIDNEXT {state[1]}")
                if load.digest(without_trace(octets)) != self.ledger.digests.get(token):
                    account.fault(f"{mailbox}: UID {uid}, letter {token}, has other octets")
            observed[mailbox] = rows
            self.check_search(imap, account, mailbox, rows)
        imap.close()
        account.settle(observed, open_letters)

    def check_search(self, imap, account, mailbox, rows):
        """The word index, however far it had got, finds what is there and nothing else."""
        there = sorted({token for token, _ in rows.values()})
        tokens = self.chance.sample(there, min(2, len(there)))
        for token in [*tokens, f"{self.chance.getrandbits(64):016x}"]:
            untagged, _ = imap.command(f"UID SEARCH TEXT {token}")
            found = {int(uid) for answer, _ in untagged if answer.startswith(b"* SEARCH") for uid in answer.split()[2:]}
            if found != {uid for uid, (other, _) in rows.items() if other == token}:
                account.fault(f"{mailbox}: a search for {token} finds {found}")
            self.counts["searches"] += 1

    def check_queue(self):
        entries = self.queue()
        if self.peer:  # after the queue was read: what has left it since has arrived before
            self.take_relayed()
        counted = collections.Counter(
            recipient["address"].split("@")[0] for entry in entries for recipient in post.recipients(entry)
            if not recipient["address"].endswith(load.DOMAIN)
        )
        remote = self.ledger.remote
        for token, times in counted.items():
            if times > 1 or token not in remote:
                unasked = "" if token in remote else " and should not be"
                self.ledger.fault(f"queue: letter {token} is there {times} times{unasked}")
        for token, must in remote.items():
            if must and token not in counted and token not in self.relayed:
                self.ledger.fault(f"queue: letter {token} was acknowledged and is lost")
        self.ledger.remote = {token: True for token in counted}

    def trim_queue(self):
        entries = self.queue()
        if len(entries) > QUEUE_MAX:
            gone = self.chance.sample(entries, len(entries) // 2)
            self.server.run("queue", "remove", *(entry["id"] for entry in gone))
            for entry in gone:
                self.ledger.count("removed from the queue")
                for recipient in post.recipients(entry):
                    self.ledger.remote.pop(recipient["address"].split("@")[0], None)

    def check_groups(self):
        """A letter to several reached all of them or none."""
        for token, (accounts, remote) in self.ledger.groups.items():
            reached = [token in self.accounts[name].seen for name in accounts]
            reached += [token in self.ledger.remote or token in self.relayed] if remote else []
            if any(reached) and not all(reached):
                self.ledger.fault(f"letter {token} to {accounts}, {remote}: reached {reached}")

    # After the last round.

    def collect_all(self):
        """Days pass, everything is deleted, days pass: no blob may be left that nothing refers to, and then none."""
        self.server.stop()
        letters = sum(
            len({row.token for box in account.mailboxes.values() for row in box.rows.values()})
            for account in self.accounts.values()
        ) + len(self.moved.there)
        self.server.start()
        queued = len(self.queue())
        self.counts["blobs kept"] = self.let_days_pass(letters + queued)["blobs"]
        self.delete_all()
        rows = self.let_days_pass(0)
        if rows["blobs"] or rows["references"]:
            self.ledger.fault(f"with all mail deleted there is still {rows}")
        folder = self.server.folder / "data/store/segments"
        wait_until(lambda: len(list(folder.iterdir())) <= 1, "all segments but the open one to go", 60)

    def let_days_pass(self, references):
        """Retention, then the hour that the collector waits; returns what is there of blobs."""
        self.restart_after(hours=49)
        self.wait_for_rows(lambda rows: rows["references"] == references, f"the sweep to leave {references} references")
        self.restart_after(hours=2)
        return self.wait_for_rows(lambda rows: rows["unreferenced"] == rows["dangling"] == 0, "the collector")

    def restart_after(self, hours):
        self.server.stop()
        self.server.clock_seconds += hours * 3600
        self.server.start()

    def wait_for_rows(self, condition, what):
        rows = {}

        def fits():
            rows.update(self.blob_rows())
            return rows and condition(rows)

        try:
            wait_until(fits, what, 60)
        except Failed as error:
            raise Failed(f"{error}; there are {rows}") from None
        return rows

    def blob_rows(self):
        """What blob_rows.cpp finds; nothing if a file went away under it."""
        found = subprocess.run([BLOB_ROWS, self.server.folder / "data/store/db"], capture_output=True, text=True,
                               timeout=60)
        return json.loads(found.stdout) if found.returncode == 0 else {}

    def delete_all(self):
        for name, account in self.accounts.items():
            imap = self.imap(name)
            for mailbox, box in account.mailboxes.items():
                imap.select(mailbox)
                if box.rows:
                    imap.command("STORE 1:* +FLAGS.SILENT (\\Deleted)")
                    imap.command("EXPUNGE")
            imap.close()
        self.moved.empty(self.server)
        self.server.run("queue", "remove", "--all", check=False)

    def end(self):
        if self.server.process:
            self.server.kill()
        self.nameserver.stop()

    def summary(self):
        counts = collections.Counter(self.ledger.acknowledged) + self.counts
        return ", ".join(f"{counts[name]} {name}" for name in sorted(counts))


def main():
    parser = argparse.ArgumentParser(description="Crash rounds against the real program (tests/crash/README.md)")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--address", default="127.0.7.1", help="where the server listens")
    parser.add_argument("--peer-address", default="127.0.7.2", help="where the far server listens, when it is up")
    parser.add_argument("--program", type=pathlib.Path, default=PROGRAM)
    parser.add_argument("--keep", action="store_true", help="keep the folder after a failure")
    kind = parser.add_mutually_exclusive_group()
    for name in ("kill", "power", "both"):
        kind.add_argument(f"--{name}", dest="kind", action="store_const", const=name, default="both")
    given = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tegami-crash."))
    options = Options(given.rounds, given.seed, given.kind, given.program.resolve(), given.address, given.peer_address,
                      folder)
    print(f"seed {options.seed}, {options.rounds} rounds ({options.kind}), {options.program}", flush=True)
    rounds = Rounds(options, lambda line: print(line, flush=True))
    try:
        failed = rounds.run()
    finally:
        rounds.end()
    print(rounds.summary())
    for fault in rounds.ledger.faults[:50]:
        print(f"FAULT {fault}")
    if failed and given.keep:
        print(f"kept: {folder}")
    else:
        shutil.rmtree(folder)
    print(f"caught in round {failed}" if failed else f"{options.rounds} rounds survived, nothing lost")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
