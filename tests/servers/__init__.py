"""Real servers for the tests marked ``server``: started as child processes, on 127.0.0.1 only.

``install.sh`` fetches them into a cache folder; ``fixtures`` is the pytest plugin that hands them out.
"""
