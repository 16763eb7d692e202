"""Chromium on the web mail, driven by Node (web/browser)."""
import os
import shutil
import subprocess

from .processes import ROOT


def node():
    """What scripts/web brings where the machine's own is too old."""
    brought = sorted((ROOT / "build/node").glob("node_modules/node-linux-*/bin/node"))
    return str(brought[0]) if brought else shutil.which("node")


def run_in_browser(server, *arguments, **more):
    """Runs Node in web/ with the server's web mail as TEGAMI_WEB, and with `more` in its environment."""
    environment = {
        **os.environ,
        "TEGAMI_WEB": f"https://mail.{server.domain}:{server.https}/mail/",
        "TEGAMI_ADDRESS": server.address,
        "TEGAMI_SMTP": f"{server.address}:{server.smtp}",
        **more,
    }
    return subprocess.run([node(), *arguments], cwd=ROOT / "web", env=environment, capture_output=True, text=True, timeout=180)
