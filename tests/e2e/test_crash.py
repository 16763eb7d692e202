"""Nothing that was acknowledged is lost, and nothing is doubled, however often the server is killed.

Fifty clients hand in letters (by one and by several recipients, and by submission to a server that is down, so that they
wait in the queue) while the server is killed at random moments and started again.
"""
import collections
import random
import re
import smtplib
import threading
import time

import pytest
from conftest import PASSWORD
from support import letters, post
from support.peer import Peer
from support.processes import wait_until
from support.seeds import new_seeds

ALICE, DORA = "alice@a.test", "dora@a.test"
CLIENTS = 50
ROUNDS = 4
ACKNOWLEDGED_PER_ROUND = 150


class Load:
    """Clients that hand in letters until told to end; a client whose connection breaks tries again with a new letter."""

    def __init__(self, server):
        self.server = server
        self.trust = server.trust()
        self.lock = threading.Lock()
        self.acknowledged = {}  # token → recipients
        self.attempted = {}  # token → recipients
        self.ending = threading.Event()
        self.alive = threading.Event()  # the server is meant to answer
        self.faults = []
        self.threads = [threading.Thread(target=self.client, args=(number,), daemon=True) for number in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def client(self, number):
        kind = number % 5
        recipients = ([ALICE], [ALICE, DORA], [DORA], [DORA, "bob@down.peer.test"], ["bob@down.peer.test"])[kind]
        while not self.ending.is_set():
            self.alive.wait(60)
            try:
                self.session(recipients, submission=kind >= 3)
            except (OSError, smtplib.SMTPException) as error:
                refused = isinstance(error, (smtplib.SMTPRecipientsRefused, smtplib.SMTPAuthenticationError))
                if refused and not post.says_farewell(error):
                    self.faults.append(repr(error))

    def session(self, recipients, submission):
        if submission:
            client = smtplib.SMTP_SSL(self.server.address, self.server.submissions, context=self.trust, timeout=60)
        else:
            client = smtplib.SMTP(self.server.address, self.server.smtp, timeout=60)
        with client:
            if submission:
                client.login(ALICE, PASSWORD)
            while not self.ending.is_set() and self.alive.is_set():
                octets, token = letters.plain(ALICE, recipients[0], body="x" * random.choice((10, 3000, 30000)) + "\r\n")
                with self.lock:
                    self.attempted[token] = recipients
                refused = client.sendmail(ALICE, recipients, octets)
                assert refused == {}
                with self.lock:
                    self.acknowledged[token] = recipients

    def count(self):
        with self.lock:
            return len(self.acknowledged)

    def end(self):
        self.ending.set()
        self.alive.set()
        for thread in self.threads:
            thread.join(120)
            assert not thread.is_alive()


@pytest.mark.parametrize("seed", new_seeds("kill", 1))
def test_kill_9_at_random_moments(pair, seed):
    chance = random.Random(seed)
    a, _ = pair
    a.add_account(DORA, PASSWORD)
    load = Load(a)
    for number in range(ROUNDS):
        load.alive.set()
        begin = load.count()
        wait_until(lambda: load.count() > begin + ACKNOWLEDGED_PER_ROUND, "letters to be acknowledged", 60)  # noqa: B023
        # The moment of the kill: not a wait for something, but chance itself.
        time.sleep(chance.uniform(0, 0.2))
        if number == 0:  # an orderly stop in the middle of everything keeps the same promises
            assert a.stop() == 0
        else:
            a.kill()
        load.alive.clear()
        a.start()
    load.end()
    assert load.faults == []
    a.kill()
    a.start()

    found = a.run("verify", "--blobs")
    assert found.returncode == 0

    # What was cut off between its recipients is finished by the queue.
    a.run("queue", "retry", "--all", check=False)

    def local_copies_done():
        return not any(item["local"] for entry in post.queue(a) for item in entry["items"])

    wait_until(local_copies_done, "the local copies of what waits in the queue", 60)
    for user in (ALICE, DORA):
        counted = post.tokens(a, user, PASSWORD)
        assert [token for token, number in counted.items() if number > 1] == [], "doubled"
        expected = {token for token, recipients in load.acknowledged.items() if user in recipients}
        assert expected - set(counted) == set(), "lost"
        assert set(counted) - set(load.attempted) == set(), "made up"
    check_queue(a, load)
    a.run("queue", "remove", "--all", check=False)


def check_queue(server, load):
    """Every acknowledged letter to the server that is down waits in exactly one entry."""
    with Peer(server.peer_address, 20025) as peer:
        server.run("queue", "retry", "--all")
        post.wait_for_empty_queue(server)
        sent = [re.search(rb"Message-ID: <(\w+)@", octets)[1].decode() for _, octets in peer.messages]
    counted = collections.Counter(sent)
    assert [token for token, number in counted.items() if number > 1] == [], "doubled"
    remote = "bob@down.peer.test"
    expected = {token for token, recipients in load.acknowledged.items() if remote in recipients}
    assert expected - set(counted) == set(), "lost"
    assert set(counted) - {token for token, recipients in load.attempted.items() if remote in recipients} == set()
