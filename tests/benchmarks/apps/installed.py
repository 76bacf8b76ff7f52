"""The program as users install it: without click, which only the developers' tools bring along.

Where it is there, httpx loads a command line of its own: 41 modules and 3 MB.
"""

from __future__ import annotations

import sys

from mbclient.__main__ import main

if __name__ == "__main__":
    sys.modules["click"] = None  # type: ignore[assignment]  # whoever imports it is told that there is none
    sys.exit(main())
