"""An ordinary user: as a program, user.py SERVER PORT_OFFSET CERTIFICATE SECONDS prints as JSON how long, in ms, her
commands took, and what failed."""
import contextlib
import imaplib
import json
import os
import smtplib
import ssl
import sys
import time

from attacks import PASSWORD, VICTIM

OWN_ADDRESS = "192.0.2.10"
TIMED = ("read", "receive", "connect")
PAUSE = 0.005
MESSAGE = b"From: friend@elsewhere.test\r\nSubject: hello\r\n\r\nHow are you?\r\n"


class User:
    def __init__(self, server, offset, certificate):
        self.server, self.offset = server, offset
        trust = ssl.create_default_context(cafile=certificate)
        trust.check_hostname = False
        self.times = {what: [] for what in TIMED}
        self.failures = []
        self.imap = imaplib.IMAP4_SSL(server, offset + 993, ssl_context=trust, timeout=30)
        self.imap.login(VICTIM, PASSWORD)
        self.imap.select("INBOX")
        self.smtp = self.connect()
        self.sent = 0

    def connect(self):
        client = smtplib.SMTP(timeout=30, source_address=(OWN_ADDRESS, 0))
        client.connect(self.server, self.offset + 25)
        client.ehlo("user.test")
        return client

    @contextlib.contextmanager
    def timed(self, what):
        begin = time.monotonic()
        try:
            yield
        except (OSError, smtplib.SMTPException, imaplib.IMAP4.error) as error:
            self.failures.append(f"{what}: {error!r}")
        self.times[what].append((time.monotonic() - begin) * 1000)

    def use(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with self.timed("read"):
                status, _ = self.imap.fetch("1", "(FLAGS BODY.PEEK[])")
                assert status == "OK"
            with self.timed("receive"):
                self.smtp.sendmail("friend@elsewhere.test", [VICTIM], MESSAGE)
            self.sent += 1
            if self.sent % 500 == 0:  # before the server's own limit for one connection
                self.smtp = self.connect()
            with self.timed("connect"):
                self.connect().quit()
            time.sleep(PAUSE)


def main():
    server, offset, certificate, seconds = sys.argv[1:]
    with contextlib.suppress(PermissionError):  # she has a machine of her own, which does not wait for the server's
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    user = User(server, int(offset), certificate)
    user.use(float(seconds))
    print(json.dumps({"times": user.times, "failures": user.failures}))


if __name__ == "__main__":
    main()
