"""A store with known mail, ways to damage its files, and what may be said of it afterwards.

One round: a copy of the store is damaged at one place; the server must start or say plainly why not; what it shows must be
byte-exact; verify must name the damage; repair must end well, and after it the store is sound and everything is there but
what repair has listed as lost.
"""
import collections
import contextlib
import dataclasses
import hashlib
import imaplib
import json
import random
import re
import shutil
import smtplib
import time

from support import letters, post
from support.processes import Failed, Process, accepts_connections
from support.tegami import Tegami

PASSWORD = "correct horse battery staple"
USERS = ("alice@example.test", "bob@example.test", "carol@example.test")
KINDS = ("sst", "log", "MANIFEST", "CURRENT", "seg")
DAMAGES = ("flip", "zero", "cut", "remove")
START_SECONDS = 60
LOGINS = {}  # where repair had to give an account another address


@dataclasses.dataclass(frozen=True)
class Message:
    user: str
    mailbox: str
    validity: int
    uid: int
    flags: frozenset
    digest: str
    subject: str
    size: int
    token: str = ""


def digest(octets):
    return hashlib.sha256(octets).hexdigest()


def letter(chance, number, size):
    words = ("plum", "letter", "rain", "bridge", "lantern", "手紙", "river", "paper")
    head = (
        f"From: Sender {number} <sender{number % 17}@elsewhere.test>\r\nTo: someone@example.test\r\n"
        f"Subject: Letter {number:05d}\r\nMessage-ID: <damage.{number}@elsewhere.test>\r\n"
        f"Date: Sun, 22 Nov 2026 10:{number % 60:02d}:00 +0900\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    )
    lines = []
    length = len(head)
    while length < size:
        # Half words, half noise: LZ4 shortens it, but not to nothing.
        line = f"{chance.choice(words)} {chance.getrandbits(200):050x} {chance.choice(words)}"
        lines.append(line)
        length += len(line) + 2
    return (head + "\r\n".join(lines) + "\r\n").encode()


class Reader(imaplib.IMAP4_SSL):
    def __init__(self, server, user):
        super().__init__(server.address, server.imaps, ssl_context=server.trust(), timeout=60)
        self.login(LOGINS.get(user, user), PASSWORD)


def sizes(chance, count):
    for _ in range(count):
        yield chance.choice((300, 700, 1500, 3000, 3000, 6000, 12_000, 30_000, 70_000, 200_000))


def fill(server, chance, count, begin):
    """One phase of life: new letters by IMAP and SMTP, flags, copies, moves, expunges."""
    number = begin
    for user in USERS:
        with Reader(server, user) as client:
            for size in sizes(chance, count):
                mailbox = chance.choice(("INBOX", "INBOX", "INBOX", "Archive", "Sent"))
                flags = chance.choice(("", r"(\Seen)", r"(\Seen \Flagged)", r"(\Answered $Label1)"))
                status, answer = client.append(mailbox, flags, None, letter(chance, number, size))
                assert status == "OK", answer
                number += 1
            client.select("INBOX")
            uids = range(1, client_uid_next(client))
            for uid in sorted(chance.sample(uids, min(12, len(uids)))):
                client.uid("STORE", str(uid), "+FLAGS", chance.choice((r"(\Flagged)", r"(\Seen $Work)", r"(\Draft)")))
            low = chance.randrange(1, 20)
            client.uid("COPY", f"{low}:{low + 5}", "Archive")
            client.uid("COPY", f"{low}:{low + 2}", "Drafts")
            client.uid("MOVE", f"{low + 7}:{low + 9}", "Trash")
            client.uid("STORE", f"{low + 11}:{low + 13}", "+FLAGS", r"(\Deleted)")
            client.expunge()
    for size in (500, 5000, 40_000):
        post.deliver(server, "friend@elsewhere.test", list(USERS), letter(chance, number, size))
        number += 1
    return number


def client_uid_next(client):
    return int(re.search(rb"UIDNEXT (\d+)", client.status("INBOX", "(UIDNEXT)")[1][0])[1])


def make_store(folder, address, seed, program=None, count=40):
    """A stopped server with some hundred messages; its rows are in tables and, the youngest, in the log."""
    server = Tegami(folder, "example.test", address, program=program).init().start()
    try:
        return server, live(server, random.Random(seed), count)
    finally:
        server.stop()


def live(server, chance, count):
    """What happened before the damage; returns the messages that are there."""
    for user in USERS:
        server.add_account(user, PASSWORD)
    number = 1
    for _ in range(3):
        number = fill(server, chance, count, number)
        assert server.stop() == 0, server.process.log()  # the next start moves the log into a table
        server.start()
    assert server.run("verify", "--blobs").returncode == 0
    fill(server, chance, 15, number)
    expected = read_all(server).messages
    assert server.stop() == 0, server.process.log()
    shutil.copytree(server.folder / "data", server.folder / "whole")
    return expected


@dataclasses.dataclass
class Reading:
    messages: list = dataclasses.field(default_factory=list)
    errors: int = 0  # messages or mailboxes that were answered by an error
    closed: int = 0  # and connections that ended in the middle of a message, as the protocol demands


def read_all(server):
    reading = Reading()
    for user in USERS:
        try:
            client = Reader(server, user)
        except imaplib.IMAP4.error:
            reading.errors += 1
            continue
        with client:
            _, names = client.list()
        for name in sorted(re.search(rb'"/" "?([^"]+)"?$', line)[1].decode() for line in names if line):
            with contextlib.suppress(imaplib.IMAP4.abort, OSError), Reader(server, user) as client:
                read_mailbox(server, user, name, client, reading)
    return reading


def read_mailbox(server, user, name, client, reading):
    status, _ = client.select(f'"{name}"', readonly=True)
    if status != "OK":
        reading.errors += 1
        return
    validity = int(client.response("UIDVALIDITY")[1][0])
    if client.untagged_responses.get("EXISTS", [b"0"])[-1] == b"0":
        return
    status, data = client.uid("FETCH", "1:*", "(FLAGS)")
    rows = {}
    for line in data:
        if line:
            text = line if isinstance(line, bytes) else line[0]
            uid = int(re.search(rb"UID (\d+)", text)[1])
            rows[uid] = frozenset(flag.decode() for flag in imaplib.ParseFlags(text)) - {r"\Recent"}
    for uid, octets in fetch_bodies(server, user, name, client, sorted(rows), reading):
        subject = re.search(rb"^Subject: (.*?)\r$", octets, re.M)
        token = re.search(rb"^Message-ID: <(\w+)@", octets, re.M)
        reading.messages.append(Message(user, name, validity, uid, rows[uid], digest(octets),
                                        subject[1].decode() if subject else "", len(octets), token[1].decode() if token else ""))


def fetch_bodies(server, user, name, client, uids, reading):
    """All at once; if that meets damage, one by one."""
    try:
        status, data = client.uid("FETCH", "1:*", "(BODY.PEEK[])")
        if status == "OK":
            yield from bodies(data)
            return
    except (imaplib.IMAP4.abort, OSError):
        pass
    client = None
    for uid in uids:
        try:
            if client is None:
                client = Reader(server, user)
                client.select(f'"{name}"', readonly=True)
            status, data = client.uid("FETCH", str(uid), "(BODY.PEEK[])")
            if status == "OK":
                yield from bodies(data)
            else:
                reading.errors += 1
        except (imaplib.IMAP4.abort, OSError):
            reading.closed += 1
            client = None
    if client is not None:
        client.logout()


def bodies(data):
    for at, item in enumerate(data):
        if isinstance(item, tuple):
            uid = re.search(rb"UID (\d+)", item[0]) or re.search(rb"UID (\d+)", data[at + 1])
            yield int(uid[1]), item[1]


@dataclasses.dataclass
class Place:
    kind: str
    damage: str
    file: str
    at: int = 0
    size: int = 0

    def __str__(self):
        return f"{self.damage} {self.file} at {self.at} ({self.size} octets)"


def damage_store(folder, chance, kind, damage):
    """Damages one file of the kind; returns the place, or nothing if there is no such file."""
    store = folder / "store"
    files = {"seg": sorted(store.glob("segments/*.seg"))}.get(kind) or sorted(
        path for path in (store / "db").iterdir()
        if (path.suffix == f".{kind}" and kind in ("sst", "log")) or path.name.startswith(f"{kind}-") or path.name == kind)
    files = [path for path in files if path.stat().st_size > 0]
    if not files:
        return None
    path = chance.choice(files)
    size = path.stat().st_size
    place = Place(kind, damage, path.name, 0, size)
    if damage == "remove":
        path.unlink()
        return place
    octets = bytearray(path.read_bytes())
    place.at = chance.randrange(size)
    if damage == "cut":
        del octets[place.at:]
        place.size = size - place.at
    elif damage == "zero":
        place.at -= place.at % 512
        place.size = min(512, size - place.at)
        octets[place.at:place.at + place.size] = bytes(place.size)
    else:
        place.size = chance.randrange(1, 9)
        for at in range(place.at, min(size, place.at + place.size)):
            octets[at] ^= 1 << chance.randrange(8)
    path.write_bytes(octets)
    return place


@dataclasses.dataclass
class Outcome:
    place: Place
    started: bool = False
    reason: str = ""  # of a refusal
    unreadable: int = 0  # messages that were not shown or answered by an error before repair
    findings: int = 0  # of verify before repair
    recovered: int = 0  # messages found in another mailbox or with another UID after repair
    reflagged: int = 0  # messages in their place, but with other flags
    lost: int = 0
    extra: int = 0  # messages that had been expunged and are there again
    listed: int = 0
    in_files: int = 0  # of the lost ones: those that repair has put aside as files
    unclaimed: int = 0
    delivered: list = dataclasses.field(default_factory=list)  # tokens of letters that the damaged server has accepted
    silent: bool = False  # something was missing, and neither the start nor verify said so
    faults: list = dataclasses.field(default_factory=list)


def serve(server):
    """Starts the server. True if it serves, False if it refused with a plain sentence; anything else is a fault."""
    log = server.folder / "serve.log"
    log.unlink(missing_ok=True)
    server.process = Process([server.program, "serve", "--config", server.config], log)
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if not server.process.running():
            status = server.process.child.returncode
            text = server.process.log()
            if status != 1 or "the server cannot start reason=" not in text:
                raise Failed(f"serve ended with status {status}: {text[-2000:]}")
            return False
        if accepts_connections(server.address, server.pop3) and accepts_connections(server.address, server.imaps):
            return True
        time.sleep(0.02)
    server.process.kill()
    raise Failed(f"serve did nothing for {START_SECONDS} s")


def stop(server, outcome):
    status = server.stop()
    if status != 0:
        outcome.faults.append(f"serve ended with status {status}: {server.process.log()[-2000:]}")


def compare(reading, expected, outcome):
    """Whatever is shown must be what it was; returns the messages that are shown as they were."""
    known = {(one.user, one.mailbox, one.validity, one.uid): one for one in expected}
    there = []
    for one in reading.messages:
        before = known.get((one.user, one.mailbox, one.validity, one.uid))
        if before is None:
            continue  # only after repair; judged there
        if before.digest != one.digest:
            outcome.faults.append(f"wrong octets: {one} was {before}")
        else:
            there.append(one)
    return there


def deliver_to_damaged(server, outcome):
    """A damaged server may refuse a letter for now, but what it has accepted must be there after repair."""
    for user in USERS:
        for size in (500, 30_000):
            octets, token = letters.plain("friend@elsewhere.test", user, body="x" * 70 + "\r\n" + "y" * size + "\r\n")
            with contextlib.suppress(smtplib.SMTPException, OSError):
                post.deliver(server, "friend@elsewhere.test", [user], octets)
                outcome.delivered.append((user, token))


def before_repair(server, expected, outcome):
    outcome.started = serve(server)
    if outcome.started:
        reading = read_all(server)
        outcome.unreadable = len(expected) - len(compare(reading, expected, outcome))
        deliver_to_damaged(server, outcome)
        stop(server, outcome)
    else:
        outcome.reason = server.process.log().split("reason=", 1)[1].strip()
        outcome.unreadable = len(expected)
    result = server.run("verify", "--blobs", "--json", check=False)
    if result.returncode not in (0, 1):
        outcome.faults.append(f"verify ended with status {result.returncode}: {result.stderr[-1000:]}")
    elif result.stdout:
        outcome.findings = json.loads(result.stdout)["problems"]
    outcome.silent = outcome.started and outcome.unreadable > 0 and result.returncode == 0


def give_back_accounts(server, report):
    """What the operator does with accounts that have lost their address or password."""
    for note in report["notes"]:
        if lost := re.match(r"the password of (\S+) is lost", note):
            server.run("account", "password", lost[1], "--password-stdin", stdin=PASSWORD + "\n")
        if lost := re.match(r"account (\d+) has mail, but its address is lost: it is now (\S+)", note):
            LOGINS[USERS[int(lost[1]) - 1]] = lost[2]


def after_repair(server, expected, outcome):
    result = server.run("repair", "--json", check=False)
    if result.returncode != 0:
        outcome.faults.append(f"repair ended with status {result.returncode}: {result.stderr[-2000:]}{result.stdout[-500:]}")
        return
    report = json.loads(result.stdout)
    give_back_accounts(server, report)
    if not serve(server):
        outcome.faults.append(f"after repair serve refuses: {server.process.log()[-1000:]}")
        return
    reading = read_all(server)
    there = {(one.user, one.mailbox, one.validity, one.uid): one for one in compare(reading, expected, outcome)}
    if reading.errors or reading.closed:
        outcome.faults.append(f"after repair {reading.errors} errors, {reading.closed} broken answers")
    stop(server, outcome)
    verify = server.run("verify", "--blobs", check=False)
    if verify.returncode != 0:
        outcome.faults.append(f"after repair verify says: {verify.stderr[-2000:]}")
    files = [file for file in (server.folder / "data/salvage").glob("*/unclaimed/*.eml")]
    judge(expected, reading, there, report, {digest(file.read_bytes()) for file in files}, outcome)


def judge(expected, reading, there, report, unclaimed, outcome):
    digests = collections.defaultdict(collections.Counter)
    for one in reading.messages:
        digests[one.user][one.digest] += 1
    before = collections.defaultdict(collections.Counter)
    for one in expected:
        before[one.user][one.digest] += 1
    listed_places = set()
    listed_subjects = set()
    for account in report["accounts"]:
        user = USERS[account["id"] - 1]
        for lost in account["lost"]:
            listed_places.add((user, lost["mailbox"], lost["uid"]))
            listed_subjects.add((user, lost["subject"]))
            outcome.listed += 1
    outcome.unclaimed = report["unclaimed"]
    for one in expected:
        place = (one.user, one.mailbox, one.validity, one.uid)
        if place in there:
            outcome.reflagged += there[place].flags != one.flags
        elif digests[one.user][one.digest] > 0:
            outcome.recovered += 1
        else:
            outcome.lost += 1
            outcome.in_files += one.digest in unclaimed
            named = (one.user, one.mailbox, one.uid) in listed_places or (one.user, one.subject) in listed_subjects
            if not named and not report["losses_unknown"] and one.digest not in unclaimed:
                outcome.faults.append(f"lost and not listed: {one}")
    shown = {(one.user, one.token) for one in reading.messages}
    for user, token in outcome.delivered:
        if (user, token) not in shown:
            outcome.faults.append(f"a letter that was accepted meanwhile is gone: {user} {token}")
    outcome.extra = len({(one.user, one.digest) for one in reading.messages
                         if one.digest not in before[one.user] and (one.user, one.token) not in outcome.delivered})


def run_round(server, expected, chance, kind, damage, repair=True):
    data = server.folder / "data"
    shutil.rmtree(data)
    shutil.copytree(server.folder / "whole", data)
    place = damage_store(data, chance, kind, damage)
    if place is None:
        return None
    outcome = Outcome(place)
    LOGINS.clear()
    try:
        before_repair(server, expected, outcome)
        if repair:
            after_repair(server, expected, outcome)
    except Failed as fault:
        outcome.faults.append(str(fault))
    finally:
        if server.process and server.process.running():
            server.process.kill()
    return outcome


def table(outcomes):
    """The result, one line for each kind of file and damage."""
    lines = ["| file | damage | rounds | started as is | unreadable before repair (mean) | silent | after repair: moved | other flags "
             "| lost | of them in files | listed | back from the dead | faults |", "|---" * 13 + "|"]
    for kind in KINDS:
        for damage in DAMAGES:
            some = [one for one in outcomes if one.place.kind == kind and one.place.damage == damage]
            if not some:
                continue
            started = [one for one in some if one.started]
            mean = sum(one.unreadable for one in started) / len(started) if started else 0
            total = {name: sum(getattr(one, name) for one in some)
                     for name in ("recovered", "reflagged", "lost", "in_files", "listed", "extra")}
            lines.append(
                f"| {kind} | {damage} | {len(some)} | {len(started)} | {mean:.1f} | {sum(one.silent for one in some)} "
                f"| {total['recovered']} | {total['reflagged']} | {total['lost']} | {total['in_files']} | {total['listed']} "
                f"| {total['extra']} | {sum(len(one.faults) for one in some)} |")
    return "\n".join(lines)
