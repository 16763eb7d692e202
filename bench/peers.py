"""The servers that benchmarks compare Tegami with: Postfix and Dovecot of Debian, in a folder of their own, on loopback.

Postfix takes mail (port 25 in the clear; submission with TLS and AUTH) and hands it to Dovecot by LMTP, or relays it;
Dovecot keeps it in mdbox and serves IMAP. Both run as Debian ships them, apart from paths, addresses and limits of size.
"""
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

PASSWORD = "load-load-load"
MAIL_USER = "nobody"


def ticks(pid):
    """(processor seconds of the process and of its children that have ended, its parent)"""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK"), int(fields[1])


def processor_seconds(*roots):
    """Of these processes and everything below them."""
    seconds, parents = {}, {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                seconds[int(name)], parents[int(name)] = ticks(name)
            except OSError:
                pass  # it has just ended: its parent has its time

    def below(pid):
        while pid in parents:
            if pid in roots:
                return True
            pid = parents[pid]
        return False

    return sum(time for pid, time in seconds.items() if below(pid))


def wait_until(condition, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("it did not happen in time")
        time.sleep(0.02)


def listens(address, port):
    with socket.socket() as probe:
        return probe.connect_ex((address, port)) == 0


class Dovecot:
    imaps = 20993

    def __init__(self, folder, address, users, certificate, key):
        self.folder = pathlib.Path(folder)
        self.address = address
        self.folder.mkdir(parents=True)
        self.lmtp = self.folder / "lmtp"
        self.auth = self.folder / "auth"
        passwords = self.folder / "passwords"
        passwords.write_text("".join(f"{user}:{{PLAIN}}{PASSWORD}\n" for user in users))
        mail = self.folder / "mail"
        mail.mkdir()
        user = pwd.getpwnam(MAIL_USER)
        os.chown(mail, user.pw_uid, user.pw_gid)
        self.config = self.folder / "dovecot.conf"
        self.config.write_text(f"""
base_dir = {self.folder}/run
state_dir = {self.folder}/state
log_path = {self.folder}/log
protocols = imap lmtp
listen = {address}
ssl = required
ssl_cert = <{certificate}
ssl_key = <{key}
first_valid_uid = 1
mail_location = mdbox:{mail}/%u
passdb {{
  driver = passwd-file
  args = {passwords}
}}
userdb {{
  driver = static
  args = uid={user.pw_uid} gid={user.pw_gid} home={mail}/%u
}}
service imap-login {{
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {self.imaps}
  }}
}}
service lmtp {{
  unix_listener {self.lmtp} {{
    mode = 0666
  }}
}}
service auth {{
  unix_listener {self.auth} {{
    mode = 0666
  }}
}}
""")

    def start(self):
        subprocess.run(["dovecot", "-c", self.config], check=True)
        wait_until(lambda: (self.folder / "run/master.pid").exists() and listens(self.address, self.imaps))
        self.pid = int((self.folder / "run/master.pid").read_text())
        return self

    def stop(self):
        subprocess.run(["dovecot", "-c", self.config, "stop"], check=True)


class Postfix:
    smtp = 20025
    submission = 20587

    def __init__(self, folder, address, domain, dovecot, certificate, key, relay=None):
        """Mail for `domain` goes to `dovecot`; all other mail to the host and port `relay`."""
        self.folder = pathlib.Path(folder)
        self.address = address
        self.domain = domain
        self.config = self.folder / "etc"
        self.queue = self.folder / "queue"
        self.data = self.folder / "data"
        for made in (self.config, self.queue, self.data):
            made.mkdir(parents=True)
        shutil.chown(self.data, "postfix")
        shutil.copy("/etc/postfix/dynamicmaps.cf", self.config) if os.path.exists("/etc/postfix/dynamicmaps.cf") else None
        (self.config / "main.cf").write_text(f"""
compatibility_level = 3.6
queue_directory = {self.queue}
data_directory = {self.data}
maillog_file = {self.folder}/log
maillog_file_prefixes = {self.folder}
myhostname = mail.{domain}
mydestination =
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
virtual_mailbox_domains = {domain}
virtual_mailbox_maps = static:here
virtual_transport = lmtp:unix:{dovecot.lmtp}
message_size_limit = 104857600
smtpd_client_connection_count_limit = 0
smtp_dns_support_level = disabled
{f"relayhost = [{relay[0]}]:{relay[1]}" if relay else ""}
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_sasl_type = dovecot
smtpd_sasl_path = {dovecot.auth}
""")
        shipped = pathlib.Path("/usr/share/postfix/master.cf.dist").read_text()
        lines = [line.rstrip() for line in shipped.splitlines() if line and not line.startswith(("#", " "))]
        services = []
        for line in lines:
            fields = line.split()
            if fields[:2] == ["smtp", "inet"]:
                continue
            fields[4] = "n"  # no chroot: the sockets are elsewhere
            services.append(" ".join(fields))
        services.append(f"{address}:{self.smtp} inet n - n - - smtpd")
        services.append(f"{address}:{self.submission} inet n - n - - smtpd -o smtpd_tls_security_level=encrypt "
                        "-o smtpd_sasl_auth_enable=yes -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject")
        if not any(service.startswith("postlog ") for service in services):
            services.append("postlog unix-dgram n - n - 1 postlogd")
        (self.config / "master.cf").write_text("\n".join(services) + "\n")

    def start(self):
        subprocess.run(["postfix", "-c", self.config, "start"], check=True, capture_output=True)
        wait_until(lambda: (self.queue / "pid/master.pid").exists() and listens(self.address, self.smtp))
        self.pid = int((self.queue / "pid/master.pid").read_text())
        return self

    def waiting(self):
        """Messages in the queue."""
        return sum(1 for name in ("incoming", "active", "deferred", "maildrop")
                   for _, _, files in os.walk(self.queue / name) for _ in files)

    def stop(self):
        subprocess.run(["postfix", "-c", self.config, "stop"], check=True, capture_output=True)
