"""JMAP and the web face over HTTPS as the program is shipped: what it shows is what IMAP shows, also after a restart."""
import base64
import email
import email.policy
import gzip
import http.client
import imaplib
import json
import os
import re
import socket
import subprocess
import time

import pytest
from conftest import PASSWORD, next_address
from support import post
from support.certificates import Authority
from support.clients import ImapClient
from support.peer import Peer
from support.processes import wait_until
from support.push_service import PushService, claims_of
from support.tegami import ROOT, Tegami
from support.websocket import WebSocket

ANNA = "anna@example.test"
BEN = "ben@example.test"
USING = ["urn:ietf:params:jmap:core", "urn:ietf:params:jmap:mail", "urn:ietf:params:jmap:submission"]
PUSH_PORT = 20444


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """The only one that the server knows."""
    one = Authority(tmp_path_factory.mktemp("ca"))
    before = os.environ.get("SSL_CERT_FILE")
    os.environ["SSL_CERT_FILE"] = str(one.path)
    yield one
    del os.environ["SSL_CERT_FILE"]
    if before:
        os.environ["SSL_CERT_FILE"] = before


@pytest.fixture(scope="module")
def server(tmp_path_factory, authority):
    one = Tegami(tmp_path_factory.mktemp("server"), "example.test", next_address(),
                 {"relay.port": "20025", "relay.policy_port": str(PUSH_PORT), "trusted_proxies": '["127.0.0.1"]',
                  "listen.pop3.proxy_protocol": "true"}).init().start()
    for user in (ANNA, BEN):
        one.add_account(user, PASSWORD)
    yield one
    assert one.stop() == 0, one.process.log()


class Jmap(http.client.HTTPConnection):
    """To a server by its name, as one user."""

    def __init__(self, server, user=ANNA, password=PASSWORD):
        super().__init__("mail.example.test", timeout=30)
        self.server = server
        self.credentials = {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}

    def connect(self):
        plain = socket.create_connection((self.server.address, self.server.https), timeout=30)
        self.sock = self.server.trust().wrap_socket(plain, server_hostname=self.host)

    def ask(self, method, target, body=None, **headers):
        """Status, headers and octets."""
        self.request(method, target, body, {**self.credentials, **headers})
        answer = self.getresponse()
        return answer.status, answer.headers, answer.read()

    def sign_in(self):
        """As a page does: from now on there is a cookie, and no password. The status."""
        page = {"Origin": f"https://{self.host}:{self.server.https}"}
        self.credentials = page
        status, headers, _ = self.ask("POST", "/session", json.dumps({"username": ANNA, "password": PASSWORD}),
                                      **{"Content-Type": "application/json"})
        self.credentials = {"Cookie": headers.get("Set-Cookie", "").split(";")[0], **page}
        return status

    def session(self):
        status, _, octets = self.ask("GET", "/jmap/session")
        assert status == 200, octets
        return json.loads(octets)

    def call(self, *calls):
        body = json.dumps({"using": USING, "methodCalls": [[name, arguments, str(n)] for n, (name, arguments) in enumerate(calls)]})
        status, _, octets = self.ask("POST", "/jmap/api/", body, **{"Content-Type": "application/json"})
        assert status == 200, octets
        return [response[1] for response in json.loads(octets)["methodResponses"]]


def path_of(server, url):
    """The target of an address of the session."""
    base = f"https://mail.example.test:{server.https}"
    assert url.startswith(base), url
    return url.removeprefix(base)


def test_a_program_finds_its_way_from_the_name_alone(server):
    client = Jmap(server)
    status, headers, _ = client.ask("GET", "/.well-known/jmap")
    assert (status, headers["Location"]) == (307, "/jmap/session")
    session = client.session()
    assert session["username"] == ANNA and path_of(server, session["apiUrl"]) == "/jmap/api/"
    assert session["capabilities"][USING[0]]["maxSizeUpload"] == 50 << 20
    assert Jmap(server, password="wrong").ask("GET", "/jmap/session")[0] == 401


