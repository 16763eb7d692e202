"""What a mail program sees of an account, in a form that can be compared."""
import hashlib
import re

from support.clients import ImapClient

ANNA, BEN, PASSWORD = "anna@upgrade.test", "ben@upgrade.test", "correct horse battery staple"


def login(server, user):
    client = ImapClient(server.address, server.imaps, server.trust())
    client.login(user, PASSWORD)
    return client


def mailbox_names(client):
    _, lines = client.list()
    return sorted(line.rpartition(b'"/" ')[2].strip(b'"').decode() for line in lines if b"\\Noselect" not in line)


def messages(client, mailbox):
    """uidvalidity and for each message uid, flags, date, digest."""
    _, status = client.status(f'"{mailbox}"', "(UIDVALIDITY)")
    validity = re.search(rb"UIDVALIDITY (\d+)", status[0])[1].decode()
    client.select(f'"{mailbox}"', readonly=True)
    data = client.uid("FETCH", "1:*", "(UID FLAGS INTERNALDATE BODY.PEEK[])")[1] if client.exists else []
    found = []
    for item in data:
        if isinstance(item, tuple):
            head = item[0].decode()
            flags = sorted(flag for flag in re.search(r"FLAGS \(([^)]*)\)", head)[1].split() if flag != "\\Recent")
            found.append([int(re.search(r"UID (\d+)", head)[1]), flags,
                          re.search(r'INTERNALDATE "([^"]+)"', head)[1], hashlib.sha256(item[1]).hexdigest()])
    return {"uidvalidity": validity, "messages": sorted(found)}


def everything_of(server, user):
    client = login(server, user)
    seen = {name: messages(client, name) for name in mailbox_names(client)}
    client.logout()
    return seen


def everything(server):
    return {user: everything_of(server, user) for user in (ANNA, BEN)}
