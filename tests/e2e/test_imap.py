"""IMAP as Python's imaplib, curl and raw lines see it: two devices on one mailbox, login mechanisms, large mail."""
import base64
import hashlib
import imaplib
import pathlib
import poplib
import re
import secrets
import smtplib
import socket
import ssl
import subprocess
import time
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from conftest import PASSWORD, next_address
from support import letters, office
from support.processes import wait_until
from support.scram import Scram
from support.tegami import Tegami

SETTINGS = {"login.mechanisms": '["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN"]'}


@pytest.fixture
def address(server, request):
    """An account of its own for each test."""
    name = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-") + "@example.test"
    server.add_account(name, PASSWORD)
    yield name
    server.run("account", "remove", name)


def connect(server, address):
    client = imaplib.IMAP4_SSL(server.address, server.imaps, ssl_context=server.trust(), timeout=30)
    ok(client.authenticate("PLAIN", lambda _: f"\0{address}\0{PASSWORD}".encode()))  # login() knows ASCII only
    return client


def ok(answer):
    status, data = answer
    assert status == "OK", data
    return data


def letter(number, address):
    return letters.plain("stranger@elsewhere.test", address, subject=f"Letter {number}", body=f"Text {number}.\r\n")[0]


class Lines:
    """An IMAP connection line by line, for what imaplib does not know."""

    def __init__(self, server, port, secure):
        self.socket = socket.create_connection((server.address, port), timeout=30)
        if secure:
            self.start_tls(server)
        self.file = self.socket.makefile("rb")
        self.greeting = self.line()

    def start_tls(self, server):
        self.socket = server.trust().wrap_socket(self.socket, server_hostname=server.address)
        self.file = self.socket.makefile("rb")

    def line(self):
        line = self.file.readline()
        assert line.endswith(b"\r\n"), "the server has closed"
        return line[:-2].decode()

    def say(self, text):
        self.socket.sendall(text.encode() + b"\r\n")

    def command(self, text):
        """Returns the untagged lines; the tagged one must be OK."""
        self.say(f"t {text}")
        lines = []
        while True:
            line = self.line()
            if line.startswith("t "):
                assert line.startswith("t OK"), line
                return lines
            lines.append(line)

    def close(self):
        self.file.close()
        self.socket.close()


@pytest.fixture
def lines(server):
    opened = []

    def open_lines(port=None, secure=True):
        opened.append(Lines(server, port or server.imaps, secure))
        return opened[-1]

    yield open_lines
    for one in opened:
        one.close()


def login(connection, address):
    octets = PASSWORD.encode()
    connection.say(f"l LOGIN {address} {{{len(octets)}+}}")
    connection.socket.sendall(octets + b"\r\n")
    assert connection.line().startswith("l OK")


def test_a_mailbox_from_birth_to_end(server, address):
    with connect(server, address) as client:
        ok(client.create("Projects/Spring"))
        ok(client.subscribe("Projects/Spring"))
        names = b" ".join(ok(client.list()))
        assert b"Projects/Spring" in names and b"\\Drafts" in names
        for number in (1, 2, 3):
            date = imaplib.Time2Internaldate(1_790_000_000 + number)
            ok(client.append("Projects/Spring", "(\\Flagged)" if number == 2 else None, date, letter(number, address)))
        assert ok(client.select("Projects/Spring")) == [b"3"]
        assert ok(client.search(None, "FLAGGED")) == [b"2"]
        assert ok(client.search(None, "SUBJECT", '"letter 3"')) == [b"3"]
        assert ok(client.search(None, "BODY", '"text 1"')) == [b"1"]
        assert ok(client.sort("(REVERSE SUBJECT)", "UTF-8", "ALL")) == [b"3 2 1"]
        assert ok(client.thread("REFERENCES", "UTF-8", "ALL")) == [b"(1)(2)(3)"]
        ok(client.copy("1", "Archive"))
        ok(client.store("1", "+FLAGS", "(\\Deleted $Done)"))
        assert ok(client.expunge()) == [b"1"]
        data = ok(client.uid("FETCH", "1:*", "(FLAGS INTERNALDATE ENVELOPE BODYSTRUCTURE RFC822.SIZE)"))
        assert len(data) == 2 and b"Letter 2" in data[0] and b"Letter 3" in data[1]
        ok(client.uid("MOVE", "3", "Trash"))
        ok(client.unselect())
        assert b"MESSAGES 1" in ok(client.status("Archive", "(MESSAGES)"))[0]
        assert b"MESSAGES 1" in ok(client.status("Trash", "(MESSAGES)"))[0]
        ok(client.rename("Projects", "Finished"))
        assert b"MESSAGES 1" in ok(client.status("Finished/Spring", "(MESSAGES)"))[0]
        ok(client.delete("Finished/Spring"))


