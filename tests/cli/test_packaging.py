"""What the package brings is as closed as it says; scripts/package --check installs it in a fresh Debian."""
import configparser
import re
import shutil
import subprocess

from support.processes import ROOT

UNIT = ROOT / "packaging/debian/tegami.service"
CLOSED = {
    "ProtectSystem": "strict", "ProtectHome": "yes", "PrivateTmp": "yes", "PrivateDevices": "yes", "NoNewPrivileges": "yes",
    "ProtectKernelModules": "yes", "ProtectKernelTunables": "yes", "ProtectKernelLogs": "yes", "ProtectControlGroups": "yes",
    "ProtectClock": "yes", "ProtectHostname": "yes", "ProtectProc": "invisible", "RestrictNamespaces": "yes",
    "RestrictSUIDSGID": "yes", "RestrictRealtime": "yes", "LockPersonality": "yes", "MemoryDenyWriteExecute": "yes",
    "SystemCallArchitectures": "native", "UMask": "0077", "User": "tegami", "StateDirectoryMode": "0700",
    "AmbientCapabilities": "CAP_NET_BIND_SERVICE", "CapabilityBoundingSet": "CAP_NET_BIND_SERVICE",
    "RestrictAddressFamilies": "AF_UNIX AF_INET AF_INET6 AF_NETLINK",
}


def test_the_unit_is_closed():
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str
    unit.read(UNIT)
    assert {key: unit["Service"].get(key) for key in CLOSED} == CLOSED
    text = UNIT.read_text()
    assert "SystemCallFilter=@system-service\n" in text
    # Without these two a flood of hashes holds up everybody (decision 20), and nothing in the log says so.
    assert re.search(r"^SystemCallFilter=(?!~).*\bsetpriority sched_setattr\b", text, re.M)
    # Debian 12 has no @sandbox: without these calls the server cannot confine itself. NoExecPaths leaves one program.
    assert "SystemCallFilter=landlock_create_ruleset landlock_add_rule landlock_restrict_self seccomp\n" in text
    started = [line.split("=")[1].split() for line in text.splitlines() if line.startswith("Exec") and "Paths" not in line]
    assert {words[0].lstrip("+-") for words in started} == {"/usr/bin/tegami"}
    # Root does one thing, and that before the server is there.
    assert [words[1] for words in started if "+" in words[0]] == ["limit-service"]
    if shutil.which("systemd-analyze"):
        said = subprocess.run(["systemd-analyze", "security", "--offline=true", str(UNIT)], capture_output=True, text=True)
        assert float(re.search(r"exposure level for tegami.service: ([\d.]+)", said.stdout)[1]) < 2.0, said


def test_the_apparmor_profile_is_one():
    """The kernel need not know AppArmor: the parser says whether it would take it."""
    said = subprocess.run(["/usr/sbin/apparmor_parser", "--skip-kernel-load", "--skip-cache", str(ROOT / "packaging/apparmor/usr.bin.tegami")],
                          capture_output=True, text=True)
    assert said.returncode == 0, said.stderr


def test_an_installation_touches_no_configuration_and_no_mail():
    debian = {path.name: path.read_text() for path in UNIT.parent.iterdir() if path.is_file()}
    assert not any("tegami.toml" in text for name, text in debian.items() if name.endswith((".install", ".dirs")))
    assert not re.search(r"\brm\b|chown -R|> */etc", debian["tegami.postinst"])
    assert "tegami.postrm" not in debian
