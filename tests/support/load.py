"""Load on a server that is restarted: nobody may be refused, and nothing lost that was acknowledged."""
import imaplib
import random
import smtplib
import socket
import threading
import time

from . import letters, post
from .processes import wait_until


class Load:
    """Clients that do nothing but connect, that hand letters in, and that fetch them, all for one account. A session may end at
    any time; a connection that is refused is a fault."""

    def __init__(self, server, address, password):
        self.server, self.trust, self.address, self.password = server, server.trust(), address, password
        self.ending = threading.Event()
        self.lock = threading.Lock()
        self.acknowledged, self.faults = set(), []
        self.attempted = set(post.tokens(server, address, password))  # with what is there already
        self.connected = self.longest = self.broken = self.fetched = 0
        work = [self.connect] * 2 + [self.deliver] * 3 + [self.submit] * 2 + [self.fetch] * 2
        self.threads = [threading.Thread(target=self.again, args=(one,), daemon=True) for one in work]
        for thread in self.threads:
            thread.start()

    def again(self, work):
        while not self.ending.is_set():
            try:
                work()
            except ConnectionRefusedError as error:
                self.faults.append(f"{work.__name__}: {error!r}")
            except (OSError, EOFError, smtplib.SMTPException, imaplib.IMAP4.error) as error:
                refused = isinstance(error, TimeoutError | smtplib.SMTPAuthenticationError | smtplib.SMTPRecipientsRefused)
                if refused and not post.says_farewell(error):
                    self.faults.append(f"{work.__name__}: {error!r}")
                self.broken += 1

    def connect(self):
        """Until something is said: a connection waits where there is nobody to take it."""
        begin = time.monotonic()
        port = random.choice((self.server.smtp, self.server.imap, self.server.pop3, self.server.submission))
        with socket.create_connection((self.server.address, port), timeout=30) as client:
            client.recv(100)
        with self.lock:
            self.connected += 1
            self.longest = max(self.longest, time.monotonic() - begin)

    def send(self, client):
        while not self.ending.is_set():
            octets, token = letters.plain(self.address, self.address, body="x" * random.choice((10, 3000, 30000)) + "\r\n")
            self.attempted.add(token)
            assert client.sendmail(self.address, [self.address], octets) == {}
            self.acknowledged.add(token)

    def deliver(self):
        with smtplib.SMTP(self.server.address, self.server.smtp, timeout=30) as client:
            self.send(client)

    def submit(self):
        with smtplib.SMTP_SSL(self.server.address, self.server.submissions, context=self.trust, timeout=30) as client:
            client.login(self.address, self.password)
            self.send(client)

    def fetch(self):
        with imaplib.IMAP4_SSL(self.server.address, self.server.imaps, ssl_context=self.trust, timeout=30) as client:
            client.login(self.address, self.password)
            while not self.ending.is_set():
                client.select("INBOX", readonly=True)
                client.fetch("*", "(BODY.PEEK[])")
                self.fetched += 1

    def restart_under_it(self, restart, count):
        """Calls restart() so often, each time when letters come and go again; returns the seconds that each took."""
        seconds = []
        for _ in range(count):
            acknowledged, fetched = len(self.acknowledged), self.fetched
            wait_until(lambda: len(self.acknowledged) > acknowledged + 40 and self.fetched > fetched + 3, "letters", 60)  # noqa: B023
            started = time.monotonic()
            restart()
            seconds.append(time.monotonic() - started)
        return seconds

    def end(self):
        """Ends it: nobody was refused, and the mailbox has all that was acknowledged, and nothing else."""
        self.ending.set()
        for thread in self.threads:
            thread.join(60)
            assert not thread.is_alive()
        assert self.faults == []
        found = set(post.tokens(self.server, self.address, self.password))
        assert self.acknowledged - found == set(), "lost"
        assert found - self.attempted == set(), "made up"
        return (f"{self.connected} connections, the longest {self.longest:.2f} s until the greeting; {len(self.acknowledged)} letters, "
                f"{self.fetched} fetched; {self.broken} sessions ended early")
