"""Chromium on the web mail, driven by Node (web/browser)."""
import os
import shutil
import signal
import subprocess

from .processes import ROOT, Failed


def node():
    """What scripts/web brings where the machine's own is too old."""
    brought = sorted((ROOT / "build/node").glob("node_modules/node-linux-*/bin/node"))
    return str(brought[0]) if brought else shutil.which("node")


def run_in_browser(server, *arguments, **more):
    """Runs Node in web/ with the server's web mail as TEGAMI_WEB, and with `more` in its environment; returns what it said.
    Raises Failed with that where it fails or does not end."""
    environment = {
        **os.environ,
        "TEGAMI_WEB": f"https://mail.{server.domain}:{server.https}/mail/",
        "TEGAMI_ADDRESS": server.address,
        "TEGAMI_SMTP": f"{server.address}:{server.smtp}",
        **more,
    }
    child = subprocess.Popen([node(), *arguments], cwd=ROOT / "web", env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
    late = ""
    try:
        said, _ = child.communicate(timeout=300)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)  # with its browsers
        said, _ = child.communicate()
        late = "\nit did not end"
    if child.returncode != 0:
        raise Failed(f"node {' '.join(arguments)} ended with {child.returncode}:\n{said}{late}")
    return said
