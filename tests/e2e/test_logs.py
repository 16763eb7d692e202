"""The log of the server: who logs in and who fails, in one vocabulary, as operators and fail2ban read it."""
import base64
import imaplib
import poplib
import re
import smtplib
import subprocess

import pytest
from conftest import PASSWORD
from support import letters
from support.processes import ROOT, wait_until

ALICE, BOB = "alice@example.test", "bob@example.test"
# What is not an address must not become one: a name that looks like the end of a line of the log.
EVIL = 'x client=203.0.113.9 tls=yes reason=wrong-credentials'


def lines(server, event, count):
    def found():
        said = [line.split(" ", 2)[2] for line in server.process.log().splitlines() if f" {event} " in line]
        return said if len(said) >= count else None

    return wait_until(found, f"{count} lines '{event}' in the log")


def fail_by_imap(server, user):
    with pytest.raises(imaplib.IMAP4.error), imaplib.IMAP4_SSL(
            server.address, server.imaps, ssl_context=server.trust(), timeout=30) as client:
        client.login(user, "wrong")


def fail_everywhere(server, user):
    with smtplib.SMTP_SSL(server.address, server.submissions, context=server.trust(), timeout=30) as client:
        client.ehlo()
        assert client.docmd("AUTH", "PLAIN " + base64.b64encode(f"\0{user}\0wrong".encode()).decode())[0] == 535
    fail_by_imap(server, user)
    client = poplib.POP3_SSL(server.address, server.pop3s, context=server.trust(), timeout=30)
    client.user(user)
    with pytest.raises(poplib.error_proto):
        client.pass_("wrong")
    client.close()


def test_every_service_tells_logins_in_the_same_words(server):
    fail_everywhere(server, "alice")
    failed = lines(server, "login failed", 3)
    assert sorted(failed) == [
        f"login failed service={service} account=alice client=127.0.0.1 tls=yes reason=wrong-credentials"
        for service in ("imap", "pop3", "submission")]
    with imaplib.IMAP4_SSL(server.address, server.imaps, ssl_context=server.trust(), timeout=30) as client:
        client.login(BOB, PASSWORD)
    expected = f"login service=imap account={BOB} client=127.0.0.1 tls=yes"
    wait_until(lambda: expected in lines(server, "login", 1), "the line of the login")


def test_a_login_that_is_not_ended_is_told(server):
    client = smtplib.SMTP_SSL(server.address, server.submissions, context=server.trust(), timeout=30)
    client.ehlo()
    assert client.docmd("AUTH", "SCRAM-SHA-256")[0] == 334
    assert client.docmd("*")[0] == 501
    client.close()
    wait_until(lambda: "reason=abandoned" in server.process.log(), "the line of the abandoned login")


def test_fail2ban_finds_who_failed_and_nobody_else(server, tmp_path):
    fail_by_imap(server, f'"{EVIL}"')
    wait_until(lambda: EVIL in server.process.log(), "the line of the failed login")
    log = tmp_path / "log"
    log.write_text(server.process.log())
    done = subprocess.run(["fail2ban-regex", "-o", "ip", str(log), str(ROOT / "packaging/fail2ban/tegami.conf")],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    expected = len(re.findall(r"login failed .* reason=wrong-credentials$", log.read_text(), re.MULTILINE))
    assert expected >= 1 and done.stdout.split() == ["127.0.0.1"] * expected


def follow(server, *options):
    """What `tegami log follow` prints, and it."""
    process = subprocess.Popen([server.program, "log", "follow", *options, "--config", server.config],
                               stdout=subprocess.PIPE, text=True)
    return process, process.stdout


def test_the_log_is_followed_as_it_is_written(server):
    server.add_account("follower@example.test", PASSWORD)
    process, printed = follow(server, "--service", "imap", "--address", "follower@example.test", "--last", "5")
    try:
        for _ in range(2):
            with imaplib.IMAP4_SSL(server.address, server.imaps, ssl_context=server.trust(), timeout=30) as client:
                client.login("follower@example.test", PASSWORD)
            line = printed.readline()
            assert line.split(" ", 2)[2] == "login service=imap account=follower@example.test client=127.0.0.1 tls=yes\n"
            while "connection ended" not in line:  # of that login, before the next
                line = printed.readline()
            assert line in server.process.log()
    finally:
        process.terminate()
        process.wait(30)


def test_each_letter_has_its_lines_without_its_subject(server):
    octets, token = letters.plain(ALICE, BOB)
    with smtplib.SMTP_SSL(server.address, server.submissions, context=server.trust(), timeout=30) as client:
        client.login(ALICE, PASSWORD)
        client.sendmail(ALICE, [BOB], octets)
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            client.sendmail(ALICE, ["nobody@example.test"], octets)
    (submitted,) = [line for line in lines(server, "mail submitted", 1) if token in line]
    assert f"account={ALICE}" in submitted and f"to={BOB}" in submitted and "subject" not in submitted
    journey = re.search(r"journey=(\w+)", submitted)[1]
    (stored,) = [line for line in lines(server, "mail stored", 1) if f"journey={journey}" in line]
    assert "mailbox=INBOX" in stored
    (rejected,) = lines(server, "mail rejected", 1)
    assert f"from={ALICE} to=nobody@example.test" in rejected