def test_imap_and_jmap_show_the_same_mailboxes(server):
    client = Jmap(server)
    account = client.session()["primaryAccounts"][USING[1]]
    before, = client.call(("Mailbox/get", {"accountId": account, "ids": []}))
    made, = client.call(("Mailbox/set", {"accountId": account, "create": {
        "in": {"name": "見積", "parentId": "#top"}, "top": {"name": "Work"}}}))
    with ImapClient(server.address, server.imaps, server.trust()) as imap:
        imap.login(ANNA, PASSWORD)
        assert imap.create("Work/imap")[0] == "OK"
        assert imap.append("INBOX", "(\\Flagged)", None, b"Subject: hello\r\n\r\nhello\r\n")[0] == "OK"
        subscribed = b" ".join(imap.lsub()[1])
        assert b"Work" in subscribed and b"Work/imap" not in subscribed
    changes, mailboxes = client.call(
        ("Mailbox/changes", {"accountId": account, "sinceState": before["state"]}), ("Mailbox/get", {"accountId": account}))
    names = {mailbox["id"]: mailbox["name"] for mailbox in mailboxes["list"]}
    assert {names[each] for each in changes["created"]} == {"Work", "見積", "imap"}
    inbox = next(mailbox for mailbox in mailboxes["list"] if mailbox["role"] == "inbox")
    assert changes["updated"] == [inbox["id"]]
    assert (inbox["totalEmails"], inbox["unreadEmails"], inbox["totalThreads"]) == (1, 1, 1)
    assert made["newState"] != before["state"] and changes["newState"] == mailboxes["state"]


def test_uploads_states_and_sign_ins_outlive_a_restart(server):
    client, browser = Jmap(server), Jmap(server)
    assert browser.sign_in() == 204
    browser.close()
    session = client.session()
    account = session["primaryAccounts"][USING[1]]
    octets = bytes(range(256)) * 20_000
    upload = path_of(server, session["uploadUrl"].replace("{accountId}", account))
    status, _, told = client.ask("POST", upload, octets, **{"Content-Type": "image/png"})
    blob = json.loads(told)
    assert status == 201 and blob["size"] == len(octets)
    state = client.call(("Mailbox/get", {"accountId": account, "ids": []}))[0]["state"]
    client.close()
    server.kill()
    server.start()
    client = Jmap(server)
    target = path_of(server, session["downloadUrl"]).format(accountId=account, blobId=blob["blobId"], name="a.png", type="image%2Fpng")
    status, headers, downloaded = client.ask("GET", target)
    assert (status, headers["Content-Type"], downloaded) == (200, "image/png", octets)
    status, headers, part = client.ask("GET", target, Range="bytes=4999990-")
    assert (status, part) == (206, octets[4999990:])
    client.call(("Mailbox/set", {"accountId": account, "create": {"k": {"name": "After"}}}))
    changes, = client.call(("Mailbox/changes", {"accountId": account, "sinceState": state}))
    assert len(changes["created"]) == 1 and not changes["hasMoreChanges"]
    assert browser.session()["username"] == ANNA
    assert browser.call(("Core/echo", {"a": 1})) == [{"a": 1}]


