"""A client of WebSocket (RFC 6455) as small as it can be: whole messages of text, pings, and the end."""
import base64
import os
import struct

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class WebSocket:
    """On a connection of http.client, which is its own from then on."""

    def __init__(self, connection, path, subprotocol, headers):
        key = base64.b64encode(os.urandom(16)).decode()
        connection.connect()
        self.socket = connection.sock
        fields = {"Host": connection.host, "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
                  "Sec-WebSocket-Key": key, "Sec-WebSocket-Protocol": subprotocol, **headers}
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
        self.socket.sendall("\r\n".join(lines).encode())
        self.stream = self.socket.makefile("rb")
        self.status = int(self.stream.readline().split()[1])
        while self.stream.readline().strip():
            pass

    def __enter__(self):
        assert self.status == 101, self.status
        return self

    def __exit__(self, *_):
        self.stream.close()
        self.socket.close()

    def send(self, text):
        self._send(TEXT, text.encode())

    def receive(self):
        """The next message."""
        kind, payload = self._receive()
        assert kind == TEXT, (kind, payload)
        return payload.decode()

    def ping(self, payload):
        """What comes back."""
        self._send(PING, payload)
        kind, answer = self._receive()
        assert kind == PONG, (kind, answer)
        return answer

    def close(self, code):
        """The code that the other side ends with."""
        self._send(CLOSE, struct.pack(">H", code))
        kind, payload = self._receive()
        assert kind == CLOSE, (kind, payload)
        return struct.unpack(">H", payload[:2])[0]

    def _send(self, kind, payload):
        mask = os.urandom(4)
        masked = bytes(octet ^ mask[at % 4] for at, octet in enumerate(payload))
        size = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + struct.pack(">H", len(payload))
        self.socket.sendall(bytes([0x80 | kind]) + size + mask + masked)

    def _receive(self):
        first, size = self.stream.read(2)
        if size == 126:
            size, = struct.unpack(">H", self.stream.read(2))
        elif size == 127:
            size, = struct.unpack(">Q", self.stream.read(8))
        assert first & 0x80, "a message in parts"
        return first & 0x0f, self.stream.read(size)
