"""From one server to another: every message ends in exactly the mailboxes it should, or in exactly one bounce."""
import email
import email.policy
import poplib
import smtplib
import threading
import time

import pytest
from conftest import PASSWORD
from support import letters, post
from support.peer import Hangup, Peer
from support.processes import wait_until

ALICE, BOB, CAROL = "alice@a.test", "bob@b.test", "carol@b.test"
PEER_PORT = 20025


def send(server, recipients, octets):
    post.submit(server, ALICE, PASSWORD, recipients, octets)


def parts_of_report(a, token):
    """The three parts of the one report to alice about this message, after nothing is left to do."""
    found = wait_until(
        lambda: [octets for octets in post.copies(a, ALICE, PASSWORD, token) if b"multipart/report" in octets],
        "a report to alice",
    )
    post.wait_for_empty_queue(a)
    assert len(found) == 1
    message = email.message_from_bytes(found[0], policy=email.policy.default)
    assert message.get_content_type() == "multipart/report"
    words, status, original = message.iter_parts()
    assert words.get_content_type() == "text/plain"
    return words.get_content(), status, original


def report_about(a, token):
    """The report's plain words, and its fields for each recipient."""
    words, status, original = parts_of_report(a, token)
    assert status.get_content_type() == "message/delivery-status"
    assert token in original.as_string()
    per_message, *per_recipient = status.get_payload()
    assert per_message["Reporting-MTA"].startswith("dns;")
    return words, per_recipient


@pytest.fixture
def servers(pair):
    yield pair
    post.wait_for_empty_queue(*pair)


def test_one_server_hands_a_letter_to_the_other(servers):
    a, b = servers
    octets, token = letters.plain(ALICE, BOB)
    send(a, [BOB], octets)
    arrived = post.wait_for_copy(b, BOB, PASSWORD, token)
    assert arrived.startswith(b"Return-Path: <alice@a.test>\r\n")
    assert arrived.count(b"\r\nReceived: ") == 2 and arrived.count(b"Return-Path:") == 1
    assert letters.without_trace(arrived) == octets
    post.wait_for_empty_queue(a)
    events = a.json("trace", f"<{token}@a.test>")["events"]
    kinds = [event["kind"] for event in events]
    assert kinds.index("routed") < kinds.index("relayed")
    number = next(dict(event["fields"])["id"] for event in events if event["kind"] == "queued")
    assert a.json("trace", number)["events"] == events, "its number in the queue is its name when it has left, too"


def test_the_trace_ends_with_the_devices_that_fetched_the_letter(servers):
    a, b = servers
    octets, token = letters.plain(ALICE, CAROL)
    send(a, [CAROL], octets)
    post.wait_for_copy(b, CAROL, PASSWORD, token)  # by IMAP; each look is a device of its own
    client = poplib.POP3_SSL(b.address, b.pop3s, context=b.trust(), timeout=60)
    client.user(CAROL)
    client.pass_(PASSWORD)
    count = len(client.list()[1])
    client.top(count, 0)
    client.retr(count)
    client.retr(count)
    client.quit()

    def fetched(service):
        events = b.json("trace", f"<{token}@a.test>")["events"]
        return [event for event in events if event["kind"] == "retrieved" and ["service", service] in event["fields"]]

    wait_until(lambda: fetched("POP3"), "the trace to tell of the POP3 session")
    assert len(fetched("POP3")) == 1 and len(fetched("IMAP")) >= 1
    assert f"A mail program of {CAROL} fetched it by POP3" in b.run("trace", f"<{token}@a.test>").stdout


def test_an_unknown_recipient_makes_one_report_in_plain_words(servers):
    a, _ = servers
    octets, token = letters.plain(ALICE, "nobody@b.test", subject="Where are you?")
    send(a, ["nobody@b.test"], octets)
    words, (recipient,) = report_about(a, token)
    assert "Where are you?" in words and "nobody@b.test" in words
    assert "There is no such address there" in words
    assert recipient["Final-Recipient"] == "rfc822; nobody@b.test"
    assert recipient["Action"] == "failed" and recipient["Status"] == "5.1.1"
    assert "550" in recipient["Diagnostic-Code"]


@pytest.mark.parametrize(
    ("domain", "status", "words"),
    [("null.test", "5.1.10", "does not receive mail"), ("no-such-name.b.test", "5.1.2", "does not exist")],
)
def test_places_that_take_no_mail(servers, domain, status, words):
    a, _ = servers
    octets, token = letters.plain(ALICE, f"someone@{domain}")
    send(a, [f"someone@{domain}"], octets)
    text, (recipient,) = report_about(a, token)
    assert words in text
    assert recipient["Status"] == status


