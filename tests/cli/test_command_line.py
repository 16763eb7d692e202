"""The command line through the real program: without a server (the store is opened directly) and with one.

Which program: TEGAMI, or the release build.
"""
import http.server
import json
import os
import pathlib
import re
import signal
import socket
import socketserver
import stat
import subprocess
import threading
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("TEGAMI", ROOT / "build/release/src/app/tegami"))


def tegami(*arguments, stdin="", environment=None):
    return subprocess.run(
        [str(PROGRAM), *map(str, arguments)], input=stdin, capture_output=True, text=True, timeout=120,
        env={**os.environ, **(environment or {})}, start_new_session=True,
    )


class Folder:
    """A folder that `tegami init` has made, and commands on it."""

    def __init__(self, path, offset):
        self.path = path
        self.config = path / "tegami.toml"
        made = tegami("init", path, "--domain", "a.test", "--listen", "127.0.0.1", "--port-offset", offset)
        assert made.returncode == 0, made.stderr
        assert str(self.config) in made.stdout

    def __call__(self, *arguments, stdin=""):
        return tegami(*arguments, "--config", self.config, stdin=stdin)

    def done(self, *arguments, stdin=""):
        result = self(*arguments, stdin=stdin)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def json(self, *arguments):
        return json.loads(self.done(*arguments, "--json"))

    def fails(self, status, *arguments, stdin=""):
        """The one line that a failing command complains with."""
        result = self(*arguments, stdin=stdin)
        assert result.returncode == status, result
        lines = result.stderr.splitlines()
        assert len(lines) == 1, lines
        return lines[0]


def free_offset():
    """A port offset at which the default ports are free."""
    for offset in range(31000, 60000, 1100):
        try:
            for port in (25, 110, 143, 443, 465, 587, 993, 995):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port + offset))
            return offset
        except OSError:
            continue
    pytest.fail("no free ports")


# Of the word "password".
SHA512_CRYPT = "$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/"


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path / "mail", free_offset())


@pytest.fixture(params=["stopped", "running"])
def either(folder, request):
    """The same commands must give the same answers with and without a server."""
    if request.param == "stopped":
        yield folder
        return
    server = subprocess.Popen([str(PROGRAM), "serve", "--config", str(folder.config)], stderr=subprocess.PIPE)
    path = folder.path / "data/admin.sock"
    deadline = time.monotonic() + 30
    while not path.exists():
        assert server.poll() is None, server.stderr.read()
        assert time.monotonic() < deadline, "the server does not come up"
        time.sleep(0.02)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    yield folder
    server.send_signal(signal.SIGTERM)
    assert server.wait(30) == 0
    assert not path.exists()


def test_init_writes_once(folder):
    assert stat.S_IMODE((folder.path / "data").stat().st_mode) == 0o700
    again = tegami("init", folder.path, "--domain", "a.test")
    assert again.returncode == 1
    assert "exists" in again.stderr
    assert folder.done("check-config").strip().endswith("no faults")
    assert [domain["name"] for domain in folder.json("domain", "list")["domains"]] == ["a.test"]


def test_init_takes_a_folder_by_its_name_alone(tmp_path):
    made = subprocess.run([str(PROGRAM), "init", "mail", "--domain", "a.test"], cwd=tmp_path, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "mail/tegami.toml").exists()


