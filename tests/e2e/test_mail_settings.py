"""What mail programs are told when they ask for their settings as Thunderbird, Outlook and an iPhone do, and that it is true."""
import http.client
import plistlib
import smtplib
import socket
import subprocess
import urllib.parse
import xml.etree.ElementTree

import pytest
from conftest import PASSWORD, next_address
from support.clients import ImapClient
from support.tegami import Tegami

ANNA, NOBODY = "anna@example.test", "nobody@example.test"
OUTLOOK = "http://schemas.microsoft.com/exchange/autodiscover/outlook/"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    address = next_address()
    settings = {"listen.http.address": f'"{address}"', "listen.http.port": "20080"}
    one = Tegami(tmp_path_factory.mktemp("server"), "example.test", address, settings).init().start()
    one.add_account(ANNA, PASSWORD)
    yield one
    assert one.stop() == 0, one.process.log()


class Https(http.client.HTTPConnection):
    """To a server by its name, which leads to `server.address`."""

    def __init__(self, server, name):
        super().__init__(name, timeout=30)
        self.server = server

    def connect(self):
        plain = socket.create_connection((self.server.address, self.server.https), timeout=30)
        self.sock = self.server.trust().wrap_socket(plain, server_hostname=self.host)


def ask(server, name, target, body=None, connection=None):
    """Status, type and octets."""
    connection = connection or Https(server, name)
    connection.request("GET" if body is None else "POST", target, body, {"Host": name})
    answer = connection.getresponse()
    octets = answer.read()
    connection.close()
    return answer.status, answer.headers["Content-Type"], octets


def without_namespaces(octets):
    root = xml.etree.ElementTree.fromstring(octets)
    for element in root.iter():
        element.tag = element.tag.split("}")[-1]
    return root


def texts(element):
    return {child.tag: child.text for child in element}


def test_autoconfig_leads_to_servers_that_take_the_password(server):
    target = f"/mail/config-v1.1.xml?emailaddress={urllib.parse.quote(ANNA)}"
    status, kind, octets = ask(server, "autoconfig.example.test", target)
    assert (status, kind) == (200, "text/xml; charset=utf-8")
    provider = without_namespaces(octets).find("emailProvider")
    servers = [(each.attrib["type"], int(each.find("port").text), each.find("socketType").text)
               for each in provider if each.tag.endswith("Server")]
    assert servers == [("imap", server.imaps, "SSL"), ("imap", server.imap, "STARTTLS"),
                       ("pop3", server.pop3s, "SSL"), ("pop3", server.pop3, "STARTTLS"),
                       ("smtp", server.submissions, "SSL"), ("smtp", server.submission, "STARTTLS")]
    assert {each.text for each in provider.iter("hostname")} == {"mail.example.test"}
    user = {each.text for each in provider.iter("username")}.pop().replace("%EMAILADDRESS%", ANNA)
    with ImapClient(server.address, servers[0][1], server.trust()) as client:
        assert client.login(user, PASSWORD)[0] == "OK"
    with smtplib.SMTP_SSL(server.address, servers[4][1], context=server.trust(), timeout=30) as client:
        assert client.login(user, PASSWORD)[0] == 235
    plain = http.client.HTTPConnection(server.address, 20080, timeout=30)
    assert ask(server, "autoconfig.example.test", target, connection=plain) == (status, kind, octets)
    assert ask(server, "example.test", "/.well-known/autoconfig/mail/config-v1.1.xml?emailaddress=" + NOBODY)[2] == octets
    assert ask(server, "autoconfig.elsewhere.test", "/mail/config-v1.1.xml")[0] == 404


def test_autodiscover(server):
    def post(address, path="/Autodiscover/Autodiscover.xml"):
        return ask(server, "autodiscover.example.test", path,
                   f'<?xml version="1.0" encoding="utf-8"?>\n<Autodiscover xmlns="{OUTLOOK}requestschema/2006"><Request>'
                   f"<EMailAddress>{address}</EMailAddress><AcceptableResponseSchema>{OUTLOOK}responseschema/2006a"
                   "</AcceptableResponseSchema></Request></Autodiscover>")

    status, _, octets = post(ANNA)
    protocols = [texts(each) for each in without_namespaces(octets).iter("Protocol")]
    assert status == 200
    assert [(each["Type"], each["Server"], int(each["Port"]), each["Encryption"], each["LoginName"]) for each in protocols] == [
        ("IMAP", "mail.example.test", server.imaps, "SSL", ANNA), ("POP3", "mail.example.test", server.pop3s, "SSL", ANNA),
        ("SMTP", "mail.example.test", server.submissions, "SSL", ANNA)]
    assert post(NOBODY)[2] == octets.replace(ANNA.encode(), NOBODY.encode())
    assert post("anna@elsewhere.test")[0] == 404
    assert post("")[0] == 400
    assert ask(server, "autodiscover.example.test", "/autodiscover/autodiscover.xml", "x" * 5000)[0] in (400, 413)
    plain = http.client.HTTPConnection(server.address, 20080, timeout=30)
    plain.request("GET", "/Autodiscover/Autodiscover.xml")
    url = f"https://mail.example.test:{server.https}/autodiscover/autodiscover.xml"
    assert plain.getresponse().headers["Location"] == url
    answer = ask(server, "mail.example.test", f"/autodiscover/autodiscover.json?Email={ANNA}&Protocol=AutodiscoverV1")[2]
    assert url in answer.decode()


def test_a_profile_is_signed_and_where_the_command_says(server, tmp_path):
    told = server.json("account", "settings", ANNA)
    assert told["user_name"] == ANNA and told["servers"][0] == {
        "protocol": "imap", "security": "tls", "host": "mail.example.test", "port": server.imaps}
    url = urllib.parse.urlsplit(told["profile"])
    assert (url.scheme, url.hostname, url.port) == ("https", "mail.example.test", server.https)
    status, kind, octets = ask(server, url.hostname, f"{url.path}?{url.query}")
    assert (status, kind) == (200, "application/x-apple-aspen-config")
    (tmp_path / "signed").write_bytes(octets)
    checked = subprocess.run(["openssl", "cms", "-verify", "-inform", "DER", "-in", tmp_path / "signed", "-purpose", "any",
                              "-CAfile", server.folder / "data/tls/ca.pem", "-binary"], capture_output=True, timeout=30)
    assert checked.returncode == 0, checked.stderr
    account, = plistlib.loads(checked.stdout)["PayloadContent"]
    assert (account["EmailAccountType"], account["EmailAddress"], account["IncomingMailServerPortNumber"],
            account["OutgoingMailServerPortNumber"]) == ("EmailTypeIMAP", ANNA, server.imaps, server.submissions)
    said = server.run("account", "settings", ANNA, "--lang", "en").stdout
    assert told["page"] in said and said.count("█") > 100
    url = urllib.parse.urlsplit(told["page"])
    status, kind, octets = ask(server, url.hostname, f"{url.path}?{url.query}")
    assert (status, kind) == (200, "text/html; charset=utf-8") and told["profile"] in octets.decode()
