"""Seeds for tests that play at random: others in each run, and named in the test's id, so that a failure can be made again."""
import os
import random
import uuid

# Each worker of pytest-xdist collects the tests for itself, and all of them have to find the same ones.
_RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid.uuid4().hex


def new_seeds(name, count):
    """`count` seeds for the test of this name."""
    return [random.Random(f"{_RUN}/{name}/{number}").randrange(1_000_000) for number in range(count)]
