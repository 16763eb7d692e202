"""What a power cut leaves of a folder: everything that was synced, and chance's part of the rest.

The model is the weakest that POSIX, ext4 and XFS leave room for:

1. Content is safe when an fsync or fdatasync of its file has returned that began after the write had ended.
2. Of unsynced content each sector of 512 octets holds any of the states it went through since it was last safe, on its
   own: writes are lost, torn and reordered. The file may be longer than what arrived; the gap reads as zeros.
3. A name (made, renamed, removed) is safe when an fsync of its directory has returned; syncing the file is not enough.
   Of the unsynced changes of a directory those before some moment have happened. A rename is one change.
4. sync_file_range and close promise nothing.
5. kill -9 loses nothing, and makes nothing safe either: what the next process finds may still be lost.
"""
import os
import stat

from .trace import Kind, read

SECTOR = 512


class Fault(Exception):
    """The trace does not explain the folder: something wrote behind the layer, and the rounds would prove nothing."""


class Write:
    def __init__(self, offset, octets, done):
        self.offset, self.octets, self.done = offset, octets, done

    def apply(self, content, begin=0, end=None):
        """Writes the part of it that lies in [begin, end)."""
        first = max(self.offset, begin)
        last = self.offset + len(self.octets) if end is None else min(self.offset + len(self.octets), end)
        if first >= last:
            return
        if len(content) < first:
            content.extend(bytes(first - len(content)))
        content[first:last] = self.octets[first - self.offset : last - self.offset]


class Truncate:
    def __init__(self, size, done):
        self.size, self.done = size, done

    def apply(self, content):
        if self.size < len(content):
            del content[self.size :]
        else:
            content.extend(bytes(self.size - len(content)))


class File:
    def __init__(self, content=b""):
        self.current = bytearray(content)
        self.safe = bytearray(content)
        self.pending = []

    def change(self, change):
        change.apply(self.current)
        self.pending.append(change)

    def sync(self, began):
        rest = []
        for change in self.pending:
            # Later changes stay unsafe too if an earlier one is, so that they are applied in order.
            if rest or change.done is None or change.done > began:
                rest.append(change)
            else:
                change.apply(self.safe)
        self.pending = rest

    def settle(self, content):
        self.current = bytearray(content)
        self.safe = bytearray(content)
        self.pending = []

    def cut(self, chance, mood):
        """Goes to what is left; `mood` is "nothing", "everything" or "something" of what was unsafe."""
        if self.pending and mood == "something":
            mood = chance.choice(("nothing", "everything", "prefix", "sectors", "sectors", "sectors"))
        if not self.pending or mood == "nothing":
            self.settle(self.safe)
        elif mood == "everything":
            self.settle(self.current)
        else:
            content = self.safe
            count = chance.randint(1, len(self.pending))
            writes = []
            for change in self.pending[:count] if mood == "prefix" else self.pending:
                if isinstance(change, Truncate):
                    if mood != "prefix" and chance.random() < 0.5:
                        break
                    scatter(content, writes, chance, mood)
                    writes = []
                    change.apply(content)
                else:
                    writes.append(change)
            scatter(content, writes, chance, mood)
            if chance.random() < 0.25 and len(self.current) > len(content):  # the size came, the octets did not
                content.extend(bytes(chance.randint(1, len(self.current) - len(content))))
            self.settle(content)


