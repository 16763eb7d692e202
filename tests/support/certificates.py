"""Certificates that a test needs, made with the openssl program."""
import base64
import hashlib
import pathlib
import ssl
import subprocess


def _openssl(*arguments):
    return subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=30).stdout


class Authority:
    """Signs certificates; `path` is its own one, in PEM."""

    def __init__(self, folder, name="Test authority"):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.path, self.key = self.folder / "ca.pem", self.folder / "ca.key"
        _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 3,
                 "-subj", f"/CN={name}", "-keyout", self.key, "-out", self.path)
        self.count = 0

    def issue(self, *names):
        """A new key with a certificate for these names, and addresses such as `IP:127.0.0.1`."""
        self.count += 1
        base = self.folder / f"{self.count}"
        extensions = base.with_suffix(".ext")
        extensions.write_text("subjectAltName=" + ",".join(name if ":" in name else f"DNS:{name}" for name in names) + "\n")
        _openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=server",
                 "-keyout", base.with_suffix(".key"), "-out", base.with_suffix(".csr"))
        _openssl("x509", "-req", "-in", base.with_suffix(".csr"), "-CA", self.path, "-CAkey", self.key, "-days", 2,
                 "-set_serial", 100 + self.count, "-extfile", extensions, "-out", base.with_suffix(".pem"))
        return Certificate(base.with_suffix(".pem"), base.with_suffix(".key"), self.path)


class Certificate:
    def __init__(self, path, key, authority):
        self.path, self.key = path, key
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(path, key)
        self.authority = authority

    def tlsa(self):
        """A TLSA record for the key alone: DANE-EE(3) SPKI(1) SHA2-256(1)."""
        body = _openssl("x509", "-in", self.path, "-noout", "-pubkey").decode().split("-----")[2]
        return "3 1 1 " + hashlib.sha256(base64.b64decode(body)).hexdigest()
