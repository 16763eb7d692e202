"""The servers that benchmarks compare Tegami with: Postfix and Dovecot of Debian, in a folder of their own, on loopback.

Postfix takes mail (port 25 in the clear; submission with TLS and AUTH) and hands it to Dovecot by LMTP, or relays it;
Dovecot keeps it in mdbox and serves IMAP. Both run as Debian ships them, apart from paths, addresses and limits of size.
"""
import os
import pathlib
import pwd
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from support import postfix  # noqa: E402

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
    pop3s = 20995

    def __init__(self, folder, address, users, certificate, key, protocols="imap lmtp"):
        self.folder = pathlib.Path(folder)
        self.address = address
        self.folder.mkdir(parents=True)
        self.lmtp = self.folder / "lmtp"
        self.auth = self.folder / "auth"
        passwords = self.folder / "passwords"
        passwords.write_text("".join(f"{user}:{{PLAIN}}{PASSWORD}\n" for user in users))
        mail = self.folder / "mail"
        mail.mkdir()
        pop3 = f"""
service pop3-login {{
  inet_listener pop3 {{
    port = 0
  }}
  inet_listener pop3s {{
    port = {self.pop3s}
  }}
}}
""" if "pop3" in protocols else ""
        user = pwd.getpwnam(MAIL_USER)
        os.chown(mail, user.pw_uid, user.pw_gid)
        self.config = self.folder / "dovecot.conf"
        self.config.write_text(f"""
base_dir = {self.folder}/run
state_dir = {self.folder}/state
log_path = {self.folder}/log
protocols = {protocols}
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
{pop3}service lmtp {{
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


class Postfix(postfix.Postfix):
    smtp = 20025
    submission = 20587

    def __init__(self, folder, address, domain, dovecot, certificate, key, relay=None):
        """Mail for `domain` goes to `dovecot`; all other mail to the host and port `relay`."""
        self.address = address
        self.domain = domain
        settings = {
            "myhostname": f"mail.{domain}", "mydestination": "", "mynetworks": "127.0.0.0/8", "virtual_mailbox_domains": domain,
            "virtual_mailbox_maps": "static:here", "virtual_transport": f"lmtp:unix:{dovecot.lmtp}", "message_size_limit": 104857600,
            "smtpd_client_connection_count_limit": 0, "smtp_dns_support_level": "disabled", "smtpd_tls_cert_file": certificate,
            "smtpd_tls_key_file": key, "smtpd_sasl_type": "dovecot", "smtpd_sasl_path": dovecot.auth,
        }
        if relay:
            settings["relayhost"] = f"[{relay[0]}]:{relay[1]}"
        super().__init__(folder, settings, [
            f"{address}:{self.smtp} inet n - n - - smtpd",
            f"{address}:{self.submission} inet n - n - - smtpd -o smtpd_tls_security_level=encrypt "
            "-o smtpd_sasl_auth_enable=yes -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject"])

    def start(self):
        return super().start(self.address, self.smtp)
