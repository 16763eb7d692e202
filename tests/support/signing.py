"""DKIM signatures (RFC 6376, 8463) with a key of the test's own."""
import base64
import hashlib
import subprocess


class Signer:
    """Signs for a domain with Ed25519; `record` is what its DNS has at s1._domainkey."""

    def __init__(self, folder, domain):
        self.folder = folder
        self.domain = domain
        self.key = folder / "dkim.pem"
        self.openssl("genpkey", "-algorithm", "ed25519", "-out", self.key)
        public = self.openssl("pkey", "-in", self.key, "-pubout", "-outform", "DER")[-32:]
        self.record = "v=DKIM1; k=ed25519; p=" + base64.b64encode(public).decode()

    @staticmethod
    def openssl(*arguments):
        return subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=60).stdout

    def sign(self, letter):
        """The letter with its signature in front; its From is signed, and its body as it is."""
        header, body = letter.split(b"\r\n\r\n", 1)
        sender = next(line for line in header.split(b"\r\n") if line.lower().startswith(b"from:"))
        digest = base64.b64encode(hashlib.sha256(body.rstrip(b"\r\n") + b"\r\n").digest()).decode()
        field = (f"DKIM-Signature: v=1; a=ed25519-sha256; c=simple/simple; d={self.domain}; s=s1; h=from; bh={digest}; b="
                 ).encode()
        hashed = self.folder / "hashed"
        hashed.write_bytes(hashlib.sha256(sender + b"\r\n" + field).digest())
        signature = self.openssl("pkeyutl", "-sign", "-rawin", "-inkey", self.key, "-in", hashed)
        return field + base64.b64encode(signature) + b"\r\n" + letter