@pytest.mark.parametrize("arguments", [
    ("init", "x", "--domain", "not a domain"), ("init", "x", "--domain", "a.test", "--listen", "localhost"),
    ("init", "x", "--domain", "a.test", "--port-offset", "65000"), ("init", "x"), ("init",), (), ("frobnicate",),
    ("account",), ("account", "frobnicate"), ("account", "add"), ("domain", "list", "extra"), ("trace", "x", "--lang", "xx"),
])
def test_wrong_use_is_one_line_and_status_2(arguments, tmp_path):
    result = subprocess.run([str(PROGRAM), *arguments], capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert result.returncode == 2, result
    assert len(result.stderr.splitlines()) == 1
    assert result.stderr.startswith("tegami: ")
    assert result.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_help_is_everywhere_with_examples():
    families = {
        "domain": ("add", "list", "show", "set", "remove"),
        "account": ("add", "list", "show", "set", "password", "remove", "undelete", "import"),
        "alias": ("add", "list", "remove"), "queue": ("list", "show", "retry", "remove"), "backup": ("list", "verify"),
        "dns": ("records", "check"), "dkim": ("list", "rotate", "check"),
    }
    commands = [()] + [(name,) for name in ("init", "serve", "check-config", "trace", "check-message", "reload", "verify",
                                              "restore", *families)]
    commands += [(family, verb) for family, verbs in families.items() for verb in verbs]
    document = (ROOT / "docs/cli.md").read_text()
    for words in commands:
        result = tegami(*words, "--help")
        assert result.returncode == 0, words
        assert "Example" in result.stdout, words
        assert words == () or "`tegami " + " ".join(words) in document, words
        for option in re.findall(r"--[a-z-]+", result.stdout.split("Example")[0]):
            assert option in document, (words, option)


def test_reference_is_made_of_the_help():
    """The manual and the completions know every command that the help knows; docs/cli.md names each."""
    manual = tegami("man").stdout
    shells = {shell: tegami("completion", shell).stdout for shell in ("bash", "zsh", "fish")}
    document = (ROOT / "docs/cli.md").read_text()
    waiting, seen = [()], set()
    while waiting:
        words = waiting.pop()
        listed = re.search(r"^Subcommands:\n((?:  .*\n?)+)", tegami(*words, "--help").stdout, re.M)
        for name in re.findall(r"^  ([a-z-]+)", listed[1] if listed else "", re.M):
            waiting.append((*words, name))
        command = " ".join(words)
        seen.add(command)
        if command:
            assert f'"tegami {command}'.replace("-", "\\-") in manual, command
            assert f"' {command}')" in shells["bash"] and f"' {command}')" in shells["zsh"], command
            assert f"'__tegami_at {' '.join(words[:-1])}' -a {words[-1]} " in shells["fish"], command
            assert f"tegami {command}" in document, command
    assert {"serve", "account add", "man", "completion"} <= seen
    assert subprocess.run(["bash", "-n"], input=shells["bash"], text=True).returncode == 0


def test_version():
    result = tegami("--version")
    assert result.returncode == 0
    assert re.fullmatch(r"tegami \d+\.\d+\.\d+\n", result.stdout)


def test_domains(either):
    assert either.done("domain", "add", "B.test") == \
        "domain b.test added\ntegami dns records b.test shows what to publish in the DNS\n"
    assert either.fails(1, "domain", "add", "b.test") == "tegami: the domain b.test exists already"
    either.done("domain", "add", "例え.jp", "--catch-all", "x@elsewhere.test")
    domains = {domain["name"]: domain for domain in either.json("domain", "list")["domains"]}
    assert sorted(domains) == ["a.test", "b.test", "xn--r8jz45g.jp"]
    assert domains["xn--r8jz45g.jp"]["catch_all"] == "x@elsewhere.test"
    assert "例え.jp" in either.done("domain", "list")
    either.done("domain", "remove", "b.test")
    assert either.fails(1, "domain", "remove", "b.test") == "tegami: there is no domain b.test"


def test_accounts(either):
    assert either.done("account", "add", "anna@a.test", "--password-stdin", "--quota", "2GiB", stdin="correct horse\n") \
        == "account anna@a.test added\n"
    made = either.done("account", "add", "bo@a.test", "--generate")
    assert re.search(r"^password: [a-z2-9]{5}(-[a-z2-9]{5}){3}$", made, re.M)
    assert either.fails(1, "account", "add", "ANNA@a.test", "--generate") == \
        "tegami: the account ANNA@a.test exists already"
    assert "is not a mail address" in either.fails(2, "account", "add", "anna", "--generate")
    assert "tegami domain add" in either.fails(1, "account", "add", "x@b.test", "--generate")
    assert "--quota" in either.fails(2, "account", "add", "x@a.test", "--generate", "--quota", "much")
    assert "no terminal" in either.fails(2, "account", "add", "x@a.test")
    assert "empty" in either.fails(2, "account", "add", "x@a.test", "--password-stdin", stdin="\n")
    accounts = either.json("account", "list")["accounts"]
    assert [(one["address"], one["quota_bytes"]) for one in accounts] == [("anna@a.test", 2 << 30), ("bo@a.test", 0)]
    assert "quota 2GiB" in either.done("account", "list", "--domain", "a.test")
    either.done("account", "password", "bo@a.test", "--password-stdin", stdin="new and long\n")
    assert "removed" in either.done("account", "remove", "bo@a.test")
    assert either.fails(1, "account", "remove", "bo@a.test") == "tegami: there is no account bo@a.test"


def test_account_and_domain_settings(either):
    either.done("account", "add", "anna@a.test", "--generate")
    either.done("account", "set", "anna@a.test", "--quota", "1GiB", "--disable")
    shown = either.json("account", "show", "anna@a.test")
    assert (shown["quota_bytes"], shown["enabled"], shown["used_bytes"], shown["messages"]) == (1 << 30, False, 0, 0)
    assert "disabled" in either.done("account", "list")
    either.done("account", "set", "anna@a.test", "--enable", "--no-quota")
    shown = either.json("account", "show", "anna@a.test")
    assert (shown["quota_bytes"], shown["enabled"]) == (0, True)
    either.done("domain", "set", "a.test", "--catch-all", "anna@a.test")
    assert either.json("domain", "show", "a.test")["catch_all"] == "anna@a.test"
    either.done("domain", "set", "a.test", "--no-catch-all")
    shown = either.json("domain", "show", "a.test")
    assert (shown["catch_all"], shown["accounts"], shown["aliases"]) == (None, 1, 0)


def test_a_byte_order_mark_is_no_part_of_a_password(either):
    def hint(password):
        return either("account", "password", "anna@a.test", "--password-stdin", stdin=password).stderr

    either.done("account", "add", "anna@a.test", "--generate")
    assert "guessed first" in hint("\ufeffpassword\r\n")
    assert hint("\ufeffcorrect horse\n") == ""
    assert "too short: it needs 8 characters" in hint("\ufeff1234567\n")


def as_another_user(folder, *arguments):
    """The same command as somebody who may not look into the folder; only root can play that."""
    return subprocess.run([str(PROGRAM), *arguments, "--config", str(folder.config)], capture_output=True, text=True,
                          timeout=60, user=65534, group=65534, extra_groups=[])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_denied_permission_names_the_owner(folder):
    folder.path.parent.chmod(0o755)
    for parent in folder.path.parents:
        if str(parent).startswith("/tmp/"):
            parent.chmod(0o755)
    for denied, names in ((folder.path, str(folder.path)), (folder.config, str(folder.config)),
                          (folder.path / "data", str(folder.path / "data"))):
        folder.path.chmod(0o755)
        folder.config.chmod(0o644)
        denied.chmod(0o700 if denied.is_dir() else 0o600)
        result = as_another_user(folder, "domain", "list")
        assert result.returncode == 1
        assert "permission denied" in result.stderr.lower() and f"{names} belongs to root" in result.stderr, result


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_root_leaves_no_files_in_the_folder_of_another_user(folder):
    data = folder.path / "data"
    for path in (data, *data.rglob("*")):
        os.chown(path, 65534, 65534)
    # The server becomes that user, who may not look into the folder of this test.
    assert f"the data directory {data} cannot be made: Permission denied" in folder("serve").stderr
    for command in (("domain", "list"), ("repair",), ("verify",), ("downgrade",)):
        assert f"the data directory {data} belongs to nobody: run this as that user" in folder(*command).stderr, command
    assert {path.stat().st_uid for path in data.rglob("*")} == {65534}


def test_addresses_of_all_kinds(either):
    addresses = ["a/b@a.test", "~user/example@a.test", "a#b%c@a.test", "x&y=z?@a.test", "o'neil@a.test", "élodie@a.test"]
    entries = "".join(f"{address} pass word $HOME \"quoted\" 'é'\n" for address in addresses)
    assert either("account", "import", "-", stdin=entries).stdout == "6 of 6 accounts added\n"
    assert {one["address"] for one in either.json("account", "list")["accounts"]} == set(addresses)
    for address in addresses[2:4]:
        assert either.json("account", "show", address)["address"] == address
    assert "erased" in either.done("account", "remove", addresses[1], "--now")
    assert either.done("alias", "add", '"two words"@a.test', "x&y=z?@a.test") == 'alias "two words"@a.test added: x&y=z?@a.test\n'


def test_import(either, tmp_path, request):
    # With a server, more than one request and one answer hold. A password costs a hash, another server's hash nothing.
    count = 505 if "running" in request.node.name else 25
    lines = [f"user{number}@a.test password-{number}" for number in range(20)]
    lines += [f"user{number}@a.test:{SHA512_CRYPT}" for number in range(20, count)]
    lines[3:3] = ["", "# a comment", "not-an-address a good one", "user1@a.test twice over", "no-password@a.test"]
    file = tmp_path / "accounts.txt"
    file.write_text("\n".join(lines) + "\n")
    result = either("account", "import", file)
    assert result.returncode == 1
    assert result.stdout.splitlines()[0] == f"{count} of {count + 3} accounts added"
    assert [line.split(": ")[1] for line in result.stderr.splitlines()] == [f"{file}:{number}" for number in (6, 7, 8)]
    assert len(either.json("account", "list")["accounts"]) == count
    again = either("account", "import", "-", stdin="user505@a.test a good one\n")
    assert (again.returncode, again.stdout) == (0, "1 of 1 account added\n")


def test_hashes_of_other_servers(folder):
    lines = """alice@a.test:{SSHA}BURj9VEnLgXpS3i9cllAre3f2RvNXv5a:1000:1000::/home/alice::
bob:$1$wkN.9gPT$1v7/3cHA6wz8XfKHxhsl8.:19000:0:99999:7:::
carol:!:19000:0:99999:7:::
dave@a.test {PLAIN}$6$ is no hash
erin@a.test $2y$31$CDlUz1pZ.L8wcitMdhdy7eb.RYyTTk9YXuOnvPsWrYTL/zCl7EJrC
"""
    result = folder("account", "import", "-", "--domain", "a.test", stdin=lines)
    assert result.returncode == 1
    assert result.stdout.splitlines()[0] == "3 of 5 accounts added" and result.stdout.splitlines()[1].startswith("2 with")
    complaints = result.stderr.splitlines()
    assert [line.split(": ")[1] for line in complaints] == ["-:3", "-:2", "-:5"]
    assert "no password" in complaints[0] and "(MD5-CRYPT) is weak" in complaints[1] and "cost 31" in complaints[2]
    assert [one["foreign_hash"] for one in folder.json("account", "list")["accounts"]] == ["SSHA", "MD5-CRYPT", None]
    folder.done("account", "password", "dave@a.test", "--hash-stdin", stdin="{SHA}Zg2Q2FGl/N6DDfmUQk52fkOe8AM=\n")
    assert "(SHA)" in folder.done("account", "show", "dave@a.test")


def test_japanese(folder):
    def japanese(*arguments):
        result = tegami(*arguments, "--config", folder.config, environment={"LC_ALL": "ja_JP.UTF-8"})
        return result.stdout + result.stderr

    assert japanese("domain", "add", "b.test").startswith("ドメイン b.test を追加しました\n")
    assert japanese("account", "show", "nobody@a.test") == "tegami: アカウント nobody@a.test はありません\n"
    assert "list のことでしょうか？" in japanese("domain", "lst")
    records = japanese("dns", "records", "a.test").splitlines()
    assert [line for line in records if line.startswith("  ") and line.isascii()] == [], "server_words.cpp lacks these"
    help_text = japanese("account", "add", "--help")
    assert "アカウントを追加します" in help_text and "使い方" in help_text and "Options" not in help_text
    assert "\\fB" in japanese("man") and "Add a domain" in japanese("man")


def test_aliases(either):
    either.done("account", "add", "anna@a.test", "--generate")
    either.done("alias", "add", "sales@a.test", "anna@a.test", "bo@elsewhere.test")
    assert either.json("alias", "list")["aliases"] == [
        {"address": "sales@a.test", "targets": ["anna@a.test", "bo@elsewhere.test"]}
    ]
    assert "nobody@a.test" in either.fails(1, "alias", "add", "typo@a.test", "nobody@a.test")
    either.done("alias", "remove", "sales@a.test")
    assert either.json("alias", "list")["aliases"] == []


def test_queue_trace_settings_and_verify_of_an_empty_server(either):
    assert either.json("queue", "list")["entries"] == []
    assert "there is no letter 7 in the queue" in either.fails(1, "queue", "show", 7)
    assert "there is no letter 7 in the queue" in either.fails(1, "queue", "retry", 7)
    assert "--all" in either.fails(2, "queue", "remove")
    assert either.done("queue", "retry", "--all") == ""
    assert "--destination" in either.fails(2, "queue", "hold")
    assert "there is no letter 7 in the queue" in either.fails(1, "queue", "bounce", 7)
    either.done("queue", "hold", "--destination", "b.test", "--reason", "their disk is full")
    assert "their disk is full" in either.done("queue", "list")
    assert [each["destination"] for each in either.json("queue", "list")["destinations_on_hold"]] == ["b.test"]
    either.done("queue", "release", "--destination", "b.test")
    assert "b.test is not on hold" in either.fails(1, "queue", "release", "--destination", "b.test")
    assert "nothing is known" in either.fails(1, "trace", "anna@a.test")
    either.done("account", "add", "anna@a.test", "--generate")
    assert either.json("verify", "--blobs")["sound"] is True
    assert "sound" in either.done("verify")
    file = either.config
    before = file.read_text()
    assert "must be a time from" in either.fails(2, "settings", "set", "queue.expiry", "soon")
    assert file.read_text() == before
    either.done("settings", "set", "queue.expiry", "6d")
    after = file.read_text()
    assert 'expiry = "6d"' in after and len(after.splitlines()) == len(before.splitlines())
    assert [(each["key"], each["value"]) for each in either.json("settings", "show", "queue.expiry")["settings"]] == [("queue.expiry", '"6d"')]
    assert "there is no such key" in either.fails(2, "settings", "set", "queue.nothing", "1")
    file.write_text(before)


class QueueThatMoves(http.server.BaseHTTPRequestHandler):
    """What a server answers whose only letter is delivered after the list was asked for."""

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        there = self.path == "/queue/list"
        body = json.dumps({"entries": [{"id": "7"}]} if there else {"error": "there is no letter 7 in the queue"}).encode()
        self.send_response(200 if there else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self):
        return "local"

    def log_message(self, *_):
        pass


def test_a_letter_that_left_the_queue_meanwhile_is_not_missing_from_all(folder):
    path = folder.path / "data/admin.sock"
    with socketserver.UnixStreamServer(str(path), QueueThatMoves) as server:
        answering = threading.Thread(target=server.serve_forever)
        answering.start()
        try:
            assert folder.done("queue", "retry", "--all") == ""
            assert folder.done("queue", "remove", "--all") == ""
            assert "there is no letter 7" in folder.fails(1, "queue", "retry", 7)
        finally:
            server.shutdown()
            answering.join()


@pytest.mark.parametrize("command", ["reload", "restart", "status"])
def test_what_needs_a_server_says_so(folder, command):
    assert "no server runs" in folder.fails(1, command)


def test_a_certificate_that_clients_refuse_is_told_everywhere(folder):
    certificate, key = folder.path / "other.pem", folder.path / "other-key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3",
                    "-subj", "/CN=other.test", "-addext", "subjectAltName=DNS:other.test", "-keyout", str(key),
                    "-out", str(certificate)], check=True, capture_output=True)
    text = folder.config.read_text()
    named = text.replace("#certificate = ", f'certificate = "{certificate}" #').replace("#key = ", f'key = "{key}" #')
    ends = re.compile(re.escape(f"the certificate {certificate} ends on ") + r"\d{4}-\d\d-\d\d \d\d:\d\d UTC")
    other = f"the certificate {certificate} is for other.test, not for mail.a.test (host_name): mail programs that connect to " \
        "that name refuse it"

    folder.config.write_text(named)
    checked = folder("check-config")
    assert checked.returncode == 0 and "no faults" in checked.stdout
    first, second = checked.stderr.splitlines()
    assert first.startswith("tegami: warning: ") and ends.search(first) and second == f"tegami: warning: {other}"

    folder.config.write_text(text)
    server = subprocess.Popen([str(PROGRAM), "serve", "--config", str(folder.config)], stderr=subprocess.PIPE, text=True)
    try:
        while not (folder.path / "data/admin.sock").exists():
            assert server.poll() is None, server.stderr.read()
            time.sleep(0.02)
        folder.config.write_text(named)
        assert folder.json("reload")["warnings"][1] == other
        assert f"tegami: warning: {other}" in folder("reload").stderr
        key.unlink()
        refused = folder("reload")
        assert refused.returncode == 1
        assert f"the private key {key} cannot be read: No such file or directory" in refused.stderr
    finally:
        server.terminate()
        log = server.communicate(timeout=60)[1]
    assert other in log


