"""Python's own mail clients, with the lines on the wire kept so that they can be shown."""
import email
import email.policy
import imaplib
import poplib
import re
import smtplib


def wire_lines(wire):
    """Lines as "C: …" and "S: …" without secrets: what follows AUTH, LOGIN and PASS is hidden."""
    shown = []
    asked = False
    for side, text in wire:
        text = text.rstrip("\r\n")
        if side == "C" and asked:
            text = "…"
        elif side == "C":
            text = re.sub(r"^(AUTH \S+|PASS)\s.*", r"\1 …", text)
            text = re.sub(r"^(\w+ LOGIN \S+)\s.*", r"\1 …", text)
        asked = side == "S" and text.startswith("334")
        if len(text) > 110:
            text = text[:109] + "…"
        shown.append(f"{side}: {text}")
    return shown


class SmtpClient(smtplib.SMTP):
    """Submission on the STARTTLS port; without a TLS context, in the clear and from the address `source`."""

    def __init__(self, host, port, context=None, source=""):
        self.wire = []
        super().__init__(host, port, local_hostname="laptop.a.test", timeout=30, source_address=(source, 0))
        if context:
            self.starttls(context=context)
        self.ehlo()

    def send(self, s):
        text = s if isinstance(s, str) else s.decode("utf-8", "replace")
        self.wire += [("C", line) for line in text.splitlines() or [""]]
        super().send(s)

    def getreply(self):
        code, text = super().getreply()
        lines = text.decode("utf-8", "replace").split("\n")
        self.wire += [("S", f"{code}{' ' if line is lines[-1] else '-'}{line}") for line in lines]
        return code, text

    def try_login(self, user, password):
        try:
            self.login(user, password)
            return True
        except smtplib.SMTPAuthenticationError:
            return False

    def try_sendmail(self, sender, recipients, text):
        try:
            self.sendmail(sender, recipients, text)
            return True
        except smtplib.SMTPDataError:
            return False


class ImapClient(imaplib.IMAP4_SSL):
    def __init__(self, host, port, context):
        self.wire = []
        self.exists = 0
        super().__init__(host, port, ssl_context=context, timeout=30)

    def send(self, data):
        self.wire += [("C", line) for line in data.decode("utf-8", "replace").splitlines()]
        super().send(data)

    def readline(self):
        line = super().readline()
        self.wire.append(("S", line.decode("utf-8", "replace")))
        return line

    def read(self, size):
        octets = super().read(size)
        self.wire += [("S", line) for line in octets.decode("utf-8", "replace").splitlines()]
        return octets

    def select(self, mailbox="INBOX", readonly=False):
        status, data = super().select(mailbox, readonly)
        self.exists = int(data[0]) if status == "OK" else 0
        return status == "OK"

    def flags(self, number):
        _, data = self.fetch(str(number), "(FLAGS)")
        return [flag.decode() for flag in imaplib.ParseFlags(data[-1])]

    def fetch_text(self, number):
        """The decoded text of all text parts of a message."""
        _, data = self.fetch(str(number), "(BODY[])")
        message = email.message_from_bytes(data[0][1], policy=email.policy.default)
        parts = [part.get_content() for part in message.walk() if part.get_content_type() == "text/plain"]
        return "\n".join(parts).replace("\r\n", "\n")


class PopClient(poplib.POP3_SSL):
    def __init__(self, host, port, context):
        self.wire = []
        super().__init__(host, port, context=context, timeout=30)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is None:
            self.quit()
        else:
            self.close()

    def _putline(self, line):
        self.wire.append(("C", line.decode("utf-8", "replace")))
        super()._putline(line)

    def _getline(self):
        line, size = super()._getline()
        self.wire.append(("S", line.decode("utf-8", "replace")))
        return line, size

    def login(self, user, password):
        self.user(user)
        self.pass_(password)

    def retrieve(self, number):
        _, lines, _ = self.retr(number)
        return b"\r\n".join(lines) + b"\r\n"

    def delete(self, number):
        self.dele(number)

    def count(self):
        return self.stat()[0]