def scatter(content, writes, chance, mood):
    """Lets parts of the writes arrive: in order up to a place in the last one, or each sector by itself."""
    if not writes:
        return
    if mood == "prefix":
        for write in writes[:-1]:
            write.apply(content)
        last = writes[-1]
        end = last.offset + chance.randint(0, len(last.octets))
        last.apply(content, 0, end - end % SECTOR)
        return
    likely = chance.choice((0.1, 0.5, 0.9))
    touching = {}  # sector → the writes that touch it, in order
    for write in writes:
        for sector in range(write.offset // SECTOR, (write.offset + len(write.octets) - 1) // SECTOR + 1):
            touching.setdefault(sector, []).append(write)
    for sector in sorted(touching):
        if chance.random() < likely:
            for write in touching[sector][: chance.randint(1, len(touching[sector]))]:
                write.apply(content, sector * SECTOR, (sector + 1) * SECTOR)


class Names:
    """A change of names in one directory; None: removed."""

    def __init__(self, names, done):
        self.names, self.done = names, done

    def apply(self, entries):
        for name, node in self.names.items():
            if node is None:
                entries.pop(name, None)
            else:
                entries[name] = node


class Directory:
    def __init__(self, entries=None):
        self.current = dict(entries or {})
        self.safe = dict(entries or {})
        self.pending = []

    def change(self, change):
        change.apply(self.current)
        self.pending.append(change)

    def sync(self, began):
        File.sync(self, began)

    def cut(self, chance, mood):
        count = {"nothing": 0, "everything": len(self.pending)}.get(mood, chance.randint(0, len(self.pending)))
        for change in self.pending[:count]:
            change.apply(self.safe)
        self.pending = []
        self.current = dict(self.safe)
        for name in sorted(self.current):
            self.current[name].cut(chance, mood)


class Disk:
    """The folder below `root`, as it is and as a power cut could leave it. Everything there at first is safe."""

    def __init__(self, root):
        self.root = root
        self.top = adopt(root)
        self.open_files = {}

    # What the program did.

    def replay(self, trace_path):
        """Takes over what a process did until it was killed; the folder must be as it left it."""
        self.open_files = {}
        under_way = []
        for operation in read(trace_path):
            if operation.result is None:
                under_way.append(operation)
            elif not operation.failed:
                self.apply(operation)
        for operation in under_way:
            self.resolve(operation)
        self.open_files = {}
        for node in walk(self.top):
            for change in node.pending:
                change.done = 0
        self.compare()

    def apply(self, operation):
        kind = operation.kind
        if kind == Kind.OPEN:
            self.open(operation)
        elif kind == Kind.WRITE:
            octets = operation.octets[: operation.result]
            self.open_files[operation.file].change(Write(operation.argument, octets, operation.done))
        elif kind == Kind.TRUNCATE:
            self.open_files[operation.file].change(Truncate(operation.argument, operation.done))
        elif kind == Kind.SYNC:
            self.open_files[operation.file].sync(operation.began)
        elif kind == Kind.MAKE_DIRECTORY:
            parent, name = self.place(operation.paths[0])
            parent.change(Names({name: Directory()}, operation.done))
        elif kind == Kind.RENAME:
            parent, name = self.place(operation.paths[0])
            target, target_name = self.place(operation.paths[1])
            if parent is not target:
                raise Fault(f"a rename from one directory to another: {operation.paths}")
            parent.change(Names({target_name: parent.current[name], name: None}, operation.done))
        elif kind == Kind.REMOVE:
            parent, name = self.place(operation.paths[0])
            if name in parent.current:  # else a socket
                parent.change(Names({name: None}, operation.done))

    def open(self, operation):
        flags = operation.argument
        node = self.find(operation.paths[0])
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            node = File()
        elif node is None:
            if not flags & os.O_CREAT:
                raise Fault(f"{operation.paths[0]} was opened and the trace does not know it")
            parent, name = self.place(operation.paths[0])
            node = File()
            parent.change(Names({name: node}, operation.done))
        elif flags & os.O_TRUNC and node.current:
            node.change(Truncate(0, operation.done))
        self.open_files[operation.number] = node

    def resolve(self, operation):
        """An operation that was under way: what of it happened is seen in the folder."""
        if operation.kind in (Kind.WRITE, Kind.TRUNCATE):
            node = self.open_files[operation.file]
            path = self.path_of(node)
            if path is None:
                return
            if operation.kind == Kind.TRUNCATE and path.stat().st_size == operation.argument:
                node.change(Truncate(operation.argument, 0))
            elif operation.kind == Kind.WRITE:
                with path.open("rb") as file:
                    file.seek(operation.argument)
                    octets = file.read(len(operation.octets))
                if octets:
                    node.change(Write(operation.argument, octets, 0))
        elif operation.kind == Kind.OPEN:
            path = operation.paths[0]
            there = os.path.exists(path) and operation.argument & os.O_TMPFILE != os.O_TMPFILE
            if there and self.find(path) is None and operation.argument & os.O_CREAT:
                self.open(operation)
            elif there and operation.argument & os.O_TRUNC and os.path.getsize(path) == 0 and self.find(path).current:
                self.open(operation)
        elif operation.kind == Kind.MAKE_DIRECTORY:
            if os.path.isdir(operation.paths[0]) and self.find(operation.paths[0]) is None:
                self.apply(operation)
        elif operation.kind == Kind.RENAME or operation.kind == Kind.REMOVE:
            if not os.path.lexists(operation.paths[0]) and self.find(operation.paths[0]) is not None:
                self.apply(operation)

    # What is left of it.

    def cut_power(self, chance, mood=None):
        """Makes the folder what a power cut leaves; `mood` as for File.cut, or chance's choice."""
        before = dict(files(self.top, self.root))
        contents = {path: bytes(file.current) for path, file in before.items()}
        mood = mood or chance.choice(("nothing", "something", "something", "something", "something", "everything"))
        lost = sum(len(node.pending) for node in walk(self.top))
        self.top.cut(chance, mood)
        after = dict(files(self.top, self.root))
        for path in before.keys() - after.keys():
            path.unlink()
        make_directories(self.top, self.root)
        for path, file in after.items():
            if contents.get(path) != file.current:
                path.write_bytes(file.current)
                path.chmod(0o600)
        self.compare()
        return mood, lost

    def compare(self):
        """The folder must be what the trace says, octet by octet."""
        expected = dict(files(self.top, self.root))
        found = dict(real_files(self.root))
        if expected.keys() != found.keys():
            raise Fault(f"files differ from the trace: {sorted(map(str, expected.keys() ^ found.keys()))}")
        for path, file in expected.items():
            if path.read_bytes() != file.current:
                raise Fault(f"{path} differs from the trace")

    # Finding things.

    def place(self, path):
        """The directory that a path's last name is in, and that name."""
        names = [name for name in os.path.relpath(path, self.root).split("/") if name != "."]
        node = self.top
        for name in names[:-1]:
            node = node.current[name]
        return node, names[-1] if names else None

    def find(self, path):
        parent, name = self.place(path)
        return parent if name is None else parent.current.get(name)

    def path_of(self, node):
        return next((path for path, file in files(self.top, self.root) if file is node), None)


def adopt(folder):
    entries = {}
    for path in folder.iterdir():
        if path.is_dir():
            entries[path.name] = adopt(path)
        elif path.is_file():
            entries[path.name] = File(path.read_bytes())
    return Directory(entries)


def walk(node):
    """Everything that is reachable, now or after a power cut."""
    seen = {}
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen[id(one)] = one
        if isinstance(one, Directory):
            waiting += one.current.values()
            waiting += one.safe.values()
            waiting += (new for change in one.pending for new in change.names.values() if new is not None)
    return list(seen.values())


def files(directory, path):
    for name, node in directory.current.items():
        if isinstance(node, Directory):
            yield from files(node, path / name)
        else:
            yield path / name, node


def real_files(path):
    for entry in path.iterdir():
        mode = entry.lstat().st_mode
        if stat.S_ISDIR(mode):
            yield from real_files(entry)
        elif stat.S_ISREG(mode):
            yield entry, None


def make_directories(directory, path):
    """Makes the directories that are in the model, and takes away those that are not; they are empty by now."""
    for name, node in directory.current.items():
        if isinstance(node, Directory):
            (path / name).mkdir(mode=0o700, exist_ok=True)
            make_directories(node, path / name)
    for entry in path.iterdir():
        if entry.is_dir() and entry.name not in directory.current:
            remove_tree(entry)


def remove_tree(path):
    for entry in path.iterdir():
        if entry.is_dir():
            remove_tree(entry)
        else:
            entry.unlink()
    path.rmdir()