def test_a_server_that_is_down_gets_it_later_and_once(servers):
    a, b = servers
    assert b.stop() == 0
    octets, token = letters.plain(ALICE, BOB)
    send(a, [BOB], octets)
    (entry,) = post.wait_for_deferred(a)
    assert "mx.b.test did not answer at" in post.recipients(entry)[0]["last_reply"]
    assert "mx.b.test did not answer at" in a.run("queue", "list").stdout
    assert not post.copies(a, ALICE, PASSWORD, token)  # no report yet
    b.start()
    a.run("queue", "retry", "--all")
    post.wait_for_empty_queue(a)
    post.wait_for_copy(b, BOB, PASSWORD, token)


def test_a_japanese_letter_that_waits_is_shown_decoded(servers):
    a, b = servers
    assert b.stop() == 0
    for make in (letters.iso_2022_jp, letters.utf_8):
        send(a, [BOB], make(ALICE, BOB))
    for entry in post.wait_for_deferred(a, 2):
        shown = a.run("queue", "show", entry["id"]).stdout
        assert "日本語の件名" in shown and "梅の花が咲きました。" in shown
    b.start()
    a.run("queue", "retry", "--all")
    post.wait_for_empty_queue(a)


def test_each_of_many_recipients_gets_one_copy(servers):
    a, b = servers
    a.add_account("dora@a.test", PASSWORD)
    octets, token = letters.plain(ALICE, "everybody@a.test")
    with Peer(a.peer_address, PEER_PORT) as peer:
        send(a, [ALICE, "dora@a.test", BOB, CAROL, "x@one.peer.test", "y@one.peer.test", "z@two.peer.test", BOB], octets)
        post.wait_for_empty_queue(a)
    for server, user in ((a, ALICE), (a, "dora@a.test"), (b, BOB), (b, CAROL)):
        assert len(post.copies(server, user, PASSWORD, token)) == 1
    assert sorted(recipients for recipients, _ in peer.messages) == [["x@one.peer.test", "y@one.peer.test"], ["z@two.peer.test"]]
    assert all(octets.split(b"\r\n\r\n")[1] in taken for _, taken in peer.messages)


def test_aliases_catch_all_and_sub_addresses(servers):
    a, b = servers
    b.run("alias", "add", "team@b.test", BOB, ALICE)
    b.run("domain", "add", "everything.test", "--catch-all", CAROL)
    for recipient, ends in (
        ("team@b.test", ((b, BOB), (a, ALICE))),
        ("whoever@everything.test", ((b, CAROL),)),
        ("bob+lists@b.test", ((b, BOB),)),
    ):
        octets, token = letters.plain("stranger@peer.test", recipient)
        post.deliver(b, "stranger@peer.test", [recipient], octets)
        for server, user in ends:
            post.wait_for_copy(server, user, PASSWORD, token)
        post.wait_for_empty_queue(b)
        found = [(server, user) for server, user in ((a, ALICE), (b, BOB), (b, CAROL))
                 if post.copies(server, user, PASSWORD, token)]
        assert sorted(user for _, user in found) == sorted(user for _, user in ends)


def test_a_connection_is_used_again(servers):
    a, _ = servers
    with Peer(a.peer_address, PEER_PORT) as peer:
        for number in (1, 2):
            octets, _ = letters.plain(ALICE, "x@reuse.peer.test", subject=f"Number {number}")
            send(a, ["x@reuse.peer.test"], octets)
            post.wait_for_empty_queue(a)
        assert peer.connections == 1
        assert [b"Number 1" in octets for _, octets in peer.messages] == [True, False]


def test_greylisting(servers):
    a, _ = servers

    def at_first_later(peer, session, line):
        if sum(text.startswith("RCPT") for text in peer.lines) == 1:
            return "451 4.7.1 not yet, please come back"
        return peer.usual(session, "RCPT", line)

    with Peer(a.peer_address, PEER_PORT, RCPT=at_first_later) as peer:
        octets, token = letters.plain(ALICE, "x@grey.peer.test")
        send(a, ["x@grey.peer.test"], octets)
        (entry,) = post.wait_for_deferred(a)
        assert "not yet, please come back" in post.recipients(entry)[0]["last_reply"]
        assert peer.messages == []
        a.run("queue", "retry", entry["id"])
        post.wait_for_empty_queue(a)
        assert len(peer.messages) == 1
    assert post.copies(a, ALICE, PASSWORD, token) == []


