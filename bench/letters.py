#!/usr/bin/python3
"""Letters as people get them, and an IMAP client that brings and asks as fast as a server takes it.

Usage: bench/letters.py COUNT (prints so many letters, each behind a line with its size, for bench/append_many.cpp)
"""
import base64
import random
import socket
import ssl
import sys

from peers import PASSWORD

DOMAIN = "example.test"
USER = f"user@{DOMAIN}"
PIPELINED = 200  # appends under way at once
LINE = 2000  # octets of the longest tagged answer
WORDS = """meeting invoice report schedule budget contract delivery shipment payment account project release server network
update review question answer proposal draft version summary weekly monthly customer supplier order number attached please
thanks regards tomorrow morning afternoon office travel flight hotel booking conference paper results analysis figures team
manager director engineer design test build deploy issue ticket request approval change plan risk cost price quote offer
会議 資料 確認 報告 予定 見積 注文 納品 請求 契約 担当 連絡 東京 大阪 社長 部長 電話 変更 返信 添付""".split()


class Messages:
    """The same sequence for every server: conversations, several charsets, plain, HTML and attachments; about 20 KB each."""

    def __init__(self, count):
        self.count = count
        self.random = random.Random(1)
        self.people = [(f"{self.random.choice(WORDS).title()} {self.random.choice(WORDS).title()}", f"person{n}@host{n % 97}.example")
                       for n in range(500)]
        self.threads = []

    def __iter__(self):
        for number in range(self.count):
            yield self.make(number)

    def words(self, count):
        return " ".join(self.random.choices(WORDS, k=count))

    def header(self, number):
        pick = self.random
        if self.threads and pick.random() < 0.6:
            subject, references = pick.choice(self.threads[-300:])
            subject = "Re: " + subject
        else:
            subject, references = self.words(pick.randint(2, 7)), []
            self.threads.append((subject, references))
        name, address = pick.choice(self.people)
        to = ", ".join(f"{name} <{address}>" for name, address in pick.sample(self.people, pick.randint(1, 4)) if name.isascii())
        own = f"<{number}.{pick.getrandbits(48):x}@host.example>"
        lines = [f"Received: from host{number % 97}.example (host{number % 97}.example [192.0.2.{number % 250}])",
                 f"\tby mail.{DOMAIN} with ESMTPS id {pick.getrandbits(40):x};", "\tMon, 1 Jun 2026 12:00:00 +0000",
                 f"From: {name if name.isascii() else 'Someone'} <{address}>", f"To: {to or USER}",
                 "Subject: " + (subject if subject.isascii() else "=?UTF-8?B?" + encoded(subject) + "?="),
                 f"Date: {1 + number % 28} Jun {2006 + number * 20 // self.count} {number % 24:02}:{number % 60:02}:00 +0900",
                 f"Message-ID: {own}"]
        if references:
            lines += [f"In-Reply-To: {references[-1]}", "References: " + "\r\n ".join(references[-10:])]
        references.append(own)
        return lines + ["MIME-Version: 1.0"]

    def make(self, number):
        pick = self.random
        text = "\r\n".join(self.words(12) for _ in range(pick.randint(5, 120)))
        if number % 5 == 0:
            charset, octets = "iso-2022-jp", text.encode("iso-2022-jp", "replace")
        else:
            charset, octets = "utf-8", text.encode()
        head = "\r\n".join(self.header(number))
        kind = number % 4
        if kind < 2:
            return f"{head}\r\nContent-Type: text/plain; charset={charset}\r\n\r\n".encode() + octets + b"\r\n"
        plain = f"--b1\r\nContent-Type: text/plain; charset={charset}\r\n\r\n".encode() + octets
        if kind == 2:
            other = "\r\n--b1\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><body><p>" + \
                    "</p>\r\n<p>".join(text.split("\r\n")) + "</p></body></html>"
            return f"{head}\r\nContent-Type: multipart/alternative; boundary=b1\r\n\r\n".encode() + plain + other.encode() + b"\r\n--b1--\r\n"
        data = encoded(pick.randbytes(pick.randint(5000, 60000)))
        other = "\r\n--b1\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + \
                "\r\n".join(data[at:at + 76] for at in range(0, len(data), 76))
        return f"{head}\r\nContent-Type: multipart/mixed; boundary=b1\r\n\r\n".encode() + plain + other.encode() + b"\r\n--b1--\r\n"


def encoded(octets):
    return base64.b64encode(octets.encode() if isinstance(octets, str) else octets).decode()


def dial(address, port):
    trust = ssl.create_default_context()
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    stream = trust.wrap_socket(socket.create_connection((address, port)))
    stream.recv(4096)
    return stream


class Client:
    def __init__(self, server, account=USER):
        self.stream = dial(server.address, server.imaps)
        self.buffer = bytearray(1 << 20)
        self.number = 0
        self.received = 0
        self.command(f'LOGIN "{account}" "{PASSWORD}"')

    def send(self, octets):
        self.number += 1
        tag = f"t{self.number} ".encode()
        self.stream.sendall(tag + octets)
        return tag

    def wait(self, tag):
        """Reads to the end of the answer; its last part."""
        last = b""
        while True:
            size = self.stream.recv_into(self.buffer)
            if not size:
                raise RuntimeError("the server closed the connection")
            self.received += size
            last = (last + bytes(self.buffer[max(0, size - LINE):size]))[-LINE:]
            at = last.rfind(b"\n", 0, -1) + 1
            if last.endswith(b"\n") and last[at:].startswith(tag):
                if not last[at:].startswith(tag + b"OK"):
                    raise RuntimeError(last[at:].decode(errors="replace"))
                return last

    def command(self, text):
        return self.wait(self.send(text.encode() + b"\r\n"))

    def fill(self, messages):
        waiting = []
        for message in messages:
            waiting.append(self.send(b"APPEND INBOX {%d+}\r\n" % len(message) + message + b"\r\n"))
            if len(waiting) == PIPELINED:
                self.wait(waiting[-1])
                waiting.clear()
        if waiting:
            self.wait(waiting[-1])


if __name__ == "__main__":
    for letter in Messages(int(sys.argv[1])):
        sys.stdout.buffer.write(b"%d\n" % len(letter) + letter)
