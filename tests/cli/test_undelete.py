"""Bringing back what was deleted, as an operator does it and as the owner of the mail sees it: messages expunged by
IMAP and POP3, a deleted mailbox, a removed account; with the server running, and stopped."""
import imaplib
import re
import smtplib
import subprocess
import time

import pytest

from conftest import PASSWORD, next_address
from support.clients import ImapClient, PopClient
from support.letters import plain, utf_8
from support.tegami import Tegami

ANNA = "anna@undelete.test"
DATE = '" 3-Oct-2026 10:20:30 +0900"'


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    one = Tegami(tmp_path_factory.mktemp("undelete"), "undelete.test", next_address()).init().start()
    yield one
    assert one.stop() == 0, one.process.log()


@pytest.fixture
def anna(server):
    """A new account; its mail goes for good after the test."""
    server.add_account(ANNA, PASSWORD)
    yield ANNA
    server.run("account", "remove", ANNA, "--now")
    server.run("account", "remove", ANNA, "--now", check=False)
    assert server.json("verify")["findings"] == []


def letter(*arguments, **options):
    return plain(*arguments, **options)[0]


def login(server, user=ANNA, password=PASSWORD):
    client = ImapClient(server.address, server.imaps, server.trust())
    client.login(user, password)
    return client


def append(client, octets, mailbox="INBOX", flags=r"(\Seen)", date=DATE):
    status, answer = client.append(mailbox, flags, date, octets)
    assert status == "OK", answer


def everything(client, mailbox="INBOX"):
    """(uid, flags, date, octets) of each message."""
    assert client.select(f'"{mailbox}"', readonly=True), mailbox
    if client.exists == 0:
        return []
    _, data = client.uid("FETCH", "1:*", "(UID FLAGS INTERNALDATE BODY.PEEK[])")
    found = []
    for item in data:
        if not isinstance(item, tuple):
            continue
        head = item[0].decode()
        flags = set(re.search(r"FLAGS \(([^)]*)\)", head)[1].split()) - {"\\Recent"}
        found.append((int(re.search(r"UID (\d+)", head)[1]), flags, re.search(r'INTERNALDATE "([^"]*)"', head)[1], item[1]))
    return found


def expunge(client, uids, mailbox="INBOX"):
    assert client.select(f'"{mailbox}"')
    client.uid("STORE", uids, "+FLAGS.SILENT", r"(\Deleted)")
    status, _ = client.expunge()
    assert status == "OK"


def test_expunged_messages_come_back_as_they_were(server, anna):
    letters = [letter("bo@elsewhere.test", anna, subject=f"Letter {number}") for number in range(4)]
    with login(server) as client:
        for number, octets in enumerate(letters):
            append(client, octets, flags=rf"(\Flagged \Answered work{number})")
        before = everything(client)
        expunge(client, "2,4")
        assert [message[0] for message in everything(client)] == [1, 3]
        assert "2 messages brought back into INBOX" in server.run("account", "undelete", anna).stdout
        after = everything(client)
        assert [message[0] for message in after] == [1, 3, 5, 6]
        assert [message[1:] for message in after[2:]] == [before[1][1:], before[3][1:]]
        assert after[2][3] == letters[1]
        assert server.run("account", "undelete", anna).stdout == "There is nothing to bring back.\n"
        assert everything(client) == after
    # What was brought back is durable.
    server.kill()
    server.start()
    with login(server) as client:
        assert everything(client) == after


def test_a_session_that_waits_sees_them_arrive(server, anna):
    with login(server) as client, login(server) as waiting:
        append(client, letter("bo@elsewhere.test", anna))
        expunge(client, "1")
        assert waiting.select()
        waiting.send(b"i1 IDLE\r\n")
        assert waiting.readline().startswith(b"+")
        server.run("account", "undelete", anna)
        begun = time.monotonic()
        lines = []
        while not any(b"EXISTS" in line for line in lines):
            lines.append(waiting.readline())
        assert lines[-1] == b"* 1 EXISTS\r\n" and time.monotonic() - begun < 5
        waiting.send(b"DONE\r\n")
        while not waiting.readline().startswith(b"i1 OK"):
            pass


def test_what_was_moved_is_not_deleted(server, anna):
    with login(server) as client:
        append(client, letter("bo@elsewhere.test", anna))
        append(client, letter("bo@elsewhere.test", anna))
        assert client.select()
        assert client.uid("MOVE", "1", "Trash")[0] == "OK"
        assert "nothing to bring back" in server.run("account", "undelete", anna).stdout
        expunge(client, "1", "Trash")
        assert "1 message brought back into Trash" in server.run("account", "undelete", anna).stdout
        assert len(everything(client)) == 1 and len(everything(client, "Trash")) == 1


