"""What the server acknowledged, and what it must therefore still have after a crash.

1. What was acknowledged is there, exactly once, with the same octets and flags, under the same UID.
2. What was asked for and not answered when the server died happened as a whole or not at all.
3. Nothing else is there. UIDVALIDITY stays; UIDNEXT is never below what any client was told; a UID names one message for
   ever.
4. An account's version (its modseqs are versions) is never below what it was, plus one for each acknowledged change.
"""
import copy
import dataclasses
import threading


@dataclasses.dataclass
class Row:
    token: str
    flags: frozenset


@dataclasses.dataclass
class Unknown:
    """A command without an answer: what it would have changed."""

    removed: list = dataclasses.field(default_factory=list)  # (mailbox, uid)
    added: list = dataclasses.field(default_factory=list)  # (mailbox, token, flags)
    changed: dict = dataclasses.field(default_factory=dict)  # (mailbox, uid) → flags
    tokens: set = dataclasses.field(default_factory=set)  # POP3 knows no UIDs: letters of INBOX that go


@dataclasses.dataclass
class Mailbox:
    validity: int = 0
    next_uid: int = 1  # at least: told by the server, or one more than a UID it told
    known_below: int = 1  # every message with a UID below is known
    rows: dict = dataclasses.field(default_factory=dict)  # uid → Row


class Account:
    """Used by one thread at a time."""

    def __init__(self, name, mailboxes, ledger):
        self.name = name
        self.ledger = ledger
        self.mailboxes = {mailbox: Mailbox() for mailbox in mailboxes}
        self.unknown = None
        self.changes = 0  # commits that were acknowledged in this load, deliveries and APPENDs not counted: those share
        self.seen = set()  # letters delivered to INBOX whose arrival a client has seen
        self.told = set()  # letters that POP3 gave out, and that must therefore be there
        self.gone = set()  # letters deleted by POP3 that no client had seen by UID
        self.uid_names = {}  # (mailbox, uid) → token, for ever
        self.version = 0  # at the last check

    def fault(self, text):
        self.ledger.fault(f"{self.name}: {text}")

    def told_state(self, mailbox, validity, next_uid):
        box = self.mailboxes[mailbox]
        if box.validity and box.validity != validity:
            self.fault(f"{mailbox}: UIDVALIDITY was {box.validity} and is {validity}")
        if next_uid < box.next_uid:
            self.fault(f"{mailbox}: UIDNEXT was at least {box.next_uid} and is {next_uid}")
        box.validity, box.next_uid = validity, max(next_uid, box.next_uid)

    def told_uid(self, mailbox, uid, token):
        known = self.uid_names.setdefault((mailbox, uid), token)
        if known != token:
            self.fault(f"{mailbox}: UID {uid} was letter {known} and is {token}")
        box = self.mailboxes[mailbox]
        box.next_uid = max(box.next_uid, uid + 1)

    def add(self, mailbox, uid, token, flags):
        """A new message; its UID must be one that no message had or could have had."""
        if uid in self.mailboxes[mailbox].rows or (mailbox, uid) in self.uid_names:
            self.fault(f"{mailbox}: UID {uid} was given out again, to letter {token}")
        if uid < self.mailboxes[mailbox].known_below:
            self.fault(f"{mailbox}: UID {uid}, letter {token}, is new below a UID that was known")
        self.told_uid(mailbox, uid, token)
        self.mailboxes[mailbox].rows[uid] = Row(token, frozenset(flags))

    def remove(self, mailbox, uids):
        for uid in uids:
            self.mailboxes[mailbox].rows.pop(uid, None)

    # After a crash.

    def settle_version(self, version, open_letters):
        least = self.version + self.changes + any(open_letters.values())
        if version < least:
            self.fault(f"the account's version must be at least {least} and is {version}")
        self.version, self.changes = version, 0

    def settle(self, observed, open_letters):
        """Compares with {mailbox: {uid: (token, flags)}}; `open_letters` says of each letter to INBOX of the last load
        whether it was acknowledged. Afterwards what was observed is what is known."""
        complaints = self.explain(observed, open_letters, None)
        if complaints and self.unknown:
            other = self.explain(observed, open_letters, self.unknown)
            if not other:
                complaints = []
                self.seen |= self.unknown.tokens
                self.gone |= self.unknown.tokens
        for complaint in complaints:
            self.fault(complaint)
        self.unknown = None
        self.told = set()
        for mailbox, rows in observed.items():
            for uid, (token, flags) in rows.items():
                self.told_uid(mailbox, uid, token)
                if mailbox == "INBOX" and token in open_letters:
                    self.seen.add(token)
            self.mailboxes[mailbox].known_below = self.mailboxes[mailbox].next_uid
            self.mailboxes[mailbox].rows = {uid: Row(*row) for uid, row in rows.items()}

    def explain(self, observed, open_letters, unknown):
        complaints = []
        expected = {mailbox: copy.copy(box.rows) for mailbox, box in self.mailboxes.items()}
        arrivals = {
            token: acknowledged or token in self.told
            for token, acknowledged in open_letters.items() if token not in self.seen
        }
        added = []
        if unknown:
            for mailbox, uid in unknown.removed:
                expected[mailbox].pop(uid, None)
            for (mailbox, uid), flags in unknown.changed.items():
                expected[mailbox][uid] = Row(expected[mailbox][uid].token, flags)
            for uid in [uid for uid, row in expected["INBOX"].items() if row.token in unknown.tokens]:
                del expected["INBOX"][uid]
            arrivals = {token: must for token, must in arrivals.items() if token not in unknown.tokens}
            added = list(unknown.added)
        for mailbox, rows in expected.items():
            there = observed[mailbox]
            for uid, row in rows.items():
                if uid not in there:
                    complaints.append(f"{mailbox}: UID {uid}, letter {row.token}, is lost")
                elif there[uid] != (row.token, row.flags):
                    complaints.append(f"{mailbox}: UID {uid} was {row} and is {there[uid]}")
            for uid in there.keys() - rows.keys():
                token, flags = there[uid]
                if (mailbox, token, flags) in added:
                    added.remove((mailbox, token, flags))
                elif mailbox == "INBOX" and token in arrivals:
                    del arrivals[token]
                else:
                    complaints.append(f"{mailbox}: UID {uid}, letter {token}, is there and should not be")
                if uid < self.mailboxes[mailbox].known_below:
                    complaints.append(f"{mailbox}: UID {uid}, letter {token}, is new below a UID that was known")
        complaints += [f"INBOX: letter {token} was acknowledged and is lost" for token, must in arrivals.items() if must]
        complaints += [f"{mailbox}: a command was done by half: letter {token} is missing" for mailbox, token, _ in added]
        return complaints


