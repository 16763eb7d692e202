"""An IMAP client that keeps every line it is told: the rounds need what was acknowledged, no more and no less."""
import re
import socket


class Refused(Exception):
    """The server answered NO or BAD."""


class Imap:
    def __init__(self, address, port, user, password):
        self.socket = socket.create_connection((address, port), timeout=60)
        self.file = self.socket.makefile("rb")
        self.count = 0
        self.line()
        self.command(f'LOGIN {user} "{password}"')

    def close(self):
        self.file.close()
        self.socket.close()

    def line(self):
        """One response: its text and its literals."""
        text, literals = b"", []
        while True:
            part = self.file.readline()
            if not part.endswith(b"\r\n"):
                raise ConnectionError("the server is gone")
            found = re.search(rb"\{(\d+)\}\r\n$", part)
            text += part[: found.start()] if found else part[:-2]
            if not found:
                return text, literals
            octets = self.file.read(int(found[1]))
            if len(octets) < int(found[1]):
                raise ConnectionError("the server is gone")
            literals.append(octets)

    def command(self, text, octets=None):
        """Sends a command, with a literal at its end if given, and returns the untagged responses and the last line."""
        self.count += 1
        tag = f"t{self.count}".encode()
        if octets is None:
            self.socket.sendall(tag + b" " + text.encode() + b"\r\n")
        else:
            self.socket.sendall(tag + b" " + text.encode() + b" {%d}\r\n" % len(octets))
            answer, _ = self.line()
            while answer.startswith(b"* "):
                answer, _ = self.line()
            if not answer.startswith(b"+"):
                raise Refused(f"{text}: {answer.decode()}")
            self.socket.sendall(octets + b"\r\n")
        untagged = []
        while True:
            answer, literals = self.line()
            if not answer.startswith(tag + b" "):
                untagged.append((answer, literals))
                continue
            if not answer.startswith(tag + b" OK"):
                raise Refused(f"{text}: {answer.decode()}")
            return untagged, answer

    def select(self, mailbox, verb="SELECT"):
        """UIDVALIDITY and UIDNEXT."""
        untagged, _ = self.command(f"{verb} {mailbox}")
        text = b"\n".join(answer for answer, _ in untagged)
        return tuple(int(re.search(rb"\[%s (\d+)\]" % name, text)[1]) for name in (b"UIDVALIDITY", b"UIDNEXT"))

    def fetch(self, uids, items):
        """{uid: (flags, literal)}; \\Recent is no flag of the message."""
        found = {}
        untagged, _ = self.command(f"UID FETCH {uids} ({items})")
        for answer, literals in untagged:
            one = read_fetch(answer)
            if one and literals:
                found[one[0]] = (one[1], literals[0])
        return found


def read_fetch(answer):
    """(uid, flags or None) of a FETCH response with a UID, or None."""
    uid = re.match(rb"\* \d+ FETCH \(.*\bUID (\d+)", answer)
    if not uid:
        return None
    flags = re.search(rb"FLAGS \(([^)]*)\)", answer)
    return int(uid[1]), frozenset(flags[1].decode().split()) - {"\\Recent"} if flags else None


def read_set(text):
    """The numbers of a UID set."""
    numbers = []
    for part in text.split(b","):
        first, _, last = part.partition(b":")
        numbers += range(int(first), int(last or first) + 1)
    return numbers