def test_a_draft_is_a_letter_for_every_program(server):
    """What JMAP writes is read by IMAP and by another parser, moved and destroyed over JMAP, also after a restart."""
    client = Jmap(server)
    session = client.session()
    account = session["primaryAccounts"][USING[1]]
    octets = bytes(range(256)) * 4_000
    upload = path_of(server, session["uploadUrl"].replace("{accountId}", account))
    blob = json.loads(client.ask("POST", upload, octets, **{"Content-Type": "image/png"})[2])["blobId"]
    boxes = {each["role"]: each["id"] for each in client.call(("Mailbox/get", {"accountId": account}))[0]["list"]}
    text = "Grüße aus Kyōto\n" + "long " * 400 + "\n"
    made, = client.call(
        ("Email/set", {"accountId": account, "create": {"d": {
            "mailboxIds": {boxes["drafts"]: True}, "keywords": {"$draft": True, "$Label": True},
            "from": [{"name": "Anna, 杏奈", "email": ANNA}], "to": [{"name": None, "email": "not yet"}], "subject": "見積\r\nBcc: x@y",
            "bodyValues": {"t": {"value": text}, "h": {"value": "<p>" + text}},
            "textBody": [{"partId": "t"}], "htmlBody": [{"partId": "h"}],
            "attachments": [{"blobId": blob, "type": "image/png", "name": "写真.png"}]}}}))
    draft = made["created"]["d"]
    client.close()
    server.kill()
    server.start()
    with ImapClient(server.address, server.imaps, server.trust()) as imap:
        imap.login(ANNA, PASSWORD)
        imap.select("Drafts")
        (head, letter), *_ = imap.fetch("1", "(FLAGS BODY.PEEK[])")[1]
        assert b"\\Draft" in head and b"$label" in head.lower() and len(letter) == draft["size"]
    parsed = email.message_from_bytes(letter, policy=email.policy.SMTP)
    assert (parsed["Subject"], parsed["Bcc"]) == ("見積  Bcc: x@y", None)
    assert parsed["From"].addresses[0].display_name == "Anna, 杏奈"
    assert parsed.get_body(("plain",)).get_content().replace("\r\n", "\n") == text
    picture, = parsed.iter_attachments()
    assert (picture.get_filename(), picture.get_content()) == ("写真.png", octets)
    client = Jmap(server)
    shown, = client.call(("Email/get", {"accountId": account, "ids": [draft["id"]], "properties": ["attachments"]}))
    part = shown["list"][0]["attachments"][0]
    replaced, = client.call(("Email/set", {"accountId": account, "destroy": [draft["id"]], "create": {"n": {
        "mailboxIds": {boxes["drafts"]: True}, "attachments": [{"blobId": part["blobId"], "type": "image/png"}]}}}))
    assert replaced["destroyed"] == [draft["id"]]
    moved, = client.call(("Email/set", {"accountId": account, "update": {
        replaced["created"]["n"]["id"]: {"mailboxIds": {boxes["trash"]: True}, "keywords/$seen": True}}}))
    assert moved["notUpdated"] is None
    with ImapClient(server.address, server.imaps, server.trust()) as imap:
        imap.login(ANNA, PASSWORD)
        assert b"MESSAGES 0" in imap.status("Drafts", "(MESSAGES)")[1][0]
        imap.select("Trash")
        (head, letter), *_ = imap.fetch("1", "(FLAGS BODY.PEEK[])")[1]
    assert b"\\Seen" in head
    assert next(email.message_from_bytes(letter, policy=email.policy.SMTP).iter_attachments()).get_content() == octets


def test_changes_are_pushed_as_they_happen(server):
    account = Jmap(server).session()["primaryAccounts"][USING[1]]
    stream = Jmap(server)
    stream.request("GET", "/jmap/eventsource/?types=*&closeafter=state&ping=0", headers=stream.credentials)
    answer = stream.getresponse()
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/event-stream")
    with ImapClient(server.address, server.imaps, server.trust()) as imap:
        imap.login(ANNA, PASSWORD)
        assert imap.append("INBOX", None, None, b"Subject: again\r\n\r\nagain\r\n")[0] == "OK"
    event = answer.read().decode()
    data = json.loads(event.split("data: ")[1])
    state = Jmap(server).call(("Mailbox/get", {"accountId": account, "ids": []}))[0]["state"]
    assert data["changed"] == {account: {name: state for name in ("Email", "EmailDelivery", "Mailbox", "Thread")}}