def test_pop3_is_no_different(server, anna):
    octets = letter("bo@elsewhere.test", anna)
    with login(server) as client:
        append(client, octets)
    with PopClient(server.address, server.pop3s, server.trust()) as pop:
        pop.login(anna, PASSWORD)
        pop.delete(1)
    server.run("account", "undelete", anna)
    with login(server) as client:
        assert [message[3] for message in everything(client)] == [octets]


def test_a_deleted_mailbox_comes_back_with_its_mail(server, anna):
    with login(server) as client:
        client.create("Projects/2026")
        for number in range(3):
            append(client, letter("bo@elsewhere.test", anna, subject=str(number)), "Projects/2026")
        before = everything(client, "Projects/2026")
        validity = client.status("Projects/2026", "(UIDVALIDITY)")[1]
        client.select()
        assert client.delete("Projects/2026")[0] == "OK"
        assert client.delete("Projects")[0] == "OK"
        listed = server.json("account", "undelete", anna, "--list")["messages"]
        assert [message["mailbox"] for message in listed] == ["Projects/2026"] * 3
        server.run("account", "undelete", anna, "--mailbox", "Projects/2026")
        after = everything(client, "Projects/2026")
        assert [message[1:] for message in after] == [message[1:] for message in before]
        assert client.status("Projects/2026", "(UIDVALIDITY)")[1] != validity


def test_the_list_and_the_choice(server, anna):
    with login(server) as client:
        octets, token = plain("bo@elsewhere.test", anna, subject="One")
        append(client, octets.replace(b"From: bo@elsewhere.test", b"From: Bo <bo@elsewhere.test>"))
        append(client, utf_8("umeko@elsewhere.test", anna))
        append(client, letter("bo@elsewhere.test", anna, subject="Three\x1b[31m"), "Sent")
        expunge(client, "1:2")
        expunge(client, "1", "Sent")
        listed = server.json("account", "undelete", anna, "--list")["messages"]
        assert [message["mailbox"] for message in listed] == ["INBOX", "INBOX", "Sent"]
        one, umeko, three = listed
        assert one["from"] == "Bo <bo@elsewhere.test>" and one["subject"] == "One" and one["bytes"] > 50
        assert one["message_id"] == f"{token}@elsewhere.test"
        assert any(ord(letter) > 0x3000 for letter in umeko["subject"])
        shown = server.run("account", "undelete", anna, "--list").stdout
        assert len(shown.splitlines()) == 3 and umeko["subject"] in shown and "\x1b" not in shown
        assert server.json("account", "undelete", anna, "--list", "--since", "1h")["messages"] == listed
        assert server.json("account", "undelete", anna, "--list", "--since", "2036-01-01T00:00:00Z")["messages"] == []
        back = server.json("account", "undelete", anna, "--message", f"<{token}@elsewhere.test>")
        assert [message["mailbox"] for message in back["brought_back"]] == ["INBOX"] and back["left"] == []
        assert "1 message brought back into Sent" in server.run("account", "undelete", anna, "--mailbox", "Sent").stdout
        assert len(everything(client)) == 1
        for wrong in ("yesterday", "2026-13-01T00:00:00Z", "-2h"):
            refused = server.run("account", "undelete", anna, f"--since={wrong}", check=False)
            assert refused.returncode == 2 and "--since" in refused.stderr and len(refused.stderr.splitlines()) == 1
        refused = server.run("account", "undelete", "nobody@undelete.test", check=False)
        assert refused.returncode == 1 and "there is no account nobody@undelete.test" in refused.stderr


def test_many_messages_take_several_pages(server, anna):
    count = 1203
    with login(server) as client:
        append(client, letter("bo@elsewhere.test", anna))
        assert client.select()
        while client.exists < count:
            client.uid("COPY", f"1:{count - client.exists}", "INBOX")
            client.select()
        expunge(client, "1:*")
        assert len(server.json("account", "undelete", anna, "--list")["messages"]) == count
        assert f"{count} messages brought back into INBOX" in server.run("account", "undelete", anna).stdout
        client.select()
        assert client.exists == count


