"""Handing in letters and looking into mailboxes."""
import collections
import imaplib
import poplib
import re
import smtplib

from .processes import wait_until


def submit(server, user, password, recipients, octets):
    """Hands a letter in over TLS, as a mail program does; raises what smtplib raises."""
    with smtplib.SMTP_SSL(server.address, server.submissions, context=server.trust(), timeout=60) as client:
        client.login(user, password)
        assert client.sendmail(user, recipients, octets) == {}


def deliver(server, sender, recipients, octets):
    """Hands a letter in on port 25, as another server does."""
    with smtplib.SMTP(server.address, server.smtp, timeout=60) as client:
        assert client.sendmail(sender, recipients, octets) == {}


def messages(server, user, password, mailbox="INBOX", part="BODY.PEEK[]"):
    """The octets of all messages (or of this part of each) in the order of the mailbox."""
    with imaplib.IMAP4_SSL(server.address, server.imaps, ssl_context=server.trust(), timeout=60) as client:
        client.login(user, password)
        status, count = client.select(mailbox, readonly=True)
        assert status == "OK", count
        if count == [b"0"]:
            return []
        _, data = client.fetch("1:*", f"({part})")
        return [item[1] for item in data if isinstance(item, tuple)]


def copies(server, user, password, text):
    """The messages in INBOX that contain this text."""
    return [octets for octets in messages(server, user, password) if text.encode() in octets]


def tokens(server, user, password):
    """How often each token of `letters` is in INBOX."""
    fields = messages(server, user, password, part="BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]")
    return collections.Counter(match[1].decode() for field in fields if (match := re.search(rb"<(\w+)@", field)))


def wait_for_copy(server, user, password, text):
    """Waits until the text is in INBOX, and returns the one message that has it."""
    found = wait_until(lambda: copies(server, user, password, text), f"{text} to reach {user}")
    assert len(found) == 1
    return found[0]


def queue(server):
    return server.json("queue", "list")["entries"]


def recipients(entry):
    """Everybody whom a message of the queue is still to reach."""
    return [recipient for item in entry["items"] for recipient in item["recipients"]]


def wait_for_empty_queue(*servers):
    for server in servers:
        wait_until(lambda: queue(server) == [], f"the queue of {server.domain} to be empty")


def wait_for_deferred(server, count=1):
    """Waits until every entry has been tried, and returns the entries."""

    def tried():
        entries = queue(server)
        states = [recipient["state"] for entry in entries for recipient in recipients(entry)]
        return entries if len(entries) == count and states and "pending" not in states else None

    def what():
        return f"{count} deferred messages in the queue of {server.domain}; it has {queue(server)}, its log {server.process.log()}"

    return wait_until(tried, what)


def says_farewell(error):
    """Whether a server that stops said so (421, RFC 5321 §3.8; [SYS/TEMP], RFC 3206 §4): a client comes back later."""
    if isinstance(error, poplib.error_proto):
        return "[SYS/TEMP]" in str(error)
    codes = {code for code, _ in error.recipients.values()} if isinstance(error, smtplib.SMTPRecipientsRefused) else set()
    return codes == {421} or getattr(error, "smtp_code", 0) == 421
