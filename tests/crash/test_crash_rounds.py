"""Some crash rounds with a seed of their own each time; scripts/crash-rounds runs as many as wanted."""
import pytest
from conftest import next_address
from support.seeds import new_seeds

from crash.rounds import Options, Rounds

ROUNDS = 10


@pytest.mark.parametrize("seed", new_seeds("crash rounds", 1))
def test_nothing_acknowledged_is_lost_by_kill_or_power_cut(tmp_path, seed):
    options = Options(rounds=ROUNDS, seed=seed, address=next_address(), peer_address=next_address(), folder=tmp_path)
    rounds = Rounds(options)
    try:
        failed = rounds.run()
    finally:
        rounds.end()
    assert rounds.ledger.faults == [], f"round {failed}: {rounds.summary()}"
    # The load did something of everything.
    for kind in ("delivered", "several", "queued", "fetched", "appended", "copied", "moved", "stored", "expunged", "imported"):
        assert rounds.ledger.acknowledged.get(kind, 0) > 0, kind
