"""Hostile and broken input: it gets a clear answer or a close, nothing is smuggled, and nobody else notices."""
import base64
import contextlib
import re
import secrets
import smtplib
import socket
import ssl
import time

import pytest
from conftest import PASSWORD
from support import letters, post
from support.processes import wait_until

BOB = "bob@example.test"
EVERY_PORT = ("smtp", "submission", "submissions", "pop3", "pop3s", "imap", "imaps")


class Line:
    """A connection line by line."""

    def __init__(self, server, name):
        self.socket = socket.create_connection((server.address, getattr(server, name)), timeout=60)
        if name.endswith("s"):
            self.socket = server.trust().wrap_socket(self.socket)
        self.file = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def send(self, octets):
        self.socket.sendall(octets)

    def reply(self):
        """The next line; of an SMTP reply the last one. Empty when the server has closed."""
        while re.match(rb"\d{3}-", line := self.file.readline()):
            pass
        return line.decode("latin-1").strip()

    def say(self, text):
        self.send(text.encode() + b"\r\n")
        return self.reply()

    def rest(self):
        """Everything until the server closes."""
        with contextlib.suppress(OSError):
            return self.file.read()
        return b""


@pytest.fixture
def bystander(server):
    """A session that was there before; it works afterwards too, and so do new ones on every port."""
    with Line(server, "smtp") as old:
        assert old.reply().startswith("220")
        yield old
        assert old.say("NOOP").startswith("250")
    for name in EVERY_PORT:
        with Line(server, name) as new:
            assert re.match(r"220 |\+OK|\* OK", new.reply()), name


def begin_letter(line, sender="stranger@elsewhere.test"):
    assert line.reply().startswith("220")
    assert line.say("EHLO elsewhere.test").startswith("250")
    assert line.say(f"MAIL FROM:<{sender}>").startswith("250")
    assert line.say(f"RCPT TO:<{BOB}>").startswith("250")
    assert line.say("DATA").startswith("354")