def test_a_web_socket_answers_and_tells_of_changes(server):
    account = Jmap(server).session()["primaryAccounts"][USING[1]]
    jmap = Jmap(server)
    with WebSocket(jmap, "/jmap/ws/", "jmap", jmap.credentials) as socket_:
        socket_.send(json.dumps({"@type": "Request", "id": "r1", "using": USING,
                                 "methodCalls": [["Core/echo", {"text": "日本語"}, "a"]]}))
        answer = json.loads(socket_.receive())
        assert (answer["@type"], answer["requestId"]) == ("Response", "r1")
        assert answer["methodResponses"] == [["Core/echo", {"text": "日本語"}, "a"]]
        socket_.send('{"@type": "WebSocketPushEnable", "dataTypes": ["Email"]}')
        assert socket_.ping(b"still there?") == b"still there?"
        with ImapClient(server.address, server.imaps, server.trust()) as imap:
            imap.login(ANNA, PASSWORD)
            assert imap.append("INBOX", None, None, b"Subject: pushed\r\n\r\npushed\r\n")[0] == "OK"
        change = json.loads(socket_.receive())
        assert change["@type"] == "StateChange" and list(change["changed"][account]) == ["Email"]
        socket_.send("{")
        assert json.loads(socket_.receive())["type"] == "urn:ietf:params:jmap:error:notJSON"
        assert socket_.close(1000) == 1000


def curl(server, path, *options, user=ANNA):
    """The version of HTTP, the status and the octets."""
    run = subprocess.run(
        ["curl", "--silent", "--show-error", "--cacert", server.certificate(), "--user", f"{user}:{PASSWORD}",
         "--connect-to", f"::{server.address}:{server.https}", "--write-out", "\\n%{http_version} %{http_code}", *options,
         f"https://mail.example.test:{server.https}{path}"], capture_output=True, timeout=60, check=True)
    octets, _, last = run.stdout.rpartition(b"\n")
    version, status = last.decode().split()
    return version, int(status), octets


def test_everything_is_there_over_http2(server, tmp_path):
    version, status, octets = curl(server, "/jmap/session", "--http2")
    assert (version, status) == ("2", 200)
    session = json.loads(octets)
    account = session["primaryAccounts"][USING[1]]
    assert curl(server, "/jmap/session", "--http1.1")[:2] == ("1.1", 200)
    assert curl(server, "/jmap/ws/", "--http2")[1] == 426
    letter = tmp_path / "octets"
    letter.write_bytes(bytes(range(256)) * 20_000)
    version, status, answer = curl(server, f"/jmap/upload/{account}/", "--http2", "--data-binary", f"@{letter}",
                                   "-H", "Content-Type: application/octet-stream")
    blob = json.loads(answer)
    assert (version, status, blob["size"]) == ("2", 201, letter.stat().st_size)
    download = f"/jmap/download/{account}/{blob['blobId']}/x"
    assert curl(server, download, "--http2") == ("2", 200, letter.read_bytes())
    assert curl(server, download, "--http2", "--range", "5-9") == ("2", 206, b"\5\6\7\x08\x09")
    # Many at the same time, of several connections, by a client of others.
    load = subprocess.run(["h2load", "-n", "400", "-c", "4", "-m", "50",
                           f"https://{server.address}:{server.https}/.well-known/jmap"],
                          capture_output=True, text=True, timeout=60, check=True).stdout
    assert "Application protocol: h2" in load and "400 succeeded, 0 failed" in load, load


def test_changes_are_pushed_over_http2(server):
    secret = f"{ANNA}:{PASSWORD}"
    events = subprocess.Popen(
        ["curl", "--silent", "--http2", "--no-buffer", "--max-time", "60", "--cacert", server.certificate(), "--user", secret,
         "--connect-to", f"::{server.address}:{server.https}",
         f"https://mail.example.test:{server.https}/jmap/eventsource/?types=*&closeafter=state&ping=0"],
        stdout=subprocess.PIPE, text=True)
    with events, ImapClient(server.address, server.imaps, server.trust()) as imap:
        imap.login(ANNA, PASSWORD)
        # The stream may begin a moment later.
        wait_until(lambda: imap.append("INBOX", None, None, b"Subject: event\r\n\r\nevent\r\n")[0] == "OK"
                   and events.poll() is not None, "the event")
        assert events.returncode == 0 and "event: state" in events.stdout.read()


