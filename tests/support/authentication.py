"""Domains of senders, as their administrators publish them."""
from .letters import SIGNED_KEY

# good.test sends from two addresses: one to connect from, and one that has a name (libunbound knows all of 127.0.0.0/8 by itself).
GOOD_CLIENT, NAMED_CLIENT = "127.0.0.9", "198.18.0.1"
FORGER = "127.0.0.13"

ZONES = {
    "test": [
        f'good TXT "v=spf1 ip4:{GOOD_CLIENT} ip4:{NAMED_CLIENT} -all"',
        '_dmarc.good TXT "v=DMARC1; p=reject"',
        'default._bimi.good TXT "v=BIMI1; l=https://good.test/logo.svg"',
        f'k1._domainkey.good TXT "{SIGNED_KEY}"',
        f"mail.good A {NAMED_CLIENT}",
        f'quarantine TXT "v=spf1 ip4:{GOOD_CLIENT} -all"',
        '_dmarc.quarantine TXT "v=DMARC1; p=quarantine"',
        'broken TXT "v=spf1 ip4:127.0.0.x -all"',
        "silent A 127.0.0.1",
    ],
    "18.198.in-addr.arpa": ["1.0 PTR mail.good.test."],
}


def resolver_settings(nsd):
    """Keys of tegami.toml with which a server asks this name server."""
    return {"resolver.mode": '"servers"', "resolver.servers": f'["{nsd.address}:{nsd.port}"]'}
