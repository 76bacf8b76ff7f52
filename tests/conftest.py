"""What every test has."""

import os

from hypothesis import settings

pytest_plugins = ["tests.servers.fixtures"]

# How long one example takes says more of the machine than of the code; speed has tests of its own, as ratios.
settings.register_profile("house", deadline=None)
# The check before a landing must give the same answer twice; chance explores on the developers' machines.
settings.register_profile("ci", deadline=None, derandomize=True, database=None)
settings.load_profile("ci" if os.environ.get("CI") else "house")