def test_a_trusted_proxy_says_who_asks(server):
    stranger = Jmap(server, password="wrong")
    assert stranger.ask("GET", "/jmap/session", **{"X-Forwarded-For": "198.51.100.1, 203.0.113.9"})[0] == 401
    wait_until(lambda: "client=203.0.113.9" in server.process.log(), "the refusal in the log")
    with socket.create_connection((server.address, server.pop3), timeout=30) as connection:
        connection.sendall(b"PROXY TCP4 203.0.113.77 192.0.2.1 4711 110\r\nCAPA\r\nQUIT\r\n")
        assert connection.makefile("rb").read().startswith(b"+OK")
    with socket.create_connection((server.address, server.pop3), timeout=30) as connection:
        connection.sendall(b"USER anna@example.test\r\n")
        wait_until(lambda: "does not begin with a header" in server.process.log(), "the refusal in the log")


def test_who_is_not_connected_is_told_by_a_push_service(server, authority):
    client = Jmap(server)
    key = client.session()["capabilities"]["urn:ietf:params:jmap:webpush-vapid"]["applicationServerKey"]
    url = f"https://localhost:{PUSH_PORT}/to-anna"
    service = PushService("127.0.0.1", PUSH_PORT, authority.issue("localhost").context)
    try:
        made, = client.call(("PushSubscription/set", {"create": {
            "k": {"deviceClientId": "d", "url": url, "keys": service.keys(), "types": ["EmailDelivery", "Mailbox"]},
            "plain": {"deviceClientId": "d", "url": url.replace("https", "http")},
            "inside": {"deviceClientId": "d", "url": url.replace("localhost", "127.0.0.1")}}}))
        assert {name: fault["properties"] for name, fault in made["notCreated"].items()} == {"plain": ["url"], "inside": ["url"]}
        subscription = made["created"]["k"]["id"]
        fields, verification = service.take()
        claims = claims_of(fields, key)
        assert claims["aud"] == f"https://localhost:{PUSH_PORT}" and 0 < claims["exp"] - time.time() < 86400
        assert (verification["@type"], verification["pushSubscriptionId"]) == ("PushVerification", subscription)
        done, = client.call(("PushSubscription/set", {
            "update": {subscription: {"verificationCode": verification["verificationCode"]}}}))
        assert subscription in done["updated"]
        post.deliver(server, "friend@elsewhere.test", [ANNA], b"Subject: secret\r\n\r\nx\r\n")
        fields, change = service.take()
        claims_of(fields, key)
        (account, states), = change["changed"].items()
        assert change["@type"] == "StateChange" and set(states) == {"EmailDelivery", "Mailbox"}
        get, = client.call(("Mailbox/get", {"accountId": account, "ids": []}))
        assert states["Mailbox"] == get["state"]
        # What the push service does not know ends; the server forgets the address.
        service.status = 410
        client.call(("PushSubscription/set", {"create": {"k": {"deviceClientId": "e", "url": url, "keys": service.keys()}}}))
        assert service.take()[1]["@type"] == "PushVerification"
        wait_until(lambda: [one["id"] for one in client.call(("PushSubscription/get", {"ids": None}))[0]["list"]] == [subscription],
                   "the subscription to end")
        assert service.pushed.empty()
    finally:
        service.stop()


