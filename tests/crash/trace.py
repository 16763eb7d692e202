"""Reads what layer.cpp wrote down."""
import dataclasses
import enum
import struct

_HEADER = struct.Struct("<IIQQqQ")


class Kind(enum.IntEnum):
    DONE = 1
    OPEN = 2
    WRITE = 3
    TRUNCATE = 4
    SYNC = 5
    MAKE_DIRECTORY = 6
    RENAME = 7
    REMOVE = 8


@dataclasses.dataclass
class Operation:
    """`began` and `done` are places in the trace, so they say what came first; no `done`: under way at the end."""

    kind: Kind
    began: int
    number: int  # its own
    file: int  # the operation that opened the file
    argument: int  # open: flags; write: offset; truncate: size
    paths: list
    octets: bytes
    done: int | None = None
    result: int | None = None

    @property
    def failed(self):
        return self.result is not None and self.result < 0


def read(path):
    """The operations in the order in which they began. A record that a kill tore is the last one and did not count."""
    octets = path.read_bytes() if path.exists() else b""  # killed before the layer was there
    operations = {}
    at = 0
    place = 0
    while at + _HEADER.size <= len(octets):
        kind, path_bytes, number, file, argument, data_bytes = _HEADER.unpack_from(octets, at)
        end = at + _HEADER.size + path_bytes + data_bytes
        if end > len(octets):
            break
        place += 1
        names = octets[at + _HEADER.size : at + _HEADER.size + path_bytes].decode()
        data = octets[end - data_bytes : end]
        if kind == Kind.DONE:
            operations[number].done = place
            operations[number].result = argument
        else:
            operations[number] = Operation(Kind(kind), place, number, file, argument, names.split("\0"), data)
        at = end
    return list(operations.values())
