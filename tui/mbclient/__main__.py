"""The entry point: `mbclient` and `python -m mbclient`."""

from __future__ import annotations

import sys

if __name__ == "__main__" and not sys.flags.safe_path:
    del sys.path[0]  # -m puts the working directory there: nothing in it is ours to import (reliability facts 4.6)

from mbclient.cli.late import put_off

put_off()  # before the first of them is imported

from mbclient.cli.main import main as run_command_line  # noqa: E402  # the line above has to come first


def main() -> int:
    """Runs the program with the process's own arguments and gives its exit status."""
    return run_command_line(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
