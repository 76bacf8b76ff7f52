from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HEAVY = ("keyring", "tomli_w", "httpx", "textual", "rich", "platformdirs", "subprocess", "sqlite3")
SCRIPT = f"""
import sys
from mbclient.settings.company import FilePolicySource
from mbclient.settings.config import load_config
from mbclient.settings.accounts import FileAccountBook
from mbclient.settings.machine import FileMachineSource
from mbclient.settings.paths import find_paths
from mbclient.settings.secrets import SecretStore

paths = find_paths(*sys.argv[1:])
config = load_config(paths)
policy = FilePolicySource(paths, config)
policy.current()
FileMachineSource(paths, policy).current()
SecretStore(paths, FileAccountBook(paths, config.document).accounts)
print(*[name for name in {HEAVY!r} if name in sys.modules])
"""


def test_reading_the_settings_loads_nothing_heavy(tmp_path: Path) -> None:
    """The meter stands in shell prompts: what only writing, secrets or the network need comes late."""
    (tmp_path / "config.toml").write_text('theme = "mine"\n[policy.employer]\nname = "Grönkvist"\n', "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "config.toml"), str(tmp_path / "data")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.split()) == (0, []), done.stderr