def test_idle_learns_at_once_what_another_device_does(server, address, lines):
    idler = lines()
    login(idler, address)
    idler.command("SELECT INBOX")
    idler.say("i IDLE")
    assert idler.line().startswith("+")
    with connect(server, address) as client:
        begin = time.monotonic()
        ok(client.append("INBOX", None, None, letter(1, address)))
        assert idler.line() == "* 1 EXISTS"
        assert time.monotonic() - begin < 5
        assert idler.line().endswith("RECENT")
        ok(client.select("INBOX"))
        ok(client.store("1", "+FLAGS", "(\\Seen)"))
        assert re.fullmatch(r"\* 1 FETCH \(UID 1 FLAGS \(.*\\Seen.*\)\)", idler.line())
        ok(client.store("1", "+FLAGS", "(\\Deleted)"))
        assert "\\Deleted" in idler.line()
        ok(client.expunge())
        assert idler.line() == "* 1 EXPUNGE"
    idler.say("DONE")
    while not idler.line().startswith("i OK"):
        pass


@pytest.mark.parametrize("binding", [None, "tls-server-end-point"])
def test_scram(server, address, lines, binding):
    connection = lines()
    certificate = hashlib.sha256(connection.socket.getpeercert(binary_form=True)).digest()
    scram = Scram(address, PASSWORD, binding, certificate if binding else b"")
    mechanism = "SCRAM-SHA-256-PLUS" if binding else "SCRAM-SHA-256"
    assert f"AUTH={mechanism}" in connection.greeting
    connection.say(f"a AUTHENTICATE {mechanism} " + base64.b64encode(scram.first()).decode())
    challenge = base64.b64decode(connection.line().removeprefix("+ "))
    connection.say(base64.b64encode(scram.final(challenge)).decode())
    scram.check(base64.b64decode(connection.line().removeprefix("+ ")))
    connection.say("")
    assert connection.line().startswith("a OK")


def test_starttls_forgets_what_came_before(server, address, lines):
    connection = lines(server.imap, secure=False)
    assert "STARTTLS" in connection.greeting and "LOGINDISABLED" in connection.greeting
    connection.say(f"a LOGIN {address} x")
    assert connection.line().startswith("a NO [PRIVACYREQUIRED]")
    # A command hidden behind STARTTLS in the clear must not run under TLS.
    connection.socket.sendall(b"b STARTTLS\r\nc NOOP\r\n")
    assert connection.line().startswith("b OK")
    connection.socket.settimeout(10)
    try:
        connection.start_tls(server)
    except (ssl.SSLError, OSError):
        return  # or the handshake fails on what was injected
    connection.say("d NOOP")
    assert connection.line().startswith("d OK")


def test_wrong_passwords_are_answered_late(server, address, lines):
    connection = lines()
    begin = time.monotonic()
    connection.say(f"a LOGIN {address} wrong")
    assert connection.line().startswith("a NO [AUTHENTICATIONFAILED]")
    assert time.monotonic() - begin > 0.5


