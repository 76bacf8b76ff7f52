"""The entry point: `mbclient` and `python -m mbclient`."""

from __future__ import annotations

import sys

if __name__ == "__main__" and not sys.flags.safe_path:
    del sys.path[0]  # -m puts the working directory there: nothing in it is ours to import (reliability facts 4.6)

from mbclient.cli.main import main as run_command_line


def main() -> int:
    """Runs the program with the process's own arguments and gives its exit status."""
    return run_command_line(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
