"""Everything that a server does, at the same time: each user's mail is there once, and the store is sound.

CI runs this against a program built with ThreadSanitizer too (scripts/test), where any report is a failure.
"""
import collections
import imaplib
import poplib
import smtplib
import threading

from conftest import PASSWORD
from support import letters, post

ALICE, BOB, STRANGER = "alice@a.test", "bob@b.test", "stranger@elsewhere.test"
ROUNDS = 8


class Errands:
    """Functions that run at the same time, each ROUNDS times, and what went wrong in them."""

    def __init__(self):
        self.faults = []
        self.threads = []

    def add(self, errand, count=1):
        self.threads += [threading.Thread(target=self.repeat, args=(errand,)) for _ in range(count)]

    def repeat(self, errand):
        try:
            for number in range(ROUNDS):
                errand(number)
        except Exception as error:  # noqa: BLE001: any fault is the test's result
            self.faults.append(f"{errand.__name__}: {error!r}")

    def run(self):
        for thread in self.threads:
            thread.start()
        for thread in self.threads:
            thread.join(300)
            assert not thread.is_alive()
        assert self.faults == []


def imap(server, user):
    client = imaplib.IMAP4_SSL(server.address, server.imaps, ssl_context=server.trust(), timeout=120)
    client.login(user, PASSWORD)
    return client


def done(answer):
    status, data = answer
    assert status == "OK", data
    return data


def test_everything_at_once(pair, tmp_path):
    a, b = pair
    expected = {ALICE: collections.Counter(), BOB: collections.Counter()}
    errands = Errands()

    def receive(number):
        octets, token = letters.plain(STRANGER, ALICE, body="x" * (10, 900)[number % 2] * 40 + "\r\n")
        post.deliver(a, STRANGER, [ALICE], octets)
        expected[ALICE][token] += 1

    def submit(number):
        recipients = ([BOB], [BOB, ALICE])[number % 2]
        octets, token = letters.plain(ALICE, BOB)
        post.submit(a, ALICE, PASSWORD, recipients, octets)
        for user in recipients:
            expected[user][token] += 1

    def read(_):
        client = imap(a, ALICE)
        if done(client.select("INBOX")) != [b"0"]:
            done(client.fetch("1:*", "(FLAGS ENVELOPE BODYSTRUCTURE BODY.PEEK[])"))
            done(client.store("1:*", "+FLAGS", r"(\Seen kept)"))
            done(client.search(None, "SUBJECT letter BODY x"))
            done(client.store("1", "-FLAGS", r"(\Seen)"))
            done(client.copy("1", "Copies"))
        done(client.noop())
        client.logout()

    def tidy_up(number):
        client = imap(a, ALICE)
        client.create("Work")
        client.append("Work", r"(\Draft)", None, letters.plain(ALICE, ALICE)[0])
        done(client.select("Work"))
        done(client.store("1:*", "+FLAGS", r"(\Deleted)"))
        client.expunge()
        if number % 3 == 2:
            client.rename("Work", "Old")
            client.delete("Old")
        client.logout()

    def wait_for_mail(_):
        client = imap(a, ALICE)
        done(client.select("INBOX"))
        client.send(b"i IDLE\r\n")
        assert client.readline().startswith(b"+")
        receive(0)
        while b"EXISTS" not in client.readline():
            pass
        client.send(b"DONE\r\n")
        while not client.readline().startswith(b"i OK"):
            pass
        client.logout()

    def fetch_by_pop(_):
        client = poplib.POP3_SSL(b.address, b.pop3s, context=b.trust(), timeout=120)
        client.user(BOB)
        client.pass_(PASSWORD)
        count, _ = client.stat()
        client.uidl()
        for number in range(1, count + 1):
            client.retr(number)
        client.quit()

    def guess(number):
        if number > 1:  # more of them would make the others wait, too: that is what the guard is for
            return
        with smtplib.SMTP_SSL(a.address, a.submissions, context=a.trust(), timeout=120) as client:
            try:
                client.login("nobody@a.test", "wrong")
            except smtplib.SMTPAuthenticationError:
                pass

    def administer(number):
        user = f"user{number}@a.test"
        a.add_account(user, PASSWORD)
        a.run("alias", "add", f"alias{number}@a.test", user)
        a.json("queue", "list")
        a.json("trace", ALICE)
        a.run("alias", "remove", f"alias{number}@a.test")
        a.run("account", "remove", user)
        if number % 2:
            a.run("account", "undelete", user)

    def reload(_):
        a.run("reload")

    def back_up(_):
        a.run("backup", a.folder.parent / "backup")

    client = imap(a, ALICE)
    done(client.create("Copies"))
    client.logout()
    for errand in (receive, submit, read):
        errands.add(errand, 2)
    for errand in (tidy_up, wait_for_mail, fetch_by_pop, guess, administer, reload, back_up):
        errands.add(errand)
    errands.run()
    post.wait_for_empty_queue(a, b)
    assert post.tokens(a, ALICE, PASSWORD) == expected[ALICE]
    assert post.tokens(b, BOB, PASSWORD) == expected[BOB]
    for server in pair:
        assert server.json("verify", "--blobs")["sound"] is True
