"""What every test has."""

import os
import shutil
from pathlib import Path

from hypothesis import settings

# Nearly every test has a data file of its own, whose commits wait for the disk. Where the disk is memory none waits.
MEMORY = Path("/dev/shm")
if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > 2 << 30:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

pytest_plugins = ["tests.servers.fixtures", "tests.gates"]

# How long one example takes says more of the machine than of the code; speed has tests of its own, as ratios.
settings.register_profile("house", deadline=None, max_examples=30)
# The check before a landing must give the same answer twice; chance explores on the developers' machines.
settings.register_profile("ci", deadline=None, max_examples=30, derandomize=True, database=None)
# What a property has no number of its own for is tried far more often when there is time.
settings.register_profile("thorough", deadline=None, max_examples=500)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "house"))
