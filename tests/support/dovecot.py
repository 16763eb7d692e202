"""Dovecot as Debian ships it, in a folder of its own, as a server that somebody moves away from: Maildir with the prefix
`INBOX.`, a Sent mailbox of another name, an administrator who may act as anybody. IMAP alone, on loopback. Its processes have
users of their own, so they must be able to get to the folder: none above may be closed."""
import os
import pathlib
import pwd
import subprocess

from .processes import accepts_connections, wait_until

MAIL_USER = "nobody"
ADMIN = "boss"


class Dovecot:
    imap = 20143
    imaps = 20993

    def __init__(self, folder, address, certificate, passwords, mechanisms="plain"):
        """`passwords` by user; the administrator ADMIN is the first of them."""
        self.folder, self.address = pathlib.Path(folder), address
        self.mail = self.folder / "mail"
        self.mail.mkdir(parents=True)
        user = pwd.getpwnam(MAIL_USER)
        self.owner = user.pw_uid, user.pw_gid
        for name in ("users", "admins"):
            here = passwords if name == "users" else {ADMIN: next(iter(passwords.values()))}
            (self.folder / name).write_text("".join(f"{each}:{{PLAIN}}{password}\n" for each, password in here.items()))
        self.config = self.folder / "dovecot.conf"
        self.config.write_text(f"""
base_dir = {self.folder}/run
state_dir = {self.folder}/state
log_path = {self.folder}/log
protocols = imap
listen = {address}
ssl = required
ssl_cert = <{certificate.path}
ssl_key = <{certificate.key}
auth_mechanisms = {mechanisms}
auth_master_user_separator = *
auth_failure_delay = 0
first_valid_uid = 1
mail_location = maildir:{self.mail}/%u
namespace inbox {{
  inbox = yes
  prefix = INBOX.
  separator = .
  mailbox Gesendet {{
    special_use = \\Sent
  }}
}}
passdb {{
  driver = passwd-file
  master = yes
  args = {self.folder}/admins
}}
passdb {{
  driver = passwd-file
  args = {self.folder}/users
}}
userdb {{
  driver = static
  args = uid={user.pw_uid} gid={user.pw_gid} home={self.mail}/%u
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = {self.imap}
  }}
  inet_listener imaps {{
    port = {self.imaps}
  }}
}}
""")

    def give_mail(self):
        """To the user that Dovecot's mail processes run as."""
        for folder, _, files in os.walk(self.mail):
            for path in (folder, *(os.path.join(folder, name) for name in files)):
                os.chown(path, *self.owner)

    def start(self):
        self.give_mail()
        subprocess.run(["dovecot", "-c", self.config], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(lambda: accepts_connections(self.address, self.imaps), "Dovecot to listen")
        return self

    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def stop(self):
        subprocess.run(["dovecot", "-c", self.config, "stop"], check=True, capture_output=True)
