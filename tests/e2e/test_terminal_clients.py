"""Mail programs of the terminal, told where the server is and nothing of how to log in: they read a letter by IMAP, and mutt and
NeoMutt send one by submission."""
import os
import pty
import select
import signal
import subprocess

import pytest
from conftest import PASSWORD
from support.clients import ImapClient
from support.processes import Failed, wait_until

ALICE, BOB = "alice@example.test", "bob@example.test"


class Terminal:
    """A program on a terminal of its own: what it has drawn so far, and keys for it."""

    def __init__(self, arguments, folder):
        self.screen = b""
        self.process_id, self.terminal = pty.fork()
        if self.process_id == 0:
            os.chdir(folder)
            os.execve(arguments[0], list(map(str, arguments)),
                      {"HOME": str(folder), "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "TERM": "vt100", "USER": "alice"})

    def read(self):
        while select.select([self.terminal], [], [], 0)[0]:
            try:
                octets = os.read(self.terminal, 65536)
            except OSError:
                return
            self.screen += octets
            if not octets:
                return

    def wait(self, *words):
        """Until one of the words has been drawn."""

        def drawn():
            self.read()
            return any(word.encode() in self.screen for word in words)

        try:
            wait_until(drawn, f"{words} on the terminal", seconds=20)
        except Failed as late:
            raise AssertionError(f"{late}\n{self.screen.decode(errors='replace')}") from None
        return self

    def type(self, keys):
        self.screen = b""
        os.write(self.terminal, keys.encode())
        return self

    def wait_for_end(self):
        wait_until(lambda: self.read() or os.waitid(os.P_PID, self.process_id, os.WEXITED | os.WNOHANG | os.WNOWAIT),
                   "the program to end", seconds=10)

    def close(self):
        def has_ended():
            self.read()
            return os.waitpid(self.process_id, os.WNOHANG)[0]

        os.kill(self.process_id, signal.SIGHUP)
        try:
            wait_until(has_ended, "the program to end", seconds=5)
        except Failed:
            os.kill(self.process_id, signal.SIGKILL)
            os.waitpid(self.process_id, 0)
        os.close(self.terminal)


@pytest.fixture
def terminal(tmp_path):
    opened = []

    def open_terminal(arguments):
        opened.append(Terminal(arguments, tmp_path))
        return opened[-1]

    yield open_terminal
    for one in opened:
        one.close()


def private(path, text):
    path.write_text(text)
    path.chmod(0o600)
    return path


def mutt_settings(server, path):
    """What anybody must write: the server, the name, the password and the certificate to trust."""
    return private(
        path,
        f'set folder="imaps://alice%40example.test@{server.address}:{server.imaps}/"\nset spoolfile="+INBOX"\nset imap_pass="{PASSWORD}"\n'
        f'set smtp_url="smtps://alice%40example.test@{server.address}:{server.submissions}/"\nset smtp_pass="{PASSWORD}"\n'
        f'set from="{ALICE}"\nset certificate_file="{server.certificate()}"\nset ssl_verify_host=no\n'
        f'set copy=no\nset wait_key=no\nset quit=yes\nset sort=reverse-mailbox-order\n',
    )


def deliver(server, subject):
    with ImapClient(server.address, server.imaps, server.trust()) as client:
        client.login(ALICE, PASSWORD)
        client.append("INBOX", None, None, f"From: {BOB}\r\nTo: {ALICE}\r\nSubject: {subject}\r\n\r\nUme blossoms.\r\n".encode())


@pytest.mark.parametrize("program", ["/usr/bin/mutt", "/usr/bin/neomutt"])
def test_mutt_and_neomutt_read_and_send_as_they_come(server, tmp_path, terminal, program):
    subject = f"plum {os.path.basename(program)}"
    deliver(server, subject)
    settings = mutt_settings(server, tmp_path / "rc")
    terminal([program, "-n", "-F", settings]).wait(subject).type("\r").wait("Ume blossoms.").type("q")
    done = subprocess.run([program, "-n", "-F", settings, "-s", f"sent by {subject}", "--", BOB], input=b"hello\n",
                          capture_output=True, timeout=60, env={"HOME": str(tmp_path), "LC_ALL": "C.UTF-8", "TERM": "dumb",
                                                                "PATH": "/usr/bin:/bin"})
    assert done.returncode == 0, done.stdout + done.stderr
    with ImapClient(server.address, server.imaps, server.trust()) as client:
        client.login(BOB, PASSWORD)

        def found():
            client.select("INBOX")
            return client.search(None, "SUBJECT", f'"sent by {subject}"')[1][0].split()

        wait_until(found, f"the letter of {program}")


def test_neomutt_comes_back_with_qresync(server, tmp_path, terminal):
    """It keeps the headers, and the next time asks only for what has changed (RFC 7162)."""
    (tmp_path / "cache").mkdir()
    settings = mutt_settings(server, tmp_path / "rc")
    with open(settings, "a", encoding="utf-8") as file:
        file.write(f'set header_cache="{tmp_path}/cache"\nset imap_condstore=yes\nset imap_qresync=yes\n')
    for subject in ("damson one", "damson two"):
        deliver(server, subject)
    terminal(["/usr/bin/neomutt", "-n", "-F", settings]).wait("damson one").wait("damson two").type("q").wait_for_end()
    with ImapClient(server.address, server.imaps, server.trust()) as client:
        client.login(ALICE, PASSWORD)
        client.select("INBOX")
        client.store(client.search(None, "SUBJECT", '"damson one"')[1][0].decode(), "+FLAGS", "\\Deleted")
        client.expunge()
    deliver(server, "damson three")
    again = terminal(["/usr/bin/neomutt", "-n", "-F", settings]).wait("damson three").wait("damson two")
    assert b"damson one" not in again.screen


def test_alpine_reads_a_letter(server, tmp_path, terminal):
    deliver(server, "plum alpine")
    private(tmp_path / ".pinerc",
            f"inbox-path={{{server.address}:{server.imaps}/ssl/novalidate-cert/user={ALICE}}}INBOX\n"
            "feature-list=enable-suspend\nlast-version-used=9.99\n")
    alpine = terminal(["/usr/bin/alpine", "-p", tmp_path / ".pinerc", "-i"])
    alpine.wait("PASSWORD").type(PASSWORD + "\r").wait("[Yes]").type("n")  # whether to keep the password on disk
    alpine.wait("plum alpine").type("\r").wait("Ume blossoms.")