def test_a_letter_is_sent_with_the_other_copies_blind_and_another_is_taken_back(server):
    peer = next_address()
    client = Jmap(server)
    account = client.session()["primaryAccounts"][USING[2]]
    identities, mailboxes = client.call(("Identity/get", {"accountId": account}), ("Mailbox/get", {"accountId": account}))
    role = {mailbox["role"]: mailbox["id"] for mailbox in mailboxes["list"]}
    letter = f"From: {ANNA}\r\nTo: dora@[{peer}]\r\nBcc: {BEN}\r\nSubject: plans\r\n\r\nover the wire\r\n".encode()
    with ImapClient(server.address, server.imaps, server.trust()) as imap:
        imap.login(ANNA, PASSWORD)
        assert imap.append("Drafts", "(\\Draft \\Seen)", None, letter)[0] == "OK"
    drafts, = client.call(("Email/query", {"accountId": account, "filter": {"inMailbox": role["drafts"]}}))
    wanted = {"identityId": identities["list"][0]["id"], "emailId": drafts["ids"][0]}
    moved = {f"mailboxIds/{role['drafts']}": None, f"mailboxIds/{role['sent']}": True, "keywords/$draft": None}
    with Peer(peer, 20025) as other:
        submitted, updated = client.call(("EmailSubmission/set", {
            "accountId": account, "create": {"k": wanted}, "onSuccessUpdateEmail": {"#k": moved}}))
        sent = submitted["created"]["k"]["id"]
        assert list(updated["updated"]) == drafts["ids"]
        recipients, wire = wait_until(lambda: other.messages, "the letter to reach the other server")[0]
        assert recipients == [f"dora@[{peer}]"]
        assert b"Bcc" not in wire and BEN.encode() not in wire and b"\r\nover the wire\r\n" in wire
        assert b"Bcc" not in post.wait_for_copy(server, BEN, PASSWORD, "over the wire")
        assert post.messages(server, ANNA, PASSWORD, "Sent") == [letter]
        assert post.messages(server, ANNA, PASSWORD, "Drafts") == []

    def settled():
        shown, = client.call(("EmailSubmission/get", {"accountId": account, "ids": [sent]}))
        status = shown["list"][0]["deliveryStatus"]
        return status if "queued" not in [each["delivered"] for each in status.values()] else None

    status = wait_until(settled, "the submission to be settled")
    assert {address: each["delivered"] for address, each in status.items()} == {f"dora@[{peer}]": "unknown", BEN: "yes"}

    held, = client.call(("EmailSubmission/set", {"accountId": account, "create": {"k": {**wanted, "envelope": {
        "mailFrom": {"email": ANNA, "parameters": {"HOLDFOR": "3600"}}, "rcptTo": [{"email": BEN}]}}}}))
    client.close()
    server.kill()
    server.start()
    client = Jmap(server)
    created = held["created"]["k"]
    entry, = post.queue(server)
    assert (created["undoStatus"], entry["held_until"]) == ("pending", created["sendAt"])
    assert f"held until {created['sendAt']}" in server.run("queue", "list").stdout
    undone, shown = client.call(
        ("EmailSubmission/set", {"accountId": account, "update": {created["id"]: {"undoStatus": "canceled"}}}),
        ("EmailSubmission/get", {"accountId": account, "ids": [created["id"]]}))
    assert list(undone["updated"]) == [created["id"]] and shown["list"][0]["undoStatus"] == "canceled"
    assert post.queue(server) == []
    assert len(post.copies(server, BEN, PASSWORD, "over the wire")) == 1