def test_a_reload_says_what_waits_for_a_restart(folder):
    server = subprocess.Popen([str(PROGRAM), "serve", "--config", str(folder.config)], stderr=subprocess.PIPE)
    try:
        while not (folder.path / "data/admin.sock").exists():
            assert server.poll() is None, server.stderr.read()
            time.sleep(0.02)
        text = folder.config.read_text()
        folder.config.write_text(text.replace("recipients = 1000", "recipients = 200").replace("mail.a.test", "mx.a.test"))
        outcome = folder.json("reload")
        assert outcome == {"applied": ["limits"], "restart": ["host_name"], "warnings": [], "problems": []}
        folder.config.write_text(text.replace("recipients = 1000", "recipients = many"))
        result = folder("reload")
        assert result.returncode == 1
    finally:
        server.terminate()
        assert server.wait(30) == 0


def test_configuration_faults_name_file_line_and_key(folder):
    text = folder.config.read_text()
    folder.config.write_text("hostname = 1\n" + text.replace('expiry = "5d"', 'expiry = "5 days"'))
    result = folder("check-config")
    assert result.returncode == 1
    lines = result.stderr.splitlines()
    assert len(lines) == 2
    assert lines[0] == f"tegami: {folder.config}:1: hostname: there is no such key; did you mean host_name?"
    assert re.search(r":\d+: queue.expiry: must be a time", lines[1])
    assert folder("serve").returncode == 1


def test_configuration_is_found_by_environment(folder):
    result = tegami("domain", "list", environment={"TEGAMI_CONFIG": str(folder.config)})
    assert (result.returncode, result.stdout.strip()) == (0, "a.test")


def test_a_missing_configuration_says_what_to_do(tmp_path):
    result = tegami("domain", "list", "--config", tmp_path / "none.toml")
    assert result.returncode == 1
    assert "tegami init" in result.stderr
