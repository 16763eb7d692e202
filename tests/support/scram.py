"""Submission with SCRAM-SHA-256 (RFC 5802, RFC 7677), written from the client's side of the standard."""
import base64
import hashlib
import hmac
import secrets
import smtplib


class Scram:
    def __init__(self, user, password, binding_type=None, binding=b""):
        self.user, self.password = user, password
        self.gs2 = f"p={binding_type},," if binding_type else "n,,"
        self.binding = binding
        self.first_bare = f"n={user},r={secrets.token_urlsafe(18)}"

    def first(self):
        return (self.gs2 + self.first_bare).encode()

    def final(self, server_first):
        fields = dict(item.split("=", 1) for item in server_first.decode().split(","))
        salted = hashlib.pbkdf2_hmac("sha256", self.password.encode(), base64.b64decode(fields["s"]), int(fields["i"]))
        channel = base64.b64encode(self.gs2.encode() + self.binding).decode()
        without_proof = f"c={channel},r={fields['r']}"
        auth = f"{self.first_bare},{server_first.decode()},{without_proof}".encode()
        client_key = hmac.digest(salted, b"Client Key", "sha256")
        signature = hmac.digest(hashlib.sha256(client_key).digest(), auth, "sha256")
        proof = bytes(a ^ b for a, b in zip(client_key, signature))
        self.server_signature = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), auth, "sha256")
        return f"{without_proof},p={base64.b64encode(proof).decode()}".encode()

    def check(self, server_final):
        assert base64.b64decode(server_final.decode().removeprefix("v=")) == self.server_signature


def authenticate(client, user, password):
    """Logs in on an smtplib connection."""
    scram = Scram(user, password)
    code, text = client.docmd("AUTH", "SCRAM-SHA-256 " + base64.b64encode(scram.first()).decode())
    assert code == 334, text
    code, text = client.docmd(base64.b64encode(scram.final(base64.b64decode(text))).decode())
    assert code == 334, text
    scram.check(base64.b64decode(text))
    code, text = client.docmd("")
    assert code == 235, text


def submit_with_scram(server, user, password, recipient, octets):
    with smtplib.SMTP_SSL(server.address, server.submissions, context=server.trust(), timeout=30) as client:
        client.ehlo()
        authenticate(client, user, password)
        client.sendmail(user, [recipient], octets)