def test_a_browser_gets_the_page_and_nothing_that_it_could_run_of_others(server):
    browser = Jmap(server)
    browser.credentials = {"Accept-Encoding": "gzip"}
    status, headers, _ = browser.ask("GET", "/")
    assert (status, headers["Location"]) == (302, "/mail/")
    status, headers, octets = browser.ask("GET", "/mail/", **{"Accept-Language": "ja"})
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "script-src 'unsafe" not in policy
    assert headers["Strict-Transport-Security"] and headers["X-Content-Type-Options"] == "nosniff"
    if (ROOT / "build/web/dist/mail/index.html").exists():
        page = gzip.decompress(octets).decode() if headers["Content-Encoding"] else octets.decode()
        assert status == 200 and "<script" in page and headers["Cache-Control"] == "no-cache"
        assert browser.ask("GET", "/mail/inbox", **{"If-None-Match": headers["ETag"]})[0] == 304
        assert b"/admin/assets/main-" in browser.ask("GET", "/admin/queue", **{"Accept-Encoding": "identity"})[2]
        asset = re.search(r'/mail/assets/[^"]+[.]js', page)[0]
        status, headers, _ = browser.ask("HEAD", asset)
        assert status == 200 and "immutable" in headers["Cache-Control"] and headers["Content-Type"].startswith("text/javascript")
    else:
        assert status == 404 and "ウェブメール" in octets.decode()


def test_whoever_is_signed_in_is_listed_and_can_be_signed_out(server):
    first, second = Jmap(server), Jmap(server)
    assert first.sign_in() == second.sign_in() == 204
    sessions = server.json("session", "list", ANNA)["sessions"]
    assert {"id", "since", "used", "client", "agent"} == set(sessions[-1])
    server.run("session", "end", ANNA, sessions[-1]["id"])
    assert (first.ask("GET", "/session")[0], second.ask("GET", "/session")[0]) == (200, 401)
    assert server.run("session", "end", ANNA, sessions[-1]["id"], check=False).returncode == 1
    assert server.run("session", "end", ANNA, check=False).returncode == 2
    server.run("session", "end", ANNA, "--all")
    assert first.ask("GET", "/jmap/session")[0] == 401
    assert "Nobody is signed in" in server.run("session", "list", ANNA).stdout


def test_whoever_has_a_role_administers_over_https_and_it_is_written_down(server):
    def api(client, operation, **parameters):
        status, _, octets = client.ask("POST", f"/api{operation}", json.dumps(parameters), **{"Content-Type": "application/json"})
        return status, json.loads(octets)

    post.submit(server, ANNA, PASSWORD, [BEN], b"Subject: counted\r\nMessage-ID: <counted@example.test>\r\n\r\ncounted\r\n")
    anna = Jmap(server)
    assert anna.sign_in() == 204
    assert api(anna, "/account/list")[0] == 403
    journey = api(anna, "/trace", what="<counted@example.test>")[1]["events"]
    assert [event["kind"] for event in journey[:2]] == ["submitted", "stored"] and not dict(journey[1]["fields"]).get("mailbox")
    assert "domain administrator of example.test" in server.run(
        "account", "role", ANNA, "--set", "domain-administrator", "--domain", "example.test").stdout
    assert api(anna, "/account/set", address=BEN, quota_bytes=1 << 30)[1]["quota_bytes"] == 1 << 30
    assert api(anna, "/domain/add", name="other.test")[0] == 403
    server.run("account", "role", ANNA, "--set", "administrator")
    listed = json.loads(anna.ask("GET", "/api")[2])
    assert listed["caller"] == {"address": ANNA, "role": "administrator", "domains": []}
    status, refused = api(anna, "/account/set", address=ANNA, enabled=False)
    assert status == 409 and "the last administrator" in refused["error"]
    assert api(anna, "/status")[1]["host_name"] == "mail.example.test"
    overview = api(anna, "/overview")[1]
    assert sum(hour["submitted"] for hour in overview["hours"]) >= 1 and len(overview["days"]) == 90
    rows = server.json("audit", "--account", ANNA)["rows"]
    assert [(row["who"], row["operation"], row["status"]) for row in rows[:5]] == [
        (ANNA, "/account/set", 409), ("local root", "/account/role", 200), (ANNA, "/domain/add", 403),
        (ANNA, "/account/set", 200), ("local root", "/account/role", 200)]
    assert "the last administrator" in server.run("audit").stdout
    server.run("account", "role", ANNA, "--set", "user")
    assert api(anna, "/account/list")[0] == 403


