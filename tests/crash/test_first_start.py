"""A power cut right after `tegami init`, after an account was added, and after the first letter was acknowledged: what
was done stays done, though every folder on the way is new."""
import random
import subprocess

import pytest
from conftest import PASSWORD, next_address
from support import letters, post
from support.seeds import new_seeds

from crash.power_cut import Disk
from crash.rounds import LayeredTegami, build


class NewMachine(LayeredTegami):
    """`init` makes the server's folder on a disk of its own; every command runs on the layer."""

    def __init__(self, disk, *arguments):
        self.disk = Disk(disk)
        super().__init__(disk / "server", *arguments)

    root = property(lambda self: self.disk.root)

    def command(self, *arguments, stdin=None):
        trace = self.root.parent / "trace"
        trace.unlink(missing_ok=True)
        done = subprocess.run([*self.layered(trace), *map(str, arguments)], input=stdin, capture_output=True, text=True,
                              timeout=60)
        self.disk.replay(trace)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def machine(tmp_path):
    build()
    (tmp_path / "disk").mkdir()
    server = NewMachine(tmp_path / "disk", "a.test", next_address())
    yield server
    if server.process:
        server.kill()


@pytest.mark.parametrize(("mood", "seed"), [("nothing", 0)] + [("something", seed) for seed in new_seeds("first start", 4)])
def test_the_first_steps_survive_a_power_cut(machine, mood, seed):
    chance = random.Random(seed)
    machine.command("init", machine.folder, "--domain", "a.test", "--listen", machine.address, "--port-offset",
                    machine.offset)
    machine.disk.cut_power(chance, mood)
    assert "a.test" in machine.command("domain", "list", "--config", machine.config)

    machine.command("account", "add", "alice@a.test", "--password-stdin", "--config", machine.config,
                    stdin=PASSWORD + "\n")
    machine.disk.cut_power(chance, mood)
    assert "alice@a.test" in machine.command("account", "list", "--config", machine.config)

    machine.start()
    body = "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=900)) + "\r\n"
    octets, token = letters.plain("bob@b.test", "alice@a.test", body=body * 30)
    post.deliver(machine, "bob@b.test", ["alice@a.test"], octets)
    machine.kill()
    machine.disk.replay(machine.trace)
    machine.disk.cut_power(chance, mood)

    machine.start()
    found = post.messages(machine, "alice@a.test", PASSWORD)
    assert [letters.without_trace(one) for one in found] == [octets]