def test_what_others_say_is_printed_so_that_it_harms_nothing(servers):
    a, _ = servers
    said = b"450 4.2.0 " + "受信拒否".encode("shift_jis") + b" \x1b]0;x\x07 " + "\u202etxt.exe\u200b".encode()
    with Peer(a.peer_address, PEER_PORT, RCPT=lambda *_: said):
        octets, token = letters.plain(ALICE, "x@sjis.peer.test", subject="Subject")
        send(a, ["x@sjis.peer.test"], octets.replace(b"Subject: Subject", b"Subject: =?utf-8?Q?=1B[31mred=1B]0;x=07=C2=9B?="))
        (entry,) = post.wait_for_deferred(a)
    name = entry["journey"]
    assert "\u202etxt.exe\u200b" in post.recipients(entry)[0]["last_reply"]  # JSON keeps what it can
    shown = r"450 4.2.0 \x8e\xf3\x90M\x8b\x91\x94\xdb \x1b]0;x\x07 \u{202e}txt.exe\u{200b}"
    for words in (("queue", "list"), ("queue", "show", name), ("queue", "show", entry["id"]), ("trace", f"<{token}@a.test>"),
                  ("trace", name), ("trace", entry["id"]), ("trace", ALICE, "--wire")):
        text = a.run(*words).stdout  # it is UTF-8, or this would fail
        assert shown in text, words
        assert not [character for character in text if character != "\n" and not character.isprintable()], words
    assert r"\x1b[31mred\x1b]0;x\x07\u{9b}" in a.run("trace", name).stdout
    a.run("queue", "retry", name)
    post.wait_for_deferred(a)
    a.run("queue", "remove", name)
    told = a.run("trace", name).stdout
    assert "It is tried again at once, because local root asked for it." in told
    assert told.splitlines()[-1].endswith("It was removed from the queue by local root: it goes no further, and the sender is not told.")
    assert f"there is no letter {name} in the queue" in a.run("queue", "show", name, check=False).stderr


def test_the_queue_says_what_is_being_sent(servers):
    a, _ = servers
    go_on = threading.Event()

    def slow(peer, session, line):
        go_on.wait(60)
        return peer.usual(session, "RCPT", line)

    with Peer(a.peer_address, PEER_PORT, RCPT=slow):
        octets, _ = letters.plain(ALICE, "x@slow.peer.test")
        send(a, ["x@slow.peer.test"], octets)
        wait_until(lambda: "being sent now" in a.run("queue", "list").stdout, "the attempt to be under way")
        (entry,) = post.queue(a)
        assert [item["being_sent"] for item in entry["items"]] == [True]
        go_on.set()
        post.wait_for_empty_queue(a)


def test_a_connection_that_breaks_after_the_last_dot(servers):
    a, _ = servers

    def at_first_nothing(peer, session, octets):
        if sum(text == "DATA" for text in peer.lines) == 1:
            raise Hangup
        return "250 taken"

    with Peer(a.peer_address, PEER_PORT, end=at_first_nothing) as peer:
        octets, _ = letters.plain(ALICE, "x@cut.peer.test")
        send(a, ["x@cut.peer.test"], octets)
        # It may have been taken: not again at once, only when it is due.
        (entry,) = post.wait_for_deferred(a)
        assert sum(text == "DATA" for text in peer.lines) == 1
        a.run("queue", "retry", entry["id"])
        post.wait_for_empty_queue(a)
        assert len(peer.messages) == 1


def test_a_broken_handshake_is_followed_by_plain_text(servers):
    a, _ = servers

    def junk(peer, session, line):
        session.send("220 go ahead")
        session.connection.sendall(b"this is no handshake\r\n")
        raise Hangup

    with Peer(a.peer_address, PEER_PORT, EHLO=lambda *_: "250-peer.test\r\n250 STARTTLS", STARTTLS=junk) as peer:
        octets, _ = letters.plain(ALICE, "x@junk.peer.test")
        send(a, ["x@junk.peer.test"], octets)
        post.wait_for_empty_queue(a)
        assert len(peer.messages) == 1 and peer.connections == 2


def test_a_server_without_ehlo(servers):
    a, _ = servers
    with Peer(a.peer_address, PEER_PORT, EHLO=lambda *_: "502 what?") as peer:
        octets, _ = letters.plain(ALICE, "x@old.peer.test")
        send(a, ["x@old.peer.test"], octets)
        post.wait_for_empty_queue(a)
        assert len(peer.messages) == 1
        assert any(line.startswith("HELO ") for line in peer.lines)
        assert not any("BODY=" in line or "SIZE=" in line for line in peer.lines)