class Ledger:
    """What is known of all letters; shared by all threads of the load."""

    def __init__(self):
        self.lock = threading.Lock()
        self.faults = []
        self.idle = threading.Event()  # never set
        self.digests = {}  # token → of the octets as they were sent
        self.acknowledged = {}  # answers of each kind, for the table
        self.open_letters = {}  # account → {token: acknowledged} of this load
        self.groups = {}  # token → the accounts it was sent to and whether it has a remote recipient, of this load
        self.remote = {}  # token → whether it must be in the queue; False: it may be

    def fault(self, text):
        with self.lock:
            self.faults.append(text)

    def count(self, kind):
        with self.lock:
            self.acknowledged[kind] = self.acknowledged.get(kind, 0) + 1

    def total(self):
        with self.lock:
            return sum(self.acknowledged.values())

    def send(self, token, digest, accounts, remote):
        with self.lock:
            self.digests[token] = digest
            self.groups[token] = (tuple(accounts), remote)
            for account in accounts:
                self.open_letters.setdefault(account, {})[token] = False
            if remote:
                self.remote[token] = False

    def acknowledge(self, token):
        with self.lock:
            accounts, remote = self.groups[token]
            for account in accounts:
                self.open_letters[account][token] = True
            if remote:
                self.remote[token] = True

    def is_open(self, account, token):
        with self.lock:
            return token in self.open_letters.get(account, {})
