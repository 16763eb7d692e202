"""Clients that give a server mixed work until it dies: deliveries, submissions that must wait, IMAP and POP3 changes."""
import base64
import hashlib
import poplib
import random
import re
import smtplib
import threading

from support.letters import without_trace
from support.post import says_farewell

from .imap import Imap, Refused, read_fetch, read_set
from .model import Unknown

PASSWORD = "correct horse battery staple"
DOMAIN = "a.test"
FROM = f"reader0@{DOMAIN}"
READERS = tuple(f"reader{number}" for number in range(4))
FETCHERS = tuple(f"fetcher{number}" for number in range(2))
MAILBOXES = ("INBOX", "Work", "Archive")
FLAGS = ("\\Seen", "\\Answered", "\\Flagged", "\\Draft", "Work1")
ROWS_MAX = 40  # of one mailbox, before more is deleted than added
POP_LETTERS_MAX = 30
DIED = (ConnectionError, EOFError, smtplib.SMTPServerDisconnected)


def digest(octets):
    return hashlib.blake2b(octets, digest_size=12).hexdigest()


def letter(chance):
    """Octets and token; small ones lie in RocksDB, large ones in segments."""
    token = f"{chance.getrandbits(64):016x}"
    size = chance.choice((300, 2500, 4000, 4000, 40_000, 100_000, 225_000))
    body = base64.encodebytes(chance.randbytes(chance.randint(size // 2, size))).replace(b"\n", b"\r\n")
    head = (  # with a date, so that submission has nothing to add
        f"From: {FROM}\r\nTo: you@{DOMAIN}\r\nMessage-ID: <{token}@b.test>\r\n"
        "Date: Sun, 22 Nov 2026 10:00:00 +0900\r\n\r\n"
    )
    return head.encode() + body, token


def token_of(octets):
    found = re.search(rb"Message-ID: <(\w+)@", octets[:4000])
    return found[1].decode() if found else "(none)"


class Client(threading.Thread):
    """Works until the server dies; what else goes wrong is a fault."""

    def __init__(self, server, ledger, chance):
        super().__init__(daemon=True)
        self.server, self.ledger, self.chance = server, ledger, chance

    def run(self):
        try:
            self.work()
        except DIED:
            pass
        except Exception as error:  # noqa: BLE001: reported, whatever it is
            # "-ERR EOF" are poplib's words for a connection that ended.
            if str(error) != "-ERR EOF" and not says_farewell(error):
                self.ledger.fault(f"{type(self).__name__}: {error!r}")

    def work(self):
        raise NotImplementedError


class Sender(Client):
    """Hands in letters to `few` or more accounts; as a user with a far recipient too, if `submits`."""

    def __init__(self, server, ledger, chance, several=False, submits=False):
        super().__init__(server, ledger, chance)
        self.several, self.submits = several, submits

    def work(self):
        port = self.server.submission if self.submits else self.server.smtp
        with smtplib.SMTP(self.server.address, port, local_hostname="client.test", timeout=60) as client:
            if self.submits:
                client.login(FROM, PASSWORD)
            while True:
                self.send(client)

    def send(self, client):
        octets, token = letter(self.chance)
        accounts = []
        if not self.submits or self.chance.random() < 0.3:
            count = self.chance.randint(2, 4) if self.several else 1
            accounts = self.chance.sample(READERS + FETCHERS, count)
        recipients = [f"{account}@{DOMAIN}" for account in accounts]
        if self.submits:
            recipients.append(f"{token}@[{self.server.peer_address}]")
        self.ledger.send(token, digest(octets), accounts, self.submits)
        refused = client.sendmail(FROM, recipients, octets)
        if refused:
            raise Refused(str(refused))
        self.ledger.acknowledge(token)
        self.ledger.count("queued" if self.submits else "several" if self.several else "delivered")


class Reader(Client):
    """The only one who changes an account by IMAP; what others deliver to its INBOX it learns by looking."""

    def __init__(self, server, ledger, chance, account):
        super().__init__(server, ledger, chance)
        self.account = account

    def work(self):
        self.imap = Imap(self.server.address, self.server.imap, f"{self.account.name}@{DOMAIN}", PASSWORD)
        try:
            while True:
                self.act()
        finally:
            self.imap.close()

    def act(self):
        mailbox = self.chance.choice(MAILBOXES)
        if mailbox == "INBOX" or self.chance.random() < 0.25:
            self.look(mailbox)
        if self.chance.random() < 0.35:
            return self.append(self.chance.choice(MAILBOXES))
        rows = self.account.mailboxes[mailbox].rows
        if not rows:
            return self.append(mailbox)
        self.account.told_state(mailbox, *self.imap.select(mailbox))
        uids = sorted(self.chance.sample(sorted(rows), self.chance.randint(1, min(8, len(rows)))))
        if self.chance.random() < 0.3:
            uids = sorted(rows)[-len(uids) :]  # the last ones: their UIDs must not come again
        if len(rows) > ROWS_MAX:
            return self.expunge(mailbox, sorted(rows)[:: self.chance.choice((1, 2))])
        change = self.chance.choice((self.store, self.store, self.copy, self.move, self.expunge))
        change(mailbox, uids)

    def look(self, mailbox):
        account, box = self.account, self.account.mailboxes[mailbox]
        account.told_state(mailbox, *self.imap.select(mailbox))
        found = self.imap.fetch(f"{box.known_below}:*", "UID FLAGS BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]")
        for uid, (flags, octets) in found.items():
            token = token_of(octets)
            if uid in box.rows:
                account.told_uid(mailbox, uid, token)
            elif token in account.seen or not self.ledger.is_open(account.name, token):
                account.fault(f"{mailbox}: UID {uid}, letter {token}, came from nowhere")
            else:
                account.add(mailbox, uid, token, flags)
                account.seen.add(token)
        box.known_below = max(box.known_below, max(found, default=0) + 1)

    def append(self, mailbox):
        octets, token = letter(self.chance)
        flags = self.flags()
        with self.ledger.lock:
            self.ledger.digests[token] = digest(octets)
        self.account.unknown = Unknown(added=[(mailbox, token, flags)])
        _, answer = self.imap.command(f"APPEND {mailbox} ({' '.join(sorted(flags))})", octets)
        uid = int(re.search(rb"\[APPENDUID \d+ (\d+)\]", answer)[1])
        self.account.add(mailbox, uid, token, flags)
        self.finish("appended")

    def store(self, mailbox, uids):
        flags, rows = self.flags(), self.account.mailboxes[mailbox].rows
        sign = self.chance.choice(("+", "-", ""))
        new = {
            uid: rows[uid].flags | flags if sign == "+" else rows[uid].flags - flags if sign == "-" else flags
            for uid in uids
        }
        self.change_flags(mailbox, f"{sign}FLAGS", flags, new)

    def change_flags(self, mailbox, what, flags, new):
        rows = self.account.mailboxes[mailbox].rows
        changes = any(rows[uid].flags != flags_new for uid, flags_new in new.items())
        self.account.unknown = Unknown(changed={(mailbox, uid): flags for uid, flags in new.items()})
        untagged, _ = self.imap.command(f"UID STORE {','.join(map(str, new))} {what} ({' '.join(sorted(flags))})")
        for uid, flags_now in new.items():
            rows[uid].flags = frozenset(flags_now)
        for answer, _ in untagged:
            told = read_fetch(answer)
            if told and told[0] in new and told[1] is not None and told[1] != rows[told[0]].flags:
                self.account.fault(f"{mailbox}: UID {told[0]} got {set(told[1])} instead of {rows[told[0]]}")
        self.finish("stored", changes)

    def copy(self, mailbox, uids):
        self.transfer("COPY", mailbox, uids)

    def move(self, mailbox, uids):
        self.transfer("MOVE", mailbox, uids)

    def transfer(self, verb, mailbox, uids):
        rows = self.account.mailboxes[mailbox].rows
        target = self.chance.choice([other for other in MAILBOXES if other != mailbox])
        moved = [(mailbox, uid) for uid in uids] if verb == "MOVE" else []
        self.account.unknown = Unknown(
            removed=moved, added=[(target, rows[uid].token, rows[uid].flags) for uid in uids]
        )
        untagged, answer = self.imap.command(f"UID {verb} {','.join(map(str, uids))} {target}")
        text = b"\n".join([line for line, _ in untagged] + [answer])
        found = re.search(rb"\[COPYUID \d+ (\S+) (\S+)\]", text)
        pairs = dict(zip(read_set(found[1]), read_set(found[2]), strict=True))
        if sorted(pairs) != uids:
            self.account.fault(f"{mailbox}: {verb} of {uids} answers {pairs}")
        for uid, new in pairs.items():
            self.account.add(target, new, rows[uid].token, rows[uid].flags)
        self.account.remove(mailbox, [uid for _, uid in moved])
        self.finish("copied" if verb == "COPY" else "moved")

    def expunge(self, mailbox, uids):
        rows = self.account.mailboxes[mailbox].rows
        self.change_flags(mailbox, "+FLAGS", ["\\Deleted"], {uid: rows[uid].flags | {"\\Deleted"} for uid in uids})
        self.account.unknown = Unknown(removed=[(mailbox, uid) for uid in uids])
        self.imap.command(f"UID EXPUNGE {','.join(map(str, uids))}")
        self.account.remove(mailbox, uids)
        self.finish("expunged")

    def finish(self, kind, changes=True):
        self.account.unknown = None
        self.account.changes += changes and kind != "appended"
        self.ledger.count(kind)

    def flags(self):
        return frozenset(self.chance.sample(FLAGS, self.chance.randint(1, 2)))


class Fetcher(Client):
    """The only one who deletes from an account, by POP3."""

    def __init__(self, server, ledger, chance, account):
        super().__init__(server, ledger, chance)
        self.account = account

    def work(self):
        while True:
            try:
                fetched = self.session()
            except poplib.error_proto as error:
                if "[IN-USE]" not in str(error):  # the session before this one is ending still
                    raise
                fetched = 0
            if not fetched:
                self.ledger.idle.wait(0.1)  # a client that finds nothing looks again later

    def session(self):
        account = self.account
        client = poplib.POP3(self.server.address, self.server.pop3, timeout=60)
        try:
            client.user(f"{account.name}@{DOMAIN}")
            client.pass_(PASSWORD)
            count, _ = client.stat()
            tokens = set()
            most = 4 if count < POP_LETTERS_MAX else POP_LETTERS_MAX
            for number in sorted(self.chance.sample(range(1, count + 1), min(count, most))):
                _, lines, _ = client.retr(number)
                octets = b"\r\n".join(lines) + b"\r\n"
                token = token_of(octets)
                if token in account.gone:
                    account.fault(f"POP3: letter {token} was deleted and is back")
                if self.ledger.digests.get(token) != digest(without_trace(octets)):
                    account.fault(f"POP3: letter {token} has other octets")
                account.told.add(token)
                client.dele(number)
                tokens.add(token)
            account.unknown = Unknown(tokens=tokens)
            client.quit()
            rows = account.mailboxes["INBOX"].rows
            account.remove("INBOX", [uid for uid, row in rows.items() if row.token in tokens])
            account.gone |= tokens
            account.seen |= tokens
            account.unknown = None
            account.changes += bool(tokens)
            for _ in tokens:
                self.ledger.count("fetched")
            return len(tokens)
        finally:
            client.close()


def clients(server, ledger, accounts, chance):
    """All clients of one round, not started yet."""
    def own():
        return random.Random(chance.getrandbits(64))

    return (
        [Sender(server, ledger, own()) for _ in range(4)]
        + [Sender(server, ledger, own(), several=True) for _ in range(3)]
        + [Sender(server, ledger, own(), several=number == 1, submits=True) for number in range(2)]
        + [Reader(server, ledger, own(), accounts[name]) for name in READERS]
        + [Fetcher(server, ledger, own(), accounts[name]) for name in FETCHERS]
    )