def test_a_server_that_says_nothing_holds_nobody_up(servers):
    a, b = servers

    def silence(peer, session, line):
        session.file.read()
        raise Hangup

    with Peer(a.peer_address, PEER_PORT, EHLO=silence) as peer:
        for number in range(8):
            octets, _ = letters.plain(ALICE, f"x@silent{number}.peer.test")
            send(a, [f"x@silent{number}.peer.test", "y@silent.peer.test"], octets)
        octets, token = letters.plain(ALICE, BOB)
        send(a, [BOB], octets)
        post.wait_for_copy(b, BOB, PASSWORD, token)
        wait_until(lambda: peer.connections >= 9, "connections to the silent server")
        begin = time.monotonic()
        assert a.stop() == 0
        assert time.monotonic() - begin < 10
    a.start()
    entries = post.queue(a)
    assert len(entries) == 8
    with Peer(a.peer_address, PEER_PORT) as peer:
        a.run("queue", "retry", "--all")
        post.wait_for_empty_queue(a)
        assert len(peer.messages) == 16


def test_letters_of_every_shape_arrive_as_they_were(servers):
    a, b = servers
    shapes = [
        b".\r\n..\r\n.leading dots\r\n",
        b"x" * 998 + b"\r\n",
        b"",
        b"a line\r\n" * 400_000,
        "雪\r\n".encode(),
    ]
    for body in shapes:
        head, token = letters.plain(ALICE, BOB, body="")
        post.submit(a, ALICE, PASSWORD, [BOB], head + body)
        assert letters.without_trace(post.wait_for_copy(b, BOB, PASSWORD, token)) == head + body


def test_eight_bits_for_a_server_that_knows_seven(servers):
    a, _ = servers
    with Peer(a.peer_address, PEER_PORT, EHLO=lambda *_: "250 peer.test") as peer:
        octets = letters.utf_8(ALICE, "x@seven.peer.test")
        send(a, ["x@seven.peer.test"], octets)
        post.wait_for_empty_queue(a)
        assert len(peer.messages) == 1
        (_, taken), = peer.messages
        message = email.message_from_bytes(taken, policy=email.policy.default)
        assert "梅の花が咲きました。" in message.get_content()
        assert taken.isascii()  # RFC 6152 §3


def test_an_international_address_for_a_server_that_does_not_know_them(servers):
    a, _ = servers
    with Peer(a.peer_address, PEER_PORT) as peer:
        octets, token = letters.plain(ALICE, "梅@old.peer.test")
        with smtplib.SMTP_SSL(a.address, a.submissions, context=a.trust(), timeout=60) as client:
            client.login(ALICE, PASSWORD)
            client.sendmail(ALICE, ["梅@old.peer.test"], octets, mail_options=["SMTPUTF8", "BODY=8BITMIME"])
        words, status, _ = parts_of_report(a, token)
        assert "梅@old.peer.test" in words
        # The sender's address is ASCII, so the way back may not know SMTPUTF8 (RFC 6533 §3: utf-8-addr-xtext).
        assert status.get_content_type() == "message/delivery-status"
        assert "utf-8; \\x{6885}@old.peer.test" in status.as_string()
        assert "Status: 5.6.7" in status.as_string()
        assert peer.messages == []


def test_a_message_that_has_passed_too_many_servers_is_refused(servers):
    _, b = servers
    octets, token = letters.plain("stranger@peer.test", BOB)
    hops = b"".join(b"Received: from a by b; Sun, 22 Nov 2026 10:00:00 +0900\r\n" for _ in range(60))
    with pytest.raises(smtplib.SMTPDataError) as refused:
        post.deliver(b, "stranger@peer.test", [BOB], hops + octets)
    assert refused.value.smtp_code == 554 and b"5.4.6" in refused.value.smtp_error
    assert post.copies(b, BOB, PASSWORD, token) == []


def test_aliases_in_a_circle_end_in_one_report(servers):
    a, b = servers
    a.run("alias", "add", "circle@a.test", "circle@b.test")
    b.run("alias", "add", "circle@b.test", "circle@a.test")
    octets, token = letters.plain(ALICE, "circle@a.test")
    send(a, ["circle@a.test"], octets)
    words, (recipient,) = report_about(a, token)
    assert recipient["Status"] == "5.4.6" and "circle" in words
