"""The web mail in Chromium, on the program as shipped: one server and one browser (web/browser), driven by Node's own runner."""
import os
import shutil
import subprocess

from support.processes import ROOT

HOST = "mail.example.test"


def node():
    """What scripts/web brings where the machine's own is too old."""
    brought = sorted((ROOT / "build/node").glob("node_modules/node-linux-*/bin/node"))
    return str(brought[0]) if brought else shutil.which("node")


def test_a_person_reads_writes_and_orders_mail(server):
    environment = {
        **os.environ,
        "TEGAMI_WEB": f"https://{HOST}:{server.https}/mail/",
        "TEGAMI_ADDRESS": server.address,
        "TEGAMI_SMTP": f"{server.address}:{server.smtp}",
    }
    result = subprocess.run(
        [node(), "--test", "--test-reporter=spec", "browser/web_mail.test.mjs"],
        cwd=ROOT / "web", env=environment, capture_output=True, text=True, timeout=180,
    )
    assert result.returncode == 0, result.stdout + result.stderr