ENDS = [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r", b"\r.\r\n", b"\n.\r", b"\r\n\0.\r\n", b"\r\n.\0\r\n"]


@pytest.mark.parametrize("end", ENDS, ids=[repr(end)[2:-1] for end in ENDS])
def test_smuggling(server, bystander, end):
    smuggled = secrets.token_hex(8)
    octets, token = letters.plain("stranger@elsewhere.test", BOB)
    inner = f"MAIL FROM:<admin@example.test>\r\nRCPT TO:<{BOB}>\r\nDATA\r\nSubject: smuggled {smuggled}\r\n\r\nHa.\r\n.\r\n"
    with Line(server, "smtp") as line:
        begin_letter(line)
        line.send(octets + end + inner.encode())
        verdict = line.reply()
        line.send(b"QUIT\r\n")
        line.rest()
    arrived = post.copies(server, BOB, PASSWORD, smuggled)
    # At most as text inside the one message that was sent; never as a message of its own.
    assert all(token.encode() in message for message in arrived)
    if b"\0" not in end:
        assert verdict.startswith("5") and arrived == [], verdict


def test_bare_line_ends_are_refused(server, bystander):
    for bad in (b"one\ntwo\r\n", b"one\rtwo\r\n", b"one\r\r\n"):
        octets, token = letters.plain("stranger@elsewhere.test", BOB)
        with Line(server, "smtp") as line:
            begin_letter(line)
            line.send(octets + bad + b".\r\n")
            assert line.reply().startswith("5")
            assert line.say("NOOP").startswith("250")
        assert post.copies(server, BOB, PASSWORD, token) == []


@pytest.mark.parametrize("name", [*EVERY_PORT, "https"])
def test_noise(server, bystander, name):
    with Line(server, name) as line, contextlib.suppress(OSError):
        line.send(secrets.token_bytes(300_000))
        line.socket.shutdown(socket.SHUT_WR)
        line.rest()


@pytest.mark.parametrize("name", EVERY_PORT)
def test_a_line_without_end(server, bystander, name):
    with Line(server, name) as line:
        assert line.reply()
        with contextlib.suppress(OSError):  # it may close before it has all of it
            line.send(b"a NOOP " + b"x" * 5_000_000 + b"\r\n")
            line.send(b"z LOGOUT\r\n" if name.startswith("imap") else b"QUIT\r\n")
        said = line.rest()
        assert said == b"" or re.match(rb"5\d\d |-ERR|(a|\*) (BAD|BYE)|4\d\d ", said), said[:200]


@pytest.mark.parametrize(
    ("name", "command", "go", "hidden"),
    [("smtp", "STARTTLS", "220", b"EHLO in.secret\r\n"), ("submission", "STARTTLS", "220", b"EHLO in.secret\r\n"),
     ("pop3", "STLS", "+OK", b"CAPA\r\n")],
)
def test_commands_before_the_handshake_do_not_count_after_it(server, bystander, name, command, go, hidden):
    with Line(server, name) as line:
        line.reply()
        if name != "pop3":
            assert line.say("EHLO elsewhere.test").startswith("250")
        line.send(command.encode() + b"\r\n" + hidden)
        answer = line.reply()
        if not answer.startswith(go):
            return  # refused altogether
        try:
            line.socket = server.trust().wrap_socket(line.socket)
        except (ssl.SSLError, OSError):
            return  # the handshake fails on what was put in
        line.file = line.socket.makefile("rb")
        line.send(b"NOOP\r\nQUIT\r\n")
        said = line.rest().splitlines()
        assert len(said) == 2, said  # answers to NOOP and QUIT, none to what was hidden


def test_no_password_before_tls(server, bystander):
    with Line(server, "submission") as line:
        line.reply()
        line.send(b"EHLO elsewhere.test\r\n")
        said = b""
        while not re.search(rb"(?m)^250 .*\r\n", said):
            said += line.file.readline()
        assert b"AUTH" not in said and b"STARTTLS" in said
        assert line.say("AUTH PLAIN AGJvYgB4").startswith(("530", "538", "503"))
    with Line(server, "pop3") as line:
        line.reply()
        assert line.say(f"USER {BOB}").startswith("-ERR")
        assert line.say("AUTH PLAIN AGJvYgB4").startswith("-ERR")
    with Line(server, "imap") as line:
        line.reply()
        assert line.say(f"a LOGIN {BOB} x").startswith("a NO [PRIVACYREQUIRED]")
        assert line.say("a AUTHENTICATE PLAIN AGJvYgB4").startswith("a NO")


def test_wrong_passwords_are_answered_late(server, bystander):
    begin = time.monotonic()
    with smtplib.SMTP_SSL(server.address, server.submissions, context=server.trust(), timeout=60) as client:
        client.ehlo()
        login = base64.b64encode(f"\0{BOB}\0wrong".encode()).decode()
        assert client.docmd("AUTH", f"PLAIN {login}")[0] == 535
    assert time.monotonic() - begin > 0.5
    begin = time.monotonic()
    with Line(server, "pop3s") as line:
        line.reply()
        assert line.say(f"USER {BOB}").startswith("+OK")
        assert line.say("PASS wrong").startswith("-ERR")
    assert time.monotonic() - begin > 0.5


def test_a_message_beyond_the_limit(server, bystander):
    with Line(server, "smtp") as line:
        line.reply()
        line.say("EHLO elsewhere.test")
        assert line.say("MAIL FROM:<stranger@elsewhere.test> SIZE=99999999999").startswith("552 5.3.4")
    with Line(server, "imap") as line:
        line.reply()
        assert re.match(r"a (NO|BAD)|\* BYE", line.say("a LOGIN {99999999}"))
    with Line(server, "imaps") as line:
        line.reply()
        line.send(f'a LOGIN {BOB} "{PASSWORD}"\r\n'.encode())
        while not (said := line.reply()).startswith("a "):
            pass
        assert said.startswith("a OK"), said
        # Refused before any of it is sent: no continuation request.
        assert re.match(r"b (NO|BAD)", line.say("b APPEND INBOX {99999999999}"))
        assert line.say("c NOOP").startswith("c OK")


def test_silent_connections_do_not_disturb(server, bystander):
    with contextlib.ExitStack() as silent:
        for number in range(300):
            port = getattr(server, EVERY_PORT[number % len(EVERY_PORT)])
            silent.enter_context(socket.create_connection((server.address, port), timeout=60))
        octets, token = letters.plain("stranger@elsewhere.test", BOB)
        begin = time.monotonic()
        post.deliver(server, "stranger@elsewhere.test", [BOB], octets)
        post.wait_for_copy(server, BOB, PASSWORD, token)
        assert time.monotonic() - begin < 10


def test_a_client_that_leaves_in_the_middle_of_its_letter(server, bystander):
    octets, token = letters.plain("stranger@elsewhere.test", BOB)
    with Line(server, "smtp") as line:
        begin_letter(line)
        line.send(octets + b"not the end\r\n")
    wait_until(lambda: server.run("verify").returncode == 0, "a sound store")
    assert post.copies(server, BOB, PASSWORD, token) == []


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [("host_nam", '"x"', "host_nam"), ("limits.message_size", '"lots"', "limits.message_size"),
     ("listen.smtp.port", "70000", "listen.smtp.port"), ("listen.smtp.address", '"nowhere"', "listen.smtp.address"),
     ("resolver.mode", '"guess"', "resolver.mode")],
)
def test_faults_of_the_configuration_name_file_line_and_key(server, tmp_path, name, value, words):
    from support.tegami import Tegami

    one = Tegami(tmp_path / "server", "example.test", server.address).init()
    good = one.run("check-config")
    assert good.returncode == 0
    if "." in name:
        one.set(name, value)
    else:
        one.config.write_text(f"{name} = {value}\n" + one.config.read_text())
    bad = one.run("check-config", check=False)
    assert bad.returncode == 1
    line = next(number for number, text in enumerate(one.config.read_text().splitlines(), 1) if value in text)
    assert re.search(rf"tegami\.toml:{line}: .*{re.escape(words)}", bad.stdout + bad.stderr), bad.stdout + bad.stderr
