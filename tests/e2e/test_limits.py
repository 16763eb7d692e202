"""What happens at the edges: a full mailbox, too many recipients, a message that was tried for too long."""
import email
import email.policy
import smtplib
import socket

import pytest
from conftest import PASSWORD, next_address
from support import letters, post
from support.processes import wait_until
from support.tegami import Tegami

ALICE, BOB = "alice@example.test", "bob@example.test"
STRANGER = "stranger@elsewhere.test"


def test_a_full_mailbox_says_so_before_the_letter_is_sent(server):
    server.run("account", "add", "small@example.test", "--password-stdin", "--quota", "64KiB", stdin=PASSWORD + "\n")
    octets, token = letters.plain(STRANGER, "small@example.test", body="x" * 900 + "\r\n")
    post.deliver(server, STRANGER, ["small@example.test"], octets)
    large, other = letters.plain(STRANGER, "small@example.test", body=("x" * 78 + "\r\n") * 1000)
    with smtplib.SMTP(server.address, server.smtp, timeout=60) as client:
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            client.sendmail(STRANGER, ["small@example.test"], large)  # smtplib announces the size
        code, text = refused.value.recipients["small@example.test"]
        assert code == 452 and b"4.2.2" in text
        # A client that does not announce it learns it after the letter, and the other recipient's copy is not doubled.
        client.ehlo_or_helo_if_needed()
        client.mail(STRANGER)
        assert client.rcpt("small@example.test")[0] == 250
        code, text = client.data(large)
        assert code == 452 and b"4.2.2" in text
    assert len(post.copies(server, "small@example.test", PASSWORD, token)) == 1
    assert post.copies(server, "small@example.test", PASSWORD, other) == []


def test_too_many_recipients(server):
    with smtplib.SMTP(server.address, server.smtp, timeout=60) as client:
        client.ehlo()
        client.mail(STRANGER)
        for _ in range(1000):
            assert client.rcpt(BOB)[0] == 250
        code, text = client.rcpt(BOB)
        assert code == 452 and b"4.5.3" in text
        octets, token = letters.plain(STRANGER, BOB)
        assert client.data(octets)[0] == 250
    assert len(post.copies(server, BOB, PASSWORD, token)) == 1


def test_postmaster_is_always_there(server):
    with smtplib.SMTP(server.address, server.smtp, timeout=60) as client:
        client.ehlo()
        client.mail(STRANGER)
        assert client.rcpt("postmaster@example.test")[0] == 250
        assert client.docmd("RCPT", "TO:<Postmaster>")[0] == 250  # RFC 5321 §4.5.1
        octets, token = letters.plain(STRANGER, "postmaster@example.test")
        assert client.data(octets)[0] == 250
    assert len(post.copies(server, ALICE, PASSWORD, token)) == 1  # the oldest account


def test_a_letter_that_was_tried_too_long_comes_back_once(tmp_path):
    nobody = next_address()
    settings = {"queue.first_retry": '"1s"', "queue.longest_retry": '"1s"', "queue.expiry": '"3s"', "relay.port": "20025"}
    server = Tegami(tmp_path / "server", "example.test", next_address(), settings).init().start()
    try:
        server.add_account(ALICE, PASSWORD)
        octets, token = letters.plain(ALICE, f"x@[{nobody}]")
        post.submit(server, ALICE, PASSWORD, [f"x@[{nobody}]"], octets)
        arrived = post.wait_for_copy(server, ALICE, PASSWORD, token)
        wait_until(lambda: post.queue(server) == [], "the queue to be empty")
        words, status, _ = email.message_from_bytes(arrived, policy=email.policy.default).iter_parts()
        assert "Their server did not answer. We tried " in words.get_content()
        assert "Status: 5.4.1" in status.as_string()
        assert len(post.copies(server, ALICE, PASSWORD, token)) == 1
    finally:
        assert server.stop() == 0


def greeting(server, port):
    connection = socket.create_connection((server.address, port), timeout=60)
    return connection, connection.makefile("rb").readline()


def test_clients_beyond_the_limit_are_told(tmp_path):
    server = Tegami(tmp_path / "server", "example.test", next_address(), {"limits.connections": "10"}).init().start()
    held = []
    try:
        for _ in range(10):
            connection, first = greeting(server, server.imap)
            held.append(connection)
            assert first.startswith(b"* OK")
        status = server.json("status")
        assert (status["connections"], status["connections_max"]) == (10, 10)
        memory = {part["name"]: part["bytes"] for part in status["memory"]}
        assert memory["connections"] >= 10 * 20 * 1024 and sum(memory.values()) >= status["memory_bytes"] > 0
        assert {"service": "imap", "endpoint": f"{server.address}:{server.imap}"} in status["listening"]
        for port, words in ((server.imap, b"* BYE"), (server.pop3, b"-ERR"), (server.smtp, b"421")):
            connection, first = greeting(server, port)
            connection.close()
            assert first.startswith(words), first
        held.pop().close()
        wait_until(lambda: greeting(server, server.imap)[1].startswith(b"* OK"), "a place to be free again")
    finally:
        for connection in held:
            connection.close()
        assert server.stop() == 0