def test_a_large_message_comes_back_byte_for_byte(server, address):
    octets = letter(1, address) + b"".join(secrets.token_hex(38).encode() + b"\r\n" for _ in range(100_000))
    with connect(server, address) as client:
        ok(client.append("INBOX", None, None, octets))
        ok(client.select("INBOX", readonly=True))
        data = ok(client.fetch("1", "(BODY.PEEK[])"))
        assert data[0][1] == octets
        data = ok(client.fetch("1", "(BODY.PEEK[]<1000000.5000>)"))
        assert data[0][1] == octets[1_000_000:1_005_000]


def test_curl_appends_and_searches(server, address, tmp_path):
    message = tmp_path / "letter"
    message.write_bytes(letter(7, address))
    base = ["curl", "-sSk", "--user", f"{address}:{PASSWORD}"]
    url = f"imaps://{server.address}:{server.imaps}/INBOX"
    subprocess.run([*base, "-T", message, url], check=True, timeout=60, capture_output=True)
    found = subprocess.run([*base, f"{url}?SUBJECT%20Letter"], check=True, timeout=60, capture_output=True)
    assert found.stdout.strip() == b"* SEARCH 1"


def letter_with_files(address, subject, *files):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "stranger@elsewhere.test", address, subject
    message.set_content("See the files.")
    for name, kind, octets in files:
        message.add_attachment(octets, maintype="application", subtype=kind, filename=name)
    return message.as_bytes(policy=SMTP)


def test_attached_files_are_searched(server, address):
    bomb = office.zipped({"word/document.xml": "<w:p>" + "x" * 100_000_000})
    letters_sent = [
        letter_with_files(address, "hostile", ("bomb.docx", "octet-stream", bomb), ("no.pdf", "pdf", b"%PDF-1.4\n/Root 1 0 R"),
                          ("no.odt", "octet-stream", b"PK\3\4 and no archive")),
        letter_with_files(address, "invoice", ("i.pdf", "pdf", office.pdf("Invoice 4711 of May", "東京タワーの請求書は二", "枚あります"))),
        letter_with_files(address, "offer", ("o.docx", "octet-stream", office.docx("Our offer of Juli", "御見積書")),
                          ("o.odt", "vnd.oasis.opendocument.text", office.odt("Anhang über Äpfel"))),
        letter(4, address)]
    with connect(server, address) as client:
        for octets in letters_sent:
            ok(client.append("INBOX", None, None, octets))
        ok(client.select("INBOX"))

        def found(key, text):
            client.literal = text.encode()
            return ok(client.uid("SEARCH", "CHARSET", "UTF-8", key))[0].split()

        wait_until(lambda: found("BODY", "Äpfel") == [b"3"], "the text of attached files")
        assert found("TEXT", "invoice 4711") == [b"2"]
        assert found("BODY", "請求書は二枚") == [b"2"], "across the end of a line"
        assert found("BODY", "見積") == [b"3"]
        assert found("BODY", "offer of juli") == [b"3"]
        assert found("BODY", "see the files") == [b"1", b"2", b"3"]
        assert found("SUBJECT", "4711") == [] == found("BODY", "juli 御見積書 anhang")
    assert server.json("index", "status", address)["accounts"][0]["attachments_waiting"] == 0

    def children(pid):
        return pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()

    maker, = children(server.process.child.pid)
    helper, = children(maker)
    assert children(helper) == [], "the process of a file is gone when it is read"
    # Three that lead nowhere; what it is given pipes through, or two pipes.
    for process, files in ((maker, 4), (helper, 5)):
        status = pathlib.Path(f"/proc/{process}/status").read_text()
        assert re.search(r"^NoNewPrivs:\t1$", status, re.M) and re.search(r"^Seccomp:\t2$", status, re.M)
        assert len(list(pathlib.Path(f"/proc/{process}/fd").iterdir())) == files


def test_garbage_does_not_disturb_others(server, address, lines):
    quiet = lines()
    login(quiet, address)
    with socket.create_connection((server.address, server.imap), timeout=30) as noise:
        try:
            noise.sendall(secrets.token_bytes(200_000))
            while noise.recv(65536):
                pass
        except OSError:
            pass  # the server may cut it off at any point
    quiet.command("NOOP")


