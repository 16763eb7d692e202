"""Thunderbird on a screen that nobody sees, driven through Marionette, its own remote protocol: scripts run in its windows."""
import json
import os
import pathlib
import socket

from .processes import Process, wait_until

PROGRAM = "/usr/lib/thunderbird/thunderbird"  # Debian's /usr/bin/thunderbird looks for old profiles first, and runs this

# The account page lives in a shadow tree; a field takes what is typed with the events that typing gives.
PAGE = """
const page = document.querySelector("account-hub-container").shadowRoot.querySelector("account-hub-email");
const field = id => {
    const within = tree => tree.querySelector("#" + id) ||
        [...tree.querySelectorAll("*")].filter(each => each.shadowRoot).map(each => within(each.shadowRoot)).find(Boolean);
    const found = within(page);
    return found && found.checkVisibility() ? found : null;
};
const words = tree => [...tree.querySelectorAll("*")].filter(each => each.shadowRoot).map(each => words(each.shadowRoot))
    .concat(tree.textContent).join(" ");
const fill = values => {
    for (const [id, value] of Object.entries(values)) {
        field(id).value = value;
        for (const kind of ["input", "change"]) field(id).dispatchEvent(new Event(kind, {bubbles: true, composed: true}));
    }
};
const click = id => {
    const button = field(id);
    if (!button || button.disabled) return false;
    button.click();
    return true;
};
"""


class Screen:
    """An X server with a display number that was free."""

    def __init__(self, folder):
        read, write = os.pipe()
        self.process = Process(["/usr/bin/Xvfb", "-displayfd", write, "-screen", "0", "1280x1024x24", "-nolisten", "tcp"],
                               folder / "screen.log", pass_fds=[write])
        os.close(write)
        with os.fdopen(read) as answer:
            self.display = ":" + answer.readline().strip()


class Thunderbird:
    """One with a new profile. With an address every name leads there, and port 443 to `https_port`: it asks nobody else."""

    def __init__(self, folder, address=None, https_port=443):
        folder = pathlib.Path(folder)
        profile = folder / "profile"
        profile.mkdir()
        self._screen = Screen(folder)
        preferences = {
            "app.update.enabled": False,
            "datareporting.policy.dataSubmissionEnabled": False,
            "mailnews.start_page.enabled": False,
            "marionette.port": 0,  # a free one, which it then writes down
            "toolkit.telemetry.enabled": False,
        }
        if address:
            preferences |= {"network.dns.forceResolve": address, "network.socket.forcePort": f"443={https_port}"}
        (profile / "user.js").write_text(
            "".join(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in preferences.items()))
        self._process = Process(
            [PROGRAM, "--marionette", "-remote-allow-system-access", "--no-remote", "--profile", profile],
            folder / "thunderbird.log",
            env={"HOME": str(folder), "DISPLAY": self._screen.display, "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"})
        try:
            self._connect(profile / "MarionetteActivePort")
        except Exception:
            self.close()
            raise

    def _connect(self, port_file):
        port = wait_until(lambda: self._port(port_file), "Thunderbird to start", 60)
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._answers = self._socket.makefile("rb")
        self._count = 0
        self._answer()
        self._command("WebDriver:NewSession", {"capabilities": {"alwaysMatch": {"unhandledPromptBehavior": "ignore"}}})
        self._command("Marionette:SetContext", {"value": "chrome"})

    def _port(self, file):
        assert self._process.running(), self._process.log()
        return file.exists() and int(file.read_text() or 0)

    def _answer(self):
        digits = b""
        while not digits.endswith(b":"):
            octet = self._answers.read(1)
            assert octet, self._process.log()
            digits += octet
        return json.loads(self._answers.read(int(digits[:-1])))

    def _command(self, name, parameters):
        self._count += 1
        text = json.dumps([0, self._count, name, parameters]).encode()
        self._socket.sendall(b"%d:%s" % (len(text), text))
        _, _, error, value = self._answer()
        assert error is None, f"{name}: {error['message']}"
        return value

    def run(self, script, *arguments):
        """What a script returns that runs in the main window; it may name `arguments`."""
        return self._command("WebDriver:ExecuteScript", {"script": script, "args": arguments})["value"]

    def wait(self, script, *arguments):
        """The first true value of the script."""
        return wait_until(lambda: self.run(script, *arguments), script)

    def on_page(self, script, *arguments):
        """The same on the account page, with the helpers of PAGE, as soon as the page is not busy."""
        ready = PAGE + 'if (page.classList.contains("busy")) return false;'
        return wait_until(lambda: self.run(ready + script, *arguments), script)

    def close(self):
        self._process.stop()
        self._screen.process.stop()
