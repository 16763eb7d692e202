"""A push service (RFC 8030) together with the browser behind it, which alone can read what is pushed (RFC 8291)."""
import base64
import http.server
import json
import queue
import threading

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SECRET = bytes(range(16))


def encode(octets):
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def derive(secret, salt, info, size):
    return HKDF(hashes.SHA256(), size, salt, info).derive(secret)


def points(key):
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


class PushService:
    """Takes pushes at https://NAME:PORT/; each is a pair of header fields and octets. `status` is what it answers."""

    def __init__(self, address, port, tls):
        self.pushed = queue.Queue()
        self.status = 201
        self.key = ec.generate_private_key(ec.SECP256R1())
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            timeout = 30

            def setup(self):
                self.request = tls.wrap_socket(self.request, server_side=True)
                super().setup()

            def do_POST(self):
                octets = self.rfile.read(int(self.headers["Content-Length"]))
                outer.pushed.put((self.headers, octets))
                self.send_response(outer.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer((address, port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def keys(self):
        return {"p256dh": encode(points(self.key.public_key())), "auth": encode(SECRET)}

    def take(self):
        """The header fields and the object of the next push, read as the browser reads it."""
        fields, octets = self.pushed.get(timeout=30)
        salt, size, body = octets[:16], octets[20], octets[21:]
        assert fields["Content-Encoding"] == "aes128gcm" and size == 65
        sender, sealed = body[:size], body[size:]
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
        secret = derive(shared, SECRET, b"WebPush: info\0" + points(self.key.public_key()) + sender, 32)
        key = derive(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
        text = AESGCM(key).decrypt(derive(secret, salt, b"Content-Encoding: nonce\0", 12), sealed, None)
        assert text.endswith(b"\2")
        return fields, json.loads(text[:-1])


def claims_of(fields, application_server_key):
    """What the field Authorization claims (RFC 8292), signed by whoever has this key."""
    scheme, _, rest = fields["Authorization"].partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    assert scheme == "vapid" and parts["k"] == application_server_key
    signed, _, signature = parts["t"].rpartition(".")
    octets = decode(signature)
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decode(parts["k"]))
    key.verify(utils.encode_dss_signature(int.from_bytes(octets[:32], "big"), int.from_bytes(octets[32:], "big")),
               signed.encode(), ec.ECDSA(hashes.SHA256()))
    header, body = (json.loads(decode(part)) for part in signed.split("."))
    assert header["alg"] == "ES256"
    return body
