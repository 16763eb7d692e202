"""A mail server that misbehaves on purpose: a small SMTP receiver whose answers a test replaces."""
import contextlib
import socket
import threading


class Hangup(Exception):
    """Raised by an answer: the connection ends without another word."""


class Session:
    """One connection. `verb` methods of the peer get it and the line; they return the reply, as text or octets."""

    def __init__(self, connection):
        self.secure = False
        self.speak_over(connection)
        self.sender = ""
        self.recipients = []

    def speak_over(self, connection):
        self.connection = connection
        self.file = connection.makefile("rb")

    def send(self, text):
        """Text, or octets as they are."""
        self.connection.sendall((text if isinstance(text, bytes) else text.encode()) + b"\r\n")

    def read_message(self):
        lines = []
        while (line := self.file.readline()) != b".\r\n":
            if not line:
                raise Hangup
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)


class Peer:
    """`answers` maps a verb ("RCPT", "end" for the end of DATA, …) to a function of (peer, session, line).

    With `tls`, a context of ssl, which a test may replace, the peer offers STARTTLS."""

    def __init__(self, address, port, tls=None, **answers):
        self.answers = answers
        self.tls = tls
        self.messages = []  # (recipients, octets), only what was acknowledged
        self.refused = []
        self.lines = []
        self.connections = 0
        self.listener = socket.create_server((address, port))
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(10)

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        connection.settimeout(60)
        with connection, contextlib.suppress(Hangup, OSError):
            session = Session(connection)
            session.send("220 peer.test ESMTP")
            while line := session.file.readline():
                text = line.decode("utf-8", "replace").strip()
                self.lines.append(text)
                session.send(self.answer(session, text.split(" ")[0].upper(), text))
                if text.upper() == "STARTTLS" and self.tls:
                    session.speak_over(self.tls.wrap_socket(session.connection, server_side=True))
                    session.secure = True
                if text.upper() == "QUIT":
                    return

    def answer(self, session, verb, line):
        if verb in self.answers:
            return self.answers[verb](self, session, line)
        return self.usual(session, verb, line)

    def usual(self, session, verb, line):
        if verb == "EHLO":
            offers = "250-STARTTLS\r\n" if self.tls and not session.secure else ""
            return f"250-peer.test\r\n{offers}250 8BITMIME"
        if verb == "STARTTLS":
            return "220 go"
        if verb == "MAIL":
            session.sender, session.recipients = line, []
        elif verb == "RCPT":
            session.recipients.append(line.split("<")[1].split(">")[0])
        elif verb == "DATA":
            session.send("354 go on")
            octets = session.read_message()
            reply = self.answer(session, "end", octets)
            (self.messages if reply.startswith("2") else self.refused).append((session.recipients, octets))
            return reply
        return "250 fine"
