"""Every command in Japanese: whoever has a Japanese locale reads no English sentence, but for what is English everywhere."""
import re
import subprocess

import pytest

from conftest import PASSWORD, next_address
from support.nsd import Nsd
from support.tegami import PROGRAM, Tegami

ANNA, BO = "anna@a.test", "bo@a.test"
# What each command is tried with, in this order; {} is a folder for files. Those that tell much are tried with --help as well.
TRIED = [
    ["check-config"], ["domain add", "b.test"], ["domain list"], ["domain show", "b.test"], ["domain set", "b.test", "--mta-sts", "enforce"],
    ["account add", ANNA, "--generate"], ["account add", BO, "--generate"], ["account list"], ["account show", ANNA],
    ["account set", ANNA, "--quota", "1GiB"], ["account password", BO, "--generate"], ["account settings", ANNA],
    ["account app-password add", ANNA, "phone"], ["account app-password list", ANNA], ["account app-password remove", ANNA, "x"],
    ["account second-factor show", ANNA], ["account second-factor reset", ANNA], ["account second-factor require", ANNA], ["account second-factor free", ANNA],
    ["account import", "{}/accounts"], ["alias add", "sales@a.test", ANNA], ["alias list"], ["alias remove", "sales@a.test"],
    ["import", ANNA, "{}/letter.eml"], ["export", ANNA, "{}/out"], ["account undelete", ANNA, "--list"], ["trace", ANNA],
    ["queue list"], ["queue show", "7"], ["queue retry", "7"], ["queue hold", "--destination", "c.test"], ["queue release", "7"], ["queue bounce", "7"],
    ["queue remove", "7"], ["settings show"], ["settings set", "queue.expiry", "6d"], ["index status"], ["index rebuild", "--all"],
    ["backup", "{}/backup"], ["backup list", "{}/backup"], ["backup verify", "{}/backup"], ["restore", "{}/backup", "--account", ANNA],
    ["status"], ["doctor"], ["dns records", "a.test", "--address", "203.0.113.9"], ["dns check", "a.test", "--address", "203.0.113.9"],
    ["dns publish", "a.test"], ["dkim list"], ["dkim check"], ["dkim rotate", "a.test"], ["dmarc reports"], ["tls reports"],
    ["certificate status"], ["certificate renew"], ["ban list"], ["ban remove", "--all"],
    ["session list", ANNA], ["session end", ANNA, "--all"], ["account role", ANNA, "--set", "administrator"], ["audit"], ["verify"], ["reload"], ["restart"], ["limit-service"],
    ["check-message"], ["repair"], ["downgrade"], ["account remove", BO, "--now"], ["domain remove", "b.test"],
    ["init", "{}/mail", "--domain", "c.test"], ["setup", "{}/server", "--yes", "--domain", "c.test", "--account", "cleo"],
]
ENGLISH_EVERYWHERE = {"serve", "man", "completion"}  # a log and a reference; completion's names are nobody's sentences
LETTER = "From: Anna <anna@a.test>\r\nMessage-ID: <1@a.test>\r\nSubject: 1\r\n\r\n1\r\n"
# Commands to type, records of the DNS, and reasons of the system and of the libraries below us.
NO_SENTENCE = re.compile(r"tegami [a-z-]+( [a-z-]+)*|systemctl [a-z -]+tegami|v=[^ ]+( [^ ]+=[^ ]+)*|[\w.-]+\. \d+ IN .*|No such file or directory")
SENTENCE = re.compile(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("japanese")
    dns = next_address()
    nsd = Nsd(folder / "dns", {"a.test": []}, dns).start()
    resolver = f"{dns}:{nsd.port}"
    server = Tegami(folder / "a", "a.test", next_address(), {"resolver.mode": '"servers"', "resolver.servers": f'["{resolver}"]'})
    server.init().start()
    (folder / "accounts").write_text(f"cara@a.test {PASSWORD}\nno-address {PASSWORD}\n")
    (folder / "letter.eml").write_text(LETTER)
    of_setup = ["--listen", server.address, "--port-offset", "21000", "--resolver", resolver, "--address", "203.0.113.9"]

    def tried(words, *more):
        command = words[0].split()
        arguments = [str(PROGRAM), *command, *(word.format(folder) for word in words[1:]), *more]
        arguments += of_setup if command == ["setup"] else ["--config", str(server.config)]
        done = subprocess.run(arguments, input=LETTER, capture_output=True, text=True, timeout=60, env={"LC_ALL": "ja_JP.UTF-8"})
        return done.stdout + done.stderr

    yield tried
    server.stop()
    nsd.stop()


def english_in(text):
    return [line for line in text.splitlines() if SENTENCE.search(NO_SENTENCE.sub("", line))]


def test_no_command_is_left_out():
    shell = subprocess.run([str(PROGRAM), "completion", "bash"], capture_output=True, text=True).stdout
    named = set(re.findall(r"^ +' ([a-z -]+)'\) offered='[^']*' names=", shell, re.M))
    leaves = {name for name in named if " --" not in name and not any(other.startswith(name + " ") for other in named)} | {"backup"}
    assert leaves - {words[0] for words in TRIED} == ENGLISH_EVERYWHERE


def test_every_command_speaks_japanese(run):
    english = {" ".join(words): lines for words in TRIED if (lines := english_in(run(words)))}
    assert not english, "\n".join(f"{command}: {line}" for command, lines in english.items() for line in lines)


def test_every_help_is_japanese(run):
    for words in (["setup"], ["account add"], ["ban remove"], ["completion"]):
        assert english_in(run(words[:1], "--help").split("例：")[0]) == [], words