def memory_kib(process):
    text = pathlib.Path(f"/proc/{process}/smaps_rollup").read_text()
    return int(re.search(r"^Rss:\s+(\d+)", text, re.M).group(1))


def test_idle_connections_are_small_and_all_hear_of_mail(tmp_path):
    """The aim is 40 KiB for a connection over TLS in IDLE, everything in the process counted."""
    settings = {"limits.connections_per_address": "1000"}
    server = Tegami(tmp_path / "idle", "example.test", next_address(), settings).init().start()
    try:
        server.add_account("alice@example.test", PASSWORD)

        def idle():
            connection = Lines(server, server.imaps, secure=True)
            login(connection, "alice@example.test")
            connection.command("SELECT INBOX")
            connection.say("i IDLE")
            assert connection.line().startswith("+")
            return connection

        connections = [idle() for _ in range(50)]  # what is needed once is not counted
        before = memory_kib(server.process.child.pid)
        connections += [idle() for _ in range(300)]
        assert (memory_kib(server.process.child.pid) - before) / 300 < 40
        with smtplib.SMTP(server.address, server.smtp, timeout=30) as client:
            client.sendmail("stranger@elsewhere.test", ["alice@example.test"], letter(1, "alice@example.test"))
        for connection in connections:
            assert connection.line() == "* 1 EXISTS"
            connection.close()
    finally:
        assert server.stop() == 0, server.process.log()


def test_dates_are_told_in_the_zone_of_the_server_or_of_the_client(tmp_path, monkeypatch):
    """RFC 9051 §2.3.3: what is delivered has the server's zone, what is appended the one that came with it."""
    monkeypatch.setenv("TZ", "JST-9")
    server = Tegami(tmp_path / "zone", "example.test", next_address()).init().start()
    try:
        server.add_account("alice@example.test", PASSWORD)
        client = connect(server, "alice@example.test")
        with smtplib.SMTP(server.address, server.smtp, timeout=30) as sender:
            sender.sendmail("stranger@elsewhere.test", ["alice@example.test"], letter(1, "alice@example.test"))
        ok(client.append("INBOX", None, '"01-Mar-2025 00:30:00 -0330"', b"Subject: x\r\n\r\nx\r\n"))
        ok(client.select("INBOX"))
        dates = [line.decode() for line in ok(client.fetch("1:2", "INTERNALDATE"))]
        assert "+0900" in dates[0] and "1-Mar-2025 00:30:00 -0330" in dates[1]
        assert ok(client.search(None, "ON", "1-Mar-2025")) == [b"2"]
        client.logout()
    finally:
        assert server.stop() == 0, server.process.log()


@pytest.mark.parametrize("octets", [b"Subject: x\n\nbody\n", b"Subject: x\r\rbody\r", b"Subject: x\r\n\r\n.body", b"Subject: x\r\r\n\r\r\nbody\r\n"])
def test_sizes_said_are_sizes_sent(server, address, octets):
    """RFC 1939 §11, RFC 9051 §2.3.4: whatever line ends a message came with."""
    client = Lines(server, server.imaps, secure=True)
    login(client, address)
    client.socket.sendall(b"t APPEND INBOX {%d+}\r\n%s\r\n" % (len(octets), octets))
    assert client.line().startswith("t OK")
    client.command("EXAMINE INBOX")
    [said] = client.command("FETCH 1 RFC822.SIZE")
    client.close()
    pop = poplib.POP3_SSL(server.address, server.pop3s, context=server.trust(), timeout=30)
    pop.user(address)
    pop.pass_(PASSWORD)
    _, lines, _ = pop.retr(1)
    size = sum(len(line) + 2 for line in lines)
    assert pop.list(1).split()[-1] == b"%d" % size and said == f"* 1 FETCH (RFC822.SIZE {size})"
    assert lines[:2] == [b"Subject: x", b""]
    pop.quit()
