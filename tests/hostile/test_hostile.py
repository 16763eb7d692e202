"""Hostile peers cost nobody else anything but a bounded time, and the server no more memory than its budget."""
import json
import pathlib
import subprocess
import sys

import pytest
from field import RATIO_MAX, TIMED

HERE = pathlib.Path(__file__).resolve().parent

# What is measured here does not share the machine with other tests.
pytestmark = pytest.mark.alone


@pytest.fixture(scope="module")
def outcomes():
    played = subprocess.run([sys.executable, HERE / "field.py", "--json", "--seconds", "1", "--rounds", "5", "--percentile", "95"], capture_output=True, text=True,
                            timeout=600)
    if "unshare" in played.stderr:
        pytest.skip(f"a network namespace is not possible here: {played.stderr.strip()}")
    found = {outcome["attack"]: outcome for outcome in map(json.loads, played.stdout.splitlines())}
    assert found, played.stderr
    return found


@pytest.mark.parametrize("attack", ["silent", "slowloris", "tls_junk", "data_held", "mime_bomb", "rcpt_flood", "literals", "login_flood", "search", "large_mailbox"])
def test_an_attack_is_survived(outcomes, attack):
    outcome = outcomes[attack]
    assert outcome["begun"], "the attack itself did not work"
    assert outcome["alive"]
    assert outcome["peak_mib"] <= outcome["budget_mib"]
    assert outcome["failures"] == []
    for what in TIMED:
        assert outcome[what]["ratio"] <= RATIO_MAX, f"{what}: {outcome[what]}"