def test_what_the_page_has_the_server_ask_of_others_does_not_lead_inside(server):
    client, browser = Jmap(server), Jmap(server)
    assert browser.sign_in() == 204
    account = client.session()["primaryAccounts"][USING[1]]
    boxes = {each["role"]: each["id"] for each in client.call(("Mailbox/get", {"accountId": account}))[0]["list"]}
    made, = client.call(("Email/set", {"accountId": account, "create": {"d": {
        "mailboxIds": {boxes["inbox"]: True}, "bodyValues": {"h": {"value": "<img src='http://localhost/a&amp;b'><img src=http://127.0.0.1/a>"}},
        "htmlBody": [{"partId": "h", "type": "text/html"}]}}}))
    letter = made["created"]["d"]["id"]

    def ask(method, target, body=None, **headers):
        status, told, octets = browser.ask(method, target, body, **headers)
        assert told["Cross-Origin-Resource-Policy"] == "same-origin" and told["X-Content-Type-Options"] == "nosniff"
        return status, json.loads(octets)["error"]

    assert ask("GET", f"/picture?email={letter}&url=http%3A%2F%2Flocalhost%2Fa%26b") == (502, "refused")
    assert ask("GET", f"/picture?email={letter}&url=http%3A%2F%2F127.0.0.1%2Fa") == (502, "refused")
    assert ask("GET", f"/picture?email={letter}&url=http%3A%2F%2Flocalhost%2Fother") == (404, "not in this letter")
    assert ask("POST", "/unsubscribe", json.dumps({"email": letter}), **{"Content-Type": "application/json"}) == (409, "not-offered")
    browser.credentials.pop("Cookie")
    assert ask("GET", f"/picture?email={letter}&url=http%3A%2F%2Flocalhost%2Fa%26b") == (403, "signed-out")


def test_what_is_shared_over_imap_is_there_over_jmap_and_the_rest_is_not(server):
    """RFC 4314, RFC 9670: the same rights whichever way one comes, and none when they are taken away."""
    theirs = f'"Other Users/{ANNA}/Team"'
    anna, ben = Jmap(server), Jmap(server, BEN)
    shared = anna.session()["primaryAccounts"][USING[1]]
    with ImapClient(server.address, server.imaps, server.trust()) as owner, \
            ImapClient(server.address, server.imaps, server.trust()) as reader:
        owner.login(ANNA, PASSWORD)
        reader.login(BEN, PASSWORD)
        assert owner.create("Team")[0] == "OK"
        assert owner.append("Team", None, None, b"Subject: plan\r\n\r\nplan\r\n")[0] == "OK"
        assert shared not in ben.session()["accounts"] and not reader.select(theirs)
        assert owner.setacl("Team", BEN, "lrs")[0] == "OK"
        assert reader.select(theirs) and reader.exists == 1
        assert ben.session()["accounts"][shared]["isPersonal"] is False
        boxes, mails = ben.call(("Mailbox/get", {"accountId": shared}), ("Email/query", {"accountId": shared}))
        assert [(box["name"], box["totalEmails"]) for box in boxes["list"]] == [("Team", 1)]
        seen, kept = ben.call(
            ("Email/set", {"accountId": shared, "update": {mails["ids"][0]: {"keywords/$seen": True}}}),
            ("Email/set", {"accountId": shared, "destroy": mails["ids"]}))
        assert seen["updated"] and kept["notDestroyed"][mails["ids"][0]]["type"] == "forbidden"
        assert b"UNSEEN 0" in owner.status("Team", "(UNSEEN)")[1][0]
        assert owner.deleteacl("Team", BEN)[0] == "OK"
        assert shared not in ben.session()["accounts"]
        with pytest.raises(imaplib.IMAP4.error):
            reader.noop()
        reader.state = "LOGOUT"  # the server has said goodbye
