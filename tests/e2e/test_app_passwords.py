"""Ways in beside the password: app passwords and a second factor, with mail programs of others and as a page of ours asks for them."""
import base64
import hashlib
import hmac
import http.client
import imaplib
import json
import re
import smtplib
import subprocess
import time

import pytest
from conftest import PASSWORD, next_address
from support import scram

ALICE, BOB = "alice@example.test", "bob@example.test"


def code_of(secret, steps_later=0):
    """RFC 6238, for an app that was given the secret as text."""
    step = int(time.time()) // 30 + steps_later
    mac = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), hashlib.sha1)
    offset = mac[-1] & 15
    return f"{(int.from_bytes(mac[offset:offset + 4], 'big') & 0x7fffffff) % 1_000_000:06}"


class Page:
    """A page of ours in a browser that is signed in."""

    def __init__(self, server):
        self.server, self.cookie = server, ""

    def ask(self, method, path, **said):
        connection = http.client.HTTPSConnection(self.server.address, self.server.https, context=self.server.trust(), timeout=30)
        fields = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/json", "Cookie": self.cookie}
        connection.request(method, path, json.dumps(said) if said else None, fields)
        answer = connection.getresponse()
        octets = answer.read()
        if answer.getheader("Set-Cookie"):
            self.cookie = answer.getheader("Set-Cookie").split(";")[0]
        connection.close()
        return answer.status, json.loads(octets) if octets else {}


def sign_in(server, name):
    page = Page(server)
    assert page.ask("POST", "/session", username=name, password=PASSWORD) == (204, {})
    return page


def imap(server, name, password):
    client = imaplib.IMAP4_SSL(server.address, server.imaps, ssl_context=server.trust(), timeout=30)
    client.login(name, password)
    return client


def submission(server, source=None):
    return smtplib.SMTP_SSL(server.address, server.submissions, context=server.trust(), timeout=30,
                            source_address=source and (source, 0))


def refused_at_submission(server, name, password):
    """Whether one AUTH PLAIN fails, from an address that nobody else comes from: failures there hold up nobody."""
    with submission(server, next_address()) as client:
        client.ehlo()
        code, _ = client.docmd("AUTH", "PLAIN " + base64.b64encode(f"\0{name}\0{password}".encode()).decode())
    return code == 535


def jmap_by_curl(server, name, password, source):
    """The status of the session resource with Basic authentication."""
    done = subprocess.run(["curl", "-sk", "--interface", source, "-u", f"{name}:{password}", "-o", "/dev/null", "-w", "%{http_code}",
                           f"https://{server.address}:{server.https}/.well-known/jmap", "-L"], capture_output=True, text=True, timeout=60)
    return done.stdout


def test_an_app_password_opens_what_it_is_for_until_it_is_revoked(server):
    page = sign_in(server, BOB)
    status, phone = page.ask("POST", "/account/app-passwords", name="Phone", password=PASSWORD)
    assert status == 201
    made = server.json("account", "app-password", "add", BOB, "Reader", "--protocol", "imap")
    by_phone, by_reader, by_password = (imap(server, BOB, each) for each in (phone["secret"], made["secret"], PASSWORD))
    with submission(server) as client:
        client.login(BOB, phone["secret"])
    with submission(server) as client:
        client.ehlo()
        scram.authenticate(client, BOB, phone["secret"])
    with submission(server) as client:
        client.ehlo()
        scram.authenticate(client, BOB, PASSWORD)
    assert jmap_by_curl(server, BOB, phone["secret"].replace("-", " "), next_address()) == "200"
    assert refused_at_submission(server, BOB, made["secret"])
    assert re.search("login failed service=submission .* reason=wrong-protocol", server.process.log())

    listed = {each["name"]: each for each in page.ask("GET", "/account/app-passwords")[1]["appPasswords"]}
    assert listed["Phone"]["usedFrom"] == "127.0.0.0" and listed["Reader"]["protocols"] == ["imap"]
    assert page.ask("DELETE", f"/account/app-passwords/{phone['id']}") == (204, {})
    with pytest.raises(imaplib.IMAP4.abort):
        while True:  # what was logged in with it is told to go
            by_phone.noop()
    for client in (by_reader, by_password):
        assert client.noop()[0] == "OK"
        client.logout()
    assert [each["name"] for each in server.json("account", "app-password", "list", BOB)["app_passwords"]] == ["Reader"]


def test_with_a_second_factor_the_password_alone_opens_nothing(server):
    page, elsewhere = sign_in(server, ALICE), sign_in(server, ALICE)
    before = imap(server, ALICE, PASSWORD)
    status, begun = page.ask("POST", "/account/totp", password=PASSWORD)
    assert status == 200 and begun["uri"].startswith("otpauth://totp/")
    status, confirmed = page.ask("POST", "/account/totp/confirm", code=code_of(begun["secret"]))
    assert status == 200 and len(confirmed["recoveryCodes"]) == 10
    assert page.ask("GET", "/account")[1]["secondFactor"] == {
        "inForce": True, "required": False, "kinds": ["totp"], "recoveryCodes": 10}
    assert elsewhere.ask("GET", "/account")[0] == 401
    with pytest.raises(imaplib.IMAP4.abort):
        while True:
            before.noop()

    app_password = page.ask("POST", "/account/app-passwords", name="Desk", password=PASSWORD)[1]["secret"]
    with pytest.raises(imaplib.IMAP4.error):
        imap(server, ALICE, PASSWORD)
    imap(server, ALICE, app_password).logout()
    assert refused_at_submission(server, ALICE, PASSWORD)
    with submission(server) as client:
        client.ehlo()
        scram.authenticate(client, ALICE, app_password)
    assert jmap_by_curl(server, ALICE, PASSWORD, next_address()) == "401"
    assert jmap_by_curl(server, ALICE, app_password, next_address()) == "200"
    for service in ("imap", "submission", "jmap"):
        assert re.search(f"login failed service={service} .* reason=second-factor", server.process.log()), service

    browser = Page(server)
    status, owed = browser.ask("POST", "/session", username=ALICE, password=PASSWORD)
    assert (status, owed["error"], owed["kinds"]) == (401, "code-needed", ["totp"])
    assert browser.ask("POST", "/session", ticket=owed["ticket"], code=code_of(begun["secret"], 1)) == (204, {})
    assert browser.ask("GET", "/account")[0] == 200
    status, owed = Page(server).ask("POST", "/session", username=ALICE, password=PASSWORD)
    assert Page(server).ask("POST", "/session", ticket=owed["ticket"], code=confirmed["recoveryCodes"][0]) == (204, {})

    assert server.json("account", "second-factor", "show", ALICE) == {"in_force": True, "kinds": ["totp"], "recovery_codes": 9, "passkeys": 0,
                                                                    "required": False}
    server.run("account", "second-factor", "reset", ALICE)
    imap(server, ALICE, PASSWORD).logout()