def test_a_kill_in_the_middle_loses_and_doubles_nothing(server, anna):
    count = 4000
    with login(server) as client:
        append(client, letter("bo@elsewhere.test", anna))
        assert client.select()
        while client.exists < count:
            client.uid("COPY", f"1:{count - client.exists}", "INBOX")
            client.select()
        expunge(client, "1:*")
    for delay in (0.02, 0.05, 0.1):
        command = subprocess.Popen([str(server.program), "account", "undelete", anna, "--config", str(server.config)],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(delay)
        server.kill()
        command.wait(60)
        server.start()
        with login(server) as client:
            assert client.select()
            back = client.exists
        kept = server.json("account", "undelete", anna, "--list")["messages"]
        assert back + len(kept) == count
    server.run("account", "undelete", anna)
    with login(server) as client:
        assert client.select() and client.exists == count


def test_a_full_account_says_what_stays(server):
    user = "full@undelete.test"
    octets = letter("bo@elsewhere.test", user, body="x" * 60 + "\r\n")
    server.run("account", "add", user, "--password-stdin", "--quota", f"{len(octets) * 5 // 2}B", stdin=PASSWORD + "\n")
    with login(server, user) as client:
        append(client, octets)
        append(client, octets)
        expunge(client, "1:2")
        append(client, octets)
        result = server.run("account", "undelete", user, check=False)
        assert result.returncode == 1
        assert "1 message brought back into INBOX" in result.stdout
        assert "1 message not brought back: the quota of the account is used up" in result.stderr
        expunge(client, "3")
        assert "2 messages brought back" not in server.run("account", "undelete", user, check=False).stdout
    server.run("account", "remove", user, "--now")


def test_a_removed_account_is_gone_until_it_is_brought_back(server, anna):
    server.run("alias", "add", "sales@undelete.test", anna)
    octets = letter("bo@elsewhere.test", anna)
    open_session = login(server)
    append(open_session, octets)
    said = server.run("account", "remove", anna).stdout
    assert "tegami account undelete anna@undelete.test brings it back within 30 days" in said
    for again in (False, True):
        if again:
            assert server.stop() == 0
            server.start()
        with pytest.raises(imaplib.IMAP4.error):
            login(server)
        with smtplib.SMTP(server.address, server.smtp, timeout=30) as smtp:
            smtp.ehlo()
            smtp.mail("bo@elsewhere.test")
            assert smtp.rcpt(anna)[0] == 550
            assert smtp.rcpt("sales@undelete.test")[0] == 550
        assert server.json("account", "list")["accounts"] == []
        removed = server.json("account", "list", "--removed")["accounts"]
        assert [account["address"] for account in removed] == [anna]
        refused = server.run("account", "undelete", anna, "--list", check=False)
        assert refused.returncode == 1 and "can be brought back as a whole until" in refused.stderr
        if not again:
            # What was open has ended: nothing more reaches the account.
            assert open_session.readline().startswith(b"* BYE Your account has changed")
            assert open_session.readline() == b""
    assert "kept until" in server.run("account", "list", "--removed").stdout
    assert "with its password and all its mail" in server.run("account", "undelete", anna).stdout
    with login(server) as client:
        assert [message[3] for message in everything(client)] == [octets]
    with smtplib.SMTP(server.address, server.smtp, timeout=30) as smtp:
        assert smtp.sendmail("bo@elsewhere.test", ["sales@undelete.test"], octets) == {}
    server.run("alias", "remove", "sales@undelete.test")
    assert server.json("account", "list", "--removed")["accounts"] == []


def test_an_address_in_use_again_is_not_taken_away(server, anna):
    with login(server) as client:
        append(client, letter("bo@elsewhere.test", anna, subject="The old one"))
    server.run("account", "remove", anna)
    server.add_account(anna, "another " + PASSWORD)
    said = server.run("account", "undelete", anna).stdout
    assert "nothing to bring back" in said and "--as NEWADDRESS" in said
    refused = server.run("account", "undelete", anna, "--as", anna, check=False)
    assert refused.returncode == 1 and "is in use" in refused.stderr
    server.run("account", "undelete", anna, "--as", "anna.old@undelete.test")
    with login(server, "anna.old@undelete.test") as client:
        assert b"The old one" in everything(client)[0][3]
    with login(server, anna, "another " + PASSWORD) as client:
        assert everything(client) == []
    server.run("account", "remove", "anna.old@undelete.test", "--now")


def test_without_a_server_it_is_the_same(server, anna):
    octets = letter("bo@elsewhere.test", anna)
    with login(server) as client:
        append(client, octets)
        expunge(client, "1")
    assert server.stop() == 0
    try:
        assert len(server.json("account", "undelete", anna, "--list")["messages"]) == 1
        assert "1 message brought back" in server.run("account", "undelete", anna).stdout
        assert "nothing to bring back" in server.run("account", "undelete", anna).stdout
        server.run("account", "remove", anna)
        server.run("account", "undelete", anna)
        assert server.json("verify")["findings"] == []
    finally:
        server.start()
    with login(server) as client:
        assert [message[3] for message in everything(client)] == [octets]


def test_past_the_retention_time_there_is_nothing(tmp_path, address):
    server = Tegami(tmp_path / "brief", "undelete.test", address, {"retention.expunged_days": "0"}).init().start()
    server.add_account(ANNA, PASSWORD)
    with login(server) as client:
        append(client, letter("bo@elsewhere.test", ANNA))
        expunge(client, "1")
        assert "nothing to bring back" in server.run("account", "undelete", ANNA).stdout
    assert "erased" in server.run("account", "remove", ANNA).stdout
    assert server.json("account", "list", "--removed")["accounts"] == []
    assert server.run("account", "undelete", ANNA, check=False).returncode == 1
    assert server.json("verify")["findings"] == []
    assert server.stop() == 0
